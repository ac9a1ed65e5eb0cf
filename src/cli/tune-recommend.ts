/**
 * What a sweep recommends: the settings that did best, as a fragment of a server's configuration.
 * @module
 */
import { Document, parse } from 'yaml';
import type { TuneResult } from './tune-jobs.ts';
import type { Overrides } from './tune-scenario.ts';
import { isServerSetting, placeOf } from './tune-server-setting.ts';
import { better } from './tune-table.ts';

/** The policy and settings whose worst run, over all scenarios and seeds, is the best. */
function bestOf(results: readonly TuneResult[]): TuneResult['job'] | undefined {
  const worst = new Map<string, TuneResult>();
  for (const result of results) {
    const { policy, overrides } = result.job;
    const key = JSON.stringify([policy, overrides]);
    const held = worst.get(key);
    worst.set(key, held === undefined || better(held, result) < 0 ? result : held);
  }
  return [...worst.values()].sort(better)[0]?.job;
}

function fragmentOf(overrides: Overrides): Document {
  const fragment = new Document({});
  for (const [key, value] of Object.entries(overrides)) {
    const place = placeOf(key);
    if (place !== undefined) fragment.setIn(place, parse(value));
  }
  return fragment;
}

/**
 * The fragment as YAML. What was swept and is no setting of a server, such as the demand, stands in
 * its comment; so does the policy.
 * @returns undefined when there is no result.
 */
export function recommendationOf(results: readonly TuneResult[]): string | undefined {
  const best = bestOf(results);
  if (best === undefined) return undefined;
  const { policy, overrides } = best;
  const elsewhere = Object.entries(overrides)
    .filter(([key]) => !isServerSetting(key))
    .map(([key, value]) => `# no setting of a server: ${key}=${value}\n`);
  const comment = `# best under the policy ${policy}\n${elsewhere.join('')}`;
  const fragment = fragmentOf(overrides);
  return elsewhere.length === Object.keys(overrides).length ? comment : `${comment}${fragment}`;
}
