/**
 * Runs for a single change: of one prefix's metric, within the area and from outside, and of one link.
 */
import type { TopologyShape } from '../src/host/emulate-topology.ts';
import { LsType } from '../src/lsa/ls-type.ts';
import { Lsa } from '../src/lsa/lsa.ts';
import { Prng } from '../src/prng.ts';
import { atMost, type BenchContext, type BenchRow, summarize } from './harness.ts';
import { AREA, caseOf, FIRST_ROUTER_ID, loaded, SEED, sample, timeMs } from './parts-spf.ts';

/** One of k originators of an anycast prefix changes its metric. */
export function partial(context: BenchContext, routers: number, originators: number): BenchRow {
  const of = caseOf('random', routers, originators);
  const kept = loaded(of.lsas);
  kept.runFull();
  kept.routes.takeChanges();
  const router = of.area.anycastRouter(0);
  const instances = Array.from({ length: 64 }, (_, i) => of.area.anycastLsa(router, 1 + i));
  let at = 0;
  const run = sample(context, () => {
    at = (at + 1) % instances.length;
    kept.change(AREA, instances[at]!, true);
    kept.runPrefixes();
    return kept.routes.takeChanges();
  });
  const name = `random ${routers.toLocaleString('en')}: one of ${originators} anycast metrics changes`;
  const { median, spread } = run;
  const ceiling = routers === 10_000 ? 50 : null;
  return atMost({ bench: 'spf', case: name, ours: median / 1e3, unit: 'µs', spread }, ceiling);
}

const EXTERNALS = 10_000;

/** `2001:db8:NUMBER::` with the bits of a host. */
function numbered(number: number, host = 0): Uint8Array {
  const address = new Uint8Array(16);
  const view = new DataView(address.buffer);
  view.setUint32(0, 0x20010db8);
  view.setUint32(4, number);
  address[15] = host;
  return address;
}

/** One of many external prefixes changes its metric; each boundary router forwards to itself. */
export function outside(context: BenchContext, boundaryRouters: number): BenchRow {
  const of = caseOf('random', 10_000);
  const external = (number: number, metric: number): Lsa => {
    const router = number % boundaryRouters;
    const identity = {
      lsType: LsType.AsExternal,
      linkStateId: number,
      advertisingRouter: FIRST_ROUTER_ID + 1 + router,
    };
    return Lsa.originate(identity, metric, {
      kind: 'AsExternal',
      flags: 0,
      metric,
      prefix: { prefixLength: 64, prefixOptions: 0, address: numbered(0x8000_0000 + number) },
      referencedLsType: 0,
      forwardingAddress: numbered(1 + router, 9),
    });
  };
  const scope = { kind: 'as' } as const;
  const externals = Array.from({ length: EXTERNALS }, (_, i) => ({ scope, lsa: external(i, 1) }));
  const kept = loaded([...of.lsas, ...externals]);
  kept.runFull();
  kept.routes.takeChanges();
  const instances = Array.from({ length: 64 }, (_, i) => external(0, 2 + i));
  let at = 0;
  const { median, spread } = sample(context, () => {
    at = (at + 1) % instances.length;
    kept.change(scope, instances[at]!, true);
    kept.runPrefixes();
    return kept.routes.takeChanges();
  });
  const name = `random 10,000: one of ${EXTERNALS} external metrics changes, of ${boundaryRouters} boundary routers`;
  return atMost({ bench: 'spf', case: name, ours: median / 1e3, unit: 'µs', spread }, 50);
}

/** One link changes its cost, up and back, at one link after another. */
export function incremental(
  context: BenchContext,
  shape: TopologyShape,
  routers: number,
): BenchRow {
  const of = caseOf(shape, routers);
  const kept = loaded(of.lsas);
  kept.runFull();
  kept.routes.takeChanges();
  const full = sample(context, () => {
    kept.runFull();
    return kept.routes.takeChanges();
  });
  const prng = new Prng(SEED);
  const ns: number[] = [];
  for (let i = 0; i < (context.quick ? 200 : 2000); i++) {
    const router = prng.below(of.area.topology.routers);
    const links = of.area.links[router]!;
    const place = prng.below(links.length);
    const link = links[place]!;
    links[place] = { ...link, metric: i % 2 === 0 ? 1 + prng.below(100) : 2 * link.metric };
    const lsa = of.area.routerLsa(router);
    ns.push(
      1e6 *
        timeMs(() => {
          kept.change(AREA, lsa, true);
          kept.runIncremental();
          return kept.routes.takeChanges();
        }),
    );
  }
  const { median, spread } = summarize(ns);
  return {
    bench: 'spf',
    case: `${shape} ${of.area.topology.routers.toLocaleString('en')}: one link changes its cost`,
    ours: median / 1e3,
    unit: 'µs',
    against: 'our full run',
    theirs: full.median / 1e3,
    ratio: full.median / median,
    goal: '≤ 2 % of a full run',
    met: median <= 0.02 * full.median,
    spread: [spread, full.spread],
  };
}
