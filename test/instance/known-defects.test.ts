/**
 * Mistakes that other implementations of OSPF are known to have made, one test each.
 */
import { describe, expect, test } from '@jest/globals';
import { Instance } from '../../src/instance/instance.ts';
import { MAX_AGE_S } from '../../src/lsa/constants.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { DatabaseDescriptionFlag } from '../../src/packet/packet.ts';
import { Prng } from '../../src/prng.ts';
import { ALL_SPF_ROUTERS, parseAddress, sameAddress } from '../../src/wire/address.ts';
import { BACKBONE, contentsOf, id, Network, pair, prefix } from './network.ts';

const RI = LsType.RouterInformation;
const information = (text = 0) => ({
  kind: 'RouterInformation' as const,
  tlvs: [{ type: 40000, value: Uint8Array.of(text) }],
});

describe('a Router Information LSA that breaks its format', () => {
  test('goes to those who are not concerned by it, and keeps no adjacency from Full', () => {
    const network = new Network();
    const links = [network.link('ab'), network.link('bc')];
    const on = (name: string, its: typeof links) =>
      network.node(name, its, { type: 'pointToPoint' });
    const a = on('10.0.0.1', [links[0]!]);
    const b = on('10.0.0.2', links);
    const c = on('10.0.0.3', [links[1]!]);
    b.up(2);
    c.up();
    network.run(5000);
    const identity = { lsType: RI, linkStateId: 7, advertisingRouter: c.routerId };
    const beyond = Uint8Array.of(0x9c, 0x40, 0xff, 0xff, 1, 2, 3, 4); // a TLV longer than the LSA
    const broken = Lsa.originate(identity, 1, { kind: 'Unknown', octets: beyond });
    network.update(c, [broken]);
    network.run(1000);
    a.up();
    b.up(1);
    network.run(5000);
    expect(a.stateOf(b)).toBe('Full');
    const came = a.lsa(RI, 7, c.routerId);
    expect(came?.octets.slice(20)).toEqual(beyond);
    expect(came?.body).toEqual({ kind: 'Unknown', octets: beyond });
    for (const node of [a, b]) expect([...node.instance.drops.keys()]).toEqual(['LsaUnread']);
  });
});

describe('LSAs that grow', () => {
  test('with 90 adjacencies the Router-LSA is cut in two, and both fit a packet', () => {
    const network = new Network();
    const links = Array.from({ length: 90 }, (_, at) => network.link(`spoke${at}`));
    const attached = { type: 'pointToPoint', helloIntervalS: 10, routerDeadIntervalS: 40 } as const;
    const hub = network.node('10.0.0.1', links, attached);
    const spokes = links.map((link, at) => network.node(`10.0.1.${at + 1}`, [link], attached));
    links.forEach((_, at) => {
      hub.up(at + 1);
    });
    for (const spoke of spokes) spoke.up();
    network.run(7000);
    const lsas = [0, 1].map((fragment) => spokes[0]!.lsa(LsType.Router, fragment, hub.routerId));
    const links2 = lsas.map((lsa) => (lsa?.body.kind === 'Router' ? lsa.body.links.length : 0));
    expect(links2[0]! + links2[1]!).toBe(90);
    for (const lsa of lsas) expect(lsa!.octets.length).toBeLessThanOrEqual(1400);
    expect(spokes[0]!.lsa(LsType.Router, 2, hub.routerId)).toBeUndefined();
  });

  test('a link with 5,000 prefixes overflows neither the Link-LSA nor a packet', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link], { type: 'pointToPoint' });
    const b = network.node('10.0.0.2', [link], { type: 'pointToPoint' });
    const prefixes = Array.from({ length: 5000 }, (_, at) =>
      prefix(`2001:db8:${at.toString(16)}::/64`),
    );
    a.up(1, prefixes);
    b.up();
    network.run(5000);
    const lsa = b.lsa(LsType.Link, 1, a.routerId, { kind: 'link', interfaceId: 1 });
    expect(lsa?.octets.length).toBeGreaterThan(60_000);
    expect(lsa?.octets.length).toBeLessThanOrEqual(0xffff);
    // The prefixes that hang on the router are cut into many LSAs, and all of them are there.
    const said = [...b.lsdb().ofType(LsType.IntraAreaPrefix)].flatMap(({ lsa: { body } }) =>
      body.kind === 'IntraAreaPrefix' ? body.prefixes : [],
    );
    expect(said).toHaveLength(5000);
  });
});

describe('flushing', () => {
  test('a border router that stops flushes in every area, not in the first alone', () => {
    const network = new Network();
    const [inside, backbone] = [network.link('inside'), network.link('backbone')];
    const attached = { type: 'pointToPoint' } as const;
    const areas = [0, 1].map((areaId) => ({ areaId, type: 'normal' as const }));
    const internal = network.node('10.0.0.1', [inside], { ...attached, areaId: 1 }, { areas });
    const attachments = [1, 0].map((areaId) => ({ ...attached, areaId }));
    const border = network.node('10.0.0.2', [inside, backbone], attachments, { areas });
    const other = network.node('10.0.0.3', [backbone], attached);
    internal.up();
    border.up(1);
    border.up(2);
    other.up();
    network.run(8000);
    border.handle({ kind: 'stop' });
    network.run(2500);
    for (const [node, areaId] of [
      [internal, 1],
      [other, 0],
    ] as const) {
      const left = [...node.lsdb({ kind: 'area', areaId }).entries()].filter(
        ({ lsa }) => lsa.header.advertisingRouter === border.routerId,
      );
      expect(left).toEqual([]);
    }
  });

  test('our own MaxAge LSA that bounces back is not taken for a newer one', () => {
    const { network, a, b } = pair();
    const body = information();
    a.handle({ kind: 'originate', scope: BACKBONE, lsType: RI, linkStateId: 1, body });
    network.run(6000);
    const held = a.lsa(RI, 1, a.routerId)!;
    a.handle({ kind: 'flush', scope: BACKBONE, lsType: RI, linkStateId: 1 });
    for (let bounce = 0; bounce < 5; bounce++) {
      network.update(b, [held.withAge(MAX_AGE_S)]);
      network.run(100);
    }
    network.run(2000);
    expect(a.lsa(RI, 1, a.routerId)).toBeUndefined();
    expect(a.events('lsaFoughtBack')).toEqual([]);
  });

  test('an older instance of an LSA that we flushed and forgot is flushed again when it comes back', () => {
    const { network, a, b } = pair();
    const body = information();
    a.handle({ kind: 'originate', scope: BACKBONE, lsType: RI, linkStateId: 1, body });
    network.run(6000);
    const held = a.lsa(RI, 1, a.routerId)!;
    a.handle({ kind: 'flush', scope: BACKBONE, lsType: RI, linkStateId: 1 });
    network.run(3000);
    expect(b.lsa(RI, 1, a.routerId)).toBeUndefined();
    network.update(b, [held]);
    network.run(6000);
    expect(a.lsa(RI, 1, a.routerId)).toBeUndefined();
  });

  test('MaxAge LSAs stay while a neighbor is in Exchange or Loading, and go afterwards (14)', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link], { rxmtIntervalS: 2 });
    const b = network.node('10.0.0.2', [link], { rxmtIntervalS: 2 });
    const c = network.node('10.0.0.3', [link], { rxmtIntervalS: 2, priority: 0 });
    a.up();
    b.up();
    network.run(8000);
    const body = information();
    a.handle({ kind: 'originate', scope: BACKBONE, lsType: RI, linkStateId: 1, body });
    network.run(3000);
    // The updates that answer c's requests are lost, so it stays in Loading.
    link.loses = (sent, to) => to === c && sent.packet.kind === 'LinkStateUpdate';
    c.up();
    network.run(3000);
    expect(c.stateOf(b)).toBe('Loading');
    network.update(b, [
      Lsa.originate(
        { lsType: RI, linkStateId: 9, advertisingRouter: id('10.9.9.9') },
        1,
        body,
        MAX_AGE_S,
      ),
    ]);
    network.run(100);
    link.loses = () => false;
    network.run(10_000);
    expect(c.stateOf(b)).toBe('Full');
    for (const node of [a, b, c]) {
      expect([...node.lsdb().maxAgeEntries()]).toEqual([]);
      expect(contentsOf(node.lsdb())).toEqual(contentsOf(a.lsdb()));
    }
  });
});

describe('adjacencies', () => {
  test('three routers on a point-to-point link never agree, but they do not fill it either', () => {
    const network = new Network();
    const link = network.link();
    const nodes = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((name) =>
      network.node(name, [link], { type: 'pointToPoint' }),
    );
    for (const node of nodes) node.up();
    network.run(30_000);
    expect(network.sent.length / 30).toBeLessThan(20);
  });

  const { I, M, MS } = DatabaseDescriptionFlag;

  test.each([
    ['I and MS without M', I | MS, []],
    ['I alone', I, []],
    ['M alone', M, []],
    ['nothing', 0, []],
  ])(
    'in ExStart a Database Description with %s does not settle the negotiation',
    (_what, flags) => {
      const network = new Network();
      const link = network.link();
      const a = network.node('10.0.0.1', [link], { type: 'pointToPoint' });
      const b = network.node('10.0.0.2', [link], { type: 'pointToPoint' });
      link.loses = (sent) => sent.packet.kind !== 'Hello';
      a.up();
      b.up();
      network.run(3000);
      expect(a.stateOf(b)).toBe('ExStart');
      link.loses = (sent) =>
        sent.packet.kind === 'DatabaseDescription' && sent.packet.ddSequenceNumber !== 77;
      network.inject(
        b,
        {
          kind: 'DatabaseDescription',
          routerId: b.routerId,
          areaId: 0,
          instanceId: 0,
          options: 0x13,
          interfaceMtu: 1500,
          flags,
          ddSequenceNumber: 77,
          lsaHeaders: [],
        },
        ALL_SPF_ROUTERS,
      );
      network.run(10);
      expect(a.stateOf(b)).toBe('ExStart');
    },
  );

  test('the DD sequence number wraps from 2^32-1 to 0 in the middle of an exchange', () => {
    // The generator that draws the number is ours: one that always gives the largest.
    class Largest extends Prng {
      override u32(): number {
        return 0xffff_fffe;
      }
    }
    const wrapped = exchangeWith(new Largest(1));
    expect(wrapped.sequence).toContain(0xffff_ffff);
    expect(wrapped.sequence).toContain(0);
    expect(wrapped.state).toBe('Full');
  });

  test('the Wait Timer starts over when the interface comes up again', () => {
    const network = new Network();
    const node = network.node('10.0.0.1', [network.link()]);
    node.up();
    network.run(3000);
    node.down();
    network.run(500);
    node.up();
    network.run(3900);
    expect(node.instance.interfaces()[0]?.state).toBe('Waiting');
    network.run(200);
    expect(node.instance.interfaces()[0]?.state).toBe('DR');
  });

  test('a neighbor whose link-local address changes keeps its adjacency, and the new address is told', () => {
    const { network, a, b } = pair();
    network.run(8000);
    const moved = parseAddress('fe80::beef');
    b.address = () => moved;
    b.up();
    network.run(8000);
    expect(a.stateOf(b)).toBe('Full');
    expect(sameAddress(a.instance.neighbors()[0]!.address, moved)).toBe(true);
    const body = a.lsa(LsType.Link, 1, b.routerId, { kind: 'link', interfaceId: 1 })?.body;
    expect(body?.kind === 'Link' && sameAddress(body.linkLocalAddress, moved)).toBe(true);
    // And what is sent to it alone arrives.
    const lsa = Lsa.originate(
      { lsType: RI, linkStateId: 5, advertisingRouter: id('10.9.9.9') },
      5,
      information(),
    );
    a.network.update(b, [lsa]);
    network.run(2000);
    expect(a.lsa(RI, 5, id('10.9.9.9'))).toBeDefined();
  });

  test('a neighbor that restarts with another Interface ID is described by the new one', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link], { type: 'pointToPoint' });
    const before = network.node('10.0.0.2', [link], { type: 'pointToPoint' });
    a.up();
    before.up();
    network.run(8000);
    before.dead = true;
    link.nodes.pop();
    const again = network.node('10.0.0.2', [network.link('unused'), link], {
      type: 'pointToPoint',
    });
    again.up(2);
    network.run(10_000);
    const body = a.lsa(LsType.Router, 0, a.routerId)?.body;
    expect(a.stateOf(again)).toBe('Full');
    expect(body?.kind === 'Router' && body.links).toMatchObject([{ neighborInterfaceId: 2 }]);
  });
});

/** An exchange between two instances, the first with a generator of one's own. */
function exchangeWith(prng: Prng): { sequence: number[]; state: string | undefined } {
  const network = new Network();
  const link = network.link();
  const a = network.node('10.0.0.9', [link], { type: 'pointToPoint' });
  const b = network.node('10.0.0.2', [link], { type: 'pointToPoint' });
  Object.assign(a, { instance: new Instance(a.config, prng) });
  for (let at = 0; at < 200; at++) {
    a.handle({
      kind: 'originate',
      scope: BACKBONE,
      lsType: RI,
      linkStateId: at + 1,
      body: information(at),
    });
  }
  a.up();
  b.up();
  network.run(5000);
  const sequence = network.sent.flatMap(({ packet }) =>
    packet.kind === 'DatabaseDescription' ? [packet.ddSequenceNumber] : [],
  );
  return { sequence, state: b.stateOf(a) };
}
