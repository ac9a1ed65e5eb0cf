/**
 * Link State Updates of captures decoded, verified and installed; LSAs originated; both checksums.
 * Beside buffer-layout alone, and scapy and gopacket where Python and Go have them.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readCapture } from '../src/host/pcap.ts';
import { capturedDatagrams } from '../src/host/pcap-datagrams.ts';
import { LsType } from '../src/lsa/ls-type.ts';
import { Lsa } from '../src/lsa/lsa.ts';
import { lsaFault } from '../src/lsa/validate.ts';
import { Lsdb } from '../src/lsdb/lsdb.ts';
import { decodePacket, packetChecksumValid } from '../src/packet/decode.ts';
import { encodePacket } from '../src/packet/encode.ts';
import type { LinkStateUpdate } from '../src/packet/packet.ts';
import type { Address } from '../src/wire/address.ts';
import { internetChecksum, lsaChecksumValid } from '../src/wire/checksum.ts';
import {
  type Bench,
  type BenchContext,
  type BenchRow,
  compare,
  sink,
  timeInTurns,
  timesAsGood,
} from './harness.ts';
import { decodeUpdate, encodeRouterLsa } from './parts-codec-layout.ts';

interface Update {
  readonly octets: Uint8Array;
  readonly buffer: Buffer;
  readonly source: Address;
  readonly destination: Address;
  readonly packet: LinkStateUpdate;
}

const IDENTITY = { lsType: LsType.Router, linkStateId: 0, advertisingRouter: 1 };
const link = (i: number) => ({
  type: 1,
  metric: 10,
  interfaceId: i,
  neighborInterfaceId: i,
  neighborRouterId: i,
});

const FIXTURES = 'test/fixtures/frr-bird';

/** Every Link State Update of the captures without authentication. */
function updates(): Update[] {
  const found: Update[] = [];
  for (const file of readdirSync(FIXTURES)) {
    if (!/\.pcap(ng)?$/.test(file) || file.includes('auth')) continue;
    const frames = readCapture(readFileSync(`${FIXTURES}/${file}`));
    for (const { octets, source, destination } of capturedDatagrams(frames)) {
      const packet = decodePacket(octets);
      if (packet.kind !== 'LinkStateUpdate') continue;
      const buffer = Buffer.from(octets);
      found.push({ octets: new Uint8Array(buffer), buffer, source, destination, packet });
    }
  }
  return found;
}

/** A row in million per second, from nanoseconds each. */
function rate(
  row: { readonly case: string; readonly unit: string; readonly scale?: number },
  ns: { readonly median: number; readonly spread: number },
  atLeast: number | null,
): BenchRow {
  const ours = (1000 / ns.median) * (row.scale ?? 1);
  return {
    bench: 'codec',
    case: row.case,
    ours,
    unit: row.unit,
    against: null,
    theirs: null,
    ratio: null,
    goal: atLeast === null ? null : `≥ ${atLeast} ${row.unit}`,
    met: atLeast === null ? null : ours >= atLeast,
    spread: [ns.spread, null],
  };
}

function verify({ octets, source, destination }: Update): LinkStateUpdate | undefined {
  if (!packetChecksumValid(octets, source, destination)) return undefined;
  const packet = decodePacket(octets) as LinkStateUpdate;
  for (const lsa of packet.lsas) if (lsaFault(lsa) !== undefined) return undefined;
  return packet;
}

function decoding(context: BenchContext): BenchRow[] {
  const all = updates();
  const operations = all.reduce((sum, { packet }) => sum + packet.lsas.length, 0);
  context.say(`  ${all.length} updates of ${operations} LSAs from ${FIXTURES}`);
  const decodeOnly = (): void => {
    for (const { octets } of all) {
      const packet = decodePacket(octets) as LinkStateUpdate;
      for (const lsa of packet.lsas) sink.value = lsa.body;
    }
  };
  const verified = (): void => {
    for (const update of all) sink.value = verify(update);
  };
  const installed = (): void => {
    const lsdb = new Lsdb({ kind: 'area', areaId: 0 });
    for (const update of all) {
      for (const lsa of verify(update)?.lsas ?? []) lsdb.install(lsa, 0);
    }
    sink.value = lsdb;
  };
  const links = Array.from({ length: 80 }, (_, i) => link(i));
  const large = Lsa.originate(IDENTITY, 1, { kind: 'Router', flags: 0, options: 0x13, links });
  const header = { kind: 'LinkStateUpdate', routerId: 1, areaId: 0, instanceId: 0 } as const;
  const zero = new Uint8Array(16);
  const largeUpdate = encodePacket({ ...header, lsas: [large] }, zero, zero);
  const largeBuffer = Buffer.from(largeUpdate);
  const theirs = {
    name: 'buffer-layout alone, nothing verified',
    run: () => {
      for (const { buffer } of all) sink.value = decodeUpdate(buffer);
    },
    operations,
  };
  const about = (what: string) => ({ bench: 'codec', case: what, judge: timesAsGood(10) });
  const timed = timeInTurns(context, [
    { name: 'verified', run: verified, operations },
    { name: 'installed', run: installed, operations },
  ]);
  return [
    compare(
      context,
      about('decode an update, per LSA'),
      { name: 'decodePacket and bodies', run: decodeOnly, operations },
      theirs,
    ),
    compare(
      context,
      about('decode and verify an update, per LSA'),
      { name: 'all checksums and bodies', run: verified, operations },
      theirs,
    ),
    compare(
      context,
      about('decode a Router-LSA of 80 links'),
      {
        name: 'decodePacket and body',
        run: () => (decodePacket(largeUpdate) as LinkStateUpdate).lsas[0]!.body,
      },
      { name: theirs.name, run: () => decodeUpdate(largeBuffer) },
    ),
    compare(
      context,
      about('decode and verify a Router-LSA of 80 links'),
      {
        name: 'all checksums and bodies',
        run: () => {
          const packet = decodePacket(largeUpdate) as LinkStateUpdate;
          sink.value = packetChecksumValid(largeUpdate, zero, zero) && lsaFault(packet.lsas[0]!);
          return packet;
        },
      },
      { name: theirs.name, run: () => decodeUpdate(largeBuffer) },
    ),
    rate({ case: 'LSAs decoded and verified', unit: 'million/s' }, timed[0]!, 1),
    rate({ case: 'LSAs decoded, verified and installed', unit: 'million/s' }, timed[1]!, null),
    ...scapy(context, all, operations, timed[0]!.median),
    ...gopacket(context, all),
  ];
}

/** What scapy takes for the same octets, where Python has it. */
function scapy(
  context: BenchContext,
  all: readonly Update[],
  operations: number,
  oursNs: number,
): BenchRow[] {
  const script = `
import sys, time
from scapy.contrib.ospf import OSPFv3_Hdr
packets = [bytes.fromhex(line) for line in sys.stdin.read().split()]
for p in packets: OSPFv3_Hdr(p)
best = None
for _ in range(3):
    t = time.perf_counter_ns()
    for p in packets: OSPFv3_Hdr(p)
    t = time.perf_counter_ns() - t
    best = t if best is None else min(best, t)
print(best)`;
  const { PYTHON = 'python3' } = process.env;
  const input = all.map(({ buffer }) => buffer.toString('hex')).join('\n');
  const { status, stdout } = spawnSync(PYTHON, ['-c', script], { input, encoding: 'utf8' });
  if (status !== 0) {
    context.say('  scapy is not installed (PYTHON names another interpreter): not compared');
    return [];
  }
  const theirs = Number(stdout) / operations;
  return [
    {
      bench: 'codec',
      case: 'decode and verify an update, per LSA',
      ours: oursNs,
      unit: 'ns/op',
      against: 'scapy, nothing verified',
      theirs,
      ratio: theirs / oursNs,
      goal: null,
      met: null,
    },
  ];
}

/** Where Debian puts Go's libraries. */
const GO_LIBRARIES = '/usr/share/gocode';

/** What gopacket takes for the updates that it can decode, where Go has it. */
function gopacket(context: BenchContext, all: readonly Update[]): BenchRow[] {
  const input = all.map(({ buffer }) => buffer.toString('hex')).join('\n');
  const { GO = 'go', GOPATH = GO_LIBRARIES, HOME = '/tmp' } = process.env;
  const env = { ...process.env, GO111MODULE: 'off', CGO_ENABLED: '0', GOPATH, HOME };
  const options = { input, encoding: 'utf8', env } as const;
  const { status, stdout } = spawnSync(GO, ['run', 'bench/parts-gopacket.go'], options);
  if (status !== 0) {
    context.say('  Go has no gopacket (GO and GOPATH name others): not compared');
    return [];
  }
  const [ns = '', ...numbers] = stdout.trim().split('\n');
  const some = numbers.map((number) => all[Number(number)]!);
  const operations = some.reduce((sum, { packet }) => sum + packet.lsas.length, 0);
  context.say(
    `  gopacket decodes ${some.length} of ${all.length} updates and panics at the others`,
  );
  const run = (): void => {
    for (const { octets } of some) {
      const packet = decodePacket(octets) as LinkStateUpdate;
      for (const lsa of packet.lsas) sink.value = lsa.body;
    }
  };
  const [ours] = timeInTurns(context, [{ name: 'decodePacket and bodies', run, operations }]);
  const theirs = Number(ns) / operations;
  const ratio = theirs / ours!.median;
  return [
    {
      bench: 'codec',
      case: 'decode an update, per LSA, of those gopacket can',
      ours: ours!.median,
      unit: 'ns/op',
      against: 'gopacket, nothing verified',
      theirs,
      ratio,
      ...timesAsGood(1)(ratio),
      spread: [ours!.spread, null],
    },
  ];
}

function encoding(context: BenchContext): BenchRow[] {
  const all = updates();
  const operations = all.reduce((sum, { packet }) => sum + packet.lsas.length, 0);
  const [timed] = timeInTurns(context, [
    {
      name: 'encodePacket',
      run: () => {
        for (const { packet, source, destination } of all) {
          sink.value = encodePacket(packet, source, destination);
        }
      },
      operations,
    },
  ]);
  const links = Array.from({ length: 8 }, (_, i) => link(i));
  const body = { kind: 'Router', flags: 0, options: 0x13, links } as const;
  const values = {
    header: { ...IDENTITY, ageS: 0, sequenceNumber: 1, checksum: 0, length: 152 },
    head: { flags: 0, options: 0x13 },
    links: links.map((link) => ({ ...link, reserved: 0 })),
  };
  return [
    rate({ case: 'LSAs put into updates, checksum made', unit: 'million/s' }, timed!, null),
    compare(
      context,
      { bench: 'codec', case: 'originate a Router-LSA of 8 links' },
      { name: 'Lsa.originate', run: () => Lsa.originate(IDENTITY, 1, body) },
      { name: 'buffer-layout alone, no checksum', run: () => encodeRouterLsa(values) },
    ),
  ];
}

/** The definition, octet by octet. */
function plainFletcher(octets: Uint8Array): boolean {
  let c0 = 0;
  let c1 = 0;
  for (let at = 2; at < octets.length; ) {
    const stop = Math.min(octets.length, at + 4102);
    for (; at < stop; at++) {
      c0 += octets[at]!;
      c1 += c0;
    }
    c0 %= 255;
    c1 %= 255;
  }
  return c0 === 0 && c1 === 0;
}

function checksums(context: BenchContext): BenchRow[] {
  const zero = new Uint8Array(16);
  return [64, 1500, 65_000].flatMap((octetsEach) => {
    const octets = Uint8Array.from({ length: octetsEach }, (_, i) => (i * 7) & 255);
    const fletcher = { name: 'Fletcher', run: () => lsaChecksumValid(octets), operations: 1 };
    const [timed, internet] = timeInTurns(context, [
      fletcher,
      { name: 'Internet', run: () => internetChecksum(zero, zero, octets, 89) },
    ]);
    const scale = octetsEach;
    return [
      rate({ case: `Fletcher over ${octetsEach} octets`, unit: 'MB/s', scale }, timed!, 1000),
      rate(
        { case: `Internet checksum over ${octetsEach} octets`, unit: 'MB/s', scale },
        internet!,
        null,
      ),
      compare(
        context,
        { bench: 'codec', case: `Fletcher over ${octetsEach} octets`, judge: timesAsGood(1) },
        fletcher,
        { name: 'octet by octet', run: () => plainFletcher(octets) },
      ),
    ];
  });
}

export const bench: Bench = {
  name: 'codec',
  about: 'LSAs per second in and out, and checksums, against buffer-layout alone',
  run: (context) => [...decoding(context), ...encoding(context), ...checksums(context)],
};
