/**
 * Configuration of the farm plan, of standing by, of the brakes against oscillation, and of the
 * classic rules: the keys of `cost` that most services leave alone.
 * @module
 */
import * as z from 'zod';
import { COST_DEFAULTS as D } from '../server-cost/config.ts';
import { decimal, integer } from './config-field.ts';

/** A time in milliseconds. */
const ms = (low: number, high: number, byDefault: number, meaning: string) =>
  integer(low, high).default(byDefault).describe(meaning);
const ratio = (low: number, high: number, byDefault: number, meaning: string) =>
  decimal(low, high).default(byDefault).describe(meaning);
const count = (high: number, byDefault: number, meaning: string) =>
  integer(1, high).default(byDefault).describe(meaning);

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const BANDS = 'two ratios above 0, the lower one first';

/** Keys beside those of `costSchema`, in the order of the reference. */
export const PLAN_KEYS = {
  congestionTimeConstantMs: ms(
    1,
    HOUR_MS,
    D.congestionTimeConstantMs,
    'Time constant of the utilization by which congestion is judged.',
  ),
  peerDeferMs: ms(0, 60_000, D.peerDeferMs, "A change waits so long after another server's."),

  planUtilizationRatio: ratio(0.1, 1, D.planUtilizationRatio, 'A server is planned for so much.'),
  planOverloadGainRatio: ratio(
    0,
    1,
    D.planOverloadGainRatio,
    'The set changes for a gain of this part of the load,',
  ),
  planUtilizationGain: ratio(
    0,
    1,
    D.planUtilizationGain,
    'or when the worst utilization falls by this.',
  ),
  minimumInSet: count(65_535, D.minimumInSet, 'Servers at the least cost at least.'),
  panicRatio: ratio(0, 1, D.panicRatio, "Part of the farm's capacity at the least cost at least."),
  planQuietMs: ms(0, 60_000, D.planQuietMs, 'The database must be unchanged for so long.'),
  planLatestMs: ms(0, 600_000, D.planLatestMs, 'A decision waits no longer than this.'),
  planSettleMs: ms(0, 600_000, D.planSettleMs, 'Time for a change of the set to show.'),
  holdDownMs: ms(0, HOUR_MS, D.holdDownMs, 'Least time between entering and leaving.'),
  selfTestIntervalMs: ms(
    0,
    DAY_MS,
    D.selfTestIntervalMs,
    'A service that is out gets queries of our own so often; 0 for never.',
  ),
  selfTestMs: ms(100, 600_000, D.selfTestMs, 'For so long.'),
  selfTestRatio: ratio(0.01, 1, D.selfTestRatio, 'Part of its capacity that they take.'),
  trialAfterMs: ms(
    1000,
    DAY_MS,
    D.trialAfterMs,
    'A service that cannot be tested enters for a trial after this, then after twice as long,',
  ),
  trialAfterMaxMs: ms(1000, 10 * DAY_MS, D.trialAfterMaxMs, 'up to this.'),
  trialMs: ms(1000, 600_000, D.trialMs, 'How long a trial lasts.'),

  standbyAfterMs: ms(
    0,
    DAY_MS,
    D.standbyAfterMs,
    'Without a query for so long it withdraws its route and stands by; 0 for never.',
  ),
  standbyJitterMs: ms(0, 600_000, D.standbyJitterMs, 'Chance that tells idle servers apart.'),
  minimumActive: count(65_535, D.minimumActive, 'Servers that stay active at least.'),
  wakeRatio: ratio(0.01, 10, D.wakeRatio, 'Predicted utilization from which one more is woken.'),

  oscillationChanges: count(
    1000,
    D.oscillationChanges,
    'Direction changes of the cost that are an oscillation,',
  ),
  oscillationWindowMs: ms(1000, HOUR_MS, D.oscillationWindowMs, 'within this time.'),
  holdDownRatioMax: ratio(
    1,
    1000,
    D.holdDownRatioMax,
    'An oscillation stretches the hold-down to this many times itself at most.',
  ),

  measurementIntervalMs: ms(
    100,
    HOUR_MS,
    D.measurementIntervalMs,
    'How often the policy `revised` looks.',
  ),
  bandRatios: z
    .array(decimal(0.01, 10), { error: BANDS })
    .length(2, { error: BANDS })
    .meta({ allowed: BANDS })
    .transform(([low = 0, high = 0]): [number, number] => [low, high])
    .prefault([...D.bandRatios])
    .describe('Utilizations at which `bands` and `backoff` raise the cost.'),
  bandHysteresisRatio: ratio(0, 1, D.bandHysteresisRatio, 'So far below its edge a band is left.'),
  rejoinAfterMs: ms(0, HOUR_MS, D.rejoinAfterMs, '`backoff` stays out for this, then twice,'),
  rejoinAfterMaxMs: ms(0, DAY_MS, D.rejoinAfterMaxMs, 'up to this.'),
} as const;
