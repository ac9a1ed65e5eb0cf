import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../src/errors.ts';
import { configSchema } from '../../src/host/config.ts';
import { instanceConfig } from '../../src/host/config-instance.ts';
import { checkConfig } from '../../src/host/config-read.ts';
import { SPF_DELAY_DEFAULTS } from '../../src/spf/delay.ts';

const ROUTER = `role: router
routerId: 10.0.0.1
interfaces:
  - { name: eth0, area: 0.0.0.0, helloIntervalS: 1, deadIntervalS: 4, priority: 10 }
routeTable: kernel
spread: weighted
`;

const check = (yaml: string) => checkConfig('router.yaml', yaml, configSchema);

function problems(yaml: string): string[] {
  try {
    check(yaml);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

test('a host name that no TLV can carry is refused in the file, not at the start (RFC 5642)', () => {
  expect(problems(`${ROUTER}hostname: r1.example\n`)).toEqual([]);
  expect(problems(`${ROUTER}hostname: r 1\n`)).toEqual([
    'router.yaml:7: hostname: found "r 1", allowed is printable ASCII without spaces, 1..255 characters',
  ]);
});

test('the intervals of SPF back-off are keys, by default those of RFC 8405 6', () => {
  expect(check(ROUTER)).toMatchObject({ maximumPaths: 64, spfDelay: SPF_DELAY_DEFAULTS });
  expect(check(`${ROUTER}spfDelay: { longMs: 5000 }\n`)).toMatchObject({
    spfDelay: { ...SPF_DELAY_DEFAULTS, longSpfDelayMs: 5000 },
  });
  expect(problems(`${ROUTER}spfDelay:\n  timeToLearnMs: 500\n  holddownMs: 500\n`)).toEqual([
    'router.yaml:9: spfDelay.holddownMs: found 500, allowed is more than timeToLearnMs',
  ]);
});

test('a router file is read, with what it leaves out filled in', () => {
  const config = check(ROUTER);
  expect(config).toMatchObject({
    role: 'router',
    routerId: 0x0a000001,
    routeTable: 'kernel',
    spread: 'weighted',
    minLsIntervalMs: 5000,
  });
  expect(instanceConfig(config, { forwards: true, startedAtMs: 0 })).toEqual({
    routerId: 0x0a000001,
    areas: [{ areaId: 0, type: 'normal' }],
    forwards: true,
    minLsIntervalMs: 5000,
    minLsArrivalMs: 1000,
    stubRouterOnStartMs: 0,
    stubRouterMethod: 'maxLinkMetric',
    interfaces: [
      {
        interfaceId: 1,
        name: 'eth0',
        areaId: 0,
        type: 'broadcast',
        passive: false,
        cost: 10,
        priority: 10,
        helloIntervalS: 1,
        routerDeadIntervalS: 4,
        rxmtIntervalS: 5,
        infTransDelayS: 1,
        instanceId: 0,
        mtuIgnore: false,
        localAddressBit: true,
      },
    ],
  });
});

test('an error names file, line, key, what was found and what is allowed', () => {
  expect(problems(ROUTER.replace('priority: 10', 'priority: 256'))).toEqual([
    'router.yaml:4: interfaces.0.priority: found 256, allowed is an integer, 0..255',
  ]);
});

/** Each line is nine times the one before: 9^9 values in all. */
const ALIASES = [...Array(9).keys()]
  .map((i) => `x${i}: &x${i} [${Array(9).fill(i === 0 ? 'x' : `*x${i - 1}`)}]\n`)
  .join('');

test('no secret is shown, whatever is wrong with it', () => {
  const found = (interfaces: string, more = '') =>
    problems(`${ROUTER.replace('priority: 10', interfaces)}${more}`).join('\n');
  const keys = (secret: string) => `authentication: { keys: [{ id: 1, secret: ${secret} }] }`;
  expect(found(keys('31415926'))).toMatch(
    /\.secret: found a number that is not shown, allowed is a text that is not empty$/,
  );
  expect(found('authentication: { keys: { id: 1, secret: geheim } }')).toMatch(
    /\.keys: found {"id":1,"secret":"…"}, allowed is a list/,
  );
  expect(found('priority: 10', 'control: { port: 80, token: hunter2 }\n')).toMatch(
    /control\.token: found a string that is not shown, allowed is a token of 16 characters or more$/,
  );
});

test.each(['.nan', '.inf', '-.inf'])('%s is shown as what it is', (number) => {
  expect(problems(ROUTER.replace('priority: 10', `priority: ${number}`))).toEqual([
    `router.yaml:4: interfaces.0.priority: found ${Number(number.replace('.inf', 'Infinity'))}, allowed is an integer, 0..255`,
  ]);
});

test('every problem is told, in the order of lines', () => {
  const yaml = `role: router
routerId: 10.0.0
interfaces:
  - name: eth0
    area: backbone
    helloIntervalS: 10
    deadIntervalS: 10
colour: blue
spread: fair
`;
  expect(problems(yaml)).toEqual([
    'router.yaml:2: routerId: found "10.0.0", allowed is a dotted quad other than 0.0.0.0',
    'router.yaml:5: interfaces.0.area: found "backbone", allowed is a dotted quad such as 0.0.0.0',
    expect.stringMatching(
      /^router.yaml:8: colour: found an unknown key, allowed is role, routerId, /,
    ),
    'router.yaml:9: spread: found "fair", allowed is weighted | inverse | equal | least | failover',
  ]);
});

test.each([
  ['a missing key, at the line of what should hold it', 'role: router\n', 1, 'routerId'],
  ['another role', ROUTER.replace('role: router', 'role: switch'), 1, 'role'],
  ['no interface', ROUTER.replace(/ {2}- .*\n/, '  []\n'), 3, 'interfaces'],
  ['Router ID 0', ROUTER.replace('10.0.0.1', '0.0.0.0'), 2, 'routerId'],
  [
    'a dead interval not above the hello interval',
    ROUTER.replace('S: 4', 'S: 1'),
    4,
    'deadInterval',
  ],
  [
    'an instance of another address family (RFC 5838)',
    ROUTER.replace('priority: 10', 'instanceId: 64'),
    4,
    'instanceId',
  ],
  ['a fraction', ROUTER.replace('priority: 10', 'priority: 1.5'), 4, 'priority'],
  ['a key twice', `${ROUTER}spread: equal\n`, 7, '(syntax)'],
  ['no YAML', 'role: [router\n', 2, '(syntax)'],
  ['an alias of nothing', 'routerId: 1\nrole: *gone\n', 2, '(syntax)'],
  ['aliases that multiply', `${ROUTER}${ALIASES}`, 15, '(syntax)'],
  ['a list', '- role: router\n', 1, '(file)'],
  ['an empty file', '', 1, '(file)'],
])('refused: %s', (_what, yaml, line, key) => {
  const [first] = problems(yaml);
  expect(first).toMatch(`router.yaml:${line}: `);
  expect(problems(yaml).join('\n')).toContain(key);
});

test('an interface named twice is refused', () => {
  const twice = ROUTER.replace(/( {2}- .*\n)/, '$1$1');
  expect(problems(twice)).toEqual([
    'router.yaml:5: interfaces.1.name: found "eth0", allowed is a name that no other interface here has',
  ]);
});

describe('record of an interface', () => {
  const recorded = (record: string, more = '') =>
    ROUTER.replace('priority: 10', `priority: 10, ${more}record: ${record}`);

  test('is a file, and how large it may become', () => {
    const { interfaces } = check(recorded('{ file: /var/log/tidecast/eth0.pcap }'));
    expect(interfaces[0]?.record).toEqual({
      file: '/var/log/tidecast/eth0.pcap',
      maxOctets: 16_777_216,
    });
  });

  test.each([
    [
      'a path that depends on where the daemon was started',
      recorded('{ file: eth0.pcap }'),
      '.file: found "eth0.pcap", allowed is a path that begins with /',
    ],
    ['no file', recorded('{ }'), '.file: found nothing, allowed is a path that begins with /'],
    [
      'a size that fills up at once',
      recorded('{ file: /a, maxOctets: 10 }'),
      '.maxOctets: found 10, allowed is an integer, 100000..1000000000000',
    ],
    [
      'an interface that speaks to nobody',
      recorded('{ file: /a }', 'passive: true, '),
      ': found {"file":"/a"}, allowed is nothing here on an interface that speaks to nobody',
    ],
  ])('refused: %s', (_what, yaml, problem) => {
    expect(problems(yaml)).toEqual([`router.yaml:4: interfaces.0.record${problem}`]);
  });

  test('two interfaces do not record to one file', () => {
    const one = recorded('{ file: /a }');
    const two = one.replace(/( {2}- .*\n)/, (line) => line + line.replace('eth0', 'eth1'));
    expect(problems(two)).toEqual([
      'router.yaml:5: interfaces.1.record.file: found "/a", ' +
        'allowed is a file that no other interface here records to',
    ]);
  });
});

describe('what would go into LSAs is reached from other links (RFC 5340 2.5, A.4.7)', () => {
  const external = (more: string) => `${ROUTER}externalRoutes:\n  - { ${more} }\n`;
  const service = (address: string) =>
    `role: server\nrouterId: 10.0.0.1\ninterfaces: [{ name: eth0, area: 0.0.0.0 }]\n` +
    `services: [{ name: dns, address: "${address}" }]\n`;

  test.each(['fe80::1', 'ff02::1', '::', '::1'])(
    '%s is no service and no forwarding address',
    (address) => {
      const allowed = 'allowed is an IPv6 unicast address that other links can reach';
      expect(problems(service(address))).toEqual([
        `router.yaml:4: services.0.address: found "${address}", ${allowed}`,
      ]);
      expect(
        problems(external(`prefix: "2001:db8::/32", forwardingAddress: "${address}"`)),
      ).toEqual([
        `router.yaml:8: externalRoutes.0.forwardingAddress: found "${address}", ${allowed}`,
      ]);
    },
  );

  test.each(['fe80::/64', 'ff00::/8'])('%s is no destination and no range', (text) => {
    expect(problems(external(`prefix: "${text}"`))).toEqual([
      expect.stringContaining(
        `externalRoutes.0.prefix: found "${text}", allowed is an IPv6 prefix`,
      ),
    ]);
    const range = `${ROUTER}areas:\n  - { id: 0.0.0.1, ranges: [{ prefix: "${text}" }] }\n`;
    expect(problems(range)).toEqual([
      expect.stringContaining(
        `areas.0.ranges.0.prefix: found "${text}", allowed is an IPv6 prefix`,
      ),
    ]);
  });

  test('a default route is a destination', () => {
    expect(problems(external('prefix: "::/0", forwardingAddress: "2001:db8::1"'))).toEqual([]);
  });
});

describe('a key with a slip of the hand is answered with the one that was meant', () => {
  test.each([
    ['letters that changed places', 'spraed', 'spread'],
    ['a letter left out', 'hostnme', 'hostname'],
    ['another case', 'hostName', 'hostname'],
    ['two letters too many', 'maximumPathsss', 'maximumPaths'],
  ])('%s', (_, key, meant) => {
    const [problem] = problems(`${ROUTER}${key}: 1\n`);
    expect(problem).toMatch(
      /^router\.yaml:7: \w+: found an unknown key, allowed is role, routerId, /,
    );
    expect(problem).toMatch(new RegExp(`; the nearest is ${meant}$`));
  });

  test('one that resembles none is not', () => {
    const [problem] = problems(`${ROUTER}colour: red\n`);
    expect(problem).not.toContain('nearest');
  });
});

describe('a file of services', () => {
  const service = (more: string) => `role: server
routerId: 10.0.0.1
interfaces: [{ name: eth0, area: 0.0.0.0 }]
services:
  - { name: dns, address: 2001:db8::1 }
  - { ${more} }
`;

  test('an address twice', () => {
    expect(problems(service('name: web, address: 2001:db8::1'))).toEqual([
      'router.yaml:6: services.1.address: found "2001:db8::1", allowed is an address that no other service here has',
    ]);
  });

  test('what is wrong is said once', () => {
    const dns = 'name: web, address: 2001:db8::2, liveness: [{ dns: { name: "" } }]';
    expect(problems(service(dns))).toEqual([
      'router.yaml:6: services.1.liveness.0.dns.name: found "", allowed is a domain name',
    ]);
  });
});

test.each([
  ['an empty file', '', 'null'],
  ['a text', 'hello\n', '"hello"'],
])('%s is no configuration', (_, yaml, found) => {
  expect(problems(yaml)).toEqual([
    `router.yaml:1: (file): found ${found}, allowed is a mapping with role: server | router`,
  ]);
});
