/**
 * When our own LSAs about an area are made anew: after every change of a link, an adjacency, a
 * cost or a prefix, once for all changes of one input, and not while adjacencies are just forming
 * (so that a link that comes up is described once, not once per neighbor under MinLSInterval).
 * @module
 */
import type { Interface } from '../interface/interface.ts';
import { Option } from '../lsa/options.ts';
import { scopeKey } from '../lsdb/lsdb.ts';
import type { Area } from './area.ts';
import { isTransit, type Origination, originationsOf } from './originate.ts';
import type { OwnLsas } from './own-lsas.ts';
import type { InstanceState } from './state.ts';

/** The longest a change waits for adjacencies to be complete. */
const FORMING_MS = 500;

export class Topology {
  readonly #state: InstanceState;
  readonly #own: OwnLsas;
  /** What was originated last, by area, to know what has to go. */
  readonly #originated = new Map<Area, Map<string, Origination>>();

  constructor(state: InstanceState, own: OwnLsas) {
    this.#state = state;
    this.#own = own;
  }

  deadlineMs(): number {
    let deadline = Number.POSITIVE_INFINITY;
    for (const area of this.#state.areas.values()) {
      const { changedSinceMs } = area;
      if (changedSinceMs !== undefined) deadline = Math.min(deadline, changedSinceMs + FORMING_MS);
      deadline = Math.min(deadline, area.silentUntilMs);
    }
    return deadline;
  }

  /** Originates what has changed, where it is time. */
  update(): void {
    const { nowMs } = this.#state;
    for (const area of this.#state.areas.values()) {
      if (nowMs >= area.silentUntilMs) area.speak(nowMs);
      this.#holdBack(area);
      if (area.changedSinceMs === undefined) continue;
      if (nowMs < area.changedSinceMs + FORMING_MS && this.#isForming(area)) continue;
      area.linked(area.interfaces.some(hasLink), nowMs);
      area.changedSinceMs = undefined;
      this.#originate(area);
    }
  }

  /**
   * Whether an adjacency is likely to be Full soon. A neighbor may wait for RouterDeadInterval before
   * it elects; one that takes much longer may never be.
   */
  #isForming(area: Area): boolean {
    const { nowMs } = this.#state;
    for (const on of area.interfaces) {
      const longestMs = on.routerDeadIntervalMs + FORMING_MS;
      for (const { formingSinceMs } of on.neighbors.values()) {
        if (formingSinceMs !== undefined && nowMs < formingSinceMs + longestMs) return true;
      }
    }
    return false;
  }

  /**
   * A change may have waited for MinLSInterval, such as the loss of an adjacency that is forming
   * again now: said just before that is Full, it would take another turn to be put right.
   */
  #holdBack(area: Area): void {
    if (!this.#isForming(area)) return;
    for (const { scope, lsType, linkStateId } of this.#originated.get(area)?.values() ?? []) {
      this.#own.holdBack(scope, lsType, linkStateId, FORMING_MS);
    }
  }

  #originate(area: Area): void {
    const { routerId } = this.#state;
    const { stubRouterMethod = 'maxLinkMetric' } = this.#state.config;
    const stubRouter = this.#state.isStubRouter;
    const options = this.#state.optionsOf(area.areaId);
    const router = {
      routerId,
      flags: this.#state.routerFlagsIn(area),
      options: stubRouter && stubRouterMethod === 'rBit' ? options & ~Option.R : options,
      maxLinkMetric: stubRouter && stubRouterMethod === 'maxLinkMetric',
      linkMetricStep: this.#state.linkMetricStep,
      hostname: this.#state.config.hostname,
    };
    const hurried = area.isComingUp(this.#state.nowMs, this.#state.minLsIntervalMs);
    const now = new Map<string, Origination>();
    for (const origination of originationsOf(area, router)) {
      const { scope, lsType, linkStateId, body } = origination;
      // Before the first adjacency nobody would hear it, and the neighbor that was then sent this
      // instance would drop the next one, with the link in it, for MinLSArrival.
      if (area.silent && scope.kind === 'area') continue;
      now.set(`${scopeKey(scope)} ${lsType} ${linkStateId}`, origination);
      this.#own.originate(scope, lsType, linkStateId, body, hurried);
    }
    for (const [key, { scope, lsType, linkStateId }] of this.#originated.get(area) ?? []) {
      if (!now.has(key)) this.#own.withdraw(scope, lsType, linkStateId);
    }
    this.#originated.set(area, now);
  }
}

/** Whether our Router-LSA describes a link of the interface. */
function hasLink(on: Interface): boolean {
  if (on.config.type === 'broadcast') return isTransit(on);
  return [...on.neighbors.values()].some((neighbor) => neighbor.state === 'Full');
}
