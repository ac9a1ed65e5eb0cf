/**
 * Easing a new next hop in: its weight grows from a tenth to the whole over the window that the
 * server advertises (Envoy's slow start). The router does it alone; no LSA is spent on it.
 * @module
 */

/** A new next hop begins with this part of its weight. */
export const LEAST_RAMP_RATIO = 0.1;
/** The next step of a ramp is due when the weight has grown by this part. */
const STEP_RATIO = 0.1;

/**
 * The weight of a next hop that joined a while ago: weight × max(0.1, elapsed / window).
 * @param weight - advertised, above 0.
 * @param rampWindowS - seconds; 0 for no ramp.
 * @param sinceMs - when it joined.
 */
export function rampedWeight(
  weight: number,
  rampWindowS: number,
  sinceMs: number,
  nowMs: number,
): number {
  if (nowMs >= sinceMs + 1000 * rampWindowS) return weight;
  const timeRatio = (nowMs - sinceMs) / (1000 * rampWindowS);
  return weight * Math.max(LEAST_RAMP_RATIO, timeRatio);
}

/** When the ramped weight next differs enough to matter; `Infinity` when the ramp is over. */
export function nextRampStepMs(rampWindowS: number, sinceMs: number, nowMs: number): number {
  const windowMs = 1000 * rampWindowS;
  // The same sum as below: a difference could round to less than the window when it is over.
  if (nowMs >= sinceMs + windowMs) return Number.POSITIVE_INFINITY;
  const grown = Math.max(LEAST_RAMP_RATIO * windowMs, nowMs - sinceMs) * (1 + STEP_RATIO);
  return sinceMs + Math.min(windowMs, grown);
}
