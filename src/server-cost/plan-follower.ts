/**
 * One server's part in the farm plan, over time: decide only when the database is quiet, keep to
 * what the load was until a change of the set has shown its effect, leave no more often than the
 * hold-down allows, and find out while out whether a lost capacity came back.
 * @module
 */
import type { Prng } from '../prng.ts';
import { type FarmMember, isSameFarm } from './farm-member.ts';
import { type FarmPlan, type PlanConfig, planFarm } from './farm-plan.ts';

export interface FollowerConfig extends PlanConfig {
  /** The database must be unchanged for so long, about a flooding time, milliseconds. */
  readonly planQuietMs: number;
  /** A decision is put off for so long at most, milliseconds. */
  readonly planLatestMs: number;
  /** After a change of the set the farm's load counts as not less than before, milliseconds. */
  readonly planSettleMs: number;
  /** Least time between entering and leaving, milliseconds. */
  readonly holdDownMs: number;
  /** While out, a service is asked for so often to measure itself, milliseconds; 0 for never. */
  readonly selfTestIntervalMs: number;
  readonly selfTestMs: number;
  /** Part of the capacity that a service is loaded with then, 0..1: of the geometric mean of its
   * present and its greatest one. */
  readonly selfTestRatio: number;
  /** A server that cannot measure itself enters for a trial after this, then after twice as long. */
  readonly trialAfterMs: number;
  readonly trialAfterMaxMs: number;
  /** How long a trial lasts, milliseconds. */
  readonly trialMs: number;
}

/** What the server knows of its own capacity, queries per second. */
export interface OwnCapacity {
  readonly queriesPerSecond: number | undefined;
  /** The most that it ever was. */
  readonly peakQueriesPerSecond: number;
  /** When load last told of it. */
  readonly measuredAtMs: number | undefined;
}

/** A service that gets no queries is asked to serve some of its own. */
export interface SelfTest {
  readonly queriesPerSecond: number;
  readonly durationMs: number;
}

/** Self-tests in a row without a measurement after which they are given up. */
const SELF_TESTS_MISSED = 2;
/** Samples that end so long after a self-test may still have seen some of it. */
const SELF_TEST_TAIL_MS = 2000;
const TRIAL_JITTER_RATIO = 0.1;

export class PlanFollower {
  readonly #config: FollowerConfig;
  readonly #routerId: number;
  readonly #prng: Prng;
  #members: readonly FarmMember[] = [];
  #allRoutersUseWeights = false;
  #isIn = true;
  #reason = 'no other server is known';
  #plan: FarmPlan | undefined;
  #movedAtMs = Number.NEGATIVE_INFINITY;
  /** When the view changed last, and when it first did since the last decision. */
  #changedAtMs = Number.NEGATIVE_INFINITY;
  #undecidedSinceMs: number | undefined;
  #set = '';
  #setChangedAtMs = Number.NEGATIVE_INFINITY;
  #offered = 0;
  #offeredBefore = 0;
  #trialEndsMs: number | undefined;
  #trialAfterMs: number;
  #nextTrialMs = Number.POSITIVE_INFINITY;
  #nextSelfTestMs = Number.POSITIVE_INFINITY;
  #testSinceMs: number | undefined;
  #testsMissed = 0;
  #testLoadUntilMs = Number.NEGATIVE_INFINITY;
  #selfTest: SelfTest | undefined;
  #deadlineMs = Number.POSITIVE_INFINITY;

  constructor(config: FollowerConfig, routerId: number, prng: Prng) {
    this.#config = config;
    this.#routerId = routerId;
    this.#prng = prng;
    this.#trialAfterMs = config.trialAfterMs;
  }

  /** Whether we should have the base cost. */
  get isIn(): boolean {
    return this.#isIn;
  }

  /** Whether routers follow the plan, so that capacities decide who is in. */
  get isNeeded(): boolean {
    return !this.#allRoutersUseWeights;
  }

  get reason(): string {
    return this.#reason;
  }

  /** The last plan; undefined while there is none to follow. */
  get plan(): FarmPlan | undefined {
    return this.#plan;
  }

  /** Whether the load we see is our own, or what is left of it. */
  isSelfTesting(nowMs: number): boolean {
    return nowMs <= this.#testLoadUntilMs;
  }

  deadlineMs(): number {
    return this.#deadlineMs;
  }

  /** A self-test that is due, once. */
  takeSelfTest(): SelfTest | undefined {
    const test = this.#selfTest;
    this.#selfTest = undefined;
    return test;
  }

  /**
   * A service that starts to be advertised is in until the plan says otherwise; it may be another
   * than before, which measures itself, and whose trials have not failed.
   */
  restart(): void {
    this.#isIn = true;
    this.#testsMissed = 0;
    this.#trialEndsMs = undefined;
    this.#reason = 'new in the farm';
    this.#endAbsence();
  }

  /** @returns whether the view says anything else than before. */
  takeFarm(members: readonly FarmMember[], allRoutersUseWeights: boolean, nowMs: number): boolean {
    const same =
      allRoutersUseWeights === this.#allRoutersUseWeights && isSameFarm(members, this.#members);
    if (same) return false;
    this.#members = members;
    this.#allRoutersUseWeights = allRoutersUseWeights;
    this.#changedAtMs = nowMs;
    this.#undecidedSinceMs ??= nowMs;
    return true;
  }

  /** @param holdDownRatio - by how much the hold-down is stretched, 1 and more. */
  decide(own: OwnCapacity, holdDownRatio: number, nowMs: number): void {
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    if (this.#allRoutersUseWeights) {
      this.#plan = undefined;
      this.#enter('every router spreads by weights', nowMs);
      return;
    }
    this.#follow(holdDownRatio, nowMs);
    if (!this.#isIn) this.#seekReturn(own, nowMs);
  }

  #follow(holdDownRatio: number, nowMs: number): void {
    if (this.#undecidedSinceMs === undefined) return;
    const { planQuietMs, planLatestMs, holdDownMs } = this.#config;
    const decideMs = Math.min(
      this.#changedAtMs + planQuietMs,
      this.#undecidedSinceMs + planLatestMs,
    );
    if (nowMs < decideMs) {
      this.#wakeAt(decideMs);
      return;
    }
    const us = this.#members.find(({ routerId }) => routerId === this.#routerId);
    const seenIn = us?.metric !== undefined && us.metric <= this.#config.baseMetric;
    // What we decided last has not come round yet; what follows from it will come in as a change.
    if (us === undefined || seenIn !== this.#isIn) return;
    const plan = planFarm(this.#members, this.#farmLoad(nowMs), this.#config);
    this.#plan = plan;
    if (plan.enter.includes(this.#routerId)) this.#enter(plan.reason, nowMs);
    else if (plan.leave === this.#routerId) {
      const held = this.#movedAtMs + holdDownMs * holdDownRatio;
      const leaveMs = this.#trialEndsMs ?? held;
      if (nowMs < leaveMs) {
        this.#wakeAt(leaveMs);
        return;
      }
      this.#leave(plan.reason, nowMs);
    }
    const settledMs = this.#setChangedAtMs + this.#config.planSettleMs;
    // What was put off is decided when the effect of the last change of the set has shown.
    if (nowMs < settledMs) this.#wakeAt(settledMs);
    else this.#undecidedSinceMs = undefined;
  }

  /**
   * D. When the set changes, one server tells of its new load sooner than another; until all have,
   * the load counts as not less than before the change.
   */
  #farmLoad(nowMs: number): number {
    const { baseMetric, planSettleMs } = this.#config;
    const set = this.#members
      .filter(({ metric }) => metric !== undefined && metric <= baseMetric)
      .map(({ routerId }) => routerId)
      .join();
    const now = this.#members.reduce((sum, one) => sum + one.offeredQueriesPerSecond, 0);
    if (set !== this.#set) {
      this.#set = set;
      this.#setChangedAtMs = nowMs;
      this.#offeredBefore = this.#offered;
    }
    const settled = nowMs >= this.#setChangedAtMs + planSettleMs;
    this.#offered = settled ? now : Math.max(now, this.#offeredBefore);
    return this.#offered;
  }

  #enter(reason: string, nowMs: number): void {
    if (!this.#isIn) this.#movedAtMs = nowMs;
    this.#isIn = true;
    this.#reason = reason;
    this.#endAbsence();
  }

  #leave(reason: string, nowMs: number): void {
    const { trialAfterMs, trialAfterMaxMs, selfTestIntervalMs, trialMs } = this.#config;
    // Out again soon after a trial: it failed, and the next one waits twice as long.
    const failed = this.#trialEndsMs !== undefined && nowMs < this.#trialEndsMs + 2 * trialMs;
    this.#trialAfterMs = failed ? Math.min(trialAfterMaxMs, 2 * this.#trialAfterMs) : trialAfterMs;
    this.#trialEndsMs = undefined;
    this.#isIn = false;
    this.#reason = reason;
    this.#movedAtMs = nowMs;
    const jitter = this.#prng.between(1 - TRIAL_JITTER_RATIO, 1 + TRIAL_JITTER_RATIO);
    this.#nextTrialMs = nowMs + this.#trialAfterMs * jitter;
    if (selfTestIntervalMs > 0) this.#nextSelfTestMs = nowMs + selfTestIntervalMs * jitter;
  }

  #endAbsence(): void {
    this.#nextTrialMs = Number.POSITIVE_INFINITY;
    this.#nextSelfTestMs = Number.POSITIVE_INFINITY;
    this.#testSinceMs = undefined;
    this.#selfTest = undefined;
  }

  #seekReturn(own: OwnCapacity, nowMs: number): void {
    const canTest = this.#testsMissed < SELF_TESTS_MISSED;
    if (canTest && this.#nextSelfTestMs < Number.POSITIVE_INFINITY) {
      this.#seekByTest(own, nowMs);
      return;
    }
    if (!this.#wouldBeIn(own)) return;
    if (nowMs < this.#nextTrialMs) {
      this.#wakeAt(this.#nextTrialMs);
      return;
    }
    this.#enter('a trial: its capacity may have come back', nowMs);
    this.#trialEndsMs = nowMs + this.#config.trialMs;
    this.#undecidedSinceMs ??= nowMs;
    this.#wakeAt(this.#trialEndsMs);
  }

  #seekByTest(own: OwnCapacity, nowMs: number): void {
    const { selfTestMs, selfTestIntervalMs, selfTestRatio } = this.#config;
    if (this.#testSinceMs !== undefined) {
      const endMs = this.#testSinceMs + selfTestMs;
      if (nowMs < endMs) {
        this.#wakeAt(endMs);
        return;
      }
      const measured = (own.measuredAtMs ?? Number.NEGATIVE_INFINITY) > this.#testSinceMs;
      this.#testsMissed = measured ? 0 : this.#testsMissed + 1;
      this.#testSinceMs = undefined;
    }
    if (nowMs < this.#nextSelfTestMs) {
      this.#wakeAt(this.#nextSelfTestMs);
      return;
    }
    this.#nextSelfTestMs = nowMs + selfTestIntervalMs;
    if (own.queriesPerSecond === undefined) {
      this.#wakeAt(this.#nextSelfTestMs);
      return;
    }
    this.#testSinceMs = nowMs;
    this.#testLoadUntilMs = nowMs + selfTestMs + SELF_TEST_TAIL_MS;
    // Between what it can and what it once could: enough to notice the one, bearable at the other.
    const middle = Math.sqrt(own.queriesPerSecond * own.peakQueriesPerSecond);
    this.#selfTest = { queriesPerSecond: selfTestRatio * middle, durationMs: selfTestMs };
    this.#wakeAt(nowMs + selfTestMs);
  }

  /** Whether the plan would have us in if we could do what we once could. */
  #wouldBeIn({ peakQueriesPerSecond }: OwnCapacity): boolean {
    const members = this.#members.map((member) =>
      member.routerId === this.#routerId
        ? { ...member, capacityQueriesPerSecond: peakQueriesPerSecond }
        : member,
    );
    return planFarm(members, this.#offered, this.#config).enter.includes(this.#routerId);
  }

  #wakeAt(atMs: number): void {
    this.#deadlineMs = Math.min(this.#deadlineMs, atMs);
  }
}
