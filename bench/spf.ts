/**
 * Routes from link-state databases: every kind of run against a textbook Dijkstra in C++ on the
 * same graph in the same run, growth, partial and incremental runs, and memory.
 */
import { TOPOLOGY_SHAPES, type TopologyShape } from '../src/host/emulate-topology.ts';
import { atMost, type Bench, type BenchContext, type BenchRow } from './harness.ts';
import { apart } from './parts-spf-apart.ts';
import { builtTwin } from './parts-spf-twin.ts';

/** @param program - the twin's, where there is one. */
function growth(
  context: BenchContext,
  shape: TopologyShape,
  program: string | undefined,
): BenchRow[] {
  const small = apart(context, 'fullRun', shape, 1000, program);
  const large = apart(context, 'fullRun', shape, context.quick ? 10_000 : 100_000, program);
  const steepest = (large.n * Math.log2(large.n)) / (small.n * Math.log2(small.n));
  const sizes = `${small.n} to ${large.n} routers`;
  const row = {
    bench: 'spf',
    case: `${shape}: growth of a full run, ${sizes}`,
    ours: large.run.median / small.run.median,
    unit: '×',
    spread: large.run.spread,
  };
  const rows = [atMost(row, Number(steepest.toPrecision(4)), { name: 'n log n', value: steepest })];
  if (small.twinNs !== undefined && large.twinNs !== undefined) {
    const name = `${shape}: the same beside the textbook's search, ${sizes}`;
    const theirs = { name: 'C++ Dijkstra', value: large.twinNs / small.twinNs };
    rows.push(atMost({ ...row, case: name }, null, theirs));
  }
  return rows;
}

async function run(context: BenchContext): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const twin = builtTwin(context);
  const sizes = context.quick ? [100, 1000] : [100, 1000, 10_000, 100_000];
  try {
    for (const shape of TOPOLOGY_SHAPES) {
      for (const routers of shape === 'lan' ? [500] : sizes) {
        if (twin === undefined) continue;
        context.say(`spf: ${shape} ${routers}`);
        rows.push(...apart(context, 'againstTwin', shape, routers, twin.program));
      }
    }
    for (const shape of TOPOLOGY_SHAPES) {
      if (shape !== 'lan') rows.push(...growth(context, shape, twin?.program));
    }
  } finally {
    twin?.close();
  }
  for (const routers of context.quick ? [1000] : [1000, 10_000, 100_000]) {
    for (const originators of [1, 8, 64]) {
      rows.push(apart(context, 'partial', routers, originators));
    }
  }
  for (const boundaryRouters of [1, 1000]) rows.push(apart(context, 'outside', boundaryRouters));
  for (const shape of TOPOLOGY_SHAPES) {
    if (shape !== 'lan') rows.push(apart(context, 'incremental', shape, 10_000));
  }
  return [...rows, ...apart(context, 'memory')];
}

export const bench: Bench = {
  name: 'spf',
  about: 'runs of the routing calculation against a textbook Dijkstra in C++ on the same graph',
  run,
};
