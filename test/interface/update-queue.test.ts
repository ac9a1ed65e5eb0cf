import { describe, expect, test } from '@jest/globals';
import { AcknowledgmentQueue } from '../../src/interface/acknowledgment-queue.ts';
import { UpdateQueue } from '../../src/interface/update-queue.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { Lsdb, type LsdbEntry } from '../../src/lsdb/lsdb.ts';
import { ALL_SPF_ROUTERS, parseAddress } from '../../src/wire/address.ts';

const lsdb = new Lsdb({ kind: 'area', areaId: 0 });

const entry = (linkStateId: number, sequenceNumber = 1, valueOctets = 60): LsdbEntry =>
  lsdb.install(
    Lsa.originate(
      { lsType: LsType.RouterInformation, linkStateId, advertisingRouter: 9 },
      sequenceNumber,
      { kind: 'RouterInformation', tlvs: [{ type: 40000, value: new Uint8Array(valueOctets) }] },
    ),
    0,
  ).entry;

/** What goes out at each time when the queue is flushed as soon as it wants to be. */
function drain(queue: UpdateQueue, room: number): Map<number, Lsa[][]> {
  const sent = new Map<number, Lsa[][]>();
  let nowMs = 0;
  while (queue.deadlineMs() !== Number.POSITIVE_INFINITY) {
    nowMs = Math.max(nowMs, queue.deadlineMs());
    const packets: Lsa[][] = [];
    queue.flush(nowMs, room, 1, (_destination, lsas) => {
      packets.push(lsas);
    });
    sent.set(nowMs, packets);
  }
  return sent;
}

describe('LSAs on their way out of an interface', () => {
  test('as many as fit share a Link State Update, and none passes the room there is', () => {
    const queue = new UpdateQueue();
    for (let at = 0; at < 30; at++) queue.add(ALL_SPF_ROUTERS, entry(at));
    const [packets = []] = drain(queue, 1424).values();
    // 84 octets each: 16 in the first packet, 14 in the second.
    expect(packets.map((lsas) => lsas.length)).toEqual([16, 14]);
  });

  test('an LSA larger than the room goes alone', () => {
    const queue = new UpdateQueue();
    queue.add(ALL_SPF_ROUTERS, entry(1));
    queue.add(ALL_SPF_ROUTERS, entry(2, 1, 5000));
    queue.add(ALL_SPF_ROUTERS, entry(3));
    const [packets = []] = drain(queue, 1424).values();
    expect(packets.map((lsas) => lsas.length)).toEqual([1, 1, 1]);
  });

  test('a large database leaves in bursts of 20 packets with a rest between them', () => {
    const queue = new UpdateQueue();
    for (let at = 0; at < 1000; at++) queue.add(ALL_SPF_ROUTERS, entry(at));
    const sent = [...drain(queue, 1424)];
    expect(sent.map(([, packets]) => packets.length)).toEqual([20, 20, 20, 3]);
    const times = sent.map(([atMs]) => atMs);
    for (let at = 1; at < times.length; at++) {
      expect(times[at]! - times[at - 1]!).toBeGreaterThanOrEqual(10);
    }
    expect(sent.flatMap(([, packets]) => packets.flat())).toHaveLength(1000);
  });

  test('a newer instance takes the place of one that still waits', () => {
    const queue = new UpdateQueue();
    queue.add(ALL_SPF_ROUTERS, entry(1, 1));
    queue.add(ALL_SPF_ROUTERS, entry(1, 2));
    const lsas = [...drain(queue, 1424).values()].flat(2);
    expect(lsas.map((lsa) => lsa.header.sequenceNumber)).toEqual([2]);
  });

  test('what goes to one neighbor is not mixed with what goes to all', () => {
    const queue = new UpdateQueue();
    queue.add(ALL_SPF_ROUTERS, entry(1));
    queue.add(parseAddress('fe80::1'), entry(1));
    const [packets = []] = drain(queue, 1424).values();
    expect(packets).toHaveLength(2);
  });

  test('every LSA leaves older by InfTransDelay (RFC 2328 13.3)', () => {
    const queue = new UpdateQueue();
    queue.add(ALL_SPF_ROUTERS, entry(1));
    const [[[lsa] = []] = []] = [...drain(queue, 1424).values()];
    expect(lsa?.header.ageS).toBe(1);
  });
});

describe('delayed acknowledgments (RFC 2328 13.5)', () => {
  const header = (linkStateId: number) => entry(linkStateId).lsa.header;

  test('wait for others, but far less than RxmtInterval', () => {
    const queue = new AcknowledgmentQueue(5000);
    queue.add(header(1), 100);
    queue.add(header(2), 200);
    expect(queue.deadlineMs).toBe(300);
    expect(queue.takeDue(299)).toEqual([]);
    expect(queue.takeDue(300).map((h) => h.linkStateId)).toEqual([1, 2]);
    expect(queue.deadlineMs).toBe(Number.POSITIVE_INFINITY);
  });

  test('a short RxmtInterval shortens the wait', () => {
    const queue = new AcknowledgmentQueue(500);
    queue.add(header(1), 0);
    expect(queue.deadlineMs).toBe(100);
  });

  test('the same LSA is acknowledged once, in its newest instance', () => {
    const queue = new AcknowledgmentQueue(5000);
    queue.add(entry(1, 1).lsa.header, 0);
    queue.add(entry(1, 2).lsa.header, 0);
    expect(queue.takeDue(1000).map((h) => h.sequenceNumber)).toEqual([2]);
  });

  test('more than fit a packet go in several', () => {
    const queue = new AcknowledgmentQueue(5000);
    const headers = Array.from({ length: 200 }, (_, at) => header(at));
    const packets = [...queue.packed(headers, 1460)];
    expect(packets.map((packet) => packet.length)).toEqual([72, 72, 56]);
  });
});
