import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Candidate, elect } from '../../src/interface/election.ts';

const router = (routerId: number, more: Partial<Candidate> = {}): Candidate => ({
  routerId,
  priority: 1,
  designatedRouter: 0,
  backupDesignatedRouter: 0,
  ...more,
});

describe('electing the designated router (RFC 2328 9.4)', () => {
  test('with nobody declared, the highest Router ID of equal priorities wins, the next is backup', () => {
    const elected = elect(router(3), [router(1), router(2)]);
    expect(elected).toEqual({ designatedRouter: 3, backupDesignatedRouter: 2 });
  });

  test('Router Priority comes before Router ID', () => {
    const elected = elect(router(1, { priority: 9 }), [router(2, { priority: 5 }), router(3)]);
    expect(elected).toEqual({ designatedRouter: 1, backupDesignatedRouter: 2 });
  });

  test('a router of priority 0 is never elected', () => {
    const elected = elect(router(3, { priority: 0 }), [router(1), router(2, { priority: 0 })]);
    expect(elected).toEqual({ designatedRouter: 1, backupDesignatedRouter: 1 });
  });

  test('alone with priority 0 nobody is elected', () => {
    expect(elect(router(3, { priority: 0 }), [])).toEqual({
      designatedRouter: 0,
      backupDesignatedRouter: 0,
    });
  });

  test('alone on the link, we are designated router and there is no backup', () => {
    expect(elect(router(3), [])).toEqual({ designatedRouter: 3, backupDesignatedRouter: 0 });
  });

  test('a newcomer of higher priority does not take the place of who is designated already', () => {
    const designated = { designatedRouter: 1, backupDesignatedRouter: 2 };
    const elected = elect(router(9, { priority: 255 }), [
      router(1, designated),
      router(2, designated),
    ]);
    expect(elected).toEqual(designated);
  });

  test('a newcomer of higher priority does not take the place of the backup', () => {
    const designated = { designatedRouter: 1, backupDesignatedRouter: 2 };
    const elected = elect(router(2, designated), [
      router(1, designated),
      router(9, { priority: 255, ...designated }),
    ]);
    expect(elected).toEqual(designated);
  });

  test('when the designated router dies the backup takes over, not the highest priority', () => {
    const before = { designatedRouter: 1, backupDesignatedRouter: 2 };
    const elected = elect(router(2, before), [router(9, { priority: 255, ...before })]);
    expect(elected).toEqual({ designatedRouter: 2, backupDesignatedRouter: 9 });
  });

  test('of two that declare themselves designated after a partition, the higher one stays', () => {
    const elected = elect(router(1, { designatedRouter: 1 }), [router(2, { designatedRouter: 2 })]);
    expect(elected).toEqual({ designatedRouter: 2, backupDesignatedRouter: 1 });
  });

  test('property: whoever calculates, designated and backup are eligible and never the same while two are', () => {
    const anyone = fc.record({
      routerId: fc.integer({ min: 1, max: 6 }),
      priority: fc.integer({ min: 0, max: 3 }),
      designatedRouter: fc.integer({ min: 0, max: 6 }),
      backupDesignatedRouter: fc.integer({ min: 0, max: 6 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(anyone, { minLength: 1, maxLength: 6, selector: (r) => r.routerId }),
        (all) => {
          const [self, ...others] = all;
          const { designatedRouter, backupDesignatedRouter } = elect(self!, others);
          const eligible = new Set(all.filter((r) => r.priority > 0).map((r) => r.routerId));
          if (eligible.size === 0) expect(designatedRouter).toBe(0);
          else expect(eligible).toContain(designatedRouter);
          if (backupDesignatedRouter !== 0) expect(eligible).toContain(backupDesignatedRouter);
        },
      ),
    );
  });
});
