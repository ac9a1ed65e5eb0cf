import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_AGE_S } from '../../src/lsa/constants.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { DatabaseView } from '../../src/lsdb/database-view.ts';
import { DeadlineHeap } from '../../src/lsdb/deadline-heap.ts';
import { ageS, contentsDiffer, Lsdb } from '../../src/lsdb/lsdb.ts';
import { decodePacket } from '../../src/packet/decode.ts';
import { encodePacket } from '../../src/packet/encode.ts';
import { parseAddress } from '../../src/wire/address.ts';

const AREA = { kind: 'area', areaId: 0 } as const;

const lsa = (linkStateId: number, sequenceNumber = 1, text = 0, age = 0): Lsa =>
  Lsa.originate(
    { lsType: LsType.RouterInformation, linkStateId, advertisingRouter: 9 },
    sequenceNumber,
    { kind: 'RouterInformation', tlvs: [{ type: 40000, value: Uint8Array.of(text) }] },
    age,
  );

describe('the link-state database (RFC 2328 12.2)', () => {
  test('an LSA is found by LS type, Link State ID and Advertising Router', () => {
    const lsdb = new Lsdb(AREA);
    const installed = lsa(1);
    lsdb.install(installed, 0);
    expect(lsdb.get(installed.header)?.lsa.octets).toEqual(installed.octets);
    expect(lsdb.get({ ...installed.header, linkStateId: 2 })).toBeUndefined();
    expect(lsdb.get({ ...installed.header, advertisingRouter: 8 })).toBeUndefined();
    expect(lsdb.get({ ...installed.header, lsType: LsType.Router })).toBeUndefined();
  });

  test('a newer instance takes the place of the old one, by type as well', () => {
    const lsdb = new Lsdb(AREA);
    lsdb.install(lsa(1), 0);
    const { previous } = lsdb.install(lsa(1, 2), 0);
    expect(previous?.lsa.header.sequenceNumber).toBe(1);
    expect(lsdb.size).toBe(1);
    expect([...lsdb.ofType(LsType.RouterInformation)]).toHaveLength(1);
    expect([...lsdb.ofType(LsType.Router)]).toEqual([]);
    lsdb.remove(lsa(1).header);
    expect([...lsdb.entries(), ...lsdb.ofType(LsType.RouterInformation)]).toEqual([]);
  });

  test('an LSA ages by a second every second, from the age it came with, and no further than MaxAge', () => {
    const { entry } = new Lsdb(AREA).install(lsa(1, 1, 0, 100), 5000);
    expect(ageS(entry, 5000)).toBe(100);
    expect(ageS(entry, 5999)).toBe(100);
    expect(ageS(entry, 6000)).toBe(101);
    expect(ageS(entry, 1e9)).toBe(MAX_AGE_S);
  });

  test('an LSA that nobody refreshes comes to MaxAge after 3600 s, once, and stays until removed (14)', () => {
    const lsdb = new Lsdb(AREA);
    lsdb.install(lsa(1), 0);
    const found: number[] = [];
    while (lsdb.nextDeadlineMs() !== Number.POSITIVE_INFINITY) {
      const nowMs = lsdb.nextDeadlineMs();
      for (const { lsa: aged } of lsdb.agedOut(nowMs)) found.push(nowMs, aged.header.linkStateId);
    }
    expect(found).toEqual([3_600_000, 1]);
    expect(lsdb.size).toBe(1);
  });

  test('times with fractions, as clocks have them, do not keep an entry due for ever', () => {
    // At some of these the age is rounded down just when the entry is due.
    for (let i = 0; i < 500; i++) {
      const lsdb = new Lsdb(AREA);
      const atMs = 1_764_000_000_000 + 1000 * i + i / 7;
      lsdb.install(lsa(1, 1, 0, i % 300), atMs);
      for (let steps = 0; lsdb.nextDeadlineMs() < atMs + 1_000_000; steps++) {
        expect(steps).toBeLessThan(20);
        lsdb.agedOut(lsdb.nextDeadlineMs());
      }
    }
  });

  test('the checksum is verified every 300 s; octets that changed in memory end the process (14)', () => {
    const lsdb = new Lsdb(AREA);
    const { entry } = lsdb.install(lsa(1), 0);
    expect(lsdb.nextDeadlineMs()).toBe(300_000);
    expect(lsdb.agedOut(300_000)).toEqual([]);
    expect(lsdb.nextDeadlineMs()).toBe(600_000);
    entry.lsa.octets[20]! ^= 1;
    expect(() => lsdb.agedOut(600_000)).toThrow('Invariant broken');
  });

  test('LSAs of MaxAge are known apart, without a search', () => {
    const lsdb = new Lsdb(AREA);
    lsdb.install(lsa(1), 0);
    expect(lsdb.holdsMaxAge).toBe(false);
    lsdb.install(lsa(1).withAge(MAX_AGE_S), 0);
    expect([...lsdb.maxAgeEntries()]).toHaveLength(1);
    lsdb.install(lsa(1, 2), 0);
    expect(lsdb.holdsMaxAge).toBe(false);
  });

  test('replaced instances leave no deadlines behind without bound', () => {
    const lsdb = new Lsdb(AREA);
    for (let sequence = 1; sequence <= 10_000; sequence++) lsdb.install(lsa(1, sequence), sequence);
    let woken = 0;
    while (lsdb.nextDeadlineMs() <= 400_000) {
      lsdb.agedOut(lsdb.nextDeadlineMs());
      woken++;
    }
    expect(woken).toBeLessThanOrEqual(70);
  });
});

describe('what a database holds in memory', () => {
  test('is its LSAs, not the packets that they came in with all that was beside them', () => {
    const lsdb = new Lsdb({ kind: 'area', areaId: 0 });
    const address = parseAddress('fe80::1');
    const header = { routerId: 1, areaId: 0, instanceId: 0 };
    const lsa = (linkStateId: number, octets: number) =>
      Lsa.originate({ lsType: 0xa123, linkStateId, advertisingRouter: 1 }, 1, {
        kind: 'Unknown',
        octets: new Uint8Array(octets),
      });
    let keptOctets = 0;
    for (let i = 0; i < 500; i++) {
      // One small LSA that is new, beside others that are not wanted.
      const lsas = [lsa(i, 20), lsa(1_000_000, 30_000), lsa(1_000_001, 30_000)];
      const octets = encodePacket({ kind: 'LinkStateUpdate', ...header, lsas }, address, address);
      const packet = decodePacket(octets);
      if (packet.kind !== 'LinkStateUpdate') throw new Error('no update');
      const { entry } = lsdb.install(packet.lsas[0]!, 0);
      expect(entry.lsa.octets).toEqual(lsas[0]!.octets);
      keptOctets += entry.lsa.octets.length;
    }
    const buffers = new Set([...lsdb.entries()].map(({ lsa: { octets } }) => octets.buffer));
    const heldOctets = [...buffers].reduce((sum, buffer) => sum + buffer.byteLength, 0);
    expect(heldOctets).toBeLessThan(keptOctets + 2 * 65_536);
  });
});

describe('whether routes must be computed again (RFC 2328 13.2)', () => {
  test('not for a refresh: only sequence number, checksum and age are others', () => {
    expect(contentsDiffer(lsa(1, 1, 5), lsa(1, 2, 5, 30))).toBe(false);
  });

  test('for another body, or when one of the two is of MaxAge', () => {
    expect(contentsDiffer(lsa(1, 1, 5), lsa(1, 2, 6))).toBe(true);
    expect(contentsDiffer(lsa(1), lsa(1).withAge(MAX_AGE_S))).toBe(true);
  });

  test('for a body of another length', () => {
    const longer = Lsa.originate(lsa(1).header, 2, { kind: 'RouterInformation', tlvs: [] });
    expect(contentsDiffer(lsa(1), longer)).toBe(true);
  });
});

describe('the databases of a link (RFC 5340 4.5.3)', () => {
  const link = new Lsdb({ kind: 'link', interfaceId: 1 });
  const area = new Lsdb(AREA);
  const as = new Lsdb({ kind: 'as' });
  const view = new DatabaseView(link, area, as);

  test.each([
    ['a Link-LSA', LsType.Link, link],
    ['a Router-LSA', LsType.Router, area],
    ['an AS-External-LSA', LsType.AsExternal, as],
    ['an unknown type with U-bit and area scope', 0xa999, area],
    ['an unknown type without U-bit, whatever its scope', 0x4999, link],
  ])('%s belongs in its scope', (_what, lsType, lsdb) => {
    expect(view.of(lsType)).toBe(lsdb);
  });

  test('the reserved scope has no database, nor has AS scope in a stub area', () => {
    expect(view.of(0xe001)).toBeUndefined();
    expect(new DatabaseView(link, area, undefined).of(LsType.AsExternal)).toBeUndefined();
  });
});

describe('the heap of deadlines', () => {
  test('property: beside a sorted list', () => {
    const times = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 200 });
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 1000 }), (all, dropBelow) => {
        const heap = new DeadlineHeap<number>();
        for (const atMs of all) heap.push(atMs, atMs);
        heap.retain((item) => item >= dropBelow);
        const sorted = all.filter((item) => item >= dropBelow).sort((a, b) => a - b);
        expect(heap.nextMs).toBe(sorted[0] ?? Number.POSITIVE_INFINITY);
        const taken: number[] = [];
        for (;;) {
          const item = heap.popDue(2000);
          if (item === undefined) break;
          taken.push(item);
        }
        expect(taken).toEqual(sorted);
      }),
    );
  });

  test('nothing is due before its time', () => {
    const heap = new DeadlineHeap<string>();
    heap.push(10, 'ten');
    expect(heap.popDue(9)).toBeUndefined();
    expect(heap.popDue(10)).toBe('ten');
  });
});
