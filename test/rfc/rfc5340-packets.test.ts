import { describe, expect, test } from '@jest/globals';
import type { AreaConfig } from '../../src/instance/config.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { Option } from '../../src/lsa/options.ts';
import { encodePacket } from '../../src/packet/encode.ts';
import {
  type DatabaseDescription,
  DatabaseDescriptionFlag,
  type Hello,
  type Packet,
} from '../../src/packet/packet.ts';
import { type Address, ALL_SPF_ROUTERS, parseAddress } from '../../src/wire/address.ts';
import { id, Network, type Node } from '../instance/network.ts';

const { I, M, MS } = DatabaseDescriptionFlag;
const OURS = id('10.0.0.1');
const NEIGHBOR = { routerId: id('10.0.0.2'), areaId: 0, instanceId: 0 };
const SOURCE = parseAddress('fe80::2');

const HELLO: Hello = {
  kind: 'Hello',
  ...NEIGHBOR,
  interfaceId: 5,
  routerPriority: 1,
  options: Option.V6 | Option.E | Option.R,
  helloIntervalS: 1,
  routerDeadIntervalS: 4,
  designatedRouter: 0,
  backupDesignatedRouter: 0,
  neighbors: [OURS],
};
const DESCRIPTION: DatabaseDescription = {
  kind: 'DatabaseDescription',
  ...NEIGHBOR,
  options: HELLO.options,
  interfaceMtu: 1500,
  flags: I | M | MS,
  ddSequenceNumber: 100,
  lsaHeaders: [],
};

/** A router on a point-to-point link whose only neighbor is this test. */
function router(area: AreaConfig = { areaId: 0, type: 'normal' }): {
  node: Node;
  network: Network;
  hear: (packet: Packet, to?: Address) => void;
} {
  const network = new Network();
  const { areaId } = area;
  const attached = { type: 'pointToPoint', areaId } as const;
  const node = network.node('10.0.0.1', [network.link()], attached, { areas: [area] });
  node.up();
  const hear = (packet: Packet, destination = ALL_SPF_ROUTERS): void => {
    const octets = encodePacket(packet, SOURCE, destination);
    node.handle({ kind: 'datagram', interfaceId: 1, source: SOURCE, destination, octets });
  };
  return { node, network, hear };
}

/** The same, in state Exchange: the neighbor, whose Router ID is higher, is master. */
function exchanging() {
  const all = router();
  all.hear(HELLO);
  all.hear(DESCRIPTION);
  expect(all.node.instance.neighbors()[0]?.state).toBe('Exchange');
  return all;
}

const lastEventOf = ({ node }: { node: Node }): string | undefined =>
  node.events('neighborState').at(-1)?.because;

function lastSent<K extends Packet['kind']>(
  network: Network,
  kind: K,
): Extract<Packet, { kind: K }> {
  const packet = network.sent.findLast((sent) => sent.packet.kind === kind)?.packet;
  if (packet === undefined) throw new Error(`no ${kind} was sent`);
  return packet as Extract<Packet, { kind: K }>;
}

describe('sending Hellos and Database Descriptions (4.2.1)', () => {
  test("a Hello carries the interface's Interface ID and parameters (4.2.1.1)", () => {
    const { network } = router();
    expect(lastSent(network, 'Hello')).toMatchObject({
      interfaceId: 1,
      helloIntervalS: 1,
      routerDeadIntervalS: 4,
    });
  });

  test.each<[AreaConfig['type'], number]>([
    ['normal', Option.V6 | Option.R | Option.E],
    ['stub', Option.V6 | Option.R],
    ['nssa', Option.V6 | Option.R | Option.N],
  ])(
    'in a %s area E and N tell its type; DC and bits without a meaning are clear',
    (type, options) => {
      const area: AreaConfig = { areaId: 1, type };
      const { network, hear } = router(area);
      expect(lastSent(network, 'Hello').options).toBe(options);
      hear({ ...HELLO, areaId: 1, options });
      expect(lastSent(network, 'DatabaseDescription').options).toBe(options);
      network.run(10_000); // no adjacency comes of it, and our Router-LSA is said all the same
      const lsa = network.nodes[0]!.lsa(LsType.Router, 0, OURS, { kind: 'area', areaId: 1 });
      expect(lsa?.body).toMatchObject({ options });
    },
  );

  test('the first Database Description is empty, with I, M and MS, and our MTU (A.3.3)', () => {
    const { network, hear } = router();
    hear(HELLO);
    expect(lastSent(network, 'DatabaseDescription')).toMatchObject({
      flags: I | M | MS,
      interfaceMtu: 1500,
      lsaHeaders: [],
    });
  });
});

describe('receiving Hellos and Database Descriptions (4.2.2)', () => {
  test('Options bits without a meaning are ignored (A.2)', () => {
    const { node, hear } = router();
    hear({ ...HELLO, options: HELLO.options | 0xf0_00_c4 });
    expect(node.instance.neighbors()[0]?.state).toBe('ExStart');
  });

  test('a packet to a global address of the interface is for us, one to another is not', () => {
    const { node, hear } = router();
    const addresses = [parseAddress('2001:db8::1')];
    node.handle({ kind: 'interface', interfaceId: 1, up: true, addresses });
    hear(HELLO, parseAddress('2001:db8::2'));
    expect([...node.instance.drops]).toEqual([['DestinationForeign', 1]]);
    hear(HELLO, parseAddress('2001:db8::1'));
    expect(node.instance.neighbors()).toHaveLength(1);
  });

  const header = (lsType: number) => ({
    lsType,
    linkStateId: 1,
    advertisingRouter: id('10.9.9.9'),
    ageS: 1,
    sequenceNumber: 1,
    checksum: 0x1234,
    length: 24,
  });
  const next = { ...DESCRIPTION, flags: M | MS, ddSequenceNumber: 101 };

  test.each([
    ['a type that we know', LsType.Router],
    ['an unknown type with U-bit', 0xa123],
    ['an unknown type without U-bit', 0x2123],
  ])('an LSA of %s is asked for when a neighbor describes it', (_, lsType) => {
    const all = exchanging();
    all.hear({ ...next, lsaHeaders: [header(lsType)] });
    const { requests } = lastSent(all.network, 'LinkStateRequest');
    expect(requests.map((request) => request.lsType)).toEqual([lsType]);
  });

  test('an LSA of the reserved scope is SeqNumberMismatch', () => {
    const all = exchanging();
    all.hear({ ...next, lsaHeaders: [header(0xe123)] });
    expect(lastEventOf(all)).toBe('SeqNumberMismatch');
  });

  test.each([
    ['the I-bit is set', { flags: I | M | MS }],
    ['the MS-bit says that both are slaves', { flags: M }],
    ['Options are others than before', { options: HELLO.options | Option.DC }],
    ['the sequence number is not the next', { ddSequenceNumber: 103 }],
  ])('SeqNumberMismatch when %s (RFC 2328 10.6)', (_, change) => {
    const all = exchanging();
    all.hear({ ...next, ...change });
    expect(lastEventOf(all)).toBe('SeqNumberMismatch');
    expect(all.node.instance.neighbors()[0]?.state).toBe('ExStart');
  });

  test('an update with what the neighbor described in a newer instance is BadLSReq (RFC 2328 13 step 6)', () => {
    const all = exchanging();
    const identity = { lsType: 0xa123, linkStateId: 1, advertisingRouter: id('10.9.9.9') };
    const lsa = (sequenceNumber: number) =>
      Lsa.originate(identity, sequenceNumber, { kind: 'Unknown', octets: Uint8Array.of(1) });
    const update = (sequenceNumber: number): Packet => ({
      kind: 'LinkStateUpdate',
      ...NEIGHBOR,
      lsas: [lsa(sequenceNumber)],
    });
    all.hear(update(5)); // flooded by somebody else, say
    all.hear({ ...next, lsaHeaders: [lsa(7).header] });
    all.hear(update(5));
    expect(lastEventOf(all)).toBe('BadLSReq');
    expect(all.node.instance.neighbors()[0]?.state).toBe('ExStart');
  });

  test('a slave answers a duplicate with its last packet again (RFC 2328 10.6)', () => {
    const all = exchanging();
    all.hear(next);
    const sent = () =>
      all.network.sent.filter(({ packet }) => packet.kind === 'DatabaseDescription');
    const answered = sent().length;
    const answer = sent().at(-1)!.octets;
    all.hear(next);
    expect(sent()).toHaveLength(answered + 1);
    expect(sent().at(-1)!.octets).toEqual(answer);
    expect(lastEventOf(all)).toBe('NegotiationDone');
  });
});
