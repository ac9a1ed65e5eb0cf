/**
 * The state of a service, driven by its table: counts liveness in a row, remembers why it is where
 * it is, and hands out the actions of each row.
 * @module
 */
import {
  type ServiceAction,
  type ServiceEvent,
  type ServiceState,
  serviceRowFor,
} from './state-table.ts';

/** A change of state and what it asks for. */
export interface Step {
  readonly from: ServiceState;
  readonly to: ServiceState;
  readonly act: readonly ServiceAction[];
}

export class ServiceLife {
  readonly #counts: { readonly riseCount: number; readonly fallCount: number };
  #state: ServiceState = 'INIT';
  #sinceMs: number | undefined;
  #reason = 'nothing is known yet';
  #alive: boolean | undefined;
  #aliveReason = '';
  #inARow = 0;
  #illegalEvents = 0;

  constructor(counts: { readonly riseCount: number; readonly fallCount: number }) {
    this.#counts = counts;
  }

  get state(): ServiceState {
    return this.#state;
  }

  /** When the state was entered; undefined before the first change. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  get reason(): string {
    return this.#reason;
  }

  /** The result of the last check; undefined before the first. */
  get alive(): boolean | undefined {
    return this.#alive;
  }

  get aliveReason(): string {
    return this.#aliveReason;
  }

  /** Events that the state did not know, so far. */
  get illegalEvents(): number {
    return this.#illegalEvents;
  }

  /** Takes the result of a check. */
  check(alive: boolean, reason: string, nowMs: number): Step | undefined {
    this.#inARow = alive === this.#alive ? this.#inARow + 1 : 1;
    this.#alive = alive;
    this.#aliveReason = reason;
    return this.on(alive ? 'Alive' : 'Dead', reason, nowMs);
  }

  /** @returns undefined when the state does not know the event; that is counted. */
  on(event: ServiceEvent, reason: string, nowMs: number): Step | undefined {
    const row = serviceRowFor(this.#state, event, (question) =>
      question === 'risen'
        ? this.#alive === true && this.#inARow >= this.#counts.riseCount
        : this.#alive === false && this.#inARow >= this.#counts.fallCount,
    );
    if (row === undefined) {
      this.#illegalEvents++;
      return undefined;
    }
    const from = this.#state;
    const to = row.to === 'same' ? from : row.to;
    if (to !== from) {
      this.#state = to;
      this.#sinceMs = nowMs;
      this.#reason = reason;
    }
    return { from, to, act: row.act };
  }
}
