/**
 * A service as a queue with several workers and a finite buffer: what it takes in, when each
 * query is done, and what a monitor would see. The demonstration farm uses the same queue in real
 * time, so that its capacity is a real limit and not a figure.
 * @module
 */
import type { Prng } from '../prng.ts';
import { EventQueue } from './event-queue.ts';

export interface ServiceQueueConfig {
  /** Queries per second that all workers together can serve. */
  readonly capacityQueriesPerSecond: number;
  /** Queries served at the same time, from 1. */
  readonly workers: number;
  /** Queries that may wait; one more is dropped. */
  readonly bufferQueries: number;
  /** How the time to serve one query is distributed. */
  readonly serviceTime: 'deterministic' | 'exponential';
}

/** What a monitor sees of the queue since it last looked. */
export interface QueueSample {
  readonly atMs: number;
  /** Share of the workers' time spent serving, 0..1. */
  readonly utilizationRatio: number;
  /** Queries waiting or being served now. */
  readonly inFlight: number;
  readonly queriesPerSecond: number;
  /** Queries dropped per second. */
  readonly errorsPerSecond: number;
}

export class ServiceQueue {
  readonly #prng: Prng;
  readonly #workers: number;
  readonly #bufferQueries: number;
  readonly #serviceTime: ServiceQueueConfig['serviceTime'];
  /** When each worker will have finished all that it was given, milliseconds. */
  readonly #freeAtMs: number[];
  readonly #pending = new EventQueue<number>();
  #capacityQueriesPerSecond: number;
  #assignedMs = 0;
  #served = 0;
  #dropped = 0;
  #last = { atMs: 0, doneMs: 0, served: 0, dropped: 0 };

  /** @param nowMs - when the service starts; a monitor's first sample counts from here. */
  constructor(config: ServiceQueueConfig, prng: Prng, nowMs = 0) {
    this.#prng = prng;
    this.#workers = config.workers;
    this.#bufferQueries = config.bufferQueries;
    this.#serviceTime = config.serviceTime;
    this.#capacityQueriesPerSecond = config.capacityQueriesPerSecond;
    this.#freeAtMs = new Array<number>(config.workers).fill(nowMs);
    this.#last.atMs = nowMs;
  }

  get capacityQueriesPerSecond(): number {
    return this.#capacityQueriesPerSecond;
  }

  /** Queries from the next on take the new time; those already taken in keep theirs. */
  set capacityQueriesPerSecond(value: number) {
    this.#capacityQueriesPerSecond = value;
  }

  /** Queries taken in and not yet done. */
  inFlight(nowMs: number): number {
    while (this.#pending.nextMs() <= nowMs) this.#pending.pop();
    return this.#pending.size;
  }

  /**
   * Takes one query in.
   * @returns when it will be done, milliseconds; undefined when the buffer is full.
   */
  offer(nowMs: number): number | undefined {
    if (this.inFlight(nowMs) >= this.#workers + this.#bufferQueries) {
      this.#dropped++;
      return undefined;
    }
    const meanMs = (1000 * this.#workers) / this.#capacityQueriesPerSecond;
    const takesMs = this.#serviceTime === 'exponential' ? this.#prng.exponential(meanMs) : meanMs;
    let worker = 0;
    for (let i = 1; i < this.#workers; i++) {
      if (this.#freeAtMs[i]! < this.#freeAtMs[worker]!) worker = i;
    }
    const doneMs = Math.max(nowMs, this.#freeAtMs[worker]!) + takesMs;
    this.#freeAtMs[worker] = doneMs;
    this.#assignedMs += takesMs;
    this.#served++;
    this.#pending.push(doneMs, doneMs);
    return doneMs;
  }

  /** What happened since the last sample. A queue keeps its workers busy while anything waits. */
  sample(nowMs: number): QueueSample {
    const ahead = this.#freeAtMs.reduce((sum, freeMs) => sum + Math.max(0, freeMs - nowMs), 0);
    const doneMs = this.#assignedMs - ahead;
    const elapsedMs = Math.max(1e-9, nowMs - this.#last.atMs);
    const inFlight = this.inFlight(nowMs);
    const served = this.#served - inFlight;
    const sample = {
      atMs: nowMs,
      utilizationRatio: (doneMs - this.#last.doneMs) / (elapsedMs * this.#workers),
      inFlight,
      queriesPerSecond: ((served - this.#last.served) * 1000) / elapsedMs,
      errorsPerSecond: ((this.#dropped - this.#last.dropped) * 1000) / elapsedMs,
    };
    this.#last = { atMs: nowMs, doneMs, served, dropped: this.#dropped };
    return sample;
  }
}
