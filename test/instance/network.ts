/**
 * A network of instances in virtual time: links with delay and loss, and everything that any
 * instance said, with the time at which it said so.
 */
import type { InstanceConfig, InterfaceConfig } from '../../src/instance/config.ts';
import { INTERFACE_DEFAULTS } from '../../src/instance/config.ts';
import type { InstanceInput } from '../../src/instance/input.ts';
import { Instance } from '../../src/instance/instance.ts';
import type { InstanceEvent, InstanceOutput } from '../../src/instance/output.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import type { Lsdb, LsdbScope } from '../../src/lsdb/lsdb.ts';
import { decodePacket } from '../../src/packet/decode.ts';
import { encodePacket } from '../../src/packet/encode.ts';
import type { Packet } from '../../src/packet/packet.ts';
import { Prng } from '../../src/prng.ts';
import {
  type Address,
  ALL_SPF_ROUTERS,
  isMulticast,
  parseDottedQuad,
  sameAddress,
} from '../../src/wire/address.ts';
import { type AddressPrefix, parsePrefix } from '../../src/wire/prefix.ts';

export const BACKBONE: LsdbScope = { kind: 'area', areaId: 0 };
export const id = parseDottedQuad;

/** What an input is before the network adds the time. */
export type Timeless<T> = T extends unknown ? Omit<T, 'nowMs'> : never;

export interface Sent {
  readonly atMs: number;
  readonly by: Node;
  readonly interfaceId: number;
  readonly destination: Address;
  readonly octets: Uint8Array;
  readonly packet: Packet;
}

/** A link: who is on it, how long a datagram takes, and which ones are lost. */
export class Link {
  readonly name: string;
  readonly nodes: { node: Node; interfaceId: number }[] = [];
  delayMs = 1;
  /** Whether this datagram gets lost on its way to that node. */
  loses: (sent: Sent, to: Node) => boolean = () => false;
  constructor(name: string) {
    this.name = name;
  }
}

export class Node {
  readonly network: Network;
  readonly instance: Instance;
  readonly config: InstanceConfig;
  readonly links: ReadonlyMap<number, Link>;
  readonly outputs: { atMs: number; output: InstanceOutput }[] = [];
  /** When it wants to be woken, which only an input changes. */
  deadlineMs = Number.POSITIVE_INFINITY;
  /** A dead node hears nothing and says nothing. */
  dead = false;

  constructor(network: Network, config: InstanceConfig, links: Map<number, Link>, seed: number) {
    this.network = network;
    this.config = config;
    this.links = links;
    this.instance = new Instance(config, new Prng(seed));
  }

  get routerId(): number {
    return this.config.routerId;
  }

  address(interfaceId = 1): Address {
    const { routerId } = this;
    const octets = new Uint8Array(16);
    const view = new DataView(octets.buffer);
    view.setUint16(0, 0xfe80);
    view.setUint16(10, interfaceId);
    view.setUint32(12, routerId);
    return octets;
  }

  handle(input: Timeless<InstanceInput>): void {
    if (this.dead) return;
    this.instance.handle({ ...input, nowMs: this.network.nowMs } as InstanceInput);
    this.deadlineMs = this.instance.deadlineMs();
    for (let output = this.instance.poll(); output; output = this.instance.poll()) {
      this.outputs.push({ atMs: this.network.nowMs, output });
      if (output.kind === 'transmit') this.network.carry(this, output);
      if (output.kind === 'transmitBfd') this.network.carryBfd(this, output);
    }
  }

  up(interfaceId = 1, prefixes: readonly AddressPrefix[] = [], mtu = 1500): void {
    const linkLocalAddress = this.address(interfaceId);
    this.handle({ kind: 'interface', interfaceId, up: true, linkLocalAddress, mtu, prefixes });
  }

  down(interfaceId = 1): void {
    this.handle({ kind: 'interface', interfaceId, up: false });
  }

  lsdb(scope: LsdbScope = BACKBONE): Lsdb {
    return this.instance.lsdbOf(scope);
  }

  lsa(
    lsType: number,
    linkStateId: number,
    advertisingRouter: number,
    scope = BACKBONE,
  ): Lsa | undefined {
    return this.lsdb(scope).get({ lsType, linkStateId, advertisingRouter })?.lsa;
  }

  /** Every event of one name, with its time. */
  events<N extends InstanceEvent['name']>(
    name: N,
  ): (Extract<InstanceEvent, { name: N }> & { atMs: number })[] {
    return this.outputs.flatMap(({ atMs, output }) =>
      output.kind === 'event' && output.event.name === name
        ? [{ ...(output.event as Extract<InstanceEvent, { name: N }>), atMs }]
        : [],
    );
  }

  stateOf(neighbor: Node): string | undefined {
    return this.instance.neighbors().find((n) => n.routerId === neighbor.routerId)?.state;
  }

  /** When the neighbor first came to Full, or `undefined`. */
  fullAtMs(neighbor: Node): number | undefined {
    return this.events('neighborState').find(
      (event) => event.neighbor === neighbor.routerId && event.to === 'Full',
    )?.atMs;
  }
}

interface Arrival {
  readonly atMs: number;
  readonly to: Node;
  readonly interfaceId: number;
  readonly sent: Sent;
  readonly source: Address;
}

export class Network {
  nowMs = 0;
  readonly nodes: Node[] = [];
  readonly sent: Sent[] = [];
  bfdPackets = 0;
  #flying: Arrival[] = [];
  #bfd: {
    atMs: number;
    node: Node;
    interfaceId: number;
    source: Address;
    octets: Uint8Array;
  }[] = [];

  link(name = 'link'): Link {
    return new Link(name);
  }

  /**
   * Adds a router; interface 1 is on the first link, 2 on the second, and so on.
   * @param attached - how it is attached to all of them, or to each.
   */
  node(
    routerId: string,
    links: readonly Link[],
    attached: Partial<InterfaceConfig> | readonly Partial<InterfaceConfig>[] = {},
    config: Partial<InstanceConfig> = {},
  ): Node {
    const interfaces = links.map((link, at) => ({
      ...INTERFACE_DEFAULTS,
      helloIntervalS: 1,
      routerDeadIntervalS: 4,
      areaId: 0,
      ...(Array.isArray(attached) ? attached[at] : attached),
      interfaceId: at + 1,
      name: link.name,
    }));
    const node = new Node(
      this,
      {
        routerId: id(routerId),
        areas: [{ areaId: 0, type: 'normal' }],
        interfaces,
        forwards: true,
        ...config,
      },
      new Map(links.map((link, at) => [at + 1, link])),
      this.nodes.length + 1,
    );
    links.forEach((link, at) => {
      link.nodes.push({ node, interfaceId: at + 1 });
    });
    this.nodes.push(node);
    return node;
  }

  carry(by: Node, output: Extract<InstanceOutput, { kind: 'transmit' }>): void {
    const link = by.links.get(output.interfaceId);
    if (link === undefined) return;
    const { interfaceId, destination, octets } = output;
    const packet = decodePacket(octets);
    const sent: Sent = { atMs: this.nowMs, by, interfaceId, destination, octets, packet };
    this.sent.push(sent);
    for (const { node, interfaceId: at } of link.nodes) {
      if (node === by || link.loses(sent, node)) continue;
      if (!isMulticast(destination) && !sameAddress(destination, node.address(at))) continue;
      const source = by.address(interfaceId);
      this.#flying.push({
        atMs: this.nowMs + link.delayMs,
        to: node,
        interfaceId: at,
        sent,
        source,
      });
    }
  }

  /** Carries a BFD packet, as UDP would, on a link that loses nothing. */
  carryBfd(by: Node, output: Extract<InstanceOutput, { kind: 'transmitBfd' }>): void {
    const link = by.links.get(output.interfaceId);
    const { destination, octets } = output;
    this.bfdPackets++;
    for (const { node, interfaceId } of link?.nodes ?? []) {
      if (!sameAddress(destination, node.address(interfaceId))) continue;
      const source = by.address(output.interfaceId);
      this.#bfd.push({ atMs: this.nowMs + link!.delayMs, node, interfaceId, source, octets });
    }
  }

  /** Sends a packet in a node's name, past its instance. */
  inject(by: Node, packet: Packet, destination: Address, interfaceId = 1): void {
    const octets = encodePacket(packet, by.address(interfaceId), destination);
    this.carry(by, { kind: 'transmit', interfaceId, destination, octets });
  }

  /** Sends LSAs in a node's name, past its instance. */
  update(by: Node, lsas: readonly Lsa[], interfaceId = 1): void {
    const header = { routerId: by.routerId, areaId: 0, instanceId: 0 };
    this.inject(by, { kind: 'LinkStateUpdate', ...header, lsas }, ALL_SPF_ROUTERS, interfaceId);
  }

  /** Lets time pass. */
  run(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let turns = 0; ; turns++) {
      if (turns > 2_000_000) throw new Error('the network does not come to rest');
      let atMs = untilMs;
      for (const node of this.nodes) {
        if (!node.dead) atMs = Math.min(atMs, node.deadlineMs);
      }
      for (const arrival of this.#flying) atMs = Math.min(atMs, arrival.atMs);
      for (const arrival of this.#bfd) atMs = Math.min(atMs, arrival.atMs);
      this.nowMs = Math.max(this.nowMs, atMs);
      const due = this.#flying.filter((arrival) => arrival.atMs <= this.nowMs);
      this.#flying = this.#flying.filter((arrival) => arrival.atMs > this.nowMs);
      for (const { to, interfaceId, sent, source } of due) {
        const { destination, octets } = sent;
        to.handle({ kind: 'datagram', interfaceId, source, destination, octets });
      }
      const dueBfd = this.#bfd.filter((arrival) => arrival.atMs <= this.nowMs);
      this.#bfd = this.#bfd.filter((arrival) => arrival.atMs > this.nowMs);
      for (const { node, interfaceId, source, octets } of dueBfd) {
        node.handle({ kind: 'bfdDatagram', interfaceId, source, hopLimit: 255, octets });
      }
      let woke = dueBfd.length > 0;
      for (const node of this.nodes) {
        if (node.dead || node.deadlineMs > this.nowMs) continue;
        node.handle({ kind: 'deadline' });
        woke = true;
      }
      if (this.nowMs >= untilMs && due.length === 0 && !woke) return;
    }
  }

  /** Lets time pass until something is so. @returns how long that took. */
  runUntil(holds: () => boolean, withinMs: number, stepMs = 10): number {
    const fromMs = this.nowMs;
    while (!holds()) {
      if (this.nowMs - fromMs >= withinMs) throw new Error(`not so within ${withinMs} ms`);
      this.run(stepMs);
    }
    return this.nowMs - fromMs;
  }

  /** The Link State Updates that carried an LSA, in order. */
  updates(by: Node, lsType: number, linkStateId?: number): { atMs: number; lsa: Lsa }[] {
    return this.sent.flatMap(({ atMs, by: sender, packet }) =>
      sender === by && packet.kind === 'LinkStateUpdate'
        ? packet.lsas
            .filter(
              ({ header }) =>
                header.lsType === lsType &&
                (linkStateId === undefined || header.linkStateId === linkStateId),
            )
            .map((lsa) => ({ atMs, lsa }))
        : [],
    );
  }
}

/** Two routers on a point-to-point link, Full. */
export function pair(
  attached: Partial<InterfaceConfig> = {},
  config: Partial<InstanceConfig> = {},
): { network: Network; link: Link; a: Node; b: Node } {
  const network = new Network();
  const link = network.link();
  const a = network.node('10.0.0.1', [link], { type: 'pointToPoint', ...attached }, config);
  const b = network.node('10.0.0.2', [link], { type: 'pointToPoint', ...attached }, config);
  a.up();
  b.up();
  network.runUntil(() => a.stateOf(b) === 'Full' && b.stateOf(a) === 'Full', 5000);
  return { network, link, a, b };
}

export const prefix = parsePrefix;

/** A router that is on no link. */
export const ABSENT = id('10.9.9.9');

/** A Router Information LSA of a router that is not there, said by whoever floods it. */
export const foreign = (sequenceNumber: number, text: number, ageS = 0, linkStateId = 1): Lsa =>
  Lsa.originate(
    { lsType: LsType.RouterInformation, linkStateId, advertisingRouter: ABSENT },
    sequenceNumber,
    { kind: 'RouterInformation', tlvs: [{ type: 40000, value: Uint8Array.of(text) }] },
    ageS,
  );

/** Every LSA of a database with its age left out, for comparing two databases. */
export const contentsOf = (lsdb: Lsdb): string[] =>
  [...lsdb.entries()].map(({ lsa }) => Buffer.from(lsa.octets.subarray(2)).toString('hex')).sort();

/** Three in a row on two point-to-point links; the middle one's interfaces are 1 and 2. None is up. */
export function chain() {
  const network = new Network();
  const [first, second] = [network.link('first'), network.link('second')];
  const one = network.node('10.0.0.1', [first], { type: 'pointToPoint' });
  const two = network.node('10.0.0.2', [first, second], { type: 'pointToPoint' });
  const three = network.node('10.0.0.3', [second], { type: 'pointToPoint' });
  return { network, one, two, three };
}

/** A router and two hosts that come up on one link, where the router is to be the designated one. */
export function designatedAndHosts() {
  const network = new Network();
  const link = network.link();
  const designated = network.node('10.0.0.9', [link], { priority: 9 });
  const hosts = ['10.0.0.1', '10.0.0.2'].map((name) => network.node(name, [link], { priority: 0 }));
  for (const node of [designated, ...hosts]) node.up();
  return { network, designated, hosts };
}
