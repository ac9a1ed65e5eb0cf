import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bodyOctets, type LsaBody } from '../../src/lsa/body.ts';
import type { IntraAreaPrefixLsa } from '../../src/lsa/intra-area-prefix-lsa.ts';
import type { LinkLsa } from '../../src/lsa/link-lsa.ts';
import type { RouterLsa } from '../../src/lsa/router-lsa.ts';
import { splitIntraAreaPrefixLsa, splitLinkLsa, splitRouterLsa } from '../../src/lsa/split.ts';
import { ANY_BODY } from './arbitrary.ts';

/** What fits behind the headers of a packet on a link of 1500 octets. */
const LSA_OCTETS_MAX = 1500 - 40 - 16 - 4;

const link = (interfaceId: number) => ({
  type: 1,
  metric: 10,
  interfaceId,
  neighborInterfaceId: 1,
  neighborRouterId: interfaceId,
});
const routerLsa = (links: number): RouterLsa => ({
  kind: 'Router',
  flags: 0,
  options: 0x13,
  links: Array.from({ length: links }, (_, i) => link(i)),
});
const octetsOfLsa = (body: LsaBody): number => 20 + bodyOctets(body);

describe('A Router-LSA too large for one packet (RFC 5340 4.4.3.2)', () => {
  test.each([
    [0, 1],
    [88, 1],
    [89, 2],
    [176, 2],
    [177, 3],
  ])('with %d links has %d parts', (links, parts) => {
    expect(splitRouterLsa(routerLsa(links), LSA_OCTETS_MAX)).toHaveLength(parts);
  });

  test('keeps bits and options in every part, and every link once', () => {
    const parts = splitRouterLsa(routerLsa(300), LSA_OCTETS_MAX);
    for (const part of parts)
      expect(part).toMatchObject({ kind: 'Router', flags: 0, options: 0x13 });
    expect(parts.flatMap((part) => part.links)).toEqual(routerLsa(300).links);
  });
});

describe('Parts of any LSA', () => {
  const cases = [
    ['Router', (b: LsaBody, max: number) => splitRouterLsa(b as RouterLsa, max)],
    [
      'IntraAreaPrefix',
      (b: LsaBody, max: number) => splitIntraAreaPrefixLsa(b as IntraAreaPrefixLsa, max),
    ],
    ['Link', (b: LsaBody, max: number) => splitLinkLsa(b as LinkLsa, max)],
  ] as const;
  const items = (body: LsaBody): readonly unknown[] =>
    body.kind === 'Router' ? body.links : 'prefixes' in body ? body.prefixes : [];

  test.each(cases)(
    '%s: fit, are as few as in order is possible, and hold everything once',
    (name, split) => {
      fc.assert(
        fc.property(ANY_BODY[name], fc.integer({ min: 80, max: 200 }), (body, max) => {
          const parts: LsaBody[] = split(body, max);
          for (const part of parts) expect(octetsOfLsa(part)).toBeLessThanOrEqual(max);
          expect(parts.flatMap(items)).toEqual(items(body));
          // The first item of each part would not have fitted in the part before.
          parts.slice(1).forEach((part, i) => {
            const first = items(part)[0];
            const before = parts[i]!;
            const joined = {
              ...before,
              [before.kind === 'Router' ? 'links' : 'prefixes']: [...items(before), first],
            };
            expect(octetsOfLsa(joined as LsaBody)).toBeGreaterThan(max);
          });
        }),
      );
    },
  );

  test('of what fits are the thing itself', () => {
    fc.assert(
      fc.property(ANY_BODY.IntraAreaPrefix, (body) => {
        expect(splitIntraAreaPrefixLsa(body as IntraAreaPrefixLsa, LSA_OCTETS_MAX)).toEqual([body]);
      }),
    );
  });
});
