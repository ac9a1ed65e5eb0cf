import { describe, expect, test } from '@jest/globals';
import type { Difference } from '../../src/cli/database-diff.ts';
import { routesAs } from '../../src/cli/listener-routes.ts';
import { routeDifferences } from '../../src/cli/route-diff.ts';
import { readPrintedRoutes } from '../../src/cli/truth-routes.ts';
import { parseDottedQuad } from '../../src/wire/address.ts';
import { CAPTURES } from '../fixtures/captures.ts';
import { fileOf, listen, TRUTHS, type Truth } from './truths.ts';

const FORMS = ['ospf6-route.json', 'ospf6-route-detail.txt', 'bird-route-all.txt'];

const routerIdOf = (truth: Truth): number => {
  const config = `${fileOf(truth, 'frr.conf')}\n${fileOf(truth, 'bird.conf')}`;
  return parseDottedQuad(/router[- ]id ([\d.]+)/.exec(config)?.[1] ?? '');
};

/** IPv6 is instance 0; one capture has IPv4 in instance 64 beside it (RFC 5838). */
const instancesOf = (name: string): number[] => (name.startsWith('j-af') ? [0, 64] : [0]);

/** Where a router did other than the RFCs say, or knew what it told nobody. */
function isExplained({ capture, node, stage }: Truth, { what, ours, theirs }: Difference): boolean {
  switch (`${capture.name} ${node} ${stage}`) {
    case 'h-auth-bird r6 ':
    case 'h-auth-frr r6 ':
      // With a wrong key it has no neighbor: its own prefixes are its own affair.
      return theirs.endsWith('via ::');
    case 'f-cost-frr s2 @cost20':
      // FRR forwards its own prefix to an equally distant neighbor too.
      return what === '2001:db8:53::53/128' && theirs.endsWith('via :: fe80::ff:fe01:2');
    case 'g-withdraw-frr s2 ':
      // FRR keeps the route to an address of its own that it announces no more.
      return what === '2001:db8:53::53/128' && theirs.endsWith('via ::');
    case 'e-multiarea-bird r3 ':
    case 'e-multiarea-frr r3 ':
      // The forwarding address is the other end of a point-to-point link: they name that address,
      // or the link; we name the other end's link-local address. All three are the same neighbor.
      return (
        what.startsWith('2001:db8:e6:') &&
        ours.replace('via fe80::ff:fe03:2', 'via ') ===
          theirs.replace(/via (2001:db8:0:2::6|::)$/, 'via ')
      );
  }
  return false;
}

describe.each(CAPTURES.filter((c) => TRUTHS.some(({ capture }) => capture === c)))(
  'After $name, the routes of',
  (capture) => {
    const cases = TRUTHS.filter((truth) => truth.capture === capture).flatMap((truth) =>
      FORMS.map((form) => ({ ...truth, form, text: fileOf(truth, form) })).filter(
        ({ text }) => text !== '',
      ),
    );

    test.each(cases)('$node $stage are those it printed ($form)', (truth) => {
      const routes = instancesOf(capture.name).flatMap((instanceId) =>
        routesAs(listen(capture, truth.atMs, instanceId), routerIdOf(truth), instanceId),
      );
      const printed = readPrintedRoutes(truth.text)!;
      expect(printed.length).toBeGreaterThan(0);
      const differences = routeDifferences(routes, printed).filter(
        (difference) => !isExplained(truth, difference),
      );
      expect(differences).toEqual([]);
    });
  },
);
