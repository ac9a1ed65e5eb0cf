import { describe, expect, test } from '@jest/globals';
import { FIRST_FREE_LINK_STATE_ID } from '../../src/instance/link-state-id.ts';
import { MAX_AGE_S, MAX_SEQUENCE_NUMBER } from '../../src/lsa/constants.ts';
import type { IntraAreaPrefixLsa } from '../../src/lsa/intra-area-prefix-lsa.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { BACKBONE, Network, type Node, pair, prefix } from './network.ts';

const SERVICE = FIRST_FREE_LINK_STATE_ID;
const of = (node: Node) => ({
  lsType: LsType.IntraAreaPrefix,
  linkStateId: SERVICE,
  advertisingRouter: node.routerId,
});

const service = (node: Node, metric: number): IntraAreaPrefixLsa => ({
  kind: 'IntraAreaPrefix',
  referencedLsType: LsType.Router,
  referencedLinkStateId: 0,
  referencedAdvertisingRouter: node.routerId,
  prefixes: [{ ...prefix('2001:db8:53::53/128'), metric }],
});

function originate(node: Node, metric: number): void {
  const body = service(node, metric);
  const { lsType, linkStateId } = of(node);
  node.handle({ kind: 'originate', scope: BACKBONE, lsType, linkStateId, body });
}

function flush(node: Node): void {
  const { lsType, linkStateId } = of(node);
  node.handle({ kind: 'flush', scope: BACKBONE, lsType, linkStateId });
}

const sentBy = (network: Network, node: Node) =>
  network.updates(node, LsType.IntraAreaPrefix, SERVICE);

function metricAt(node: Node, originator: Node): number | undefined {
  const body = node.lsdb().get(of(originator))?.lsa.body;
  return body?.kind === 'IntraAreaPrefix' ? body.prefixes[0]?.metric : undefined;
}

describe('MinLSInterval (RFC 2328 12.4)', () => {
  test('the first change goes at once, 200 more in a second become one, and the last value wins', () => {
    const { network, a, b } = pair();
    network.run(10_000);
    const fromMs = network.nowMs;
    for (let change = 1; change <= 200; change++) {
      originate(a, change);
      network.run(5);
    }
    expect(metricAt(b, a)).toBe(1);
    network.run(20_000);
    expect(metricAt(b, a)).toBe(200);
    const atMs = sentBy(network, a).map((update) => update.atMs - fromMs);
    expect(atMs).toEqual([0, 5000]);
  });

  test('an unchanged body makes no new instance', () => {
    const { network, a } = pair();
    originate(a, 7);
    network.run(10_000);
    originate(a, 7);
    network.run(10_000);
    expect(sentBy(network, a)).toHaveLength(1);
  });

  test('a value that returns to what is advertised within the interval makes no new instance', () => {
    const { network, a } = pair();
    originate(a, 7);
    network.run(100);
    originate(a, 8);
    originate(a, 7);
    network.run(10_000);
    expect(sentBy(network, a)).toHaveLength(1);
  });

  test('holds for what the instance says of itself: a cost that changes three times, 1.5 s apart', () => {
    const { network, a, b } = pair();
    network.run(10_000);
    const fromMs = network.nowMs;
    const links = network.updates(a, LsType.Router).length;
    for (const cost of [20, 30, 40]) {
      a.handle({ kind: 'interface', interfaceId: 1, up: true, cost });
      network.run(1500);
    }
    network.run(10_000);
    const updates = network.updates(a, LsType.Router).slice(links);
    expect(updates.map(({ atMs }) => atMs - fromMs)).toEqual([0, 5000]);
    const body = b.lsa(LsType.Router, 0, a.routerId)?.body;
    expect(body?.kind === 'Router' && body.links[0]?.metric).toBe(40);
  });

  test('does not hold in the 5 s from the first link of an area: neighbors that come one after the other are described at once', () => {
    const network = new Network();
    const [one, two, three] = [network.link(), network.link(), network.link()];
    const attached = { type: 'pointToPoint' } as const;
    const middle = network.node('10.0.0.1', [one, two, three], attached);
    const others = [one, two, three].map((link, at) =>
      network.node(`10.0.0.${at + 2}`, [link], attached),
    );
    for (const interfaceId of [1, 2, 3]) middle.up(interfaceId);
    network.run(100);
    others[0]!.up();
    network.run(1500);
    others[1]!.up();
    network.run(200);
    const linksOf = () => {
      const body = others[0]!.lsa(LsType.Router, 0, middle.routerId)?.body;
      return body?.kind === 'Router' ? body.links.length : 0;
    };
    expect(linksOf()).toBe(2);
    network.run(10_000);
    others[2]!.up(); // and a later one at once, as nothing was said for MinLSInterval
    network.run(200);
    expect(linksOf()).toBe(3);
    const originated = middle
      .events('lsaOriginated')
      .filter(({ lsa }) => lsa.header.lsType === LsType.Router);
    expect(originated.length).toBe(3);
    for (const [at, { atMs }] of originated.slice(1).entries()) {
      expect(atMs - originated[at]!.atMs).toBeGreaterThanOrEqual(1000);
    }
  });

  test('whenever its turn comes, an adjacency that was lost is not described while it forms anew', () => {
    for (let phaseMs = 0; phaseMs <= 40; phaseMs++) {
      const { network, link, a, b } = pair();
      network.run(60_000 + phaseMs);
      b.handle({ kind: 'interface', interfaceId: 1, up: true, cost: 20 });
      a.dead = true;
      network.run(4985); // b has lost a, and waits for MinLSInterval to say so
      link.nodes.shift();
      const again = network.node('10.0.0.1', [link], { type: 'pointToPoint' });
      again.up();
      network.runUntil(() => again.stateOf(b) === 'Full' && b.stateOf(again) === 'Full', 5000, 1);
      network.run(10);
      const body = again.lsa(LsType.Router, 0, b.routerId)?.body;
      const links = body?.kind === 'Router' ? body.links.length : 0;
      expect({ phaseMs, links }).toEqual({ phaseMs, links: 1 });
    }
  });

  test('nor while a restarted designated router waits and then forms its adjacencies', () => {
    for (let downMs = 960; downMs <= 1010; downMs++) {
      const router = { priority: 10 };
      const network = new Network();
      const link = network.link();
      const a = network.node('10.0.0.1', [link], router);
      const b = network.node('10.0.0.2', [link], { priority: 0 });
      a.up();
      b.up();
      network.run(60_000);
      b.handle({ kind: 'interface', interfaceId: 1, up: true, cost: 20 });
      a.dead = true;
      network.run(downMs);
      link.nodes.shift();
      const again = network.node('10.0.0.1', [link], router);
      again.up(); // waits for RouterDeadInterval, until about when b's turn comes
      network.runUntil(() => again.stateOf(b) === 'Full' && b.stateOf(again) === 'Full', 9000, 1);
      network.run(10);
      const body = again.lsa(LsType.Router, 0, b.routerId)?.body;
      const links = body?.kind === 'Router' ? body.links.length : 0;
      expect({ downMs, links }).toEqual({ downMs, links: 1 });
    }
  });

  test('MinLSInterval can be set down to one second', () => {
    const { network, a, b } = pair({}, { minLsIntervalMs: 1000 });
    originate(a, 1);
    originate(a, 2);
    network.run(1100);
    expect(metricAt(b, a)).toBe(2);
  });
});

describe('premature aging (RFC 2328 14.1)', () => {
  test('a withdrawn LSA is flooded with MaxAge at once and leaves both databases when acknowledged', () => {
    const { network, a, b } = pair();
    originate(a, 1);
    network.run(2000);
    const fromMs = network.nowMs;
    flush(a);
    network.run(1000);
    const last = sentBy(network, a).at(-1);
    expect(last?.atMs).toBe(fromMs);
    expect(last?.lsa.header.ageS).toBe(MAX_AGE_S);
    expect(a.lsdb().get(of(a))).toBeUndefined();
    expect(b.lsdb().get(of(a))).toBeUndefined();
  });

  test('a flush comes at least a second after the last instance, so that nobody drops it', () => {
    const { network, a, b } = pair();
    network.run(5000);
    const fromMs = network.nowMs;
    originate(a, 1);
    network.run(100);
    flush(a);
    network.run(3000);
    const [first = 0, second = 0, ...more] = sentBy(network, a).map((sent) => sent.atMs - fromMs);
    expect(more).toEqual([]);
    expect(second - first).toBeGreaterThanOrEqual(1000);
    expect(second - first).toBeLessThan(1100);
    expect(b.lsdb().get(of(a))).toBeUndefined();
  });

  test('flushed and originated again within a second, the neighbor ends with the new instance', () => {
    const { network, a, b } = pair();
    originate(a, 1);
    network.run(10_000);
    flush(a);
    network.run(20);
    originate(a, 2);
    network.run(10_000);
    expect(metricAt(b, a)).toBe(2);
    const gaps = sentBy(network, a).map((update) => update.atMs);
    for (let at = 1; at < gaps.length; at++) {
      expect(gaps[at]! - gaps[at - 1]!).toBeGreaterThanOrEqual(1000);
    }
  });

  test('stop flushes everything of our own, says Hello to nobody, and is silent from then on', () => {
    const { network, a, b } = pair();
    originate(a, 1);
    network.run(5000);
    a.handle({ kind: 'stop' });
    network.run(2000);
    expect(
      [...b.lsdb().entries()].filter((e) => e.lsa.header.advertisingRouter === a.routerId),
    ).toEqual([]);
    expect(a.events('stopped')).toHaveLength(1);
    const lastOfA = network.sent.filter((sent) => sent.by === a).at(-1)?.packet;
    expect(lastOfA?.kind === 'Hello' && lastOfA.neighbors).toEqual([]);
    expect(a.instance.deadlineMs()).toBe(Number.POSITIVE_INFINITY);
    expect(b.stateOf(a)).toBe('Init');
  });

  test('what is wanted again and not after all, before its flush is acknowledged, is flushed all the same', () => {
    const { network, link, a, b } = pair({ rxmtIntervalS: 1 });
    originate(a, 1);
    network.run(5000);
    link.loses = ({ packet }) =>
      packet.kind === 'LinkStateUpdate' &&
      packet.lsas.some(({ header }) => header.linkStateId === SERVICE);
    flush(a);
    network.run(100);
    link.loses = () => false;
    originate(a, 2);
    flush(a);
    a.handle({ kind: 'stop' });
    network.run(3000);
    expect(a.events('stopped')).toHaveLength(1);
    expect(metricAt(b, a)).toBeUndefined();
    expect([...a.instance.illegalTransitions]).toEqual([]);
  });

  test('what is originated after stop is not said: it would stay for an hour', () => {
    const { network, a, b } = pair();
    originate(a, 1);
    network.run(5000);
    a.handle({ kind: 'stop' });
    originate(a, 2);
    network.run(5000);
    expect(a.events('stopped')).toHaveLength(1);
    expect(metricAt(b, a)).toBeUndefined();
  });

  test('while stop waits for acknowledgments, a change of a link asks for no deadline that is over', () => {
    const { network, link, a } = pair();
    originate(a, 1);
    network.run(5000);
    link.loses = ({ packet }) => packet.kind === 'LinkStateAcknowledgment';
    a.handle({ kind: 'stop' });
    network.run(100);
    a.handle({ kind: 'interface', interfaceId: 1, up: true, cost: 77 });
    network.run(600);
    expect(a.events('stopped')).toEqual([]);
    expect(a.deadlineMs).toBeGreaterThan(network.nowMs);
  });
});

describe('refresh (RFC 2328 12.4 event 1)', () => {
  test('every LSA is originated again before LSRefreshTime, and none ever comes to MaxAge', () => {
    const { network, a, b } = pair({ helloIntervalS: 60, routerDeadIntervalS: 240 });
    originate(a, 1);
    network.run(100);
    const fromMs = network.nowMs;
    network.run(7_200_000);
    const refreshes = sentBy(network, a).map((update) => update.atMs - fromMs);
    expect(refreshes.length).toBeGreaterThanOrEqual(5);
    expect(refreshes.length).toBeLessThanOrEqual(6);
    expect(
      b.outputs.some(({ output }) => output.kind === 'lsa' && output.change === 'removed'),
    ).toBe(false);
    const refreshed = b.outputs.filter(
      ({ output }) =>
        output.kind === 'lsa' && output.lsa.header.linkStateId === SERVICE && output.previous,
    );
    // A mere refresh makes nobody compute routes again (13.2).
    expect(refreshed.length).toBeGreaterThanOrEqual(4);
    for (const { output } of refreshed) {
      expect(output.kind === 'lsa' && output.contentsChanged).toBe(false);
    }
  });
});

describe('an LSA that was withdrawn', () => {
  test('is remembered for MaxAge, so that it would go on with its sequence numbers, and then forgotten', () => {
    const { network, a } = pair({ helloIntervalS: 600, routerDeadIntervalS: 2400 });
    originate(a, 1);
    network.run(10_000);
    flush(a);
    network.run(60_000);
    originate(a, 2);
    network.run(10_000);
    expect(a.lsdb().get(of(a))?.lsa.header.sequenceNumber).toBe(-0x7ffffffe);
    flush(a);
    network.run(3_700_000);
    originate(a, 3);
    network.run(10_000);
    expect(a.lsdb().get(of(a))?.lsa.header.sequenceNumber).toBe(-0x7fffffff);
  });
});

describe('self-originated LSAs received (RFC 2328 13.4)', () => {
  test('a newer instance of what we advertise is gone past with the next sequence number', () => {
    const { network, a, b } = pair();
    originate(a, 1);
    network.run(10_000);
    network.update(b, [Lsa.originate(of(a), 100, service(a, 99))]);
    network.run(3000);
    expect(a.lsdb().get(of(a))?.lsa.header.sequenceNumber).toBe(101);
    expect(metricAt(b, a)).toBe(1);
  });

  test('an instance of an earlier life that nobody wants is flushed', () => {
    const { network, a, b } = pair();
    network.run(5000);
    network.update(b, [Lsa.originate(of(a), 100, service(a, 99))]);
    network.run(100);
    expect(metricAt(a, a)).toBe(99);
    network.run(5000);
    expect(a.lsdb().get(of(a))).toBeUndefined();
    expect(b.lsdb().get(of(a))).toBeUndefined();
  });

  test('a restarted router takes over its old LSAs without a gap and without a second of stall', () => {
    const { network, link, a, b } = pair();
    originate(a, 1);
    network.run(60_000);
    a.dead = true;
    network.run(1000);
    link.nodes.shift();
    const again = network.node('10.0.0.1', [link], { type: 'pointToPoint' });
    originate(again, 5);
    again.up();
    const tookMs = network.runUntil(
      () => again.stateOf(b) === 'Full' && metricAt(b, again) === 5,
      10_000,
    );
    expect(tookMs).toBeLessThan(1500);
    const stale = b.outputs.filter(
      ({ output }) =>
        output.kind === 'lsa' &&
        output.lsa.header.linkStateId === SERVICE &&
        output.lsa.header.ageS === MAX_AGE_S,
    );
    expect(stale).toEqual([]);
  });

  test('MaxSequenceNumber with an age below MaxAge is a fight-back like any other, and rolls over', () => {
    const { network, a, b } = pair();
    originate(a, 1);
    network.run(10_000);
    network.update(b, [Lsa.originate(of(a), MAX_SEQUENCE_NUMBER, service(a, 99))]);
    network.run(20_000);
    // 12.1.6: flushed with MaxAge first, then started over at InitialSequenceNumber.
    const sequence = sentBy(network, a).map(({ lsa }) => [
      lsa.header.sequenceNumber,
      lsa.header.ageS,
    ]);
    expect(sequence).toContainEqual([MAX_SEQUENCE_NUMBER, MAX_AGE_S]);
    expect(a.lsdb().get(of(a))?.lsa.header.sequenceNumber).toBe(-0x7fffffff);
    expect(metricAt(b, a)).toBe(1);
  });
});
