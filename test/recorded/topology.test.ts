import { describe, expect, test } from '@jest/globals';
import {
  isPrintedTopology,
  printedStatements,
  topologyDifferences,
} from '../../src/cli/truth-topology.ts';
import { fileOf, listen, TRUTHS } from './truths.ts';

/** BIRD's `show ospf state all`; of two instances, that of IPv4 is 64. */
const FORMS = [
  ['bird-ospf-state-all.txt', 0],
  ['bird-o6-state-all.txt', 0],
  ['bird-o4-state-all.txt', 64],
] as const;

const cases = TRUTHS.flatMap((truth) =>
  FORMS.map(([form, instanceId]) => ({ ...truth, form, instanceId, text: fileOf(truth, form) }))
    .filter(({ text }) => isPrintedTopology(text))
    .map((each) => ({ ...each, name: each.capture.name })),
);

describe('The topology', () => {
  test.each(cases)('of $name that $node printed $stage ($form) follows from the LSAs', (each) => {
    const { capture, atMs, instanceId, text, node } = each;
    const differences = topologyDifferences(listen(capture, atMs, instanceId), instanceId, text);
    if (capture.name === 'h-auth-bird' && node === 'r6') {
      // With a wrong key it knows itself alone.
      for (const { what, ours } of differences) {
        if (ours === 'absent') expect(what).toContain('router 10.255.0.6');
      }
      return;
    }
    expect(printedStatements(text).length).toBeGreaterThan(0);
    expect(differences).toEqual([]);
  });

  test('is compared in every capture of BIRD', () => {
    expect(cases.length).toBeGreaterThan(70);
  });
});
