/**
 * Runs over a whole area: tree, routes, and cold from LSAs to routes, beside the textbook's search of
 * the same graph.
 */
import type { EmulatedArea, TopologyShape } from '../src/host/emulate-topology.ts';
import type { Lsa } from '../src/lsa/lsa.ts';
import { atMost, type BenchContext, type BenchRow, type Samples } from './harness.ts';
import { AREA, caseOf, loaded, sample } from './parts-spf.ts';
import { type Found, searched } from './parts-spf-twin.ts';

/** How long a run may take, in times of the textbook's. */
const CEILINGS = { tree: 1, routes: 2.5, cold: 10 };

const middle = (found: readonly Found[]): Found =>
  found.toSorted((a, b) => a.ns - b.ns)[found.length >>> 1]!;

/** Our Router-LSA with all links dearer by one, which moves every destination, and as it was. */
function ownRouterLsas(area: EmulatedArea): readonly [dear: Lsa, cheap: Lsa] {
  const links = area.links[0]!;
  const before = [...links];
  before.forEach((link, i) => {
    links[i] = { ...link, metric: link.metric + 1 };
  });
  const dear = area.routerLsa(0);
  before.forEach((link, i) => {
    links[i] = link;
  });
  return [dear, area.routerLsa(0)];
}

/** Every kind of run over a whole area, beside the searches of the twin. */
export function againstTwin(
  context: BenchContext,
  shape: TopologyShape,
  routers: number,
  program: string,
): BenchRow[] {
  const of = caseOf(shape, routers);
  const kept = loaded(of.lsas);
  kept.runFull();
  const searches = [searched(context, program, kept)];
  const tree = sample(context, () => kept.tree.run(kept.roots));
  const routes = sample(context, () => {
    kept.runFull();
    return kept.routes.takeChanges();
  });
  searches.push(searched(context, program, kept));
  const [dear, cheap] = ownRouterLsas(of.area);
  let turn = 0;
  const moved = sample(context, () => {
    turn++;
    kept.change(AREA, turn % 2 === 0 ? cheap : dear, true);
    kept.runFull();
    return kept.routes.takeChanges();
  });
  const cold = sample(context, () => {
    const fresh = loaded(of.lsas);
    fresh.runFull();
    return fresh;
  });
  kept.change(AREA, cheap, true);
  kept.runFull();
  searches.push(searched(context, program, kept));
  // Before, between and behind ours: what else the machine does changes within seconds.
  const plain = middle(searches.map(([one]) => one));
  const withHops = middle(searches.map(([, one]) => one));
  const { tree: found, sets } = kept;
  let sum = 0;
  let hops = 0;
  for (const v of found.nearestFirst()) {
    sum += found.distance[v]!;
    hops += sets.nextHops(found.nextHops[v]!).length;
  }
  if (sum !== plain.check) throw new Error(`${of.name}: distances differ from the twin's`);
  const row = (what: string, ours: Samples, ceiling: number, theirs = plain): BenchRow => ({
    bench: 'spf',
    case: `${of.name}: ${what}`,
    ours: ours.median / 1e3,
    unit: 'µs',
    against: theirs === plain ? 'C++ Dijkstra' : 'C++ with next hops',
    theirs: theirs.ns / 1e3,
    ratio: theirs.ns / ours.median,
    goal: `≤ ${ceiling} × theirs`,
    met: ours.median <= ceiling * theirs.ns,
    spread: [ours.spread, theirs.spread],
  });
  // On a LAN every router has a next hop of its own, more than the twin has bits.
  const alike = of.area.topology.lan.length === 0;
  if (alike && hops !== withHops.check) throw new Error(`${of.name}: next hops differ`);
  return [
    row('tree with all next hops', tree, CEILINGS.tree),
    ...(alike ? [row('the same, like for like', tree, CEILINGS.tree, withHops)] : []),
    row('tree and all routes', routes, CEILINGS.routes),
    atMost(
      {
        bench: 'spf',
        case: `${of.name}: the same, every route another`,
        ours: moved.median / 1e3,
        unit: 'µs',
        spread: moved.spread,
      },
      null,
      { name: 'C++ Dijkstra', value: plain.ns / 1e3, spread: plain.spread },
    ),
    row('cold, from LSAs to routes', cold, CEILINGS.cold),
  ];
}

/** A full run, for how it grows. */
export function fullRun(
  context: BenchContext,
  shape: TopologyShape,
  routers: number,
  program: string | undefined,
): FullRun {
  const of = caseOf(shape, routers);
  const kept = loaded(of.lsas);
  kept.runFull();
  const run = sample(context, () => kept.runFull());
  const twinNs = program === undefined ? undefined : searched(context, program, kept)[0].ns;
  return { n: of.area.topology.routers, run, twinNs };
}

export interface FullRun {
  readonly n: number;
  readonly run: Samples;
  /** Of the textbook's search. */
  readonly twinNs: number | undefined;
}
