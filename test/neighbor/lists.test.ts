import { describe, expect, test } from '@jest/globals';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { Lsdb, type LsdbEntry } from '../../src/lsdb/lsdb.ts';
import { RequestList } from '../../src/neighbor/request-list.ts';
import { RetransmissionList } from '../../src/neighbor/retransmission-list.ts';

const lsdb = new Lsdb({ kind: 'area', areaId: 0 });

const entry = (linkStateId: number, sequenceNumber = 1): LsdbEntry =>
  lsdb.install(
    Lsa.originate(
      { lsType: LsType.RouterInformation, linkStateId, advertisingRouter: 9 },
      sequenceNumber,
      { kind: 'RouterInformation', tlvs: [] },
    ),
    0,
  ).entry;

const RXMT_MS = 5000;

describe('the Link state retransmission list (RFC 2328 13.6)', () => {
  test('an LSA is due one RxmtInterval after it was flooded, and again after each retransmission', () => {
    const list = new RetransmissionList();
    const lsa = entry(1);
    list.add(lsa, 0, RXMT_MS);
    expect(list.nextMs).toBe(5000);
    expect(list.takeDue(4999, RXMT_MS, 10)).toEqual([]);
    expect(list.takeDue(5000, RXMT_MS, 10)).toEqual([lsa]);
    expect(list.nextMs).toBe(10_000);
  });

  test('an LSA that is acknowledged is due no longer', () => {
    const list = new RetransmissionList();
    list.add(entry(1), 0, RXMT_MS);
    list.remove(entry(1).key);
    expect([list.size, list.nextMs]).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  test('at most so many go at once; the rest is due at once again', () => {
    const list = new RetransmissionList();
    for (let at = 0; at < 5; at++) list.add(entry(at), 0, RXMT_MS);
    expect(list.takeDue(6000, RXMT_MS, 3)).toHaveLength(3);
    expect(list.nextMs).toBeLessThanOrEqual(6000);
    expect(list.takeDue(6000, RXMT_MS, 3)).toHaveLength(2);
    expect(list.nextMs).toBe(11_000);
  });

  test('a neighbor that was sent an instance 300 ms ago is sent the next when its MinLSArrival is over', () => {
    const list = new RetransmissionList();
    const [first, second] = [entry(1, 1), entry(1, 2)];
    list.noteSent(first, 0);
    expect(list.add(second, 300, RXMT_MS)).toBe(false);
    expect(list.nextMs).toBeGreaterThanOrEqual(1000);
    expect(list.nextMs).toBeLessThan(1200);
    expect(list.takeDue(list.nextMs, RXMT_MS, 10)).toEqual([second]);
  });

  test('the same instance again, or another after a second, is not held back', () => {
    const list = new RetransmissionList();
    const [first, second] = [entry(1, 1), entry(1, 2)];
    list.noteSent(first, 0);
    expect(list.add(first, 300, RXMT_MS)).toBe(true);
    expect(list.add(second, 1100, RXMT_MS)).toBe(true);
  });

  test('what was sent is forgotten after a second, however much it is', () => {
    const list = new RetransmissionList();
    for (let at = 0; at < 1000; at++) list.noteSent(entry(at), at);
    expect(list.sentLately(entry(999).key, 1500)).toBe(true);
    expect(list.sentLately(entry(1).key, 1500)).toBe(false);
  });
});

describe('the Link state request list (RFC 2328 10.9)', () => {
  test('only so many are asked for at a time, and more when all of them have come', () => {
    const list = new RequestList();
    const headers = [1, 2, 3].map((linkStateId) => entry(linkStateId).lsa.header);
    for (const header of headers) list.add(header);
    expect(list.next(2).map((identity) => identity.linkStateId)).toEqual([1, 2]);
    expect(list.answered).toBe(false);
    list.remove(headers[0]!);
    expect(list.answered).toBe(false);
    list.remove(headers[1]!);
    expect(list.answered).toBe(true);
    expect(list.next(2).map((identity) => identity.linkStateId)).toEqual([3]);
  });

  test('what did not come is asked for again', () => {
    const list = new RequestList();
    list.add(entry(1).lsa.header);
    list.next(10);
    expect(list.next(10)).toHaveLength(1);
    expect(list.size).toBe(1);
  });
});
