import { describe, expect, test } from '@jest/globals';
import { LsType } from '../../src/lsa/ls-type.ts';
import { ALL_SPF_ROUTERS } from '../../src/wire/address.ts';
import { contentsOf, Network, type Node, pair, prefix } from './network.ts';

describe('two routers on a broadcast link (RFC 2328 9, 10)', () => {
  test('reach Full right after the Wait Timer, elect the higher Router ID, and agree', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link]);
    const b = network.node('10.0.0.2', [link]);
    a.up(1, [prefix('2001:db8:1::/64')]);
    b.up(1, [prefix('2001:db8:1::/64')]);
    network.run(10_000);
    expect(a.stateOf(b)).toBe('Full');
    expect(b.stateOf(a)).toBe('Full');
    expect(b.instance.interfaces()[0]?.state).toBe('DR');
    expect(a.instance.interfaces()[0]?.state).toBe('Backup');
    expect(a.fullAtMs(b)).toBeLessThan(4100);
    expect(contentsOf(a.lsdb())).toEqual(contentsOf(b.lsdb()));
    expect([...a.lsdb().entries()].map((entry) => entry.lsa.header.lsType).sort()).toEqual([
      LsType.Router,
      LsType.Router,
      LsType.Network,
      LsType.IntraAreaPrefix,
    ]);
    expect([...a.instance.illegalTransitions.keys()]).toEqual([]);
    expect(Object.fromEntries(a.instance.drops)).toEqual({});
  });
});

const hellosOf = (network: Network, by: Node) =>
  network.sent.filter((sent) => sent.by === by && sent.packet.kind === 'Hello');

describe('Hellos out of turn: what RFC 2328 9.5 says each HelloInterval is said at once', () => {
  const interval = { helloIntervalS: 10, routerDeadIntervalS: 40 };
  const pointToPoint = { ...interval, type: 'pointToPoint' } as const;

  test.each([0, 7, 300, 5000])(
    'two routers that start %i ms apart are Full without waiting for a HelloInterval',
    (apartMs) => {
      const network = new Network();
      const link = network.link();
      const a = network.node('10.0.0.1', [link], pointToPoint);
      const b = network.node('10.0.0.2', [link], pointToPoint);
      a.up();
      network.run(apartMs);
      b.up();
      network.run(60);
      expect([a.stateOf(b), b.stateOf(a)]).toEqual(['Full', 'Full']);
    },
  );

  test('a neighbor that restarted within RouterDeadInterval is answered at once', () => {
    const { network, link, a, b } = pair(interval);
    network.run(3000);
    b.dead = true;
    link.nodes.pop();
    network.run(1000);
    const again = network.node('10.0.0.2', [link], pointToPoint);
    again.up();
    network.run(60);
    expect([a.stateOf(again), again.stateOf(a)]).toEqual(['Full', 'Full']);
  });

  test('who has become designated router or its backup says so at once, which ends the waiting of others', () => {
    const network = new Network();
    const link = network.link();
    const [c, b, a] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((name) =>
      network.node(name, [link], interval),
    ) as [Node, Node, Node];
    a.up();
    b.up();
    network.run(20_000);
    c.up();
    network.run(20_000 + 60);
    expect([a, b].map((node) => node.instance.interfaces()[0]?.state)).toEqual(['DR', 'Backup']);
    expect([a.stateOf(c), b.stateOf(c)]).toEqual(['Full', 'Full']);
  });

  test('a router that hears us and is not heard is answered once, not again and again', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link], pointToPoint);
    const b = network.node('10.0.0.2', [link], { ...pointToPoint, helloIntervalS: 10 });
    link.loses = (_sent, to) => to === b;
    a.up();
    b.up();
    network.run(99_000);
    expect(a.stateOf(b)).toBe('Init');
    expect(hellosOf(network, a).length).toBeLessThanOrEqual(11);
  });

  test('a hundred routers heard in one instant draw one Hello, and a thousand in a second only 50', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link], interval);
    const others = network.node('10.0.0.2', [link], interval);
    a.up();
    network.run(1000);
    const before = hellosOf(network, a).length;
    const hear = (routerId: number) =>
      network.inject(
        others,
        {
          kind: 'Hello',
          routerId,
          areaId: 0,
          instanceId: 0,
          interfaceId: 1,
          routerPriority: 0,
          options: 0x13,
          ...interval,
          designatedRouter: 0,
          backupDesignatedRouter: 0,
          neighbors: [],
        },
        ALL_SPF_ROUTERS,
      );
    for (let i = 0; i < 100; i++) hear(0x0b00_0000 + i);
    network.run(5);
    expect(hellosOf(network, a).length - before).toBe(1);
    for (let i = 0; i < 1000; i++) {
      hear(0x0c00_0000 + i);
      network.run(1);
    }
    expect(hellosOf(network, a).length - before).toBeLessThanOrEqual(52);
  });
});

test('a neighbor stuck in ExStart does not hold up what we say of the others', () => {
  const network = new Network();
  const [one, two] = [network.link(), network.link()];
  const attached = { type: 'pointToPoint' } as const;
  const a = network.node('10.0.0.1', [one, two], attached);
  const b = network.node('10.0.0.2', [one], attached);
  const stuck = network.node('10.0.0.3', [two], attached);
  a.up(1);
  a.up(2);
  b.up(1);
  stuck.up(1, [], 9000); // a larger MTU than ours: its Database Descriptions are refused
  network.run(10_000);
  expect([a.stateOf(b), a.stateOf(stuck)]).toEqual(['Full', 'ExStart']);
  a.handle({ kind: 'interface', interfaceId: 1, up: true, cost: 77 });
  network.run(50);
  const body = b.lsa(LsType.Router, 0, a.routerId)?.body;
  expect(body?.kind === 'Router' && body.links[0]?.metric).toBe(77);
});
