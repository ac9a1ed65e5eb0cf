/**
 * The load of a server that is asked for over HTTP instead of heard in LSAs: a router module beside
 * servers that run any OSPFv3 and can say their load, though not in LSAs.
 * @module
 */
import * as z from 'zod';
import { SERVICE_STATES, type ServiceLoad } from '../lsa/service-load.ts';
import type { Address } from '../wire/address.ts';
import type { Clock, Timer } from './clock.ts';
import { fetchText, shownUrl } from './signal-tcp.ts';

export interface LoadPollerConfig extends WeightRule {
  /** The anycast address. */
  readonly address: Address;
  readonly url: string;
  readonly everyMs: number;
  /** What was read is forgotten when nothing new comes for so long. */
  readonly expiryMs: number;
}

export interface LoadPollerHandlers {
  /** What the server says now; undefined when nothing is known of it any more. */
  onLoad(load: ServiceLoad | undefined): void;
  /** Asking began to fail; said once until it works again. */
  onProblem(reason: string): void;
}

const queriesPerSecond = z.number().min(0).max(0xffff_ffff);
/** What is needed of a report; whatever else is in it is ignored. */
const reportSchema = z.object({
  application_utilization: z.number().min(0),
  rps_fractional: queriesPerSecond,
  eps: queriesPerSecond.default(0),
  named_metrics: z
    .object({ weight: z.number().min(1).max(255) })
    .partial()
    .default({}),
  tidecast: z
    .object({
      serving: z.boolean(),
      state: z.string().optional(),
      rampWindowS: z.int().min(0).max(0xffff).optional(),
      capacityQueriesPerSecond: queriesPerSecond.optional(),
      utilizationRatio: z.number().min(0).optional(),
      errorRatio: z.number().min(0).max(1).optional(),
    })
    .partial()
    .default({}),
});

/** How a report without a weight becomes one. */
export interface WeightRule {
  /** What one unit of weight stands for, the same for all servers of the farm. */
  readonly queriesPerSecondPerWeight: number;
  /** The weight while utilization is too low to tell capacity: the last one known. */
  readonly weight: number;
}

/** Below this utilization capacity cannot be told from a report. */
const LEAST_UTILIZATION_RATIO = 0.05;

/**
 * Reads a report: ours, or plain ORCA, with a `weight` among its `named_metrics` or without: then
 * it is what Envoy makes of ORCA, queries per second over utilization and error penalty. A server
 * that does not serve is read as one that drains.
 * @throws Error when it is no report.
 */
export function parseReport(text: string, address: Address, rule: WeightRule): ServiceLoad {
  const report = reportSchema.parse(JSON.parse(text));
  const { tidecast, rps_fractional: answered, eps, application_utilization: used } = report;
  const offered = answered + eps;
  const errorRatio = offered > 0 ? eps / offered : 0;
  const estimate = used < LEAST_UTILIZATION_RATIO ? 0 : answered / (used + errorRatio);
  const derived = estimate > 0 ? estimate / rule.queriesPerSecondPerWeight : rule.weight;
  const weight = report.named_metrics.weight ?? derived;
  return {
    address,
    state: tidecast.serving === false ? 'draining' : stateOf(tidecast.state),
    weight: Math.min(255, Math.max(1, Math.round(weight))),
    rampWindowS: tidecast.rampWindowS ?? 0,
    capacityQueriesPerSecond: tidecast.capacityQueriesPerSecond ?? estimate,
    offeredQueriesPerSecond: offered,
    utilizationRatio: Math.min(6.5535, tidecast.utilizationRatio ?? used),
    errorRatio: tidecast.errorRatio ?? errorRatio,
  };
}

const stateOf = (state: string | undefined): ServiceLoad['state'] =>
  SERVICE_STATES.find((known) => known === state) ?? 'up';

export class LoadPoller {
  readonly #config: LoadPollerConfig;
  readonly #handlers: LoadPollerHandlers;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #running = false;
  #known = false;
  #weight: number;
  #heardMs = 0;
  #failing = false;

  constructor(config: LoadPollerConfig, handlers: LoadPollerHandlers, clock: Clock) {
    this.#config = config;
    this.#weight = config.weight;
    this.#handlers = handlers;
    this.#clock = clock;
  }

  begin(): void {
    this.#running = true;
    void this.#ask();
  }

  end(): void {
    this.#running = false;
    this.#timer?.cancel();
  }

  async #ask(): Promise<void> {
    const { url, everyMs, address, queriesPerSecondPerWeight } = this.#config;
    const startedMs = this.#clock.nowMs();
    try {
      const { status, body } = await fetchText(url, Math.min(everyMs, 1000));
      // 503 with a report says that the server does not serve; anything else is no answer.
      if (status !== 200 && status !== 503) throw new Error(`status ${status}`);
      const load = parseReport(body, address, {
        queriesPerSecondPerWeight,
        weight: this.#weight,
      });
      if (!this.#running) return;
      this.#heardMs = this.#clock.nowMs();
      this.#failing = false;
      this.#known = true;
      this.#weight = load.weight;
      this.#handlers.onLoad(load);
    } catch (error) {
      if (!this.#running) return;
      this.#fail(`${shownUrl(url)}: ${(error as Error).message.split('\n')[0]}`);
    }
    this.#timer = this.#clock.wakeAt(startedMs + everyMs, () => void this.#ask());
  }

  #fail(reason: string): void {
    if (!this.#failing) this.#handlers.onProblem(reason);
    this.#failing = true;
    if (!this.#known || this.#clock.nowMs() - this.#heardMs < this.#config.expiryMs) return;
    this.#known = false;
    this.#handlers.onLoad(undefined);
  }
}
