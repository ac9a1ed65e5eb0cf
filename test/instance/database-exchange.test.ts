import { describe, expect, test } from '@jest/globals';
import { LsType } from '../../src/lsa/ls-type.ts';
import { DatabaseDescriptionFlag } from '../../src/packet/packet.ts';
import { ALL_SPF_ROUTERS } from '../../src/wire/address.ts';
import { ABSENT, chain, contentsOf, foreign, Network, type Node, pair } from './network.ts';

describe('database exchange (RFC 2328 10.6, 10.8)', () => {
  test('a database of 3,000 LSAs is exchanged in numbered packets that fit the MTU', () => {
    const { network, one, two, three } = chain();
    one.up();
    two.up(1);
    network.run(3000);
    const lsas = Array.from({ length: 3000 }, (_, at) => foreign(1, 1, 0, at));
    for (let at = 0; at < lsas.length; at += 500) network.update(one, lsas.slice(at, at + 500));
    network.run(3000);
    two.up(2);
    three.up();
    const tookMs = network.runUntil(() => three.stateOf(two) === 'Full', 5000);
    expect(tookMs).toBeLessThan(2000);
    network.run(2000);
    expect(contentsOf(three.lsdb())).toEqual(contentsOf(two.lsdb()));
    const sizes = network.sent.filter((s) => s.by !== one).map((s) => s.octets.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1460);
  });

  test('lost Database Descriptions are repeated by the master; the slave answers again', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link], { type: 'pointToPoint', rxmtIntervalS: 1 });
    const b = network.node('10.0.0.2', [link], { type: 'pointToPoint', rxmtIntervalS: 1 });
    const seen = new Map<Node, number>();
    link.loses = (sent, to) => {
      if (sent.packet.kind !== 'DatabaseDescription') return false;
      const count = seen.get(to) ?? 0;
      seen.set(to, count + 1);
      return count % 2 === 0;
    };
    a.up();
    b.up();
    network.run(15_000);
    expect([a.stateOf(b), b.stateOf(a)]).toEqual(['Full', 'Full']);
  });

  test('an Interface MTU above ours is refused: the adjacency stays in ExStart, counted', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link], { type: 'pointToPoint' });
    const b = network.node('10.0.0.2', [link], { type: 'pointToPoint' });
    a.up(1, [], 1500);
    b.up(1, [], 9000);
    network.run(20_000);
    expect(a.stateOf(b)).toBe('ExStart');
    expect(b.stateOf(a)).not.toBe('Full');
    expect(a.instance.drops.get('MtuMismatch')).toBeGreaterThan(0);
  });

  test('an MTU that changes while the exchange begins is in the next Database Description', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link], { type: 'pointToPoint' });
    const b = network.node('10.0.0.2', [link], { type: 'pointToPoint' });
    // B is one of those that take an MTU equal to theirs alone, as FRR does.
    link.loses = ({ by, packet }) =>
      packet.kind === 'DatabaseDescription' && (by === b || packet.interfaceMtu !== 1500);
    a.up(1, [], 1400);
    b.up(1, [], 1400);
    network.run(2000);
    expect(a.stateOf(b)).toBe('ExStart');
    for (const node of [a, b])
      node.handle({ kind: 'interface', interfaceId: 1, up: true, mtu: 1500 });
    link.loses = ({ packet }) =>
      packet.kind === 'DatabaseDescription' && packet.interfaceMtu !== 1500;
    network.run(6000);
    expect([a.stateOf(b), b.stateOf(a)]).toEqual(['Full', 'Full']);
  });

  test('with mtuIgnore the adjacency forms all the same', () => {
    const network = new Network();
    const link = network.link();
    const attached = { type: 'pointToPoint', mtuIgnore: true } as const;
    const a = network.node('10.0.0.1', [link], attached);
    const b = network.node('10.0.0.2', [link], attached);
    a.up(1, [], 1500);
    b.up(1, [], 9000);
    network.run(5000);
    expect([a.stateOf(b), b.stateOf(a)]).toEqual(['Full', 'Full']);
  });

  test('in Full, a Database Description out of sequence starts the exchange over, and it completes', () => {
    const { network, a, b } = pair();
    const { M, MS } = DatabaseDescriptionFlag;
    network.inject(
      b,
      {
        kind: 'DatabaseDescription',
        routerId: b.routerId,
        areaId: 0,
        instanceId: 0,
        options: 0x13,
        interfaceMtu: 1500,
        flags: M | MS,
        ddSequenceNumber: 12345,
        lsaHeaders: [],
      },
      ALL_SPF_ROUTERS,
    );
    network.run(2);
    expect(a.events('neighborState').at(-1)).toMatchObject({
      from: 'Full',
      to: 'ExStart',
      because: 'SeqNumberMismatch',
    });
    network.run(12_000);
    expect([a.stateOf(b), b.stateOf(a)]).toEqual(['Full', 'Full']);
  });

  /** Two routers just Full; the slave hears the master's first packet twice more, out of time. */
  function repeatedBeginning() {
    const { network, link, a, b } = pair();
    const { I } = DatabaseDescriptionFlag;
    const first = network.sent.find(
      ({ by, packet }) => by === b && packet.kind === 'DatabaseDescription' && packet.flags & I,
    )!;
    for (let times = 0; times < 2; times++) network.inject(b, first.packet, ALL_SPF_ROUTERS);
    return { network, link, a, b };
  }

  test('a slave that starts over says so, although an old packet of the master would let it go on', () => {
    const { network, link, a, b } = repeatedBeginning();
    // The master takes the answer to the old packet for a repeated one, or never hears it.
    const { I } = DatabaseDescriptionFlag;
    link.loses = ({ by, packet }) =>
      by === a && packet.kind === 'DatabaseDescription' && !(packet.flags & I);
    network.run(100);
    link.loses = () => false;
    network.run(3900); // before RouterDeadInterval
    expect([a.stateOf(b), b.stateOf(a)]).toEqual(['Full', 'Full']);
  });

  test('a slave that hears nothing of the master for RouterDeadInterval starts over', () => {
    const { network, link, a, b } = repeatedBeginning();
    link.loses = ({ by, packet }) => by === a && packet.kind === 'DatabaseDescription';
    network.run(3000);
    link.loses = () => false;
    expect([a.stateOf(b), b.stateOf(a)]).toEqual(['Exchange', 'Full']);
    network.run(4000);
    expect([a.stateOf(b), b.stateOf(a)]).toEqual(['Full', 'Full']);
  });

  test('a request for an LSA we do not have is BadLSReq', () => {
    const { network, a, b } = pair();
    const requests = [{ lsType: LsType.Router, linkStateId: 77, advertisingRouter: ABSENT }];
    const header = { routerId: b.routerId, areaId: 0, instanceId: 0 };
    network.inject(b, { kind: 'LinkStateRequest', ...header, requests }, ALL_SPF_ROUTERS);
    network.run(2);
    expect(a.events('neighborState').at(-1)?.because).toBe('BadLSReq');
    network.run(12_000);
    expect([a.stateOf(b), b.stateOf(a)]).toEqual(['Full', 'Full']);
  });

  test('no second instance of an LSA reaches a neighbor that was sent the first within its MinLSArrival', () => {
    const { network, one, two, three } = chain();
    one.up();
    two.up(1);
    network.run(20_000);
    two.up(2);
    three.up();
    network.run(10_000);
    expect(three.stateOf(two)).toBe('Full');
    const toThree = network.sent.filter((s) => s.by === two && s.interfaceId === 2);
    const atMs = toThree.flatMap(({ atMs, packet }) =>
      packet.kind === 'LinkStateUpdate' &&
      packet.lsas.some(
        (l) => l.header.lsType === LsType.Router && l.header.advertisingRouter === two.routerId,
      )
        ? [atMs]
        : [],
    );
    expect(atMs).toHaveLength(2);
    expect(atMs[1]! - atMs[0]!).toBeGreaterThanOrEqual(1000);
    // And not as late as RxmtInterval, which is what a dropped instance costs.
    expect(atMs[1]! - atMs[0]!).toBeLessThan(1200);
  });
});
