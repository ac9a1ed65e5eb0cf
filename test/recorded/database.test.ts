import { describe, expect, test } from '@jest/globals';
import { databaseDifferences } from '../../src/cli/database-diff.ts';
import { readPrintedDatabase } from '../../src/cli/truth-database.ts';
import { CAPTURES } from '../fixtures/captures.ts';
import { fileOf, listen, TRUTHS } from './truths.ts';

/** What the routers printed of their databases, each form by itself. */
const FORMS = [
  'ospf6-database.json',
  'ospf6-database-detail.json',
  'ospf6-database-dump.txt',
  'bird-ospf-lsadb.txt',
];

describe.each(CAPTURES)('After $name, the database of', (capture) => {
  const truths = TRUTHS.filter((truth) => truth.capture === capture);
  const cases = truths.flatMap((truth) =>
    FORMS.map((form) => ({ ...truth, form, text: fileOf(truth, form) })).filter(
      ({ text }) => text !== '' && !text.startsWith('There are multiple OSPF protocols'),
    ),
  );
  if (cases.length === 0) {
    test('all routers: printed nowhere, but every datagram is taken', () => {
      expect(listen(capture, Infinity).drops.size).toBe(0);
    });
    return;
  }

  test.each(cases)('$node $stage is what it printed ($form)', ({ node, text, atMs }) => {
    const printed = readPrintedDatabase(text)!;
    expect(printed.some(({ lsas }) => lsas.length > 0)).toBe(true);
    const listener = listen(capture, atMs);
    const differences = databaseDifferences(listener, printed);
    if (capture.name.startsWith('h-auth') && node === 'r6') {
      // It was given a wrong key: nobody's LSAs reached it, and nobody's its own.
      const theirs = differences.filter(({ ours }) => ours === 'absent');
      expect(theirs.length).toBeGreaterThan(0);
      for (const { what } of theirs) expect(what).toContain('of 10.255.0.6');
      return;
    }
    expect(differences).toEqual([]);
    expect([...listener.drops]).toEqual([]);
  });
});
