import { describe, expect, test } from '@jest/globals';
import { MAX_AGE_DIFF_S, MAX_AGE_S } from '../../src/lsa/constants.ts';
import type { LsaHeader } from '../../src/lsa/header.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { Prng } from '../../src/prng.ts';
import {
  ABSENT,
  BACKBONE,
  chain,
  contentsOf,
  designatedAndHosts,
  foreign,
  Network,
  type Node,
  pair,
  prefix,
} from './network.ts';

const heldBy = (node: Node): number | undefined =>
  node.lsa(LsType.RouterInformation, 1, ABSENT)?.header.sequenceNumber;

const acknowledgments = (network: Network, by: Node, fromMs = 0): LsaHeader[] =>
  network.sent.flatMap(({ atMs, by: sender, packet }) =>
    sender === by && atMs >= fromMs && packet.kind === 'LinkStateAcknowledgment'
      ? packet.lsaHeaders
      : [],
  );

describe('receiving Link State Updates (RFC 2328 13)', () => {
  test('a newer LSA is installed, and acknowledged after a short while (5)', () => {
    const { network, a, b } = pair();
    network.run(1000);
    const fromMs = network.nowMs;
    network.update(b, [foreign(1, 1)]);
    network.run(1000);
    expect(heldBy(a)).toBe(1);
    expect(acknowledgments(network, a, fromMs)).toMatchObject([{ advertisingRouter: ABSENT }]);
  });

  test('a MaxAge LSA not in the database is acknowledged, not installed (4)', () => {
    const { network, a, b } = pair();
    const fromMs = network.nowMs;
    network.update(b, [foreign(1, 1, MAX_AGE_S)]);
    network.run(10);
    expect(heldBy(a)).toBeUndefined();
    expect(acknowledgments(network, a, fromMs)).toMatchObject([{ ageS: MAX_AGE_S }]);
  });

  test('the same instance again is acknowledged at once, to its sender (7b)', () => {
    const { network, a, b } = pair();
    network.update(b, [foreign(1, 1)]);
    network.run(1000);
    const fromMs = network.nowMs;
    network.update(b, [foreign(1, 1)]);
    network.run(3);
    expect(acknowledgments(network, a, fromMs)).toHaveLength(1);
  });

  test('an older instance is answered with the newer one (8), but not twice within MinLSArrival', () => {
    const { network, a, b } = pair();
    network.update(b, [foreign(5, 5)]);
    network.run(5000);
    const fromMs = network.nowMs;
    for (let again = 0; again < 5; again++) {
      network.update(b, [foreign(4, 4)]);
      network.run(50);
    }
    network.run(500);
    const answers = network
      .updates(a, LsType.RouterInformation)
      .filter((update) => update.atMs >= fromMs);
    expect(answers.map(({ lsa }) => lsa.header.sequenceNumber)).toEqual([5]);
  });

  test('an instance within MinLSArrival is kept and installed when its second is over, not dropped (5a)', () => {
    const { network, a, b } = pair();
    network.update(b, [foreign(1, 1)]);
    network.run(300);
    network.update(b, [foreign(2, 2)]);
    network.run(10);
    network.update(b, [foreign(3, 3)]);
    network.run(10);
    expect(heldBy(a)).toBe(1);
    // Not installed, so not acknowledged either.
    expect(acknowledgments(network, a).map((h) => h.sequenceNumber)).not.toContain(3);
    network.run(700);
    expect(heldBy(a)).toBe(3);
    network.run(500);
    expect(acknowledgments(network, a).map((h) => h.sequenceNumber)).toContain(3);
  });

  test('what waits for MinLSArrival is bounded, and what is too much is counted', () => {
    const { network, a, b } = pair();
    const many = (sequence: number) =>
      Array.from({ length: 10_500 }, (_, at) => foreign(sequence, sequence, 0, at));
    for (const sequence of [1, 2]) {
      const lsas = many(sequence);
      for (let at = 0; at < lsas.length; at += 1000) network.update(b, lsas.slice(at, at + 1000));
      network.run(5);
    }
    expect(a.instance.drops.get('LsaTooMany')).toBe(500);
  });

  test('a checksum that is wrong, or 0 for "not computed", drops that LSA alone and counts (1)', () => {
    const { network, a, b } = pair();
    const [bad, zero] = [foreign(1, 1, 0, 7), foreign(1, 1, 0, 8)];
    bad.octets[21]! ^= 1;
    zero.octets.fill(0, 16, 18);
    network.update(b, [bad, zero, foreign(1, 1)]);
    network.run(10);
    expect(heldBy(a)).toBe(1);
    expect(a.instance.drops.get('LsaChecksum')).toBe(2);
  });

  test('an unknown LS type with U-bit is stored and flooded on octet for octet; without it stays on its link', () => {
    const { network, one, two, three } = chain();
    one.up();
    two.up(1);
    two.up(2);
    three.up();
    network.run(5000);
    const unknown = (lsType: number): Lsa =>
      Lsa.originate({ lsType, linkStateId: 1, advertisingRouter: ABSENT }, 1, {
        kind: 'Unknown',
        octets: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      });
    network.update(one, [unknown(0xa123), unknown(0x2123), unknown(0xe123)]);
    network.run(1000);
    expect(three.lsa(0xa123, 1, ABSENT)?.octets.slice(2)).toEqual(unknown(0xa123).octets.slice(2));
    expect(three.lsa(0x2123, 1, ABSENT)).toBeUndefined();
    expect(two.lsa(0x2123, 1, ABSENT, { kind: 'link', interfaceId: 1 })).toBeDefined();
    expect(two.instance.drops.get('LsaReservedScope')).toBe(1);
  });

  test('an unknown LS type without U-bit is passed on to everybody on its link by the designated router', () => {
    const { network, designated, hosts } = designatedAndHosts();
    network.run(6000);
    const identity = { lsType: 0x2123, linkStateId: 1, advertisingRouter: ABSENT };
    const octets = Uint8Array.of(1, 2, 3, 4);
    const header = { routerId: hosts[0]!.routerId, areaId: 0, instanceId: 0 };
    const lsas = [Lsa.originate(identity, 1, { kind: 'Unknown', octets })];
    network.inject(hosts[0]!, { kind: 'LinkStateUpdate', ...header, lsas }, designated.address());
    network.run(500);
    const scope = { kind: 'link', interfaceId: 1 } as const;
    expect(hosts[1]!.lsa(0x2123, 1, ABSENT, scope)).toBeDefined();
  });

  test('the age grows by InfTransDelay on each link and by the seconds an LSA is held', () => {
    const { network, a, b } = pair({ infTransDelayS: 5 });
    const { lsType, linkStateId } = { lsType: LsType.RouterInformation, linkStateId: 3 };
    const body = { kind: 'RouterInformation' as const, tlvs: [] };
    a.handle({ kind: 'originate', scope: BACKBONE, lsType, linkStateId, body });
    network.run(10);
    expect(b.lsa(lsType, linkStateId, a.routerId)?.header.ageS).toBe(5);
  });
});

describe('retransmission (RFC 2328 13.6)', () => {
  test('what is not acknowledged is sent again every RxmtInterval, to that neighbor', () => {
    const { network, link, a, b } = pair();
    network.run(3000);
    link.loses = (sent, to) => to === b && sent.packet.kind === 'LinkStateUpdate';
    const { lsType, linkStateId } = { lsType: LsType.RouterInformation, linkStateId: 3 };
    const body = { kind: 'RouterInformation' as const, tlvs: [] };
    const fromMs = network.nowMs;
    a.handle({ kind: 'originate', scope: BACKBONE, lsType, linkStateId, body });
    network.run(11_000);
    expect(network.updates(a, lsType, 3).map((update) => update.atMs - fromMs)).toEqual([
      0, 5000, 10_000,
    ]);
    expect(a.instance.neighbors()[0]?.retransmissions).toBe(1);
    link.loses = () => false;
    network.run(6000);
    expect(a.instance.neighbors()[0]?.retransmissions).toBe(0);
    expect(b.lsa(lsType, 3, a.routerId)).toBeDefined();
  });

  test('an acknowledgment counts although the LSA has waited for it longer than MaxAgeDiff (13.7)', () => {
    const { network, link, a } = pair({ helloIntervalS: 10, routerDeadIntervalS: 40 });
    network.run(3000);
    link.loses = (sent, to) => to === a && sent.packet.kind === 'LinkStateAcknowledgment';
    const { lsType, linkStateId } = { lsType: LsType.RouterInformation, linkStateId: 3 };
    const body = { kind: 'RouterInformation' as const, tlvs: [] };
    a.handle({ kind: 'originate', scope: BACKBONE, lsType, linkStateId, body });
    network.run(1000 * (MAX_AGE_DIFF_S + 5));
    expect(a.instance.neighbors()[0]?.retransmissions).toBe(1);
    link.loses = () => false;
    network.run(6000);
    expect(a.instance.neighbors()[0]?.retransmissions).toBe(0);
  });

  test('an LSA that the others are not ready for is acknowledged to its sender all the same', () => {
    const { network, designated, hosts } = designatedAndHosts();
    network.run(10_000);
    const [one, two] = hosts as [Node, Node];
    const to = designated.address();
    const header = { routerId: one.routerId, areaId: 0, instanceId: 0 };
    const send = (lsa: Lsa): void => {
      network.inject(one, { kind: 'LinkStateUpdate', ...header, lsas: [lsa] }, to);
    };
    send(foreign(1, 1));
    network.run(1100);
    // The other host asks for it again, so that it was sent it just now.
    const { lsType, linkStateId, advertisingRouter } = foreign(1, 1).header;
    const requests = [{ lsType, linkStateId, advertisingRouter }];
    network.inject(
      two,
      { kind: 'LinkStateRequest', ...header, routerId: two.routerId, requests },
      to,
    );
    network.run(10);
    const fromMs = network.nowMs;
    send(foreign(2, 2));
    network.run(500);
    expect(acknowledgments(network, designated, fromMs).map((h) => h.sequenceNumber)).toContain(2);
    network.run(1000);
    expect(heldBy(two)).toBe(2);
  });

  test('a MaxAge LSA stays until the neighbor has acknowledged it, and then goes', () => {
    const { network, link, a, b } = pair();
    network.update(b, [foreign(1, 1)]);
    network.run(3000);
    const { lsType, linkStateId } = { lsType: LsType.RouterInformation, linkStateId: 3 };
    const body = { kind: 'RouterInformation' as const, tlvs: [] };
    a.handle({ kind: 'originate', scope: BACKBONE, lsType, linkStateId, body });
    network.run(3000);
    link.loses = (sent, to) => to === a && sent.packet.kind === 'LinkStateAcknowledgment';
    a.handle({ kind: 'flush', scope: BACKBONE, lsType, linkStateId });
    network.run(8000);
    expect(a.lsa(lsType, 3, a.routerId)?.header.ageS).toBe(MAX_AGE_S);
    link.loses = () => false;
    network.run(6000);
    expect(a.lsa(lsType, 3, a.routerId)).toBeUndefined();
  });

  test('with a fifth of all datagrams lost, six routers on two links still agree', () => {
    const network = new Network();
    const [first, second] = [network.link('first'), network.link('second')];
    const nodes = [
      network.node('10.0.0.1', [first]),
      network.node('10.0.0.2', [first]),
      network.node('10.0.0.3', [first, second]),
      network.node('10.0.0.4', [second]),
      network.node('10.0.0.5', [second]),
      network.node('10.0.0.6', [second]),
    ];
    const prng = new Prng(42);
    for (const link of [first, second]) link.loses = () => prng.unit() < 0.2;
    for (const node of nodes) for (const at of node.links.keys()) node.up(at);
    nodes.forEach((node, at) => {
      const body = {
        kind: 'RouterInformation' as const,
        tlvs: [{ type: 40000, value: Uint8Array.of(at) }],
      };
      const lsType = LsType.RouterInformation;
      node.handle({ kind: 'originate', scope: BACKBONE, lsType, linkStateId: 1, body });
    });
    network.run(90_000);
    for (const link of [first, second]) link.loses = () => false;
    network.run(15_000);
    const lists = nodes.map((node) => contentsOf(node.lsdb()));
    for (const list of lists) expect(list).toEqual(lists[0]);
    expect([...nodes[0]!.lsdb().ofType(LsType.RouterInformation)]).toHaveLength(6);
  });
});

describe('the prefixes of a link change while it is up', () => {
  test('the Link-LSA and what the designated router says of the link follow', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link]);
    const b = network.node('10.0.0.2', [link]);
    a.up(1, [prefix('2001:db8:1::/64')]);
    b.up(1, [prefix('2001:db8:1::/64')]);
    network.run(12_000);
    a.up(1, [prefix('2001:db8:1::/64'), prefix('2001:db8:2::/64')]);
    network.run(7000);
    const body = [...a.lsdb().ofType(LsType.IntraAreaPrefix)][0]?.lsa.body;
    expect(body?.kind === 'IntraAreaPrefix' && body.prefixes).toHaveLength(2);
  });
});
