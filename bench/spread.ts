/**
 * The kernel spread in a network namespace of its own (needs root): how fast routes and buckets
 * change.
 */
import { execFile } from 'node:child_process';
import { BucketTable } from '../src/anycast/bucket-table.ts';
import { ExactSpread } from '../src/host/nftables.ts';
import type { RouteChange } from '../src/host/route-table.ts';
import { KernelRouteTable } from '../src/host/route-table-kernel.ts';
import { atMost, type Bench, type BenchContext, type BenchRow, summarize } from './harness.ts';
import { NEXT_HOPS, prefixOf, run, SERVICES, setOf, withNamespace } from './parts-kernel.ts';

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

async function repeat(count: number, work: (i: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) times.push(await timed(() => work(i)));
  return times;
}

/** A changed set of next hops until the kernel has it. */
async function oneChange(name: string, context: BenchContext): Promise<BenchRow[]> {
  const table = new KernelRouteTable({ networkNamespace: name });
  await table.adopt();
  const change = (step: number) => table.apply([{ prefix: prefixOf(0), set: setOf(0, step % 2) }]);
  await repeat(20, change);
  const ours = summarize(await repeat(context.quick ? 50 : 300, change));
  // The same change by a process of its own, as scripts do it.
  const { stdout } = await run('ip', ['-n', name, '-N', 'nexthop', 'show', 'groups']);
  const words = stdout.trim().replace(/ scope \S+| unbalanced_time \S+/g, '');
  const theirs = summarize(
    await repeat(context.quick ? 10 : 50, () =>
      run('ip', ['-n', name, 'nexthop', 'replace', ...words.split(/\s+/)]),
    ),
  );
  await table.clear();
  table.close();
  const row = { bench: 'spread', unit: 'ms' };
  const process = { name: 'an ip process per change', value: theirs.median, spread: theirs.spread };
  return [
    atMost(
      {
        ...row,
        case: 'one of 64 weights changes → kernel has it',
        ours: ours.median,
        spread: ours.spread,
      },
      2,
      process,
    ),
    atMost({ ...row, case: 'the same, 99th percentile', ours: ours.p99 }, null, {
      name: process.name,
      value: theirs.p99,
    }),
  ];
}

/** A thousand services with sixty-four next hops each, every service weighted in its own way. */
async function fullTable(name: string, context: BenchContext): Promise<BenchRow[]> {
  const table = new KernelRouteTable({ networkNamespace: name });
  await table.adopt();
  const changes = Array.from({ length: SERVICES }, (_, i): RouteChange => {
    return { prefix: prefixOf(i), set: setOf(i) };
  });
  const install: number[] = [];
  for (let round = 0; round < (context.quick ? 1 : 5); round++) {
    await table.clear();
    install.push(await timed(() => table.apply(changes)));
  }
  const { stdout } = await run('ip', ['-n', name, '-6', 'route', 'show', 'protocol', '177']);
  const routes = new Set(stdout.match(/nhid \d+/g)).size;
  if (routes !== SERVICES)
    throw new Error(`${routes} of ${SERVICES} groups are in use in the kernel`);
  const one = summarize(
    await repeat(context.quick ? 50 : 300, (i) =>
      table.apply([{ prefix: prefixOf(i), set: setOf(i, 1) }]),
    ),
  );
  await table.clear();
  table.close();
  const theirs = await multipathRoutes(name);
  const row = { bench: 'spread' };
  const ours = summarize(install);
  return [
    atMost(
      {
        ...row,
        case: '1000 services × 64 next hops, full table',
        ours: ours.median / 1000,
        unit: 's',
        spread: ours.spread,
      },
      2,
      { name: 'ip -batch, plain multipath routes', value: theirs / 1000 },
    ),
    atMost(
      {
        ...row,
        case: 'one change in that table',
        ours: one.median,
        unit: 'ms',
        spread: one.spread,
      },
      3,
    ),
  ];
}

/** The same table without next hop objects: not resilient, every change moves flows. */
async function multipathRoutes(name: string): Promise<number> {
  const lines = Array.from({ length: SERVICES }, (_, i) => {
    const hops = setOf(i).nextHops.map(
      ({ address, weight }) => `nexthop via ${address} dev east weight ${weight}`,
    );
    return `route add ${prefixOf(i)} proto 177 ${hops.join(' ')}`;
  });
  return timed(
    () =>
      new Promise<void>((resolve, reject) => {
        const child = execFile('ip', ['-n', name, '-batch', '-'], (error) =>
          error ? reject(error) : resolve(),
        );
        child.stdin?.end(`${lines.join('\n')}\n`);
      }),
  );
}

/** Buckets in nftables: a weight changes and a tenth of the buckets with it. */
async function exactBuckets(name: string, context: BenchContext): Promise<BenchRow[]> {
  const spread = new ExactSpread({ networkNamespace: name });
  await spread.open();
  const keys = Array.from(
    { length: NEXT_HOPS },
    (_, i) => `02:00:00:00:00:${(i + 16).toString(16)}`,
  );
  const table = new BucketTable({ placement: 'agreed' });
  const bucketsFor = (step: number): string[] => {
    table.update(keys.map((key, i) => ({ key, weight: i === 0 ? 1 + (step % 2) * 6 : 1 })));
    return Array.from({ length: table.bucketCount }, (_, bucket) => table.ownerOf(bucket)!);
  };
  const service = { address: '2001:db8:54::1', interfaceName: 'east', seed: 1 };
  const set = (step: number) => spread.set({ ...service, buckets: bucketsFor(step) });
  const refused = [...(await set(0))];
  const ours = summarize(await repeat(context.quick ? 30 : 200, (i) => set(i + 1)));
  const theirs = summarize(
    await repeat(context.quick ? 5 : 30, (i) => {
      const changed = bucketsFor(i).slice(0, 100);
      const elements = changed.map((mac, bucket) => `${bucket} : ${mac}`).join(', ');
      const map = 'netdev tidecast s_2001_db8_54__1';
      return run('ip', [
        ...['netns', 'exec', name, 'nft'],
        `delete element ${map} { ${changed.map((_, bucket) => bucket).join(', ')} }; ` +
          `add element ${map} { ${elements} }`,
      ]);
    }),
  );
  refused.push(...(await spread.clear()));
  spread.close();
  if (refused[0] !== undefined) throw new Error(`nftables: ${refused[0].message}`);
  return [
    atMost(
      {
        bench: 'spread',
        case: 'a weight changes, a tenth of 1024 exact buckets',
        ours: ours.median,
        unit: 'ms',
        spread: ours.spread,
      },
      null,
      { name: 'an nft process per change', value: theirs.median, spread: theirs.spread },
    ),
  ];
}

export const bench: Bench = {
  name: 'spread',
  about: 'kernel routes and buckets: time until a change is in the kernel, against other ways',
  async run(context) {
    if (process.getuid?.() !== 0) {
      context.say('spread: needs root for a network namespace; nothing measured');
      return [];
    }
    return withNamespace(async (name) => [
      ...(await oneChange(name, context)),
      ...(await fullTable(name, context)),
      ...(await exactBuckets(name, context)),
    ]);
  },
};
