/**
 * What the measurements of routing runs share: areas as LSAs that nobody has looked at yet, what is
 * made of them, and how long one call takes.
 */
import { drawTopology, EmulatedArea, type TopologyShape } from '../src/host/emulate-topology.ts';
import { Lsa } from '../src/lsa/lsa.ts';
import type { LsdbScope } from '../src/lsdb/lsdb.ts';
import { Prng } from '../src/prng.ts';
import { Calculation } from '../src/spf/calculation.ts';
import { type BenchContext, type Samples, sink, summarize } from './harness.ts';

export const SEED = 8405;
export const AREA: LsdbScope = { kind: 'area', areaId: 0 };
export const FIRST_ROUTER_ID = 0x0a000001;
const ORIGINATORS = 8;

export interface Case {
  readonly name: string;
  readonly area: EmulatedArea;
  /** Those of the area, then the Link-LSAs of router 0's links. */
  readonly lsas: readonly { readonly scope: LsdbScope; readonly lsa: Lsa }[];
}

export function caseOf(shape: TopologyShape, routers: number, originators = ORIGINATORS): Case {
  const topology = drawTopology(shape, routers, new Prng(SEED));
  const name = `${shape} ${topology.routers.toLocaleString('en')}`;
  const anycastOriginators = Math.min(originators, topology.routers);
  const area = new EmulatedArea(topology, { firstRouterId: FIRST_ROUTER_ID, anycastOriginators });
  const undecoded = (lsa: Lsa): Lsa => Lsa.decode(lsa.octets);
  // Taken from octets, so that a cold run finds nothing decoded.
  const ofArea = [...area.lsas()].map((lsa) => ({ scope: AREA, lsa: undecoded(lsa) }));
  const ofLinks = [...area.linkLsasHeardBy(0)].map(({ interfaceId, lsa }) => ({
    scope: { kind: 'link', interfaceId } as const,
    lsa: undecoded(lsa),
  }));
  return { name, area, lsas: [...ofArea, ...ofLinks] };
}

export function loaded(lsas: Case['lsas']): Calculation {
  const calculation = new Calculation(FIRST_ROUTER_ID);
  calculation.load(lsas);
  return calculation;
}

export const timeMs = (run: () => unknown): number => {
  const from = performance.now();
  sink.value = run();
  return performance.now() - from;
};

/** Nanoseconds of one call; calls are repeated until they last long enough for the clock. */
export function sample(context: BenchContext, run: () => unknown, prepare?: () => void): Samples {
  const [warmUpMs, rounds, roundMs] = context.quick ? [60, 7, 2] : [1500, 25, 10];
  const collect = (globalThis as { gc?: () => void }).gc ?? (() => {});
  let lastMs = 0;
  for (let spentMs = 0, calls = 0; spentMs < warmUpMs || calls < 3; calls++) {
    prepare?.();
    lastMs = timeMs(run);
    spentMs += lastMs;
  }
  const calls = prepare ? 1 : Math.max(1, Math.ceil(roundMs / lastMs));
  const values: number[] = [];
  collect();
  const began = performance.now();
  for (let round = 0; round < rounds; round++) {
    // Long runs vary little: a few are enough.
    if (round >= 5 && performance.now() - began > 2000) break;
    prepare?.();
    values.push(
      (timeMs(() => {
        let last: unknown;
        for (let i = 0; i < calls; i++) last = run();
        return last;
      }) *
        1e6) /
        calls,
    );
  }
  return summarize(values);
}
