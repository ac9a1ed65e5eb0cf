/**
 * The controller of one anycast service on one server: load samples, liveness, the farm's view and
 * commands go in; what to advertise, and why, comes out. Sans-IO: time is an argument.
 *
 * liveness, commands -> state table -> advertise or withdraw, in the same call
 * samples -> capacity and load averages -> weight -> gate -> advertise
 * farm view -> scale of weights, plan -> cost -> gate -> advertise
 * @module
 */
import type { Prng } from '../prng.ts';
import type { Advertisement } from './advertisement.ts';
import { Announcer } from './announcer.ts';
import { CapacityEstimate } from './capacity-estimate.ts';
import { type CostConfig, checkCostConfig, DRAIN_METRIC } from './config.ts';
import type {
  ControllerCommand,
  ControllerInput,
  ControllerOutput,
  ControllerStatus,
} from './controller-messages.ts';
import { CostRule } from './cost-rule.ts';
import { Drain } from './drain.ts';
import { type Explanation, explanationOf } from './explanation.ts';
import type { FarmMember, FarmMemberState } from './farm-member.ts';
import { LoadAverage } from './load-average.ts';
import { isSound, type LoadSample } from './load-sample.ts';
import { OscillationDetector } from './oscillation.ts';
import { PlanFollower } from './plan-follower.ts';
import { ServiceLife, type Step } from './service-life.ts';
import { Standby } from './standby.ts';
import { standbyMessage } from './standby-message.ts';
import { ADVERTISED_STATES, type ServiceAction, type ServiceEvent } from './state-table.ts';
import { largestOther, type WeightScale, weightOf, weightScale } from './weight.ts';

export type { Advertisement } from './advertisement.ts';
export type {
  ControllerCommand,
  ControllerInput,
  ControllerOutput,
  ControllerStatus,
} from './controller-messages.ts';
export type { Explanation } from './explanation.ts';

const EVENT_OF_COMMAND = {
  undrain: 'Undrain',
  disable: 'Disable',
  enable: 'Enable',
} as const satisfies Record<Exclude<ControllerCommand, 'drain'>, ServiceEvent>;

/** The most that a service ever did is what it did beyond so many standard deviations of doubt. */
const PEAK_SIGMAS = 2;

export class ServiceController {
  readonly #config: CostConfig;
  readonly #routerId: number;
  readonly #life: ServiceLife;
  readonly #capacity: CapacityEstimate;
  readonly #load: LoadAverage;
  readonly #rule: CostRule;
  readonly #plan: PlanFollower;
  readonly #drain: Drain;
  readonly #standby: Standby;
  readonly #oscillation: OscillationDetector;
  readonly #announcer: Announcer;
  readonly #outputs: ControllerOutput[] = [];
  #members: readonly FarmMember[] = [];
  #largest: FarmMember | undefined;
  #scale: WeightScale | undefined;
  #peakQueriesPerSecond = 0;
  /** A service is eased in when it is new, not when the plan takes it in again. */
  #newUntilMs = Number.NEGATIVE_INFINITY;
  #deadlineMs = Number.POSITIVE_INFINITY;
  #unsoundSamples = 0;

  /** @throws {RangeError} when the configuration cannot be. */
  constructor(config: CostConfig, identity: { readonly routerId: number }, prng: Prng) {
    checkCostConfig(config);
    this.#config = config;
    this.#routerId = identity.routerId;
    this.#life = new ServiceLife(config);
    this.#capacity = new CapacityEstimate(config);
    this.#load = new LoadAverage(config.loadTimeConstantMs, config.congestionTimeConstantMs);
    this.#rule = new CostRule(config);
    this.#plan = new PlanFollower(config, this.#routerId, prng.fork());
    this.#drain = new Drain(config, this.#routerId);
    this.#standby = new Standby(config, this.#routerId, prng.fork());
    this.#oscillation = new OscillationDetector(config);
    this.#announcer = new Announcer(config, prng.fork());
  }

  handle(input: ControllerInput): void {
    const { nowMs } = input;
    switch (input.kind) {
      case 'sample':
        this.#takeSample(input.sample, nowMs);
        break;
      case 'liveness':
        this.#step(this.#life.check(input.alive, input.reason, nowMs), nowMs);
        break;
      case 'farm':
        if (!this.#plan.takeFarm(input.members, input.allRoutersUseWeights, nowMs)) return;
        this.#members = input.members;
        this.#largest = largestOther(input.members, this.#routerId);
        break;
      case 'command':
        this.#takeCommand(input.command, nowMs);
        break;
      case 'solicited':
        if (this.#life.state === 'STANDBY') this.#on('Wake', 'somebody asked for it', nowMs);
        break;
      case 'peerAdvertised':
        this.#announcer.takePeer(nowMs);
        return;
      case 'deadline':
        if (nowMs < this.#deadlineMs) return;
        break;
    }
    this.#decide(nowMs);
  }

  /** The next output, or `undefined` when everything was taken. */
  poll(): ControllerOutput | undefined {
    return this.#outputs.shift();
  }

  /** When `handle` wants to be called with `deadline`, milliseconds; `Infinity` for never. */
  deadlineMs(): number {
    return this.#deadlineMs;
  }

  status(): ControllerStatus {
    return {
      state: this.#life.state,
      stateSinceMs: this.#life.sinceMs,
      stateReason: this.#life.reason,
      alive: this.#life.alive,
      advertisement: this.#announcer.said,
      capacityQueriesPerSecond: this.#capacity.queriesPerSecond,
      offeredQueriesPerSecond: this.#load.offeredQueriesPerSecond,
      utilizationRatio: this.#load.utilizationRatio,
      errorRatio: this.#load.errorRatio,
      inFlight: this.#load.inFlight,
      drain: this.#drain.progress(),
      directionChanges: this.#oscillation.recentChanges,
      illegalEvents: this.#life.illegalEvents,
      unsoundSamples: this.#unsoundSamples,
    };
  }

  /** Why the service says what it says, and when it can next say something else. */
  explain(): Explanation {
    const { said, saidAtMs, limiter } = this.#announcer;
    return explanationOf({
      config: this.#config,
      status: this.status(),
      aliveReason: this.#life.aliveReason,
      saidAtMs: said === undefined ? undefined : saidAtMs,
      limiter,
      capacity: this.#capacity,
      scale: this.#scale,
      farm: this.#members,
      plan: this.#plan,
      deadlineMs: this.#deadlineMs,
    });
  }

  /** Whether a plan decides by capacities, so that they must be known well. */
  get #needsExact(): boolean {
    return this.#config.policy === 'plan' && this.#plan.isNeeded;
  }

  #takeSample(sample: LoadSample, nowMs: number): void {
    if (!isSound(sample)) {
      this.#unsoundSamples++;
      return;
    }
    this.#capacity.add(sample, this.#needsExact);
    // Queries of our own say what we can do, and nothing of what is offered.
    if (this.#plan.isSelfTesting(nowMs)) {
      this.#load.skip(sample);
      return;
    }
    this.#load.add(sample);
    this.#rule.take(this.#load.utilizationRatio, nowMs);
    this.#standby.take(sample.queriesPerSecond + sample.errorsPerSecond, nowMs);
    const { congestedRatio, relievedRatio } = this.#config;
    const utilization = this.#load.longUtilizationRatio;
    // Hot or cold goes before utilization: what cannot keep up is congested, however idle it looks.
    const hot = sample.hot === true;
    const text = hot ? 'hot' : `utilization ${Math.round(100 * utilization)} %`;
    if (this.#life.state === 'UP' && (hot || utilization >= congestedRatio)) {
      this.#on('Congested', text, nowMs);
    } else if (this.#life.state === 'CONGESTED' && !hot && utilization < relievedRatio) {
      this.#on('Relieved', text, nowMs);
    }
  }

  #takeCommand(command: ControllerCommand, nowMs: number): void {
    if (command === 'drain') {
      this.#drain.request(nowMs);
      return;
    }
    if (this.#drain.isRequested) {
      this.#drain.stop(); // what had not begun is taken back
      if (command === 'undrain') return;
    }
    this.#on(EVENT_OF_COMMAND[command], `told to ${command}`, nowMs);
  }

  #on(event: ServiceEvent, reason: string, nowMs: number): void {
    this.#step(this.#life.on(event, reason, nowMs), nowMs);
  }

  #step(step: Step | undefined, nowMs: number): void {
    if (step === undefined) return;
    const { from, to, act } = step;
    if (to !== from) {
      this.#outputs.push({ kind: 'state', from, to, reason: this.#life.reason });
    }
    for (const action of act) this.#act(action, nowMs);
  }

  #act(action: ServiceAction, nowMs: number): void {
    switch (action) {
      case 'announce':
        this.#forget();
        this.#newUntilMs = nowMs + 1000 * this.#config.rampWindowS;
        this.#standby.restart(nowMs);
        break;
      case 'withdraw':
        this.#announcer.withdraw(nowMs);
        this.#outputs.push({ kind: 'withdraw', reason: this.#life.reason });
        break;
      case 'standBy':
        this.#standBy(nowMs);
        break;
      case 'startDrain':
        this.#drain.start(nowMs);
        break;
      case 'stopDrain':
        this.#drain.stop();
        break;
      case 'recheckLiveness': {
        const { alive, aliveReason } = this.#life;
        if (alive !== undefined) this.#on(alive ? 'Alive' : 'Dead', aliveReason, nowMs);
        break;
      }
    }
  }

  #standBy(nowMs: number): void {
    const { said } = this.#announcer;
    this.#announcer.withdraw(nowMs);
    this.#outputs.push(standbyMessage(said, this.#config.weight, this.#life.reason));
  }

  /** A service that comes back may be another one: nothing is carried over. */
  #forget(): void {
    this.#capacity.clear();
    this.#load.clear();
    this.#plan.restart();
    this.#scale = undefined;
    this.#peakQueriesPerSecond = 0;
  }

  #decide(nowMs: number): void {
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#checkDrain(nowMs);
    this.#checkStandby(nowMs);
    if (!ADVERTISED_STATES.includes(this.#life.state)) return;
    const capacity = this.#believedCapacity(nowMs);
    this.#followPlan(capacity, nowMs);
    const wanted = this.#wanted(capacity, nowMs);
    const said = this.#announcer.consider(
      wanted,
      {
        offeredDeviation: this.#load.offeredDeviation,
        capacityDeviationRatio: this.#capacity.deviationRatio,
        isSettling: this.#capacity.settlingSinceMs !== undefined,
        isExact: this.#needsExact,
      },
      nowMs,
    );
    this.#wakeAt(this.#announcer.deadlineMs());
    if (said === undefined) return;
    this.#outputs.push({ kind: 'advertise', advertisement: said });
    this.#watchOscillation(said.metric, nowMs);
  }

  #followPlan(capacity: number | undefined, nowMs: number): void {
    if (this.#config.policy !== 'plan' || this.#life.state === 'DRAINING') return;
    const surely = (capacity ?? 0) * (1 - PEAK_SIGMAS * this.#capacity.deviationRatio);
    this.#peakQueriesPerSecond = Math.max(this.#peakQueriesPerSecond, surely);
    const own = {
      queriesPerSecond: capacity,
      peakQueriesPerSecond: this.#peakQueriesPerSecond,
      measuredAtMs: this.#capacity.measuredAtMs,
    };
    this.#plan.decide(own, this.#oscillation.holdDownRatio(nowMs), nowMs);
    this.#wakeAt(this.#plan.deadlineMs());
    const test = this.#plan.takeSelfTest();
    if (test !== undefined) this.#outputs.push({ kind: 'selfTest', ...test });
  }

  #watchOscillation(metric: number, nowMs: number): void {
    if (metric === DRAIN_METRIC || !this.#oscillation.take(metric, nowMs)) return;
    const { holdDownMs, oscillationChanges } = this.#config;
    this.#outputs.push({
      kind: 'oscillation',
      directionChanges: oscillationChanges,
      holdDownMs: holdDownMs * this.#oscillation.holdDownRatio(nowMs),
    });
  }

  #wakeAt(atMs: number): void {
    this.#deadlineMs = Math.min(this.#deadlineMs, atMs);
  }

  /** What would be said if saying were free. */
  #wanted(capacity: number | undefined, nowMs: number): Advertisement {
    const { metric, reason } = this.#cost();
    return {
      metric,
      weight: this.#weight(capacity),
      load: {
        state: this.#memberState(),
        capacityQueriesPerSecond: capacity ?? 0,
        offeredQueriesPerSecond: this.#load.offeredQueriesPerSecond,
        utilizationRatio: this.#load.utilizationRatio,
        errorRatio: this.#load.errorRatio,
        rampWindowS: nowMs < this.#newUntilMs ? this.#config.rampWindowS : 0,
      },
      reason,
    };
  }

  #cost(): { readonly metric: number; readonly reason: string } {
    const { policy, baseMetric, maxMetric } = this.#config;
    if (this.#life.state === 'DRAINING') {
      return { metric: DRAIN_METRIC, reason: this.#life.reason };
    }
    if (policy !== 'plan') {
      const percent = Math.round(100 * this.#load.utilizationRatio);
      return { metric: this.#rule.metric, reason: `${policy} at utilization ${percent} %` };
    }
    const { isIn, reason } = this.#plan;
    return { metric: isIn ? baseMetric : maxMetric, reason };
  }

  #weight(capacity: number | undefined): number {
    if (capacity === undefined) {
      this.#scale = undefined;
      return this.#config.weight;
    }
    const scale = weightScale(this.#config, this.#largest, this.#routerId, capacity, this.#scale);
    this.#scale = scale;
    return weightOf(this.#config, capacity, scale);
  }

  #memberState(): FarmMemberState {
    if (this.#life.state === 'CONGESTED') return 'congested';
    return this.#life.state === 'DRAINING' ? 'draining' : 'up';
  }

  /** Our capacity once the blackout is over and until it expires. */
  #believedCapacity(nowMs: number): number | undefined {
    const { sinceMs, lastSampleMs, queriesPerSecond } = this.#capacity;
    if (sinceMs === undefined || lastSampleMs === undefined) return undefined;
    const expiresMs = lastSampleMs + this.#config.expiryMs;
    const believedMs = sinceMs + this.#config.blackoutMs;
    if (nowMs >= expiresMs) return undefined;
    this.#wakeAt(expiresMs);
    if (nowMs >= believedMs) return queriesPerSecond;
    this.#wakeAt(believedMs);
    return undefined;
  }

  #checkDrain(nowMs: number): void {
    if (this.#drain.mayStart(this.#members, nowMs)) {
      this.#drain.stop();
      this.#on('Drain', 'told to drain', nowMs);
    }
    const { lastSampleMs } = this.#capacity;
    const done = this.#drain.doneBecause(lastSampleMs, this.#load.isIdle, nowMs);
    if (done !== undefined) this.#on('Drained', done, nowMs);
    this.#wakeAt(this.#drain.deadlineMs());
  }

  #checkStandby(nowMs: number): void {
    const { state } = this.#life;
    if (state !== 'UP' && state !== 'STANDBY') return;
    const change = this.#standby.decide(state, this.#members, nowMs);
    if (change !== undefined) this.#on(change.event, change.reason, nowMs);
    this.#wakeAt(this.#standby.deadlineMs());
  }
}
