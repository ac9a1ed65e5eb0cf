import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../src/errors.ts';
import { checkFile } from '../../src/host/config-documents.ts';

const FIRST = `role: router
routerId: 10.0.0.1
interfaces:
  - { name: eth0, area: 0.0.0.0 }
`;

/** A second document of the same process, with its own socket and Instance ID. */
const second = (more = '', interfaces = 'instanceId: 5') => `---
role: router
routerId: 10.0.0.1
socket: /run/tidecast-5.sock
routeTable: none
interfaces:
  - { name: eth0, area: 0.0.0.0, ${interfaces} }
${more}`;

async function problems(yaml: string): Promise<string[]> {
  try {
    await checkFile('two.yaml', yaml);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('a file with several YAML documents is several instances in one process', () => {
  test('one document is one instance, as ever', async () => {
    expect((await checkFile('one.yaml', FIRST)).map(({ role }) => role)).toEqual(['router']);
  });

  test('two documents are two, on one interface by their Instance IDs (RFC 5340 2.4)', async () => {
    const configs = await checkFile('two.yaml', FIRST + second());
    expect(configs.map(({ interfaces }) => interfaces[0]?.instanceId)).toEqual([0, 5]);
  });

  test('a router and a server may share a process', async () => {
    const server = `---
role: server
routerId: 10.0.0.2
socket: /run/server.sock
interfaces:
  - { name: eth1, area: 0.0.0.0 }
`;
    expect((await checkFile('two.yaml', FIRST + server)).map(({ role }) => role)).toEqual([
      'router',
      'server',
    ]);
  });

  test('an error in the second document names the line of the file', async () => {
    expect(await problems(FIRST + second('spread: often\n'))).toEqual([
      expect.stringMatching(/^two\.yaml:12: spread: found "often", allowed is /),
    ]);
  });

  test('errors in several documents are all told', async () => {
    const first = FIRST.replace('10.0.0.1', '0.0.0.0');
    expect(await problems(first + second('spread: often\n'))).toEqual([
      expect.stringMatching(/^two\.yaml:2: routerId: /),
      expect.stringMatching(/^two\.yaml:12: spread: /),
    ]);
  });

  test('a wrong role hides nothing that is wrong whatever the role', async () => {
    const yaml = `role: switch
routerId: 10.0.0
interfaces:
  - { name: eth0, area: 0.0.0.0, helloIntervals: 1 }
routeTable: kernel
colour: blue
`;
    expect(await problems(yaml)).toEqual([
      'two.yaml:1: role: found "switch", allowed is server | router',
      'two.yaml:2: routerId: found "10.0.0", allowed is a dotted quad other than 0.0.0.0',
      expect.stringMatching(/^two\.yaml:4: interfaces\.0\.helloIntervals: found an unknown key/),
      expect.stringMatching(/^two\.yaml:6: colour: found an unknown key, allowed is a key of a /),
    ]);
  });

  test('a file without a role is told so, and what else it lacks', async () => {
    expect(await problems('routerId: 10.0.0.1\n')).toEqual([
      'two.yaml:1: role: found nothing, allowed is server | router',
      expect.stringMatching(/^two\.yaml:1: interfaces: found nothing/),
    ]);
  });

  test('an empty file is no configuration', async () => {
    expect(await problems('')).toEqual([
      'two.yaml:1: (file): found null, allowed is a mapping with role: server | router',
    ]);
  });
});

describe('what two documents must not share', () => {
  test('an Instance ID on one interface: neither would hear the other', async () => {
    expect(await problems(FIRST + second('', 'instanceId: 0'))).toEqual([
      'two.yaml:11: interfaces.0.instanceId: found 0 on eth0, allowed is an Instance ID that no ' +
        'other document has on this interface',
    ]);
  });

  test('the socket', async () => {
    expect(await problems(FIRST + second().replace(/socket: .*\n/, ''))).toEqual([
      expect.stringMatching(/^two\.yaml:\d+: socket: found that of --socket, allowed is a socket/),
    ]);
  });

  test('the kernel, whose routes each would take for its own', async () => {
    expect(await problems(FIRST + second().replace('none', 'kernel'))).toEqual([
      'two.yaml:9: routeTable: found kernel, allowed is none, as another document has the kernel',
    ]);
  });

  test('BFD on one interface', async () => {
    const first = FIRST.replace('0.0.0.0 }', '0.0.0.0, bfd: {} }');
    expect(await problems(first + second('', 'instanceId: 5, bfd: {}'))).toEqual([
      expect.stringMatching(/^two\.yaml:11: interfaces\.0\.bfd: found BFD on eth0/),
    ]);
  });

  test('a capture file', async () => {
    const record = 'record: { file: /tmp/a.pcap }';
    const first = FIRST.replace('0.0.0.0 }', `0.0.0.0, ${record} }`);
    expect(await problems(first + second('', `instanceId: 5, ${record}`))).toEqual([
      expect.stringMatching(/^two\.yaml:11: interfaces\.0\.record\.file: found \/tmp\/a\.pcap/),
    ]);
  });
});
