/**
 * The controller of one anycast service on one server: load samples, liveness, the farm's view and
 * commands go in; what to advertise, and why, comes out. What samples add up to is
 * `service-measure.ts`, what would be said of it `wanted-advertisement.ts`, when it is said
 * `announcer.ts`; here is what happens and in which order. Sans-IO: time is an argument.
 *
 * liveness, commands -> state table -> advertise or withdraw, in the same call
 * samples -> capacity and load averages -> weight -> gate -> advertise
 * farm view -> scale of weights, plan -> cost -> gate -> advertise
 * @module
 */
import type { Prng } from '../prng.ts';
import { Announcer } from './announcer.ts';
import { type CostConfig, checkCostConfig, DRAIN_METRIC } from './config.ts';
import type {
  ControllerCommand,
  ControllerInput,
  ControllerOutput,
  ControllerStatus,
} from './controller-messages.ts';
import { Drain } from './drain.ts';
import { type Explanation, explanationOf } from './explanation.ts';
import type { FarmMember } from './farm-member.ts';
import type { LoadSample } from './load-sample.ts';
import { OscillationDetector } from './oscillation.ts';
import { PlanFollower } from './plan-follower.ts';
import { ServiceLife, type Step } from './service-life.ts';
import { ServiceMeasure } from './service-measure.ts';
import { Standby } from './standby.ts';
import { standbyMessage } from './standby-message.ts';
import { ADVERTISED_STATES, type ServiceAction, type ServiceEvent } from './state-table.ts';
import { WantedAdvertisement } from './wanted-advertisement.ts';

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

export class ServiceController {
  readonly #config: CostConfig;
  readonly #life: ServiceLife;
  readonly #measure: ServiceMeasure;
  readonly #plan: PlanFollower;
  readonly #wanted: WantedAdvertisement;
  readonly #drain: Drain;
  readonly #standby: Standby;
  readonly #oscillation: OscillationDetector;
  readonly #announcer: Announcer;
  readonly #outputs: ControllerOutput[] = [];
  #members: readonly FarmMember[] = [];
  #deadlineMs = Number.POSITIVE_INFINITY;

  /** @throws {RangeError} when the configuration cannot be. */
  constructor(config: CostConfig, identity: { readonly routerId: number }, prng: Prng) {
    checkCostConfig(config);
    this.#config = config;
    const { routerId } = identity;
    this.#life = new ServiceLife(config);
    this.#measure = new ServiceMeasure(config);
    this.#plan = new PlanFollower(config, routerId, prng.fork());
    this.#wanted = new WantedAdvertisement(config, routerId, {
      life: this.#life,
      measure: this.#measure,
      plan: this.#plan,
    });
    this.#drain = new Drain(config, routerId);
    this.#standby = new Standby(config, routerId, prng.fork());
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
        this.#wanted.takeFarm(input.members);
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
    const { capacity, load } = this.#measure;
    return {
      state: this.#life.state,
      stateSinceMs: this.#life.sinceMs,
      stateReason: this.#life.reason,
      alive: this.#life.alive,
      advertisement: this.#announcer.said,
      capacityQueriesPerSecond: capacity.queriesPerSecond,
      offeredQueriesPerSecond: load.offeredQueriesPerSecond,
      utilizationRatio: load.utilizationRatio,
      errorRatio: load.errorRatio,
      inFlight: load.inFlight,
      drain: this.#drain.progress(),
      directionChanges: this.#oscillation.recentChanges,
      illegalEvents: this.#life.illegalEvents,
      unsoundSamples: this.#measure.unsoundSamples,
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
      capacity: this.#measure.capacity,
      scale: this.#wanted.scale,
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
    const isSelfTest = this.#plan.isSelfTesting(nowMs);
    if (this.#measure.take(sample, this.#needsExact, isSelfTest, nowMs) !== 'load') return;
    this.#standby.take(sample.queriesPerSecond + sample.errorsPerSecond, nowMs);
    const { level, reason } = this.#measure.pressure();
    const { state } = this.#life;
    if (state === 'UP' && level === 'congested') this.#on('Congested', reason, nowMs);
    if (state === 'CONGESTED' && level === 'relieved') this.#on('Relieved', reason, nowMs);
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
        this.#measure.forget();
        this.#plan.restart();
        this.#wanted.restart(nowMs);
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

  #decide(nowMs: number): void {
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#checkDrain(nowMs);
    this.#checkLoad(nowMs);
    this.#checkStandby(nowMs);
    if (!ADVERTISED_STATES.includes(this.#life.state)) return;
    const capacity = this.#measure.believedCapacity(nowMs);
    this.#wakeAt(this.#measure.beliefChangesMs(nowMs));
    this.#followPlan(capacity, nowMs);
    const wanted = this.#wanted.at(capacity, nowMs);
    const said = this.#announcer.consider(wanted, this.#measure.noise(this.#needsExact), nowMs);
    this.#wakeAt(this.#announcer.deadlineMs());
    if (said === undefined) return;
    this.#outputs.push({ kind: 'advertise', advertisement: said });
    this.#watchOscillation(said.metric, nowMs);
  }

  #followPlan(capacity: number | undefined, nowMs: number): void {
    if (this.#config.policy !== 'plan' || this.#life.state === 'DRAINING') return;
    const own = this.#measure.ownCapacity(capacity);
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

  #checkDrain(nowMs: number): void {
    if (this.#drain.mayStart(this.#members, nowMs)) {
      this.#drain.stop();
      this.#on('Drain', 'told to drain', nowMs);
    }
    const { capacity, load } = this.#measure;
    const done = this.#drain.doneBecause(capacity.lastSampleMs, load.isIdle, nowMs);
    if (done !== undefined) this.#on('Drained', done, nowMs);
    this.#wakeAt(this.#drain.deadlineMs());
  }

  /** Congestion that nobody has told of for so long is a fault of the signal, if anything. */
  #checkLoad(nowMs: number): void {
    // One that drains waits for a sample without queries, or for its timeout.
    if (this.#life.state === 'DRAINING') return;
    if (this.#measure.expireLoad(nowMs) && this.#life.state === 'CONGESTED') {
      this.#on('Relieved', `no load told for ${this.#config.expiryMs / 1000} s`, nowMs);
    }
    this.#wakeAt(this.#measure.loadExpiresMs);
  }

  #checkStandby(nowMs: number): void {
    const { state } = this.#life;
    if (state !== 'UP' && state !== 'STANDBY') return;
    const change = this.#standby.decide(state, this.#members, nowMs);
    if (change !== undefined) this.#on(change.event, change.reason, nowMs);
    this.#wakeAt(this.#standby.deadlineMs());
  }
}
