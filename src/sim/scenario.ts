/**
 * A scenario: a farm, its demand and what befalls it, as plain values; and the policies under
 * which it can be run.
 * @module
 */
import type { CostConfig } from '../server-cost/config.ts';
import type { DemandShape } from './demand.ts';
import type { SegmentFaults } from './segment.ts';

/**
 * Who balances, and how:
 * - `weights`: our routers, which spread by advertised weights;
 * - `plan`: routers that only do equal-cost multipath, servers that follow the farm's plan;
 * - `mixed`: one router of each kind;
 * - `oracle`: nobody measures; flows are placed by the capacities as they are;
 * - the others: equal-cost routers, each server by itself after a classic rule.
 */
export const POLICIES = [
  'weights',
  'plan',
  'mixed',
  'static',
  'linear',
  'revised',
  'bands',
  'backoff',
  'oracle',
] as const;
export type Policy = (typeof POLICIES)[number];

export interface ScenarioServers {
  readonly count: number;
  /** Queries per second of each. */
  readonly capacity: number;
  /** Index of the site. */
  readonly site: number;
}

/** What happens to one server, numbered from 0, at a time counted from the demand's beginning. */
export type ScenarioEvent =
  | {
      readonly atS: number;
      readonly server: number;
      readonly kind: 'capacity';
      /** Of its configured capacity. */
      readonly ratio: number;
    }
  | {
      readonly atS: number;
      readonly server: number;
      /** `separate` cuts it off from its link, which it does not notice; `join` ends that. */
      readonly kind: 'kill' | 'revive' | 'drain' | 'undrain' | 'separate' | 'join';
    };

export interface Scenario {
  readonly name: string;
  /** One sentence for people. */
  readonly about: string;
  readonly durationS: number;
  /** Demand runs so long before figures count: capacities are learnt in it. */
  readonly settleS: number;
  readonly servers: readonly ScenarioServers[];
  readonly sites: readonly { readonly cost: number; readonly faults: SegmentFaults }[];
  readonly demand: {
    /** Of the capacity that all servers have at first. */
    readonly ratio: number;
    readonly shape: DemandShape;
    readonly noiseRatio: number;
    readonly clients: number;
    readonly zipfExponent: number;
  };
  readonly events: readonly ScenarioEvent[];
  readonly queue: {
    readonly workers: number;
    readonly bufferQueries: number;
    readonly serviceTime: 'deterministic' | 'exponential';
  };
  readonly sampleIntervalMs: number;
  readonly minLsIntervalMs: number;
  readonly helloIntervalS: number;
  readonly routerDeadIntervalS: number;
  readonly cost: CostConfig;
  /** The policies that are run unless others are asked for. */
  readonly policies: readonly Policy[];
}
