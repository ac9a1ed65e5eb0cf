/**
 * Silence of servers that nobody needs: who may fall silent and what wakes them, from the farm as
 * the others see it. A silent server is in no database, so each decides for itself; a floor of
 * active servers is kept.
 * @module
 */
import type { Prng } from '../prng.ts';
import type { FarmMember } from './farm-member.ts';

export interface StandbyConfig {
  /** Without a query for so long a server may fall silent, milliseconds; 0 for never. */
  readonly standbyAfterMs: number;
  /** Servers that stay active at least. */
  readonly minimumActive: number;
  /** Chance that idle servers are told apart by, milliseconds. */
  readonly standbyJitterMs: number;
  /** Predicted utilization of the active servers from which one more is woken. */
  readonly wakeRatio: number;
}

/** What moves a server into silence or out of it. */
export interface StandbyChange {
  readonly event: 'Idle' | 'Wake';
  readonly reason: string;
}

/** Servers other than ours that serve. */
function activeOthers(members: readonly FarmMember[], routerId: number): readonly FarmMember[] {
  return members.filter(
    (member) =>
      member.routerId !== routerId &&
      member.metric !== undefined &&
      (member.state === 'up' || member.state === 'congested'),
  );
}

/** Utilization of the given servers if they shared their load by capacity; 0 for none known. */
function predictedUtilization(active: readonly FarmMember[]): number {
  let offered = 0;
  let capacity = 0;
  for (const { capacityQueriesPerSecond, offeredQueriesPerSecond } of active) {
    if (capacityQueriesPerSecond <= 0) continue;
    offered += offeredQueriesPerSecond;
    capacity += capacityQueriesPerSecond;
  }
  return capacity > 0 ? offered / capacity : 0;
}

/** Why a silent server must come back; undefined when it need not. */
function wakeReason(
  members: readonly FarmMember[],
  routerId: number,
  config: StandbyConfig,
): string | undefined {
  const active = activeOthers(members, routerId);
  if (active.length < config.minimumActive) {
    return `${active.length} servers are active, ${config.minimumActive} are the least`;
  }
  const utilization = predictedUtilization(active);
  if (utilization < config.wakeRatio) return undefined;
  return `the active servers' utilization is ${Math.round(100 * utilization)} %`;
}

export class Standby {
  readonly #config: StandbyConfig;
  readonly #routerId: number;
  readonly #prng: Prng;
  #lastQueryMs: number | undefined;
  /** Servers that are idle together fall silent one after the other, and wake so. */
  #jitterMs = 0;
  #wakeWantedMs: number | undefined;
  #deadlineMs = Number.POSITIVE_INFINITY;

  constructor(config: StandbyConfig, routerId: number, prng: Prng) {
    this.#config = config;
    this.#routerId = routerId;
    this.#prng = prng;
  }

  deadlineMs(): number {
    return this.#deadlineMs;
  }

  /** The service starts to be advertised: it has not been idle yet. */
  restart(nowMs: number): void {
    this.#lastQueryMs = nowMs;
    this.#wakeWantedMs = undefined;
    this.#draw();
  }

  /** @param queriesPerSecond - that came in since the last sample. */
  take(queriesPerSecond: number, nowMs: number): void {
    if (queriesPerSecond > 0) this.#lastQueryMs = nowMs;
  }

  decide(
    state: 'UP' | 'STANDBY',
    members: readonly FarmMember[],
    nowMs: number,
  ): StandbyChange | undefined {
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    return state === 'UP' ? this.#mayRest(members, nowMs) : this.#mustWake(members, nowMs);
  }

  #mayRest(members: readonly FarmMember[], nowMs: number): StandbyChange | undefined {
    const { standbyAfterMs, minimumActive } = this.#config;
    if (standbyAfterMs === 0 || this.#lastQueryMs === undefined) return undefined;
    const restMs = this.#lastQueryMs + standbyAfterMs + this.#jitterMs;
    if (nowMs < restMs) {
      this.#deadlineMs = restMs;
      return undefined;
    }
    if (activeOthers(members, this.#routerId).length < minimumActive) return undefined;
    if (wakeReason(members, this.#routerId, this.#config) !== undefined) return undefined;
    const seconds = Math.round((nowMs - this.#lastQueryMs) / 1000);
    return { event: 'Idle', reason: `no query for ${seconds} s` };
  }

  #mustWake(members: readonly FarmMember[], nowMs: number): StandbyChange | undefined {
    const reason = wakeReason(members, this.#routerId, this.#config);
    if (reason === undefined) {
      this.#wakeWantedMs = undefined;
      return undefined;
    }
    if (this.#wakeWantedMs === undefined) {
      this.#wakeWantedMs = nowMs;
      this.#draw();
    }
    const wakeMs = this.#wakeWantedMs + this.#jitterMs;
    if (nowMs >= wakeMs) return { event: 'Wake', reason };
    this.#deadlineMs = wakeMs;
    return undefined;
  }

  #draw(): void {
    this.#jitterMs = this.#prng.unit() * this.#config.standbyJitterMs;
  }
}
