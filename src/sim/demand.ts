/**
 * Demand: how many queries a second come at a time, and from which flows.
 * @module
 */
import type { Prng } from '../prng.ts';

/** How the rate goes over time; ratios are of the demand's own base rate. */
export type DemandShape =
  | { readonly kind: 'constant' }
  /** Half of each period at `high` times the base, the other half at the base. */
  | { readonly kind: 'square'; readonly periodS: number; readonly high: number }
  /** A sine between `low` times the base and the base, lowest at the beginning. */
  | { readonly kind: 'diurnal'; readonly periodS: number; readonly low: number }
  /** `times` the base from `atS` for `forS` seconds. */
  | { readonly kind: 'flash'; readonly atS: number; readonly forS: number; readonly times: number }
  /** Rates read elsewhere, queries per second, each from its time on. */
  | {
      readonly kind: 'trace';
      readonly points: readonly { readonly atS: number; readonly queriesPerSecond: number }[];
    };

export interface DemandConfig {
  readonly queriesPerSecond: number;
  readonly shape: DemandShape;
  /** The rate wanders by up to so much either way, drawn anew every second, 0..1. */
  readonly noiseRatio: number;
  /** Clients that keep their flow; 0 makes every query a flow of its own, as resolvers do. */
  readonly clients: number;
  /** Exponent of the clients' popularity (Zipf), 0 for all alike. */
  readonly zipfExponent: number;
}

function shapeRatio(shape: DemandShape, atS: number, base: number): number {
  switch (shape.kind) {
    case 'constant':
      return 1;
    case 'square':
      return atS % shape.periodS < shape.periodS / 2 ? 1 : shape.high;
    case 'diurnal': {
      const swing = (1 - Math.cos((2 * Math.PI * atS) / shape.periodS)) / 2;
      return shape.low + (1 - shape.low) * swing;
    }
    case 'flash':
      return atS >= shape.atS && atS < shape.atS + shape.forS ? shape.times : 1;
    case 'trace': {
      const point = shape.points.findLast((each) => each.atS <= atS) ?? shape.points[0];
      return point === undefined ? 0 : point.queriesPerSecond / base;
    }
  }
}

/** What a farm asks of its demand. */
export interface QuerySource {
  /** Queries per second at a time since the demand began; to be asked in the order of time. */
  rateAt(atMs: number): number;
  /** The hash of the next query's flow, 0..2^32-1. */
  nextFlow(): number;
}

export class Demand implements QuerySource {
  readonly #config: DemandConfig;
  readonly #prng: Prng;
  /** Running sum of the clients' popularity, ending in 1. */
  readonly #popularity: Float64Array;
  readonly #flowOfClient: Uint32Array;
  #second = -1;
  #noise = 1;

  constructor(config: DemandConfig, prng: Prng) {
    this.#config = config;
    this.#prng = prng;
    const { clients, zipfExponent } = config;
    this.#popularity = new Float64Array(clients);
    this.#flowOfClient = Uint32Array.from({ length: clients }, () => prng.u32());
    let sum = 0;
    for (let i = 0; i < clients; i++) {
      sum += (i + 1) ** -zipfExponent;
      this.#popularity[i] = sum;
    }
    for (let i = 0; i < clients; i++) this.#popularity[i]! /= sum;
  }

  rateAt(atMs: number): number {
    const second = Math.floor(atMs / 1000);
    const { queriesPerSecond, shape, noiseRatio } = this.#config;
    if (second !== this.#second) {
      this.#second = second;
      this.#noise = 1 + this.#prng.between(-noiseRatio, noiseRatio);
    }
    return queriesPerSecond * shapeRatio(shape, atMs / 1000, queriesPerSecond) * this.#noise;
  }

  nextFlow(): number {
    if (this.#config.clients === 0) return this.#prng.u32();
    const draw = this.#prng.unit();
    let low = 0;
    let high = this.#popularity.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#popularity[middle]! < draw) low = middle + 1;
      else high = middle;
    }
    return this.#flowOfClient[low]!;
  }
}
