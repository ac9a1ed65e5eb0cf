import { describe, expect, test } from '@jest/globals';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { Option } from '../../src/lsa/options.ts';
import {
  ALL_D_ROUTERS,
  ALL_SPF_ROUTERS,
  formatAddress,
  parseAddress,
  sameAddress,
} from '../../src/wire/address.ts';
import { formatPrefix, PrefixOption } from '../../src/wire/prefix.ts';
import { BACKBONE, contentsOf, id, Network, type Node, prefix } from './network.ts';

/** A router and its servers on one link, all up and Full. */
function farm(servers: number): { network: Network; router: Node; hosts: Node[] } {
  const network = new Network();
  const link = network.link();
  const router = network.node('10.0.0.1', [link], { priority: 10 });
  const host = { forwards: false };
  const hosts = Array.from({ length: servers }, (_, at) =>
    network.node(`10.0.1.${at + 1}`, [link], { priority: 0 }, host),
  );
  for (const node of [router, ...hosts]) node.up(1, [prefix('2001:db8:1::/64')]);
  network.run(6000);
  return { network, router, hosts };
}

describe('a router and four hosts on a broadcast link', () => {
  test('the hosts have priority 0, so the router is designated and every host is adjacent to it alone', () => {
    const { router, hosts } = farm(4);
    expect(router.instance.interfaces()[0]?.state).toBe('DR');
    for (const host of hosts) {
      expect(host.instance.interfaces()[0]?.state).toBe('DROther');
      expect(host.stateOf(router)).toBe('Full');
      expect(host.stateOf(hosts.find((other) => other !== host)!)).toBe('TwoWay');
    }
  });

  test('everybody is in the Network-LSA within 100 ms of the election: no stall at bring-up', () => {
    const { network, router, hosts } = farm(4);
    const networkLsas = network.updates(router, LsType.Network);
    const body = networkLsas[0]?.lsa.body;
    expect(networkLsas[0]?.atMs).toBeLessThan(4100);
    expect(body?.kind === 'Network' && body.attachedRouters).toEqual(
      [router, ...hosts].map((node) => node.routerId),
    );
  });

  test('where nothing is lost nothing is sent twice: no LSA waits for a retransmission', () => {
    const { network, router, hosts } = farm(4);
    const body = { kind: 'RouterInformation' as const, tlvs: [] };
    const lsType = LsType.RouterInformation;
    for (const node of [router, ...hosts]) {
      node.handle({ kind: 'originate', scope: BACKBONE, lsType, linkStateId: 1, body });
    }
    network.run(30_000);
    const sent = network.sent.flatMap(({ by, destination, packet }) =>
      packet.kind === 'LinkStateUpdate'
        ? packet.lsas.map(({ header }) => {
            const { linkStateId, advertisingRouter, sequenceNumber } = header;
            const lsa = [header.lsType, linkStateId, advertisingRouter, sequenceNumber];
            return [by.routerId, destination.join('.'), ...lsa].join(' ');
          })
        : [],
    );
    expect(sent.filter((one, at) => sent.indexOf(one) !== at)).toEqual([]);
  });

  test('a host clears the R-bit in its Router-LSA (RFC 5340 2.7)', () => {
    const { router, hosts } = farm(1);
    const ofHost = router.lsa(LsType.Router, 0, hosts[0]!.routerId)?.body;
    const ofRouter = router.lsa(LsType.Router, 0, router.routerId)?.body;
    expect(ofHost?.kind === 'Router' && ofHost.options).toBe(0x03);
    expect(ofRouter?.kind === 'Router' && ofRouter.options).toBe(0x13);
  });

  test('the prefix of the link is said once, by the designated router, with metric 0 (RFC 5340 4.4.3.9)', () => {
    const { router } = farm(3);
    const lsas = [...router.lsdb().ofType(LsType.IntraAreaPrefix)];
    expect(lsas).toHaveLength(1);
    const body = lsas[0]?.lsa.body;
    if (body?.kind !== 'IntraAreaPrefix') throw new Error('no Intra-Area-Prefix-LSA');
    expect(body.referencedLsType).toBe(LsType.Network);
    expect(body.referencedLinkStateId).toBe(1);
    expect(body.prefixes.map((p) => [formatPrefix(p), p.metric])).toEqual([['2001:db8:1::/64', 0]]);
  });

  test('of the prefixes on the link, those with NU or LA and link-local ones are not copied, and bits of equal ones are ORed', () => {
    const network = new Network();
    const link = network.link();
    const node = (name: string, priority: number) => network.node(name, [link], { priority });
    const [a, b, c] = [node('10.0.0.1', 10), node('10.0.0.2', 0), node('10.0.0.3', 0)];
    a.up(1, [prefix('2001:db8:1::/64')]);
    b.up(1, [
      prefix('2001:db8:1::/64', PrefixOption.P),
      prefix('2001:db8:2::/64', PrefixOption.NU),
      prefix('2001:db8:3::/64', PrefixOption.LA),
      prefix('fe80::/64'),
    ]);
    c.up(1, [prefix('2001:db8:1::/64', PrefixOption.N), prefix('2001:db8:4::/64')]);
    network.run(6000);
    const lsas = [...b.lsdb().ofType(LsType.IntraAreaPrefix)].map(({ lsa }) => lsa);
    const ofNetwork = lsas.flatMap(({ body }) =>
      body.kind === 'IntraAreaPrefix' && body.referencedLsType === LsType.Network
        ? body.prefixes
        : [],
    );
    expect(ofNetwork.map((p) => [formatPrefix(p), p.prefixOptions, p.metric])).toEqual([
      ['2001:db8:1::/64', PrefixOption.P | PrefixOption.N, 0],
      ['2001:db8:4::/64', 0, 0],
    ]);
    // The router that has the prefix with the LA-bit says it itself, transit link or not.
    const ofRouters = lsas.flatMap(({ header, body }) =>
      body.kind === 'IntraAreaPrefix' && body.referencedLsType === LsType.Router
        ? body.prefixes.map((p) => [header.advertisingRouter, formatPrefix(p)])
        : [],
    );
    expect(ofRouters).toEqual([[b.routerId, '2001:db8:3::/64']]);
  });

  test.each([
    ['a quiet time', 10_000],
    // Within MinLSInterval of the Link-LSA before, which then has to wait for its turn.
    ['another change', 500],
  ])(
    'a prefix that the designated router itself is given or loses %s later is told (RFC 5340 4.4.3)',
    (_, afterMs) => {
      const { network, router, hosts } = farm(1);
      const prefixesAtHost = (): string[] =>
        [...hosts[0]!.lsdb().ofType(LsType.IntraAreaPrefix)].flatMap(({ lsa: { body } }) =>
          body.kind === 'IntraAreaPrefix' ? body.prefixes.map(formatPrefix) : [],
        );
      network.run(10_000);
      const both = [prefix('2001:db8:1::/64'), prefix('2001:db8:2::/64')];
      router.handle({ kind: 'interface', interfaceId: 1, up: true, prefixes: both });
      network.run(afterMs);
      expect(prefixesAtHost()).toEqual(['2001:db8:1::/64', '2001:db8:2::/64']);
      const third = [...both, prefix('2001:db8:3::/64')];
      router.handle({ kind: 'interface', interfaceId: 1, up: true, prefixes: third });
      network.run(12_000);
      expect(prefixesAtHost()).toEqual(['2001:db8:1::/64', '2001:db8:2::/64', '2001:db8:3::/64']);
    },
  );

  test('Options of the Network-LSA are those of the Link-LSAs, ORed (RFC 5340 4.4.3.3)', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link], { priority: 10 });
    const b = network.node('10.0.0.2', [link], { priority: 0 }, { forwards: false });
    a.up();
    b.up();
    network.run(6000);
    const options = () => {
      const body = a.lsa(LsType.Network, 1, a.routerId)?.body;
      return body?.kind === 'Network' ? body.options : undefined;
    };
    expect(options()! & Option.DC).toBe(0);
    const { header, body } = a.lsa(LsType.Link, 1, b.routerId, {
      kind: 'link',
      interfaceId: 1,
    })!;
    if (body.kind !== 'Link') throw new Error('no Link-LSA');
    b.dead = true; // so that it does not fight for its LSA
    const more = { ...body, options: body.options | Option.DC };
    network.update(b, [Lsa.originate(header, header.sequenceNumber + 1, more)]);
    network.run(2000);
    expect(options()! & Option.DC).toBe(Option.DC);
    expect(options()! & Option.R).toBe(Option.R); // the designated router's own
  });

  test('5,000 prefixes on the link are cut into many Intra-Area-Prefix-LSAs of the network', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link], { priority: 10 });
    const b = network.node('10.0.0.2', [link], { priority: 0 });
    const prefixes = Array.from({ length: 5000 }, (_, at) =>
      prefix(`2001:db8:${at.toString(16)}::/64`),
    );
    a.up(1, prefixes);
    b.up();
    network.run(8000);
    const lsas = [...b.lsdb().ofType(LsType.IntraAreaPrefix)].map(({ lsa }) => lsa);
    expect(lsas.length).toBeGreaterThan(40);
    for (const { octets } of lsas) expect(octets.length).toBeLessThanOrEqual(1400);
    const said = lsas.flatMap(({ body }) => (body.kind === 'IntraAreaPrefix' ? body.prefixes : []));
    expect(new Set(said.map(formatPrefix)).size).toBe(5000);
  });

  test('a Link-LSA says prefixes without the bits behind them (RFC 5340 A.4.1)', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link]);
    a.up(1, [{ ...prefix('2001:db8::/126'), address: parseAddress('2001:db8::2') }]);
    const lsa = a.lsa(LsType.Link, 1, a.routerId, { kind: 'link', interfaceId: 1 });
    const body = lsa?.body;
    expect(body?.kind === 'Link' && body.prefixes.map((p) => formatAddress(p.address))).toEqual([
      '2001:db8::',
    ]);
  });

  test('every database of the area is the same', () => {
    const { router, hosts } = farm(4);
    for (const host of hosts) expect(contentsOf(host.lsdb())).toEqual(contentsOf(router.lsdb()));
  });

  test('hosts send updates to AllDRouters and the designated router to AllSPFRouters (13.3 step 5)', () => {
    const { network, router, hosts } = farm(2);
    const fromMs = network.nowMs;
    const body = { kind: 'RouterInformation' as const, tlvs: [] };
    const lsType = LsType.RouterInformation;
    hosts[0]!.handle({ kind: 'originate', scope: BACKBONE, lsType, linkStateId: 1, body });
    network.run(1000);
    const updates = network.sent.filter(
      (sent) => sent.atMs >= fromMs && sent.packet.kind === 'LinkStateUpdate',
    );
    expect(updates.map((sent) => sent.by)).toEqual([hosts[0], router]);
    expect(sameAddress(updates[0]!.destination, ALL_D_ROUTERS)).toBe(true);
    expect(sameAddress(updates[1]!.destination, ALL_SPF_ROUTERS)).toBe(true);
    // The sender takes the flood as its acknowledgment; the other host says one, delayed.
    const acknowledgments = network.sent.filter(
      (sent) => sent.atMs >= fromMs && sent.packet.kind === 'LinkStateAcknowledgment',
    );
    expect(acknowledgments.map((sent) => sent.by)).toEqual([hosts[1]]);
  });

  test('a silent host is dead after RouterDeadInterval and leaves the Network-LSA', () => {
    const { network, router, hosts } = farm(2);
    const killedMs = network.nowMs;
    hosts[0]!.dead = true;
    network.run(10_000);
    expect(router.stateOf(hosts[0]!)).toBeUndefined();
    const last = network.updates(router, LsType.Network).at(-1);
    expect(last!.atMs - killedMs).toBeLessThanOrEqual(4001);
    expect(last?.lsa.body.kind === 'Network' && last.lsa.body.attachedRouters).toEqual([
      router.routerId,
      hosts[1]!.routerId,
    ]);
  });

  test('with nobody left on it the link is a stub again: no Network-LSA, the prefix hangs on the router', () => {
    const { network, router, hosts } = farm(1);
    hosts[0]!.dead = true;
    network.run(15_000);
    expect([...router.lsdb().ofType(LsType.Network)]).toEqual([]);
    const prefixes = [...router.lsdb().ofType(LsType.IntraAreaPrefix)].map(
      (entry) => entry.lsa.body,
    );
    expect(prefixes).toHaveLength(1);
    const body = prefixes[0]!;
    expect(body.kind === 'IntraAreaPrefix' && body.referencedLsType).toBe(LsType.Router);
    expect(body.kind === 'IntraAreaPrefix' && body.prefixes[0]?.metric).toBe(10);
  });
});

describe('designated router and backup', () => {
  test('the backup takes over within RouterDeadInterval, and all others stay adjacent', () => {
    const network = new Network();
    const link = network.link();
    const nodes = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map((name) =>
      network.node(name, [link]),
    );
    for (const node of nodes) node.up(1, [prefix('2001:db8:1::/64')]);
    network.run(8000);
    const [one, two, backup, designated] = nodes as [Node, Node, Node, Node];
    expect(designated.instance.interfaces()[0]?.state).toBe('DR');
    expect(backup.instance.interfaces()[0]?.state).toBe('Backup');
    designated.dead = true;
    network.run(12_000);
    expect(backup.instance.interfaces()[0]?.state).toBe('DR');
    expect(two.instance.interfaces()[0]?.state).toBe('Backup');
    expect(one.stateOf(backup)).toBe('Full');
    const restarts = one
      .events('neighborState')
      .filter((e) => e.neighbor === backup.routerId && e.from === 'Full');
    expect(restarts).toEqual([]);
    const body = one.lsa(LsType.Network, 1, backup.routerId)?.body;
    expect(body?.kind === 'Network' && body.attachedRouters).toEqual(
      [backup, one, two].map((node) => node.routerId),
    );
  });

  test('the Wait Timer ends early when somebody declares itself backup (BackupSeen)', () => {
    const network = new Network();
    const link = network.link();
    const one = network.node('10.0.0.1', [link]);
    const two = network.node('10.0.0.2', [link]);
    one.up();
    two.up();
    network.run(10_000);
    const three = network.node('10.0.0.3', [link], { priority: 200 });
    three.up();
    const tookMs = network.runUntil(() => three.stateOf(two) === 'Full', 4000);
    expect(tookMs).toBeLessThan(1500);
    expect(three.instance.interfaces()[0]).toMatchObject({
      state: 'DROther',
      designatedRouter: id('10.0.0.2'),
      backupDesignatedRouter: id('10.0.0.1'),
    });
  });

  /** Three routers whose Router IDs would elect the last as designated, the middle as backup. */
  function three(): { network: Network; link: ReturnType<Network['link']>; nodes: Node[] } {
    const network = new Network();
    const link = network.link();
    const nodes = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((name) => network.node(name, [link]));
    for (const node of nodes) node.up();
    network.run(10_000);
    return { network, link, nodes };
  }
  const roles = (nodes: readonly Node[]) =>
    nodes.map((node) => node.instance.interfaces()[0]?.state);

  test('a designated router that comes back does not take its place back (9.4 step 3)', () => {
    const { network, nodes } = three();
    expect(roles(nodes)).toEqual(['DROther', 'Backup', 'DR']);
    nodes[2]!.down();
    network.run(10_000);
    expect(roles(nodes)).toEqual(['Backup', 'DR', 'Down']);
    nodes[2]!.up();
    network.run(10_000);
    expect(roles(nodes)).toEqual(['Backup', 'DR', 'DROther']);
    expect(nodes[2]!.stateOf(nodes[0]!)).toBe('Full');
  });

  test('a backup that comes back leaves the place to who has it', () => {
    const { network, nodes } = three();
    nodes[1]!.down();
    network.run(10_000);
    expect(roles(nodes)).toEqual(['Backup', 'Down', 'DR']);
    nodes[1]!.up();
    network.run(10_000);
    expect(roles(nodes)).toEqual(['Backup', 'DROther', 'DR']);
  });

  test('when a link that was torn grows together, the higher of two designated routers stays', () => {
    const { network, link, nodes } = three();
    const [low, , high] = nodes;
    // The lowest is cut off from the other two, and is designated router for itself alone.
    link.loses = (sent, to) => (sent.by === low) !== (to === low);
    network.run(10_000);
    expect(roles(nodes)).toEqual(['DR', 'Backup', 'DR']);
    link.loses = () => false;
    network.run(10_000);
    expect(roles(nodes)).toEqual(['DROther', 'Backup', 'DR']);
    expect([low!.stateOf(high!), high!.stateOf(low!)]).toEqual(['Full', 'Full']);
    for (const node of nodes) expect(contentsOf(node.lsdb())).toEqual(contentsOf(low!.lsdb()));
    expect(low!.lsa(LsType.Network, 1, low!.routerId)).toBeUndefined();
  });
});

describe('interfaces that speak to nobody', () => {
  test('a passive interface sends no Hello and its prefix is announced with the interface cost', () => {
    const network = new Network();
    const lone = network.link('lone');
    const node = network.node('10.0.0.1', [lone], { passive: true, cost: 7 });
    node.up(1, [prefix('2001:db8:7::/64')]);
    network.run(10_000);
    expect(network.sent).toEqual([]);
    const body = node.lsa(LsType.IntraAreaPrefix, 0, node.routerId)?.body;
    expect(body?.kind === 'IntraAreaPrefix' && body.prefixes[0]?.metric).toBe(7);
  });

  test('a loopback announces its addresses as /128 with LA-bit and metric 0 (RFC 5340 4.4.3.9)', () => {
    const network = new Network();
    const node = network.node('10.0.0.1', [network.link('lo')], { type: 'loopback' });
    node.up(1, [prefix('2001:db8::1/128')]);
    network.run(10_000);
    expect(network.sent).toEqual([]);
    expect(node.instance.interfaces()[0]?.state).toBe('Loopback');
    const body = node.lsa(LsType.IntraAreaPrefix, 0, node.routerId)?.body;
    if (body?.kind !== 'IntraAreaPrefix') throw new Error('no Intra-Area-Prefix-LSA');
    expect(body.prefixes).toMatchObject([
      { prefixLength: 128, prefixOptions: PrefixOption.LA, metric: 0 },
    ]);
  });

  test('an interface that flaps comes back to Full, and the Link-LSAs of its neighbors go with it', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link], { type: 'pointToPoint' });
    const b = network.node('10.0.0.2', [link], { type: 'pointToPoint' });
    a.up();
    b.up();
    network.run(3000);
    for (let flap = 0; flap < 5; flap++) {
      a.down();
      expect(a.instance.neighbors()).toEqual([]);
      expect([...a.lsdb({ kind: 'link', interfaceId: 1 }).entries()]).toEqual([]);
      network.run(700);
      a.up();
      network.run(1500);
    }
    network.run(8000);
    expect([a.stateOf(b), b.stateOf(a)]).toEqual(['Full', 'Full']);
    expect(contentsOf(a.lsdb())).toEqual(contentsOf(b.lsdb()));
    const routerLsa = b.lsa(LsType.Router, 0, a.routerId)?.body;
    expect(routerLsa?.kind === 'Router' && routerLsa.links).toHaveLength(1);
  });
});
