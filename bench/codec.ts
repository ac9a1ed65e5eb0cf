/**
 * Link State Updates of captures decoded, verified and installed; LSAs originated; both checksums.
 * Beside buffer-layout alone doing the same work, and scapy and gopacket where Python and Go have
 * them (Debian: python3-scapy, golang-go and golang-github-google-gopacket-dev).
 */
import { LsType } from '../src/lsa/ls-type.ts';
import { Lsa } from '../src/lsa/lsa.ts';
import { lsaFault } from '../src/lsa/validate.ts';
import { Lsdb } from '../src/lsdb/lsdb.ts';
import { decodePacket, decodeVerifiedPacket } from '../src/packet/decode.ts';
import { encodePacket } from '../src/packet/encode.ts';
import type { LinkStateUpdate } from '../src/packet/packet.ts';
import { internetChecksum, lsaChecksumValid } from '../src/wire/checksum.ts';
import { viewOf } from '../src/wire/view.ts';
import {
  type Bench,
  type BenchContext,
  type BenchRow,
  compare,
  sink,
  type Timed,
  timeInTurns,
  timesAsGood,
} from './harness.ts';
import { decodeUpdateByHand } from './parts-codec-by-hand.ts';
import { decodeUpdate, encodeRouterLsa, fletcherRight } from './parts-codec-layout.ts';
import { gopacket, scapyNs } from './parts-codec-others.ts';
import {
  FIXTURES,
  type Update,
  unheardUpdates,
  updates,
  verify,
  verifyTheirs,
} from './parts-codec-updates.ts';

const IDENTITY = { lsType: LsType.Router, linkStateId: 0, advertisingRouter: 1 };
const link = (i: number) => ({
  type: 1,
  metric: 10,
  interfaceId: i,
  neighborInterfaceId: i,
  neighborRouterId: i,
});

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

/** Beside a decoder that does nothing but make the objects: what nobody can be much faster than. */
function besideByHand(context: BenchContext, all: readonly Update[], ours: Timed): BenchRow {
  const octets = new Uint8Array(Buffer.concat(all.map(({ buffer }) => buffer)));
  const view = new DataView(octets.buffer);
  const theirs = (): void => {
    let at = 0;
    for (const { buffer } of all) {
      sink.value = decodeUpdateByHand(view, at);
      at += buffer.length;
    }
  };
  return compare(context, { bench: 'codec', case: 'decode an update, per LSA' }, ours, {
    ...ours,
    name: 'by hand, nothing checked or kept',
    run: theirs,
  });
}

/** Prefixes that were not read before, so that none of their addresses is there already. */
function unheard(context: BenchContext): BenchRow {
  const packets = unheardUpdates();
  const operations = 20 * packets.length;
  const ours = (): void => {
    for (const packet of packets) {
      for (const lsa of (decodePacket(packet) as LinkStateUpdate).lsas) sink.value = lsa.body;
    }
  };
  const theirs = (): void => {
    for (const packet of packets) sink.value = decodeUpdate(packet);
  };
  return compare(
    context,
    { bench: 'codec', case: 'decode an LSA of one prefix, each address new' },
    { name: 'decodePacket and bodies', run: ours, operations },
    { name: 'buffer-layout alone', run: theirs, operations },
  );
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
    name: 'buffer-layout alone',
    run: () => {
      for (const { buffer } of all) sink.value = decodeUpdate(buffer);
    },
    operations,
  };
  const theirsVerified = {
    name: 'buffer-layout, checksums octet by octet',
    run: () => {
      for (const { buffer, source, destination } of all) {
        sink.value = verifyTheirs(buffer, source, destination);
      }
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
      theirsVerified,
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
          const packet = decodeVerifiedPacket(largeUpdate, zero, zero) as LinkStateUpdate;
          sink.value = lsaFault(packet.lsas[0]!);
          return packet;
        },
      },
      { name: theirsVerified.name, run: () => verifyTheirs(largeBuffer, zero, zero) },
    ),
    besideByHand(context, all, { name: 'decodePacket and bodies', run: decodeOnly, operations }),
    unheard(context),
    rate({ case: 'LSAs decoded and verified', unit: 'million/s' }, timed[0]!, 1),
    rate({ case: 'LSAs decoded, verified and installed', unit: 'million/s' }, timed[1]!, null),
    ...besideScapy(context, all, operations, timed[0]!.median),
    ...besideGopacket(context, all),
  ];
}

/** Ours beside scapy. */
function besideScapy(
  context: BenchContext,
  all: readonly Update[],
  operations: number,
  oursNs: number,
): BenchRow[] {
  const ns = scapyNs(all.map(({ buffer }) => buffer));
  if (ns === undefined) {
    context.say('  scapy is not installed (PYTHON names another interpreter): not compared');
    return [];
  }
  const theirs = ns / operations;
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

/** Ours beside gopacket, over the updates that it can decode. */
function besideGopacket(context: BenchContext, all: readonly Update[]): BenchRow[] {
  const result = gopacket(all.map(({ buffer }) => buffer));
  if (result === undefined) {
    context.say('  Go has no gopacket (GO and GOPATH name others): not compared');
    return [];
  }
  const some = result.numbers.map((number) => all[number]!);
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
  const theirs = result.ns / operations;
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

function checksums(context: BenchContext): BenchRow[] {
  const zero = new Uint8Array(16);
  return [64, 1500, 65_000].flatMap((octetsEach) => {
    const octets = Uint8Array.from({ length: octetsEach }, (_, i) => (i * 7) & 255);
    const view = viewOf(octets);
    const fletcher = { name: 'Fletcher', run: () => lsaChecksumValid(view), operations: 1 };
    const [timed, internet] = timeInTurns(context, [
      fletcher,
      { name: 'Internet', run: () => internetChecksum(zero, zero, view, 89) },
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
        { name: 'octet by octet', run: () => fletcherRight(octets, 2, octets.length) },
      ),
    ];
  });
}

export const bench: Bench = {
  name: 'codec',
  about: 'LSAs per second in and out, and checksums, against buffer-layout alone',
  run: (context) => [...decoding(context), ...encoding(context), ...checksums(context)],
};
