/**
 * Choosing the next hop of a flow, and what a change costs: the bucket table against rendezvous
 * hashing and modulo over the same hash.
 */
import { BucketTable } from '../src/anycast/bucket-table.ts';
import { flowHash, textHash } from '../src/anycast/flow-hash.ts';
import { Prng } from '../src/prng.ts';
import {
  atMost,
  type Bench,
  type BenchContext,
  type BenchRow,
  compare,
  timesAsGood,
} from './harness.ts';

const NEXT_HOPS = 8;
const FLOWS = 4096;
const keys = Array.from({ length: NEXT_HOPS }, (_, i) => `fe80::${i + 1}%2`);

interface Flow {
  readonly source: Uint8Array;
  readonly port: number;
}

function flows(): Flow[] {
  const prng = new Prng(1);
  return Array.from({ length: FLOWS }, () => ({
    source: Uint8Array.from({ length: 16 }, () => prng.below(256)),
    port: prng.below(0x10000),
  }));
}

/** Highest random weight: a hash for each next hop, no table and no state. */
function rendezvous(names: readonly string[]): (hash: number) => string | undefined {
  const seeds = names.map((name) => textHash(name, 3));
  return (hash) => {
    let best = -1;
    let winner = 0;
    for (let i = 0; i < seeds.length; i++) {
      let score = Math.imul(hash ^ seeds[i]!, 0x85ebca6b);
      score = Math.imul(score ^ (score >>> 13), 0xc2b2ae35);
      score = (score ^ (score >>> 16)) >>> 0;
      if (score > best) {
        best = score;
        winner = i;
      }
    }
    return names[winner];
  };
}

function tableOf(names: readonly string[], placement: 'resilient' | 'agreed'): BucketTable {
  const table = new BucketTable({ placement });
  table.update(names.map((key) => ({ key, weight: 1 })));
  return table;
}

function speeds(context: BenchContext): BenchRow[] {
  const some = flows();
  const table = tableOf(keys, 'resilient');
  const hrw = rendezvous(keys);
  const each = (pick: (hash: number) => string | undefined) => () => {
    let last: string | undefined;
    for (const { source, port } of some) last = pick(flowHash(source, port));
    return last;
  };
  const sixtyFour = Array.from({ length: 64 }, (_, i) => ({ key: `fe80::${i}`, weight: 1 + i }));
  const changing = new BucketTable();
  changing.update(sixtyFour);
  let flip = 0;
  return [
    compare(
      context,
      { bench: 'pick', case: 'hash a flow and pick, 8 next hops', judge: timesAsGood(1) },
      { name: 'bucket table', run: each((hash) => table.pick(hash)), operations: FLOWS },
      { name: 'rendezvous hashing', run: each(hrw), operations: FLOWS },
    ),
    compare(
      context,
      { bench: 'pick', case: 'one of 64 weights halves or doubles, 1024 buckets' },
      {
        name: 'resilient update',
        run: () => {
          flip = 1 - flip;
          return changing.update(
            sixtyFour.map((m, i) => (i === 40 ? { ...m, weight: m.weight * (1 + flip) } : m)),
          );
        },
      },
      { name: 'a fresh table', run: () => new BucketTable().update(sixtyFour) },
    ),
  ];
}

/** Share of flows that lose their next hop though it remains, when one of N leaves. */
function disruption(): BenchRow[] {
  const some = flows().map(({ source, port }) => flowHash(source, port));
  const rest = keys.slice(1);
  const [gone] = keys;
  const needless = (
    before: (hash: number) => string | undefined,
    after: (hash: number) => string | undefined,
  ): number =>
    (100 * some.filter((h) => before(h) !== gone && before(h) !== after(h)).length) / some.length;
  const change = (placement: 'resilient' | 'agreed'): number => {
    const table = tableOf(keys, placement);
    const before = new Map(some.map((hash) => [hash, table.pick(hash)]));
    table.update(rest.map((key) => ({ key, weight: 1 })));
    return needless(
      (hash) => before.get(hash),
      (hash) => table.pick(hash),
    );
  };
  const modulo = (names: readonly string[]) => (hash: number) => names[hash % names.length];
  const theirs = { name: 'modulo', value: needless(modulo(keys), modulo(rest)) };
  const row = (name: string, ours: number, ceiling: number): BenchRow =>
    atMost({ bench: 'pick', case: name, ours, unit: '% of flows' }, ceiling, theirs);
  return [
    row('needless moves, one of 8 leaves: resilient', change('resilient'), 0),
    row('needless moves, one of 8 leaves: agreed', change('agreed'), 10),
    row(
      'needless moves, one of 8 leaves: rendezvous',
      needless(rendezvous(keys), rendezvous(rest)),
      0,
    ),
  ];
}

export const bench: Bench = {
  name: 'pick',
  about: 'a flow’s next hop, and flows that a change moves, against other ways of hashing',
  run: (context) => [...speeds(context), ...disruption()],
};
