/**
 * Every reason for which a datagram or an LSA is not used, provoked once. The table is total by its
 * type: a reason without its case does not compile.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { hmacDigest } from '../../src/host/digest.ts';
import type { DropReason } from '../../src/instance/output.ts';
import { MAX_AGE_S, MAX_SEQUENCE_NUMBER } from '../../src/lsa/constants.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { encodeBfdPacket } from '../../src/neighbor/bfd-packet.ts';
import { Authentication } from '../../src/packet/authentication.ts';
import { encodePacket } from '../../src/packet/encode.ts';
import type { AuthenticationKey } from '../../src/packet/key.ts';
import { ALL_D_ROUTERS, ALL_SPF_ROUTERS, parseAddress } from '../../src/wire/address.ts';
import { internetChecksum } from '../../src/wire/checksum.ts';
import { viewOf } from '../../src/wire/view.ts';
import { HELLO, hear, heard, listener, SOURCE } from './listener.ts';
import { id, Network, type Node, pair } from './network.ts';

/** Codes of the decoders that no packet and no LSA body comes to. */
type Impossible =
  | 'PrefixLength' // prefixes stand in LSA bodies
  | 'Value' // packets hold no field with forbidden values
  | 'LsaBodyVersion'
  | 'LsaBodyPacketType';
type Reason = Exclude<DropReason, Impossible>;

const OF_B = { routerId: HELLO.routerId, areaId: 0, instanceId: 0 };

/** A router that heard octets as they are, their checksum made right. */
function heardOctets(hex: string): Node {
  const octets = new Uint8Array(Buffer.from(hex, 'hex'));
  if (octets.length >= 16) {
    const checksum = internetChecksum(SOURCE, ALL_SPF_ROUTERS, viewOf(octets), 89);
    new DataView(octets.buffer).setUint16(12, checksum);
  }
  return hear(listener(), octets);
}

const lsaOf = (lsType: number, hex: string, sequenceNumber = 1, ageS = 0): Lsa =>
  Lsa.originate(
    { lsType, linkStateId: 1, advertisingRouter: id('10.9.9.9') },
    sequenceNumber,
    { kind: 'Unknown', octets: new Uint8Array(Buffer.from(hex, 'hex')) },
    ageS,
  );

/** A router whose neighbor flooded an LSA. */
function flooded(lsa: Lsa): Node {
  const { network, a, b } = pair();
  network.update(b, [lsa]);
  network.run(10);
  return a;
}

const key = (securityAssociationId: number, secret = 'secret'): AuthenticationKey => ({
  securityAssociationId,
  algorithm: 'HMAC-SHA-256',
  secret: new TextEncoder().encode(secret),
});

/** A router with key 1 that heard a Hello sealed with another key, and changed on its way. */
function sealed(by: AuthenticationKey, change = (octets: Uint8Array) => octets, times = 1): Node {
  const config = (one: AuthenticationKey) => ({ keys: [one], digest: hmacDigest, bootCount: 1 });
  const node = listener({ authentication: config(key(1)) });
  const hello = encodePacket(HELLO, SOURCE, ALL_SPF_ROUTERS);
  const octets = change(new Authentication(config(by)).seal(hello, SOURCE, 0)!);
  for (let i = 0; i < times; i++) hear(node, octets);
  return node;
}

/** BFD on both sides; then a packet comes with a hop limit. */
function heardBfd(octets: Uint8Array, hopLimit = 255): Node {
  const bfd = { desiredMinTxIntervalMs: 300, requiredMinRxIntervalMs: 300, detectMultiplier: 3 };
  const { a, b } = pair({ bfd });
  a.handle({ kind: 'bfdDatagram', interfaceId: 1, source: b.address(), hopLimit, octets });
  return a;
}

/** An LSA at the end of its sequence numbers is on its way out, and an older one comes. */
function olderThanTheLast(): Node {
  const network = new Network();
  const links = [network.link('ab'), network.link('ac')];
  const node = (name: string, on: typeof links) => network.node(name, on, { type: 'pointToPoint' });
  const a = node('10.0.0.1', links);
  const b = node('10.0.0.2', [links[0]!]);
  const c = node('10.0.0.3', [links[1]!]);
  a.up(1);
  a.up(2);
  b.up();
  c.up();
  network.run(5000);
  network.update(b, [lsaOf(0xa123, '01', 5)]);
  network.run(2000);
  links[1]!.loses = () => true; // the third router does not acknowledge the flush
  network.update(b, [lsaOf(0xa123, '01', MAX_SEQUENCE_NUMBER, MAX_AGE_S)]);
  network.run(1500);
  network.update(b, [lsaOf(0xa123, '01', 6)]);
  network.run(10);
  return a;
}

function tooMany(): Node {
  const { network, a, b } = pair();
  for (const sequence of [1, 2]) {
    const lsas = Array.from({ length: 10_001 }, (_, linkStateId) =>
      Lsa.originate({ lsType: 0xa123, linkStateId, advertisingRouter: id('10.9.9.9') }, sequence, {
        kind: 'Unknown',
        octets: Uint8Array.of(sequence),
      }),
    );
    for (let at = 0; at < lsas.length; at += 1000) network.update(b, lsas.slice(at, at + 1000));
    network.run(5);
  }
  return a;
}

function withLargerMtu(): Node {
  const network = new Network();
  const link = network.link();
  const [a, b] = ['10.0.0.1', '10.0.0.2'].map((name) =>
    network.node(name, [link], { type: 'pointToPoint' }),
  );
  a!.up(1, [], 1500);
  b!.up(1, [], 9000);
  network.runUntil(() => a!.instance.drops.size > 0, 5000);
  return a!;
}

const HEAD = '0a0000020000000000000000';
const PROVOKED: Readonly<Record<Reason, () => Node>> = {
  Short: () => heardOctets('03010010'),
  Length: () => heardOctets(`0301000f${HEAD}`),
  Count: () => heardOctets(`03040014${HEAD}00000001`),
  Version: () => heardOctets(`02010010${HEAD}`),
  PacketType: () => heardOctets(`03060010${HEAD}`),
  LsaChecksum: () => {
    const lsa = lsaOf(0xa123, '01020304');
    lsa.octets[20]! ^= 1;
    return flooded(lsa);
  },
  LsaReservedScope: () => flooded(lsaOf(0xe123, '01')),
  LsaAge: () => flooded(lsaOf(0xa123, '01', 1, MAX_AGE_S + 1)),
  LsaSequenceNumber: () => flooded(lsaOf(0xa123, '01', -0x80000000)),
  LsaBodyShort: () => flooded(lsaOf(LsType.Router, '000000')),
  LsaBodyLength: () => flooded(lsaOf(LsType.Router, '0000001301')),
  LsaBodyCount: () => flooded(lsaOf(LsType.Link, `01000013${'00'.repeat(16)}ffffffff`)),
  LsaBodyPrefixLength: () => flooded(lsaOf(LsType.InterAreaPrefix, '0000000a81000000')),
  LsaBodyValue: () => flooded(lsaOf(LsType.Grace, '000100040000003c')),
  LsaUnread: () => flooded(lsaOf(LsType.RouterInformation, '0001ffff')),
  InterfaceUnknown: () => heard(HELLO, { interfaceId: 9 }),
  OwnDatagram: () => {
    const node = listener();
    return heard(HELLO, { source: node.address() }, node);
  },
  SourceNotLinkLocal: () => heard(HELLO, { source: parseAddress('2001:db8::2') }),
  DestinationForeign: () => heard(HELLO, { destination: ALL_D_ROUTERS }),
  PacketChecksum: () => {
    const octets = encodePacket(HELLO, SOURCE, ALL_SPF_ROUTERS);
    octets[20]! ^= 1;
    return hear(listener(), octets);
  },
  AreaMismatch: () => heard({ ...HELLO, areaId: 1 }),
  InstanceIdMismatch: () => heard({ ...HELLO, instanceId: 1 }),
  RouterIdZero: () => heard({ ...HELLO, routerId: 0 }),
  DuplicateRouterId: () => heard({ ...HELLO, routerId: id('10.0.0.1') }),
  HelloIntervalMismatch: () => heard({ ...HELLO, helloIntervalS: 2 }),
  RouterDeadIntervalMismatch: () => heard({ ...HELLO, routerDeadIntervalS: 5 }),
  OptionsMismatch: () => heard({ ...HELLO, options: 0x11 }),
  NeighborTooMany: () => {
    const node = listener();
    for (let routerId = 1; routerId <= 4097; routerId++) heard({ ...HELLO, routerId }, {}, node);
    return node;
  },
  NeighborUnknown: () => heard({ kind: 'LinkStateRequest', ...OF_B, requests: [] }),
  NeighborState: () => heard({ kind: 'LinkStateUpdate', ...OF_B, lsas: [] }, {}, heard(HELLO)),
  MtuMismatch: withLargerMtu,
  AuthenticationMissing: () => sealed(key(1), (octets) => octets.slice(0, 36)),
  AuthenticationTrailer: () =>
    sealed(key(1), (octets) => {
      octets[37] = 2; // another authentication type
      return octets;
    }),
  AuthenticationKey: () => sealed(key(2)),
  AuthenticationDigest: () => sealed(key(1, 'another secret')),
  AuthenticationReplay: () => sealed(key(1), undefined, 2),
  AuthenticationUnexpected: () => {
    const config = { keys: [key(1)], digest: hmacDigest, bootCount: 1 };
    const hello = encodePacket(HELLO, SOURCE, ALL_SPF_ROUTERS);
    return hear(listener(), new Authentication(config).seal(hello, SOURCE, 0)!);
  },
  LsaScope: () => flooded(lsaOf(LsType.Nssa, '0000000a00000000')),
  LsaTooMany: tooMany,
  BfdHopLimit: () => heardBfd(new Uint8Array(24), 254),
  BfdPacket: () => heardBfd(new Uint8Array(24)),
  BfdSession: () =>
    heardBfd(
      encodeBfdPacket({
        diagnostic: 0,
        state: 'Up',
        poll: false,
        final: false,
        detectMultiplier: 3,
        myDiscriminator: 7,
        yourDiscriminator: 0xdead,
        desiredMinTxIntervalUs: 300_000,
        requiredMinRxIntervalUs: 300_000,
      }),
    ),
  LsaOlder: olderThanTheLast,
};
const reasons = Object.keys(PROVOKED) as Reason[];

describe('what is not used is counted under its name and told of', () => {
  test.each(reasons)('%s', (reason) => {
    const node = PROVOKED[reason]();
    expect(node.instance.drops.get(reason)).toBeGreaterThan(0);
    expect([...node.instance.drops.keys()]).toEqual([reason]);
    const told = node.events('datagramDropped').filter((event) => event.reason === reason);
    expect(told).toHaveLength(node.instance.drops.get(reason)!);
    for (const { detail } of told) expect(detail).not.toBe('');
  });

  const DETAILS: readonly (readonly [Reason, string])[] = [
    ['HelloIntervalMismatch', 'Hello of 10.0.0.2: HelloInterval 2 s, ours is 1 s'],
    ['RouterDeadIntervalMismatch', 'Hello of 10.0.0.2: RouterDeadInterval 5 s, ours is 4 s'],
    ['OptionsMismatch', 'Hello of 10.0.0.2: E-bit 0, N-bit 0, ours are 1, 0'],
    [
      'MtuMismatch',
      'DatabaseDescription of 10.0.0.2 in state ExStart: Interface MTU 9000, ours is 1500',
    ],
    ['AuthenticationMissing', 'no trailer'],
    ['AuthenticationKey', 'trailer of key 2'],
    ['AuthenticationDigest', 'trailer of key 1'],
    ['AuthenticationUnexpected', 'trailer of key 1, and no key is configured here'],
  ];
  test.each(DETAILS)('%s says what was found: %s', (reason, detail) => {
    const told = PROVOKED[reason]().events('datagramDropped');
    expect(told[0]!.detail).toBe(detail);
  });

  test('each has its line in docs/operating.md', () => {
    const page = readFileSync('docs/operating.md', 'utf8');
    const listed = reasons.filter((reason) => page.includes(`| \`${reason}\``));
    expect(listed).toEqual(reasons);
  });
});
