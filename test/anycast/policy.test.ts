import { describe, expect, test } from '@jest/globals';
import { type SpreadMember, wantedWeights } from '../../src/anycast/policy.ts';

const near: SpreadMember = { key: 'near', distance: 10, weight: 200 };
const also: SpreadMember = { key: 'also', distance: 10, weight: 100 };
const far: SpreadMember = { key: 'far', distance: 40, weight: 50 };
const set = [near, also, far];

describe('policies', () => {
  test('weighted: advertised weights among the next hops of least distance', () => {
    expect(wantedWeights('weighted', set)).toEqual({
      source: 'weight',
      members: [
        { key: 'near', weight: 200 },
        { key: 'also', weight: 100 },
      ],
    });
    expect(wantedWeights('weighted', [far]).members).toEqual([{ key: 'far', weight: 50 }]);
  });

  test('weighted falls back to inverse distance when one server says no weight', () => {
    const { weight: _, ...silent } = also;
    expect(wantedWeights('weighted', [near, silent, far])).toEqual({
      source: 'distance',
      members: [
        { key: 'near', weight: 1 / 10 },
        { key: 'also', weight: 1 / 10 },
        { key: 'far', weight: 1 / 40 },
      ],
    });
  });

  test('weighted falls back to equal shares when the distances are equal too', () => {
    const silent = [
      { key: 'a', distance: 10 },
      { key: 'b', distance: 10 },
    ];
    expect(wantedWeights('weighted', silent)).toEqual({
      source: 'equal',
      members: [
        { key: 'a', weight: 1 },
        { key: 'b', weight: 1 },
      ],
    });
  });

  test('inverse: in proportion to 1 / distance; equal when a distance is 0', () => {
    expect(wantedWeights('inverse', [near, far])).toEqual({
      source: 'distance',
      members: [
        { key: 'near', weight: 1 / 10 },
        { key: 'far', weight: 1 / 40 },
      ],
    });
    expect(wantedWeights('inverse', [{ key: 'self', distance: 0 }, near]).source).toBe('equal');
  });

  test('equal: all next hops of least distance, equally', () => {
    expect(wantedWeights('equal', set).members).toEqual([
      { key: 'near', weight: 1 },
      { key: 'also', weight: 1 },
    ]);
  });

  test('least: one next hop alone', () => {
    expect(wantedWeights('least', set).members).toEqual([{ key: 'also', weight: 1 }]);
  });

  test('failover: weights within the first tier that has a usable next hop', () => {
    const tiered = [
      { ...near, tier: 0 },
      { ...also, tier: 1 },
      { ...far, tier: 1 },
    ];
    expect(wantedWeights('failover', tiered).members).toEqual([{ key: 'near', weight: 200 }]);
    const failed = [{ ...near, tier: 0, usable: false }, ...tiered.slice(1)];
    expect(wantedWeights('failover', failed).members).toEqual([
      { key: 'also', weight: 100 },
      { key: 'far', weight: 50 },
    ]);
  });

  test('failover without tiers: distance is the tier', () => {
    expect(wantedWeights('failover', set).members.map(({ key }) => key)).toEqual(['near', 'also']);
  });

  test('a function is given the usable next hops and has the last word', () => {
    const seen: string[] = [];
    const wanted = wantedWeights(
      (members) => {
        seen.push(...members.map(({ key }) => key));
        return [{ key: 'far', weight: 3 }];
      },
      [near, { ...also, usable: false }, far],
    );
    expect(seen).toEqual(['near', 'far']);
    expect(wanted).toEqual({ source: 'custom', members: [{ key: 'far', weight: 3 }] });
  });

  test.each(['weighted', 'inverse', 'equal', 'least', 'failover'] as const)(
    '%s uses no next hop that is not usable, and none when none is left',
    (policy) => {
      const one = set.map((member) => ({ ...member, usable: member.key === 'far' }));
      expect(wantedWeights(policy, one).members.map(({ key }) => key)).toEqual(['far']);
      expect(wantedWeights(policy, []).members).toEqual([]);
    },
  );
});
