import { describe, expect, test } from '@jest/globals';
import { RouteTable } from '../../src/spf/route-table.ts';
import { formatAddress, parseDottedQuad } from '../../src/wire/address.ts';
import { formatPrefix, parsePrefix } from '../../src/wire/prefix.ts';
import { HOLO_CASES, interfaceIdOf, lsasOf } from './holo-database.ts';

const IMMEDIATE = {
  initialSpfDelayMs: 0,
  shortSpfDelayMs: 0,
  longSpfDelayMs: 0,
  timeToLearnMs: 0,
  holddownMs: 0,
};

const shown = (table: RouteTable) =>
  [...table.routes()]
    .map(({ key, pathType, distance, nextHops }) => ({
      key,
      pathType,
      distance,
      nextHops: nextHops.map(
        ({ interfaceId, address }) => `${interfaceId} ${address ? formatAddress(address) : '-'}`,
      ),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));

const LATER = { initialSpfDelayMs: 1 };

describe('routing tables of holo, from the same databases (RFC 5340 4.8)', () => {
  test.each(HOLO_CASES)('$name', (holo) => {
    const expected = holo.expectedRoutes
      .map(({ prefix, pathType, metric, nextHops }) => ({
        key: formatPrefix(parsePrefix(prefix)),
        pathType,
        distance: metric,
        nextHops: nextHops
          .map((hop) => `${interfaceIdOf(holo, hop.interface)} ${hop.address ?? '-'}`)
          .sort(),
      }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    // Once at the end for all, and once after every single LSA.
    for (const delay of [{ ...IMMEDIATE, ...LATER }, IMMEDIATE]) {
      const table = new RouteTable({ routerId: parseDottedQuad(holo.routerId), delay });
      for (const { scope, lsa } of lsasOf(holo)) {
        const change = { change: 'installed', contentsChanged: true } as const;
        table.handle({ kind: 'lsa', nowMs: 0, scope, lsa, ...change });
      }
      table.handle({ kind: 'deadline', nowMs: 1 });
      expect(shown(table).map((r) => ({ ...r, nextHops: r.nextHops.sort() }))).toEqual(expected);
    }
  });
});
