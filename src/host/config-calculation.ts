/**
 * Configuration of the routing calculation.
 * @module
 */
import { SPF_DELAY_DEFAULTS as D, type SpfDelayConfig } from '../spf/delay.ts';
import { integer, mapping } from './config-field.ts';

const milliseconds = (byDefault: number) => integer(0, 600_000).default(byDefault);

/** The intervals of RFC 8405 3, each of which must be configurable (RFC 8405 6). */
const spfDelaySchema = mapping({
  initialMs: milliseconds(D.initialSpfDelayMs).describe(
    'INITIAL_SPF_DELAY: before the first run after a quiet time.',
  ),
  shortMs: milliseconds(D.shortSpfDelayMs).describe(
    'SHORT_SPF_DELAY: before runs while one event is still being learnt of.',
  ),
  longMs: milliseconds(D.longSpfDelayMs).describe(
    'LONG_SPF_DELAY: before runs while events go on; RFC 8405 recommends 5000.',
  ),
  timeToLearnMs: milliseconds(D.timeToLearnMs).describe(
    'TIME_TO_LEARN_INTERVAL: in which all of one event is heard.',
  ),
  holddownMs: milliseconds(D.holddownMs).describe(
    'HOLDDOWN_INTERVAL: quiet for so long, the next event is a first one again; above `timeToLearnMs`.',
  ),
}).refine(({ timeToLearnMs, holddownMs }) => holddownMs > timeToLearnMs, {
  error: 'more than timeToLearnMs',
  path: ['holddownMs'],
});

/** The keys of a router. */
export const CALCULATION_KEYS = {
  maximumPaths: integer(1, 256)
    .default(64)
    .describe('The most next hops of a route; of more, the first by interface and address.'),
  spfDelay: spfDelaySchema
    .transform(
      (delay): SpfDelayConfig => ({
        initialSpfDelayMs: delay.initialMs,
        shortSpfDelayMs: delay.shortMs,
        longSpfDelayMs: delay.longMs,
        timeToLearnMs: delay.timeToLearnMs,
        holddownMs: delay.holddownMs,
      }),
    )
    .prefault({})
    .describe(
      'How long a changed topology waits for the shortest-path calculation; alike on all routers. A changed prefix or metric does not wait.',
    ),
};
