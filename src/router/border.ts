/**
 * An area border or AS boundary router at work: what it should say is computed anew when routes
 * change, and only the differences go to the instance, each LSA under the Link State ID it had.
 * @module
 */
import type { AreaConfig, InstanceConfig } from '../instance/config.ts';
import type { FlushInput, OriginateInput } from '../instance/input.ts';
import type { Instance } from '../instance/instance.ts';
import type { InterfaceSummary } from '../instance/summary.ts';
import type { LsaBody } from '../lsa/body.ts';
import type { Lsdb } from '../lsdb/lsdb.ts';
import { scopeKey } from '../lsdb/lsdb.ts';
import type { Route } from '../spf/route.ts';
import type { RouterPath } from '../spf/router-paths.ts';
import type { Address } from '../wire/address.ts';
import { formatPrefix } from '../wire/prefix.ts';
import { hasEquivalents, withoutEquivalents } from './equivalent.ts';
import { type ExternalRoute, type ExternalView, externalsOf } from './external.ts';
import { type BorderView, covers, type Desired, summariesOf } from './inter-area.ts';
import { defaultOf, translates, translationsOf } from './nssa.ts';

/** How long an elected translator goes on after it lost the election (RFC 3101 3.1). */
const TRANSLATOR_STABILITY_MS = 40_000;
/** Link State IDs of ours start here, clear of what an operator's own routes have. */
const FIRST_LINK_STATE_ID = 0x0b00_0000;

/** What the border router is at this moment. */
export interface BorderState extends BorderView, ExternalView {
  readonly routerId: number;
  /** What this router brings in from outside. */
  readonly externalRoutes: readonly ExternalRoute[];
  readonly isBorderRouter: boolean;
  lsdbOfArea(areaId: number): Lsdb;
  /** The AS-External-LSAs that there are. */
  readonly external: Lsdb;
}

export type BorderInput = OriginateInput | FlushInput;

export class Border {
  readonly #ids = new Map<string, number>();
  #wanted = new Map<string, Desired>();
  /** Until when we translate for an NSSA, by Area ID; `Infinity` while elected with something to say. */
  readonly #translatesUntilMs = new Map<number, number>();
  #nextId = FIRST_LINK_STATE_ID;
  #discards: ReadonlySet<string> = new Set();
  #yields = false;

  /**
   * Ranges that we say, as text: packets to what is in none of their networks must not follow a
   * wider route back to who was told the range (RFC 2328 11.1).
   */
  get discards(): ReadonlySet<string> {
    return this.#discards;
  }

  /** Whether what others say outside may be the same as something of ours, which is then not said. */
  get yields(): boolean {
    return this.#yields;
  }

  /** When `update` should be called though no route has changed; `Infinity` for never. */
  deadlineMs(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#translatesUntilMs.values());
  }

  /** What to tell the instance, after routes, databases or interfaces have changed. */
  update(
    state: BorderState,
    routes: readonly Route[],
    routers: readonly RouterPath[],
    nowMs: number,
  ): BorderInput[] {
    const said = state.isBorderRouter
      ? // Summaries first: FRR uses a route from outside only when the way to its forwarding
        // address is known when it comes.
        [
          ...summariesOf(state, routes, routers),
          ...state.areas.flatMap(defaultOf),
          ...this.#translations(state, routes, routers, nowMs),
        ]
      : [];
    this.#discards = saidRanges(state.areas, said);
    // What we bring in ourselves goes before a translation of the same prefix.
    const all = byKey([...said, ...externalsOf(state, state.externalRoutes)]);
    this.#yields = [...all.values()].some(hasEquivalents);
    const isReached = reachedOutside(state.areas, routers);
    const { external, routerId } = state;
    const wanted = byKey(withoutEquivalents([...all.values()], external, routerId, isReached));
    const inputs: BorderInput[] = [];
    for (const [key, { scope, lsType }] of this.#wanted) {
      if (wanted.has(key)) continue;
      inputs.push({ kind: 'flush', nowMs, scope, lsType, linkStateId: this.#ids.get(key)! });
    }
    for (const [key, { scope, lsType, body }] of wanted) {
      if (saysTheSame(body, this.#wanted.get(key)?.body)) continue;
      inputs.push({ kind: 'originate', nowMs, scope, lsType, linkStateId: this.#idOf(key), body });
    }
    this.#wanted = wanted;
    return inputs;
  }

  #translations(
    state: BorderState,
    routes: readonly Route[],
    routers: readonly RouterPath[],
    nowMs: number,
  ): Desired[] {
    return state.areas.flatMap((area) => {
      const { areaId } = area;
      const elected = translates(area, state.areas, state.routerId, routers);
      if (!elected && !this.#goesOn(areaId, nowMs)) return [];
      const isReached = reachedWithin(areaId, routes, routers);
      const said = translationsOf(area, state.lsdbOfArea(areaId), state.routerId, isReached);
      if (elected && said.length > 0) this.#translatesUntilMs.set(areaId, Number.POSITIVE_INFINITY);
      else if (elected) this.#translatesUntilMs.delete(areaId);
      return said;
    });
  }

  /** Whether who lost the election still does what it did: it stops when others had time to begin. */
  #goesOn(areaId: number, nowMs: number): boolean {
    const untilMs = this.#translatesUntilMs.get(areaId);
    if (untilMs === undefined) return false;
    if (untilMs === Number.POSITIVE_INFINITY) {
      this.#translatesUntilMs.set(areaId, nowMs + TRANSLATOR_STABILITY_MS);
      return true;
    }
    if (nowMs < untilMs) return true;
    this.#translatesUntilMs.delete(areaId);
    return false;
  }

  #idOf(key: string): number {
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#nextId++;
      this.#ids.set(key, id);
    }
    return id;
  }
}

/** Whether there are paths within an area to a boundary router and to a forwarding address. */
function reachedWithin(
  areaId: number,
  routes: readonly Route[],
  routers: readonly RouterPath[],
): (boundaryRouterId: number, forwardingAddress: Address) => boolean {
  const isWithin = (one: Route | RouterPath) =>
    one.areaId === areaId && one.pathType === 'intra-area';
  const prefixes = routes.filter(isWithin).map(({ prefix }) => prefix);
  const routerIds = new Set(routers.filter(isWithin).map(({ routerId }) => routerId));
  return (boundaryRouterId, address) =>
    routerIds.has(boundaryRouterId) &&
    prefixes.some((prefix) => covers(prefix, { address, prefixLength: 128, prefixOptions: 0 }));
}

const byKey = (desired: readonly Desired[]): Map<string, Desired> =>
  new Map(desired.map((one) => [keyOf(one), one]));

/** Whether a router is reached over an area that carries what is outside. */
function reachedOutside(
  areas: readonly AreaConfig[],
  routers: readonly RouterPath[],
): (routerId: number) => boolean {
  const normal = new Set(areas.filter(({ type }) => type === 'normal').map((one) => one.areaId));
  const reached = routers.filter(({ areaId }) => normal.has(areaId));
  const routerIds = new Set(reached.map(({ routerId }) => routerId));
  return (routerId) => routerIds.has(routerId);
}

/** The ranges that something is said of, be it between areas or outside. */
function saidRanges(areas: readonly AreaConfig[], said: readonly Desired[]): Set<string> {
  const subjects = new Set(said.map(({ subject }) => subject));
  const ranges = areas.flatMap((area) => area.ranges ?? []).filter((range) => range.advertise);
  const texts = ranges.map(({ prefix }) => formatPrefix(prefix));
  return new Set(texts.filter((text) => subjects.has(text)));
}

/** Whether a summary of the same subject is unchanged; what is left to the instance to compare. */
function saysTheSame(body: LsaBody, before: LsaBody | undefined): boolean {
  if (body.kind === 'InterAreaPrefix') {
    return before?.kind === 'InterAreaPrefix' && body.metric === before.metric;
  }
  if (body.kind !== 'InterAreaRouter' || before?.kind !== 'InterAreaRouter') return false;
  return body.metric === before.metric && body.options === before.options;
}

/** What the border router is now, read off its instance. */
export function borderState(
  { routerId, areas }: Pick<InstanceConfig, 'routerId' | 'areas'>,
  instance: Pick<Instance, 'interfaces' | 'isBorderRouter' | 'lsdbOf'>,
  externalRoutes: readonly ExternalRoute[],
): BorderState {
  const up = instance.interfaces().filter((on) => on.state !== 'Down');
  const areaIds = new Map(up.map((on) => [on.interfaceId, on.areaId]));
  const active = new Set(areaIds.values());
  return {
    routerId,
    externalRoutes,
    isBorderRouter: instance.isBorderRouter,
    areas: areas.filter((area) => active.has(area.areaId)),
    areaOfInterface: (interfaceId) => areaIds.get(interfaceId),
    addressIn: (areaId) => forwardingAddressOn(up.filter((on) => on.areaId === areaId)),
    lsdbOfArea: (areaId) => instance.lsdbOf({ kind: 'area', areaId }),
    external: instance.lsdbOf({ kind: 'as' }),
  };
}

/**
 * An address of ours that the routers of an area can forward to: one on a link rather than on a
 * loopback, because FRR has the way to the link from the neighbor itself, and looks for the way
 * only once.
 */
function forwardingAddressOn(interfaces: readonly InterfaceSummary[]): Address | undefined {
  const links = interfaces.filter((on) => on.type !== 'loopback');
  const own = links.flatMap((on) => on.addresses)[0];
  if (own !== undefined) return own;
  const hosts = interfaces.flatMap((on) => on.prefixes).filter((one) => one.prefixLength === 128);
  return hosts[0]?.address;
}

const keyOf = ({ scope, lsType, subject }: Desired): string =>
  `${scopeKey(scope)} ${lsType} ${subject}`;
