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
import { type Advertisement, changeWorthTelling } from './advertisement.ts';
import { CapacityEstimate } from './capacity-estimate.ts';
import { type CostConfig, checkCostConfig, DRAIN_METRIC } from './config.ts';
import type {
  ControllerCommand,
  ControllerInput,
  ControllerOutput,
  ControllerStatus,
} from './controller-messages.ts';
import type { FarmMember, FarmMemberState } from './farm-member.ts';
import { LoadAverage } from './load-average.ts';
import { isSound, type LoadSample } from './load-sample.ts';
import {
  ADVERTISED_STATES,
  type ServiceAction,
  type ServiceEvent,
  type ServiceState,
  serviceRowFor,
} from './state-table.ts';
import { type WeightScale, weightOf, weightScale } from './weight.ts';

export type { Advertisement } from './advertisement.ts';
export type {
  ControllerCommand,
  ControllerInput,
  ControllerOutput,
  ControllerStatus,
} from './controller-messages.ts';

const EVENT_OF_COMMAND: Readonly<Record<ControllerCommand, ServiceEvent>> = {
  drain: 'Drain',
  undrain: 'Undrain',
  disable: 'Disable',
  enable: 'Enable',
};

export class ServiceController {
  readonly #config: CostConfig;
  readonly #routerId: number;
  readonly #capacity: CapacityEstimate;
  readonly #load: LoadAverage;
  readonly #outputs: ControllerOutput[] = [];

  #state: ServiceState = 'INIT';
  #stateSinceMs: number | undefined;
  #stateReason = 'nothing is known yet';
  #alive: boolean | undefined;
  #aliveReason = '';
  #inARow = 0;
  #members: readonly FarmMember[] = [];
  #scale: WeightScale | undefined;
  #said: Advertisement | undefined;
  #saidAtMs = Number.NEGATIVE_INFINITY;
  #drainSinceMs: number | undefined;
  #deadlineMs = Number.POSITIVE_INFINITY;
  #illegalEvents = 0;
  #unsoundSamples = 0;

  /** @throws {RangeError} when the configuration cannot be. */
  constructor(config: CostConfig, identity: { readonly routerId: number }, _prng: Prng) {
    checkCostConfig(config);
    this.#config = config;
    this.#routerId = identity.routerId;
    this.#capacity = new CapacityEstimate(config);
    this.#load = new LoadAverage(config.loadTimeConstantMs);
  }

  handle(input: ControllerInput): void {
    const { nowMs } = input;
    switch (input.kind) {
      case 'sample':
        this.#takeSample(input.sample, nowMs);
        break;
      case 'liveness':
        this.#takeLiveness(input.alive, input.reason, nowMs);
        break;
      case 'farm':
        this.#members = input.members;
        break;
      case 'command':
        this.#on(EVENT_OF_COMMAND[input.command], `told to ${input.command}`, nowMs);
        break;
      case 'solicited':
      case 'peerAdvertised':
      case 'deadline':
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
      state: this.#state,
      stateSinceMs: this.#stateSinceMs,
      stateReason: this.#stateReason,
      alive: this.#alive,
      advertisement: this.#said,
      capacityQueriesPerSecond: this.#capacity.queriesPerSecond,
      offeredQueriesPerSecond: this.#load.offeredQueriesPerSecond,
      utilizationRatio: this.#load.utilizationRatio,
      errorRatio: this.#load.errorRatio,
      inFlight: this.#load.inFlight,
      illegalEvents: this.#illegalEvents,
      unsoundSamples: this.#unsoundSamples,
    };
  }

  #takeSample(sample: LoadSample, nowMs: number): void {
    if (!isSound(sample)) {
      this.#unsoundSamples++;
      return;
    }
    this.#capacity.add(sample);
    this.#load.add(sample);
    const { congestedRatio, relievedRatio } = this.#config;
    const utilization = this.#load.utilizationRatio;
    const text = `utilization ${Math.round(100 * utilization)} %`;
    if (this.#state === 'UP' && utilization >= congestedRatio) this.#on('Congested', text, nowMs);
    if (this.#state === 'CONGESTED' && utilization < relievedRatio) {
      this.#on('Relieved', text, nowMs);
    }
  }

  #takeLiveness(alive: boolean, reason: string, nowMs: number): void {
    this.#inARow = alive === this.#alive ? this.#inARow + 1 : 1;
    this.#alive = alive;
    this.#aliveReason = reason;
    this.#on(alive ? 'Alive' : 'Dead', reason, nowMs);
  }

  #on(event: ServiceEvent, reason: string, nowMs: number): void {
    const row = serviceRowFor(this.#state, event, (question) =>
      question === 'risen'
        ? this.#alive === true && this.#inARow >= this.#config.riseCount
        : this.#alive === false && this.#inARow >= this.#config.fallCount,
    );
    if (row === undefined) {
      this.#illegalEvents++;
      return;
    }
    const from = this.#state;
    if (row.to !== 'same' && row.to !== from) {
      this.#state = row.to;
      this.#stateSinceMs = nowMs;
      this.#stateReason = reason;
      this.#outputs.push({ kind: 'state', from, to: row.to, reason });
    }
    for (const action of row.act) this.#act(action, reason, nowMs);
  }

  #act(action: ServiceAction, reason: string, nowMs: number): void {
    switch (action) {
      case 'announce':
        // A service that comes back may be another one: nothing is carried over.
        this.#capacity.clear();
        this.#load.clear();
        this.#scale = undefined;
        break;
      case 'withdraw':
        this.#said = undefined;
        this.#saidAtMs = nowMs;
        this.#outputs.push({ kind: 'withdraw', reason });
        break;
      case 'startDrain':
        this.#drainSinceMs = nowMs;
        break;
      case 'stopDrain':
        this.#drainSinceMs = undefined;
        break;
      case 'recheckLiveness':
        if (this.#alive !== undefined) {
          this.#on(this.#alive ? 'Alive' : 'Dead', this.#aliveReason, nowMs);
        }
        break;
    }
  }

  #decide(nowMs: number): void {
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#checkDrain(nowMs);
    if (!ADVERTISED_STATES.includes(this.#state)) return;
    const wanted = this.#wanted(nowMs);
    if (this.#said === undefined) {
      this.#say(wanted, nowMs);
      return;
    }
    const change = changeWorthTelling(
      this.#config,
      this.#said,
      wanted,
      nowMs - this.#saidAtMs,
      this.#load.offeredDeviation,
    );
    if (change === undefined) return;
    const earliestMs =
      change.pace === 'now' ? nowMs : this.#saidAtMs + this.#config.minLsIntervalMs;
    if (nowMs >= earliestMs) this.#say({ ...wanted, reason: change.reason }, nowMs);
    else this.#wakeAt(earliestMs);
  }

  #say(advertisement: Advertisement, nowMs: number): void {
    this.#said = advertisement;
    this.#saidAtMs = nowMs;
    this.#outputs.push({ kind: 'advertise', advertisement });
  }

  #wakeAt(atMs: number): void {
    this.#deadlineMs = Math.min(this.#deadlineMs, atMs);
  }

  /** What would be said if saying were free. */
  #wanted(nowMs: number): Advertisement {
    const capacity = this.#believedCapacity(nowMs);
    let weight = this.#config.weight;
    if (capacity === undefined) this.#scale = undefined;
    else {
      this.#scale = weightScale(this.#config, this.#members, this.#routerId, capacity, this.#scale);
      weight = weightOf(this.#config, capacity, this.#scale);
    }
    return {
      metric: this.#state === 'DRAINING' ? DRAIN_METRIC : this.#config.baseMetric,
      weight,
      load: {
        state: this.#memberState(),
        capacityQueriesPerSecond: capacity ?? 0,
        offeredQueriesPerSecond: this.#load.offeredQueriesPerSecond,
        utilizationRatio: this.#load.utilizationRatio,
        errorRatio: this.#load.errorRatio,
        rampWindowS: this.#config.rampWindowS,
      },
      reason: this.#stateReason,
    };
  }

  #memberState(): FarmMemberState {
    if (this.#state === 'CONGESTED') return 'congested';
    return this.#state === 'DRAINING' ? 'draining' : 'up';
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
    if (this.#drainSinceMs === undefined) return;
    const { minLsIntervalMs, drainTimeoutMs } = this.#config;
    const heardMs = this.#drainSinceMs + minLsIntervalMs;
    const timeoutMs = Math.max(heardMs, this.#drainSinceMs + drainTimeoutMs);
    const lastSampleMs = this.#capacity.lastSampleMs ?? Number.NEGATIVE_INFINITY;
    const quiet = lastSampleMs >= heardMs && this.#load.isIdle;
    if (quiet) this.#on('Drained', 'drained: its own queries have ended', nowMs);
    else if (nowMs >= timeoutMs) this.#on('Drained', 'drained: timed out', nowMs);
    else this.#wakeAt(timeoutMs);
  }
}
