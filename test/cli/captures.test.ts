import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Command, CommanderError } from 'commander';
import { registerDecode } from '../../src/cli/decode.ts';
import { usageStatus } from '../../src/cli/exit-status.ts';
import { registerReplay } from '../../src/cli/replay.ts';

const CISCO = 'test/fixtures/cisco/OSPFv3_broadcast_adjacency.pcap';
const FRR_BIRD = 'test/fixtures/frr-bird';
const COST = `${FRR_BIRD}/f-cost-frr.pcap`;

interface Outcome {
  readonly out: string;
  readonly err: string;
  readonly status: number;
}

/** Runs the command within this process. */
function run(...args: string[]): Outcome {
  const program = new Command('tidecast').exitOverride();
  registerDecode(program);
  registerReplay(program);
  const said = { out: '', err: '' };
  const { write: out } = process.stdout;
  const { write: err } = process.stderr;
  const { exitCode } = process;
  process.exitCode = undefined;
  process.stdout.write = (text) => {
    said.out += text;
    return true;
  };
  process.stderr.write = (text) => {
    said.err += text;
    return true;
  };
  try {
    program.parse(args, { from: 'user' });
    return { ...said, status: Number(process.exitCode ?? 0) };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { ...said, err: `${said.err}${error}`, status: usageStatus(error) };
  } finally {
    process.stdout.write = out;
    process.stderr.write = err;
    process.exitCode = exitCode;
  }
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidecast-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, octets: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, octets);
  return path;
};

describe('tidecast decode', () => {
  test('prints each packet in the terms of the RFC, with its checksum verified', () => {
    const { out, status } = run('decode', CISCO);
    expect(status).toBe(0);
    const lines = out.split('\n');
    expect(lines[0]).toBe(
      'OSPFv3_broadcast_adjacency.pcap #1 2008-08-31T12:43:11.663Z fe80::1 > ff02::5 hop limit 1',
    );
    expect(lines[1]).toBe(
      '  Hello Router ID 1.1.1.1 Area ID 0.0.0.1 Instance ID 0 length 36 checksum 0xfb86 right',
    );
    expect(lines[2]).toContain('Options 19 (V6|E|R), Hello Interval 10, Router Dead Interval 40');
    expect(out).toContain(
      '      Router 0x2001 0.0.0.0 of 2.2.2.2 age 1 sequence 0x80000003 checksum 0x37a5 right length 40',
    );
  });

  test('prints one JSON object per packet with --json', () => {
    const { out, status } = run('decode', '--json', CISCO);
    const packets = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(status).toBe(0);
    expect(packets).toHaveLength(38);
    expect(packets[0]).toMatchObject({
      frame: 1,
      timestamp: '2008-08-31T12:43:11.663Z',
      ipv6Source: 'fe80::1',
      type: 'hello',
      checksumValid: true,
      hello: { helloInterval: 10 },
      valid: true,
      problems: [],
    });
  });

  test('ends with status 1 when anything is invalid, and says what', () => {
    const octets = readFileSync(CISCO);
    octets[octets.length - 1]! ^= 1;
    const { out, status } = run('decode', file('changed.pcap', octets));
    expect(status).toBe(1);
    expect(out).toMatch(/checksum 0x[0-9a-f]{4} WRONG/);
    expect(out).toMatch(/INVALID: packet checksum/);
  });

  test('prints what precedes the damage of a file, and ends with status 2', () => {
    const { out, err, status } = run(
      'decode',
      file('cut.pcap', readFileSync(CISCO).subarray(0, 500)),
    );
    expect(status).toBe(2);
    expect(out).toContain('#4 ');
    expect(err).toContain('cut.pcap: ');
    expect(run('decode', file('text.pcap', 'hello')).err).toContain('neither pcap nor pcapng');
    expect(run('decode', join(folder, 'none.pcap'))).toMatchObject({ status: 2 });
  });

  test.each([
    [
      'a file that is not there',
      ['none.pcap'],
      /^none\.pcap: ENOENT: no such file or directory\n$/,
    ],
    ['a folder', ['test'], /^test: EISDIR/],
    ['a file without an octet', ['/dev/null'], /no capture file/],
    ['a text', ['README.md'], /neither pcap nor pcapng/],
    ['no file', [], /missing required argument/],
    ['an option that is none', ['--keys', 'x', CISCO], /unknown option/],
    ['a key that is none', ['--key', '1:md5:x', CISCO], /HMAC-SHA-256/],
    ['a key without a secret', ['--key', '1:HMAC-SHA-256:', CISCO], /ID:ALGORITHM:SECRET/],
  ])('given %s says so and ends with status 2', (_, args, message) => {
    const { err, out, status } = run('decode', ...args);
    expect({ out, status }).toEqual({ out: '', status: 2 });
    expect(err).toMatch(message);
  });

  test('one file that cannot be read does not keep the next from being printed', () => {
    const { out, status } = run('decode', 'none.pcap', CISCO);
    expect(out).toContain('OSPFv3_broadcast_adjacency.pcap #1 ');
    expect(status).toBe(2);
  });

  test('says so when it looked into no frame, which is not the same as nothing wrong', () => {
    const pcap = (linkType: number): Buffer => {
      const octets = Buffer.from(readFileSync(CISCO));
      octets.writeUInt32LE(linkType, 20);
      return octets;
    };
    const usb = run('decode', file('usb.pcap', pcap(189)));
    expect(usb).toMatchObject({ out: '', status: 2 });
    expect(usb.err).toMatch(/usb\.pcap: frames of link type 189 cannot be read/);
    // As Linux "cooked" frames, these hold no IPv6.
    const other = run('decode', file('other.pcap', pcap(113)));
    expect(other).toMatchObject({ out: '', status: 0 });
    expect(other.err).toMatch(/other\.pcap: no OSPFv3 in the capture/);
  });

  test('verifies authentication with the keys given, and without says nothing of it', () => {
    const path = `${FRR_BIRD}/h-auth-bird.pcapng`;
    const key = (n: number, algorithm: string, secret = `secret-key-${n}`): string[] => [
      '--key',
      `${10 + n}:${algorithm}:${secret}`,
    ];
    const all = [
      ...key(1, 'hmac-sha-1'),
      ...key(2, 'hmac-sha-256'),
      ...key(3, 'hmac-sha-384'),
      ...key(4, 'hmac-sha-512'),
    ];
    expect(run('decode', path).status).toBe(0);
    const wrong = run('decode', '--json', ...all, ...key(5, 'hmac-sha-256', 'wrong-key'), path);
    const invalid = wrong.out.split('\n').filter((line) => line.includes('"valid":false'));
    // Of the fifth link, the router with the right key is the one that a wrong key refuses.
    expect(invalid.length).toBeGreaterThan(5);
    for (const line of invalid) expect(line).toContain('"ipv6Source":"fe80::ff:fe05:1"');
    expect(wrong.status).toBe(1);
  });

  test('takes FRR 8.4 at its word, which turns the protocol id round', () => {
    const path = `${FRR_BIRD}/h-auth-frr.pcapng`;
    const keys = (order: string): string[] => [
      '--key',
      `12:HMAC-SHA-256:${order}secret-key-2`,
      '--key',
      `15:HMAC-SHA-256:${order}secret-key-5`,
    ];
    const of = (order: string): string[] =>
      run('decode', '--json', ...keys(order), path)
        .out.split('\n')
        .filter((line) => line.includes('"valid":false') && !line.includes('fe80::ff:fe05:2'));
    expect(of('little-endian:')).toEqual([]);
    expect(of('').length).toBeGreaterThan(10);
  });
});

describe('tidecast replay', () => {
  const truth = (stage: string, name: string): string =>
    `${FRR_BIRD}/f-cost-frr.truth/${stage}/r/${name}`;

  test('shows the databases and the routes of a router, and that they are what it printed', () => {
    const { out, status } = run(
      'replay',
      COST,
      '--as',
      '10.255.0.1',
      '--at',
      '+25',
      '--diff',
      truth('@cost20', 'ospf6-database.json'),
      '--diff',
      truth('@cost20', 'ospf6-route-detail.txt'),
    );
    expect(out).toMatch(
      /^Intra-Area-Prefix 0\.0\.0\.0 +10\.255\.1\.2 .* 2001:db8:53::53\/128 \(20\)$/m,
    );
    expect(out).toMatch(/^2001:db8:53::53\/128 intra-area 20 .*fe80::ff:fe01:2 on interface 2/m);
    expect(out.trim().split('\n').at(-1)).toBe('no differences');
    expect(status).toBe(0);
  });

  test('shows what differs at another time, with status 1', () => {
    const { out, status } = run(
      'replay',
      COST,
      '--as',
      '10.255.0.1',
      '--at',
      '+10',
      '--diff',
      truth('@cost20', 'ospf6-route-detail.txt'),
    );
    expect(status).toBe(1);
    expect(out).toContain('DIFFERS 2001:db8:53::53/128: ours');
  });

  test('compares with what BIRD printed of its topology', () => {
    const state = (stage: string): string =>
      `${FRR_BIRD}/f-cost-bird.truth/@${stage}/r/bird-ospf-state-all.txt`;
    const at = (stage: string): Outcome =>
      run('replay', `${FRR_BIRD}/f-cost-bird.pcap`, '--at', '1795465025', '--diff', state(stage));
    expect(at('cost20')).toMatchObject({ status: 0 });
    expect(at('cost5').status).toBe(1);
    expect(at('cost5').out).toContain(
      'stubnet 2001:db8:53::53/128 metric 20: ours said, theirs absent',
    );
  });

  test('reads a time as ISO 8601 and as seconds since 1970 alike', () => {
    const [iso, seconds] = ['2026-11-23T20:16:54.000Z', '1795465014'].map((at) =>
      run('replay', '--json', '--at', at, COST),
    );
    expect(iso?.out).toBe(seconds?.out);
    expect(JSON.parse(iso!.out)).toMatchObject({ at: '2026-11-23T20:16:54.000Z' });
  });

  test('has a schema that scripts can rely on', () => {
    const replay = JSON.parse(run('replay', '--json', '--as', '10.255.0.1', COST).out);
    expect(Object.keys(replay)).toEqual([
      'file',
      'at',
      'instanceId',
      'datagrams',
      'drops',
      'routers',
      'database',
      'routes',
    ]);
    expect(replay.routers[0]).toEqual({
      routerId: '10.255.0.1',
      areaId: '0.0.0.0',
      link: 0,
      interfaceId: 2,
      takesExternal: true,
    });
    expect(replay.database.map(({ scope }: { scope: string }) => scope)).toEqual([
      'area 0.0.0.0',
      'link 0',
    ]);
    expect(replay.routes).toContainEqual({
      prefix: '2001:db8:1::/64',
      pathType: 'intra-area',
      distance: 10,
      nextHops: [{ interfaceId: 2 }],
    });
  });

  test.each([
    ['a router that is not there', ['--as', '10.0.0.9'], 'no Hello of that router'],
    ['a time that is none', ['--at', 'yesterday'], 'not a time: yesterday, allowed is ISO 8601'],
    ['routes of nobody', ['--diff', truth('@cost20', 'ospf6-route.json')], 'with --as'],
    ['a truth of no form known', ['--diff', truth('@cost20', 'frr.conf')], 'neither a database'],
    ['an instance out of range', ['--instance', '256'], '0..255'],
    ['a Router ID that is none', ['--as', 'rt1'], 'a dotted quad'],
  ])('says so when asked for %s', (_, options, message) => {
    const { err, status } = run('replay', COST, ...options);
    expect(err).toContain(message);
    expect(status).not.toBe(0);
  });

  test('drops what is not authentic when keys are given', () => {
    const path = `${FRR_BIRD}/h-auth-bird.pcapng`;
    const { out } = run('replay', '--json', '--key', '11:HMAC-SHA-1:another', path);
    expect(JSON.parse(out).drops.AuthenticationDigest).toBeGreaterThan(10);
  });

  test.each(['-5', 'May 1', '1/2/2026'])('takes %s for no time', (at) => {
    const { err, status } = run('replay', `--at=${at}`, COST);
    expect(err).toContain(`not a time: ${at}, allowed is ISO 8601`);
    expect(status).toBe(2);
  });

  test('names what it cannot compare with', () => {
    const { err, status } = run('replay', '--diff', folder, COST);
    expect(err).toBe(`${COST}: ${folder}: EISDIR: illegal operation on a directory, read\n`);
    expect(status).toBe(2);
  });

  test('says of a capture that was cut short how much is missing', () => {
    const cut = file('cut-short.pcap', readFileSync(COST).subarray(0, -3));
    const { err, status } = run('replay', cut);
    expect(err).toMatch(
      /: cut short: a record of (\d+) octets, 3 of them missing \(octet \d+\)\n$/,
    );
    expect(status).toBe(2);
  });

  test('names the instances that there are where it is asked for another (RFC 5340 2.4)', () => {
    const { err, status } = run('replay', '--instance', '7', `${FRR_BIRD}/j-af-ipv4-bird.pcapng`);
    expect(err).toMatch(/: no packet of Instance ID 7; there are 0, 64\n$/);
    expect(status).toBe(2);
  });

  test('shows IPv4 where the instance is one of IPv4 (RFC 5838)', () => {
    const { out } = run(
      'replay',
      '--instance',
      '64',
      '--as',
      '10.255.0.1',
      `${FRR_BIRD}/j-af-ipv4-bird.pcapng`,
    );
    expect(out).toMatch(
      /^203\.0\.113\.0\/24 +external-2 30\/10000 +192\.0\.2\.2 on interface \d+$/m,
    );
  });
});
