import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../src/host/clock.ts';
import type { Link } from '../../src/host/link.ts';
import { MemorySegment } from '../../src/host/link-memory.ts';
import { withRecording } from '../../src/host/link-pcap.ts';
import { LinkRecordings } from '../../src/host/link-recordings.ts';
import { readCapture } from '../../src/host/pcap.ts';
import { capturedDatagrams } from '../../src/host/pcap-datagrams.ts';
import { BoundedRecording } from '../../src/host/pcap-rotation.ts';
import { openRecording, pcapHeader, pcapRecord } from '../../src/host/pcap-writer.ts';
import { ALL_SPF_ROUTERS, formatAddress, parseAddress } from '../../src/wire/address.ts';
import { CAPTURES, datagramsOf } from '../fixtures/captures.ts';

const octetsOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hexOf = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');

const HELLO = '030100240101010100000001fb8600000000000501000013000a00280000000000000000';

describe('The recorder', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidecast-pcap-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('writes what a link sends and hears, with right headers, for anyone to open', async () => {
    const path = join(folder, 'link.pcap');
    const clock = new ManualClock(1_700_000_000_123.456);
    const failures: Error[] = [];
    const recording = openRecording(path, (error) => failures.push(error));
    const segment = new MemorySegment((work) => work());
    const other = segment.open({
      interfaceId: 2,
      name: 'b',
      linkLocalAddress: parseAddress('fe80::2'),
    });
    const link = withRecording(
      segment.open({ interfaceId: 1, name: 'a', linkLocalAddress: parseAddress('fe80::1') }),
      recording,
      clock,
    );
    const heard: string[] = [];
    link.listen(({ octets }) => heard.push(hexOf(octets)));
    link.join(ALL_SPF_ROUTERS);
    const { octets: hello } = datagramsOf(CAPTURES.find((c) => c.name.includes('broadcast'))!)[0]!;
    link.send(ALL_SPF_ROUTERS, hello);
    clock.advance(1000);
    other.send(parseAddress('fe80::1'), octetsOf(HELLO));
    await recording.close();
    link.close();

    expect(failures).toEqual([]);
    expect(heard).toEqual([HELLO]);
    const datagrams = [...capturedDatagrams(readCapture(readFileSync(path)))];
    expect(
      datagrams.map((d) => [
        d.frame.atMs,
        formatAddress(d.source),
        formatAddress(d.destination),
        hexOf(d.octets),
      ]),
    ).toEqual([
      [1_700_000_000_123.456, 'fe80::1', 'ff02::5', hexOf(hello)],
      [1_700_000_001_123.456, 'fe80::2', 'fe80::1', HELLO],
    ]);
  });

  test('writes every captured datagram so that it reads back the same', () => {
    const captured = CAPTURES.flatMap(datagramsOf);
    const records = captured.map(({ frame: { atMs }, source, destination, hopLimit, octets }) =>
      pcapRecord({ atMs, source, destination, hopLimit, octets }),
    );
    const file = Buffer.concat([pcapHeader(), ...records]);
    const again = [...capturedDatagrams(readCapture(file))];
    expect(again.map(({ octets, hopLimit }) => [hexOf(octets), hopLimit])).toEqual(
      captured.map(({ octets, hopLimit }) => [hexOf(octets), hopLimit]),
    );
  });

  test('reports a disk that fails once, and goes on without it', async () => {
    const failures: Error[] = [];
    const recording = openRecording(join(folder, 'no', 'such', 'folder.pcap'), (error) =>
      failures.push(error),
    );
    const { source, destination, octets } = datagramsOf(CAPTURES[0]!)[0]!;
    await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 3; i++) {
      recording.add({ atMs: 0, source, destination, hopLimit: 1, octets });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await recording.close();
    expect(failures).toHaveLength(1);
  });

  test('gives up when the disk takes nothing, instead of filling the memory', async () => {
    const failures: Error[] = [];
    const recording = openRecording(join(folder, 'slow.pcap'), (error) => failures.push(error));
    const { source, destination } = datagramsOf(CAPTURES[0]!)[0]!;
    const octets = new Uint8Array(65_000);
    // Nothing is written before this turn of the event loop is over.
    for (let i = 0; i < 1000; i++) {
      recording.add({ atMs: 0, source, destination, hopLimit: 1, octets });
    }
    expect(failures.map(({ message }) => message)).toEqual([
      expect.stringMatching(/too slow for .*slow\.pcap/),
    ]);
    await recording.close();
  });

  test('leaves out what the link refused to send', async () => {
    const path = join(folder, 'refused.pcap');
    const recording = openRecording(path, () => undefined);
    const plain = new MemorySegment((work) => work()).open({
      interfaceId: 1,
      name: 'a',
      linkLocalAddress: parseAddress('fe80::1'),
    });
    const send = () => {
      throw new Error('EMSGSIZE');
    };
    const link = withRecording({ ...plain, send } as Link, recording);
    expect(() => link.send(ALL_SPF_ROUTERS, octetsOf(HELLO))).toThrow('EMSGSIZE');
    await recording.close();
    expect([...readCapture(readFileSync(path))]).toEqual([]);
  });

  const tshark = spawnSync('tshark', ['--version']);
  const withTshark = tshark.status === 0 ? test : test.skip;
  if (tshark.status !== 0) console.log('tshark is not installed: its reading is not compared');

  withTshark(
    'tshark opens a recording without a warning',
    () => {
      const path = join(folder, 'all.pcap');
      // tshark 4.0 does not know Grace-LSAs and warns of each.
      const recordings = CAPTURES.filter((c) => !/auth|gr-frr/.test(c.name)).flatMap(datagramsOf);
      const records = recordings.map(({ frame: { atMs }, source, destination, octets }) =>
        pcapRecord({ atMs, source, destination, hopLimit: 1, octets }),
      );
      writeFileSync(path, Buffer.concat([pcapHeader(), ...records]));
      const seen = spawnSync(
        'tshark',
        [
          '-r',
          path,
          '-Y',
          'ospf',
          '-T',
          'fields',
          '-e',
          'frame.number',
          '-e',
          '_ws.expert.message',
        ],
        { encoding: 'utf8', maxBuffer: 1e8 },
      );
      const lines = seen.stdout.trim().split('\n');
      expect(lines).toHaveLength(recordings.length);
      expect(lines.filter((line) => line.split('\t')[1])).toEqual([]);
    },
    60_000,
  );
});

describe('A recording of bounded size', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidecast-bounded-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const datagram = (number: number) => ({
    atMs: number,
    source: parseAddress('fe80::1'),
    destination: ALL_SPF_ROUTERS,
    hopLimit: 1,
    octets: octetsOf(HELLO),
  });
  const timesIn = (file: string) =>
    [...readCapture(readFileSync(join(folder, file)))].map(({ atMs }) => atMs);
  /** Record header, IPv6 header, Hello. */
  const RECORD_OCTETS = 16 + 40 + HELLO.length / 2;
  const refuse = (error: Error) => {
    throw error;
  };

  test('keeps the newest datagrams in two files, each of at most the size given', async () => {
    const maxOctets = 24 + 3 * RECORD_OCTETS + 1;
    const recording = new BoundedRecording(join(folder, 'a.pcap'), maxOctets, refuse);
    for (let i = 1; i <= 11; i++) recording.add(datagram(i));
    await recording.close();
    expect(readdirSync(folder).sort()).toEqual(['a.pcap', 'a.pcap.1']);
    expect(timesIn('a.pcap.1')).toEqual([7, 8, 9]);
    expect(timesIn('a.pcap')).toEqual([10, 11]);
    expect(statSync(join(folder, 'a.pcap.1')).size).toBe(24 + 3 * RECORD_OCTETS);
  });

  test('keeps what an earlier run recorded as the older file', async () => {
    const path = join(folder, 'b.pcap');
    for (const number of [1, 2]) {
      const recording = new BoundedRecording(path, 100_000, refuse);
      recording.add(datagram(number));
      await recording.close();
    }
    expect([timesIn('b.pcap.1'), timesIn('b.pcap')]).toEqual([[1], [2]]);
  });

  test('is not readable for everyone', async () => {
    const path = join(folder, 'c.pcap');
    await new BoundedRecording(path, 100_000, refuse).close();
    expect(statSync(path).mode & 0o007).toBe(0);
  });

  test('touches nothing that is no ordinary file', async () => {
    const failures: string[] = [];
    const recording = new BoundedRecording(folder, 100_000, ({ message }) =>
      failures.push(message),
    );
    recording.add(datagram(1));
    await recording.close();
    expect(failures).toEqual([`${folder} is not an ordinary file`]);
  });

  test('is told once when a file cannot be begun', async () => {
    const failures: string[] = [];
    const inner = mkdtempSync(join(folder, 'inner-'));
    const path = join(inner, 'd.pcap');
    const recording = new BoundedRecording(path, 24 + RECORD_OCTETS, ({ message }) =>
      failures.push(message),
    );
    recording.add(datagram(1));
    rmSync(inner, { recursive: true });
    for (const number of [2, 3, 4]) recording.add(datagram(number));
    await recording.close();
    expect(failures).toEqual([expect.stringMatching(/^ENOENT.*d\.pcap/)]);
  });

  test('goes on when the link of its interface is opened again', async () => {
    const path = join(folder, 'e.pcap');
    const said: string[] = [];
    const recordings = new LinkRecordings(
      [{ name: 'a', record: { file: path, maxOctets: 100_000 } }, { name: 'b' }],
      (level, message) => said.push(`${level}: ${message}`),
    );
    const segment = new MemorySegment((work) => work());
    const open = (name: string) =>
      segment.open({ interfaceId: 1, name, linkLocalAddress: parseAddress('fe80::1') });
    const unrecorded = open('b');
    expect(recordings.around(unrecorded)).toBe(unrecorded);
    unrecorded.close();
    for (let i = 0; i < 2; i++) {
      const link = recordings.around(open('a'));
      link.send(ALL_SPF_ROUTERS, octetsOf(HELLO));
      link.close();
    }
    await recordings.close();
    expect(said).toEqual([`info: interface a: recorded to ${path}`]);
    const recorded = [...capturedDatagrams(readCapture(readFileSync(path)))];
    expect(recorded.map(({ octets }) => hexOf(octets))).toEqual([HELLO, HELLO]);
  });
});
