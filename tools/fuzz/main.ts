/**
 * The fuzzer. Inputs come in epochs of a thousand; an epoch depends on the seed and its number
 * alone, so that `--seed S --epoch E` repeats it. Judged: no uncaught error, no input above a
 * second, no growth of memory from epoch to epoch.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readCapture } from '../../src/host/pcap.ts';
import { capturedDatagrams } from '../../src/host/pcap-datagrams.ts';
import { INTERFACE_DEFAULTS } from '../../src/instance/config.ts';
import { Prng } from '../../src/prng.ts';
import type { Address } from '../../src/wire/address.ts';
import { ALL_SPF_ROUTERS } from '../../src/wire/address.ts';
import { mutate, repair } from './mutate.ts';
import { syntheticTails, syntheticUpdates } from './synthetic.ts';
import { Adjacent, Decoders, feedCapture } from './targets.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    count: { type: 'string' },
    seed: { type: 'string', default: '1' },
    epoch: { type: 'string' },
  },
});

const EPOCH_INPUTS = 1000;
const INPUT_LIMIT_MS = 1000;
/** Above what the first epochs leave behind; caches of the engine and of LSAs settle below it. */
const GROWTH_LIMIT_OCTETS = 64 * 2 ** 20;
const GROWTH_FROM_EPOCH = 20;

interface Seed {
  readonly octets: Uint8Array;
  readonly source: Address;
  readonly destination: Address;
}

const files = readdirSync('test/fixtures', { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.pcap(ng)?$/.test(file))
  .sort()
  .map((file) => new Uint8Array(readFileSync(`test/fixtures/${file}`)));
const captured: Seed[] = files.flatMap((file) => [...capturedDatagrams(readCapture(file))]);
const packets = captured.map(({ octets }) => octets);
const { vectors } = JSON.parse(readFileSync('test/fixtures/holo/packet-vectors.json', 'utf8')) as {
  vectors: { hex: string }[];
};
const zero = new Uint8Array(16);
for (const { hex } of vectors) {
  const octets = new Uint8Array(Buffer.from(hex, 'hex'));
  captured.push({ octets, source: zero, destination: zero });
}

const synthetic: Seed[] = [...syntheticUpdates(), ...syntheticTails()].map((octets) => ({
  octets,
  source: zero,
  destination: zero,
}));
/** By packet type, each of which is drawn equally often, updates twice; and what is rare. */
const byType = [
  ...[1, 2, 3, 4, 4, 5].map((type) => captured.filter(({ octets }) => octets[1] === type)),
  synthetic,
  captured.filter(({ octets }) => tailOctetsOf(octets) > 0),
];

/** What follows the packet in its datagram. */
function tailOctetsOf(octets: Uint8Array): number {
  return Math.max(0, octets.length - ((octets[2]! << 8) | octets[3]!));
}

const outcomes = new Map<string, number>();
const count = (outcome: string): void =>
  void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
const collect = (globalThis as { gc?: () => void }).gc ?? ((): void => {});
const seed = Number(values.seed);
const only = values.epoch === undefined ? undefined : Number(values.epoch);
const limit = values.count === undefined ? Number.POSITIVE_INFINITY : Number(values.count);
const seconds =
  values.seconds === undefined && values.count === undefined
    ? 60
    : Number(values.seconds ?? 'Infinity');
const startMs = performance.now();
const until = startMs + seconds * 1000;
/** Time of the processor, which a busy machine does not stretch. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
let inputs = 0;
let slowestMs = 0;
let last = '';

/** An input for the adjacent instance: a packet as its neighbor would have sent it. */
function asFromNeighbor(octets: Uint8Array, adjacent: Adjacent, prng: Prng): Uint8Array {
  if (octets.length < 16) return octets;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  view.setUint32(4, adjacent.peerRouterId);
  view.setUint32(8, 0);
  octets[14] = 0;
  // Hellos with our intervals, so that what else they say is met.
  if (octets[1] === 1 && octets.length >= 28 && prng.below(8) > 0) {
    view.setUint16(24, INTERFACE_DEFAULTS.helloIntervalS);
    view.setUint16(26, INTERFACE_DEFAULTS.routerDeadIntervalS);
  }
  return repair(octets, adjacent.peerAddress, ALL_SPF_ROUTERS, prng);
}

function runEpoch(epoch: number, decoders: Decoders): void {
  const prng = new Prng(seed * 1_000_003 + epoch);
  const adjacent = new Adjacent(prng.u32());
  for (let i = 0; i < EPOCH_INPUTS; i++) {
    const seeds = byType[prng.below(byType.length)]!;
    const { octets, source, destination } = seeds[prng.below(seeds.length)]!;
    const mutated = mutate(octets, packets, prng);
    const fromMs = cpuMs();
    last = `epoch ${epoch} input ${i}: ${Buffer.from(mutated).toString('hex')}`;
    const repaired = repair(mutated, source, destination, prng, tailOctetsOf(octets));
    decoders.feed(repaired, source, destination, i, count);
    adjacent.feed(asFromNeighbor(mutated, adjacent, prng), ALL_SPF_ROUTERS);
    if (prng.below(16) === 0) adjacent.advance(prng.below(8000));
    // What mutated exchanges broke is left to heal.
    if (!adjacent.isFull && prng.below(64) === 0) adjacent.advance(20_000);
    if (i % 100 === 0) {
      const file = files[prng.below(files.length)]!;
      feedCapture(mutate(file.subarray(0, 4096), [file.subarray(0, 4096)], prng), count);
    }
    const tookMs = cpuMs() - fromMs;
    slowestMs = Math.max(slowestMs, tookMs);
    if (tookMs > INPUT_LIMIT_MS) throw new Error(`took ${Math.round(tookMs)} ms`);
    inputs++;
  }
  // A quiet minute: everything that waits falls due.
  adjacent.advance(60_000);
  for (const [reason, drops] of adjacent.instance.drops) {
    outcomes.set(`instance: ${reason}`, (outcomes.get(`instance: ${reason}`) ?? 0) + drops);
  }
}

function run(): void {
  const decoders = new Decoders();
  let baseline = Number.POSITIVE_INFINITY;
  const first = only ?? 0;
  for (let epoch = first; inputs < limit && performance.now() < until; epoch++) {
    runEpoch(epoch, decoders);
    if (only !== undefined) break;
    if (epoch % GROWTH_FROM_EPOCH !== 0 || epoch === 0) continue;
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const octets = heapUsed + arrayBuffers;
    baseline = Math.min(baseline, octets);
    if (octets > baseline + GROWTH_LIMIT_OCTETS) {
      throw new Error(`grew from ${baseline} to ${octets} octets`);
    }
  }
}

try {
  run();
} catch (error) {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(
    `FAILED: ${what}\n${last}\nagain: npm run fuzz -- --seed ${seed} --epoch ${/\d+/.exec(last)?.[0]}`,
  );
  process.exitCode = 1;
}
const elapsedS = (performance.now() - startMs) / 1000;
for (const [outcome, times] of [...outcomes].sort((a, b) => b[1] - a[1])) {
  console.log(`${String(times).padStart(9)} ${outcome}`);
}
console.log(
  `${inputs} inputs in ${elapsedS.toFixed(1)} s, ${Math.round(inputs / elapsedS)}/s, slowest ${slowestMs.toFixed(1)} ms, seed ${seed}`,
);
