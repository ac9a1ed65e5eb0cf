/**
 * Made-up areas of any size for load tests and measurements: a shape, a number of routers and a
 * seed give the same LSAs every time.
 * @module
 */
import type { LsaBody } from '../lsa/body.ts';
import { INITIAL_SEQUENCE_NUMBER } from '../lsa/constants.ts';
import { LsType } from '../lsa/ls-type.ts';
import { Lsa } from '../lsa/lsa.ts';
import { Option } from '../lsa/options.ts';
import { type RouterLink, RouterLinkType } from '../lsa/router-lsa.ts';
import type { Prng } from '../prng.ts';
import type { Address } from '../wire/address.ts';
import type { AddressPrefix } from '../wire/prefix.ts';

export const TOPOLOGY_SHAPES = ['grid', 'fat-tree', 'random', 'rings', 'lan'] as const;
export type TopologyShape = (typeof TOPOLOGY_SHAPES)[number];

/** A link between two routers, by their places. */
interface Joint {
  readonly a: number;
  readonly b: number;
  readonly cost: number;
}

/** Routers 0..routers-1 and what joins them. */
export interface EmulatedTopology {
  readonly shape: TopologyShape;
  readonly routers: number;
  readonly joints: readonly Joint[];
  /** Routers on one broadcast link, the designated router first; empty when there is none. */
  readonly lan: readonly number[];
}

const LAN_COST = 10;
const EVEN_COST = 10;
const MEAN_DEGREE = 10;
const MAXIMUM_COST = 100;
const POD_HALF_MAXIMUM = 16;

/**
 * Draws a topology.
 * @param routers - 2 or more; a fat tree has the next number that fills one.
 */
export function drawTopology(shape: TopologyShape, routers: number, prng: Prng): EmulatedTopology {
  const none = { shape, routers, lan: [] };
  switch (shape) {
    case 'grid':
      return { ...none, joints: grid(routers) };
    case 'fat-tree':
      return { shape, lan: [], ...fatTree(routers) };
    case 'random':
      return { ...none, joints: randomJoints(routers, prng) };
    case 'rings':
      return { ...none, joints: rings(routers, prng) };
    case 'lan':
      return { shape, routers, joints: [], lan: Array.from({ length: routers }, (_, i) => i) };
  }
}

function grid(routers: number): Joint[] {
  const width = Math.round(Math.sqrt(routers));
  const joints: Joint[] = [];
  for (let a = 0; a < routers; a++) {
    if ((a + 1) % width !== 0 && a + 1 < routers) joints.push({ a, b: a + 1, cost: EVEN_COST });
    if (a + width < routers) joints.push({ a, b: a + width, cost: EVEN_COST });
  }
  return joints;
}

/**
 * A fat tree: pods of so many edge and as many aggregation routers, each of these joined to as many
 * core routers of its own. Pods have as many routers of a kind as half the pods there are, up to
 * {@link POD_HALF_MAXIMUM}; beyond that there are only more pods.
 */
function fatTree(atLeast: number): { routers: number; joints: Joint[] } {
  let half = 1;
  while (5 * half * half < atLeast && half < POD_HALF_MAXIMUM) half++;
  const pods = Math.max(2 * half, Math.ceil((atLeast - half * half) / (2 * half)));
  const edges = pods * half;
  const joints: Joint[] = [];
  for (let pod = 0; pod < pods; pod++) {
    for (let i = 0; i < half; i++) {
      const aggregation = edges + pod * half + i;
      for (let j = 0; j < half; j++) {
        joints.push({ a: pod * half + j, b: aggregation, cost: EVEN_COST });
        joints.push({ a: aggregation, b: 2 * edges + i * half + j, cost: EVEN_COST });
      }
    }
  }
  return { routers: 2 * edges + half * half, joints };
}

/** A ring, so that all are joined, and links drawn at random up to the mean degree. */
function randomJoints(routers: number, prng: Prng): Joint[] {
  const cost = (): number => 1 + prng.below(MAXIMUM_COST);
  const joints: Joint[] = [];
  for (let a = 0; a < routers; a++) joints.push({ a, b: (a + 1) % routers, cost: cost() });
  const most = Math.min((MEAN_DEGREE / 2) * routers, (routers * (routers - 1)) / 2);
  while (joints.length < most) {
    const a = prng.below(routers);
    const b = prng.below(routers);
    if (a !== b) joints.push({ a, b, cost: cost() });
  }
  return joints;
}

/** Rings of routers whose first members form a ring. */
function rings(routers: number, prng: Prng): Joint[] {
  const size = Math.max(3, Math.round(Math.sqrt(routers)));
  const joints: Joint[] = [];
  const join = (a: number, b: number): void => {
    if (a !== b) joints.push({ a, b, cost: 1 + prng.below(MAXIMUM_COST) });
  };
  for (let first = 0; first < routers; first += size) {
    const end = Math.min(first + size, routers);
    for (let a = first; a < end; a++) join(a, a + 1 < end ? a + 1 : first);
    join(first, first + size < routers ? first + size : 0);
  }
  return joints;
}

/** What the LSAs of a topology hold beside it. */
export interface EmulationOptions {
  /** Router ID of router 0; the others follow. */
  readonly firstRouterId: number;
  /** How many of the routers announce the anycast prefix, from the last one on. */
  readonly anycastOriginators: number;
  /** Whether router 0 has another Router-LSA, of Link State ID 0, from elsewhere. */
  readonly joined?: boolean;
}

const OPTIONS = Option.V6 | Option.E | Option.R;
/** Link State ID of the anycast prefix's own LSA. */
export const ANYCAST_LINK_STATE_ID = 0x0100_0000;

/** The anycast prefix that all originators share. */
export const EMULATED_ANYCAST: AddressPrefix = prefixAt(0xffff_ffff, 128);

/** 2001:db8:XXXX:XXXX::/length for a number; of a /128, its interface identifier is 1. */
function prefixAt(number: number, prefixLength: number): AddressPrefix {
  const address = new Uint8Array(16);
  const view = new DataView(address.buffer);
  view.setUint32(0, 0x20010db8);
  view.setUint32(4, number);
  if (prefixLength === 128) address[15] = 1;
  return { prefixLength, prefixOptions: 0, address };
}

/** The LSAs of an area, originated one by one and changed one by one. */
export class EmulatedArea {
  readonly topology: EmulatedTopology;
  readonly options: EmulationOptions;
  /** Per router the links of its Router-LSA. */
  readonly links: RouterLink[][];
  readonly #sequenceNumbers = new Map<string, number>();
  readonly #anycastMetrics = new Map<number, number>();

  constructor(topology: EmulatedTopology, options: EmulationOptions) {
    this.topology = topology;
    this.options = options;
    this.links = Array.from({ length: topology.routers }, () => []);
    for (const { a, b, cost } of topology.joints) {
      // Interface IDs count from 1; 0 is the LAN's.
      const [mine, other] = [this.links[a]!.length + 1, this.links[b]!.length + 1];
      this.links[a]!.push(this.#link(RouterLinkType.PointToPoint, cost, mine, other, b));
      this.links[b]!.push(this.#link(RouterLinkType.PointToPoint, cost, other, mine, a));
    }
    const [designated] = topology.lan;
    if (designated === undefined) return;
    for (const router of topology.lan) {
      this.links[router]!.push(
        this.#link(RouterLinkType.Transit, LAN_COST, router + 1, designated + 1, designated),
      );
    }
  }

  routerId(router: number): number {
    return this.options.firstRouterId + router;
  }

  /** Every LSA of area scope. */
  *lsas(): Generator<Lsa> {
    for (let router = 0; router < this.topology.routers; router++) {
      yield this.routerLsa(router);
      yield this.prefixLsa(router);
    }
    if (this.topology.lan.length > 0) yield this.#networkLsa();
    for (let i = 0; i < this.options.anycastOriginators; i++) {
      yield this.anycastLsa(this.anycastRouter(i), 0);
    }
  }

  /** The next instances of all that a router says, with nothing changed but their number. */
  *refreshed(router: number): Generator<Lsa> {
    yield this.routerLsa(router);
    yield this.prefixLsa(router);
    if (this.topology.lan[0] === router) yield this.#networkLsa();
    const metric = this.#anycastMetrics.get(router);
    if (metric !== undefined) yield this.anycastLsa(router, metric);
  }

  /** The Link-LSAs that a router hears on its links. @yields the Interface ID and the LSA. */
  *linkLsasHeardBy(router: number): Generator<{ readonly interfaceId: number; readonly lsa: Lsa }> {
    for (const link of this.links[router]!) {
      const { interfaceId, neighborInterfaceId, neighborRouterId } = link;
      if (link.type === RouterLinkType.PointToPoint) {
        const neighbor = neighborRouterId - this.options.firstRouterId;
        yield { interfaceId, lsa: this.#linkLsa(neighbor, neighborInterfaceId) };
      } else {
        for (const other of this.topology.lan) {
          if (other !== router) yield { interfaceId, lsa: this.#linkLsa(other, other + 1) };
        }
      }
    }
  }

  /** The next instance of a router's Router-LSA, as `links` has it. */
  routerLsa(router: number): Lsa {
    const body: LsaBody = {
      kind: 'Router',
      flags: 0,
      options: OPTIONS,
      links: this.links[router]!,
    };
    const linkStateId = router === 0 && this.options.joined ? 1 : 0;
    return this.#originate(LsType.Router, linkStateId, router, body);
  }

  /** The place of an originator of the anycast prefix. */
  anycastRouter(originator: number): number {
    const { routers } = this.topology;
    // Spread over the area, so that their distances differ.
    const step = Math.max(1, Math.floor(routers / (this.options.anycastOriginators + 1)));
    return routers - 1 - ((originator * step) % routers);
  }

  /** The next instance of an originator's Intra-Area-Prefix-LSA for the anycast prefix. */
  anycastLsa(router: number, metric: number): Lsa {
    this.#anycastMetrics.set(router, metric);
    const body = this.#prefixBody(router, [{ ...EMULATED_ANYCAST, metric }]);
    return this.#originate(LsType.IntraAreaPrefix, ANYCAST_LINK_STATE_ID, router, body);
  }

  /** The next instance of a router's Intra-Area-Prefix-LSA for its own two prefixes. */
  prefixLsa(router: number): Lsa {
    const body = this.#prefixBody(router, [
      { ...prefixAt(router, 64), metric: 10 },
      { ...prefixAt(router, 128), metric: 0 },
    ]);
    return this.#originate(LsType.IntraAreaPrefix, 0, router, body);
  }

  #networkLsa(): Lsa {
    const { lan } = this.topology;
    const attachedRouters = lan.map((router) => this.routerId(router));
    const body: LsaBody = { kind: 'Network', options: OPTIONS, attachedRouters };
    return this.#originate(LsType.Network, lan[0]! + 1, lan[0]!, body);
  }

  #prefixBody(
    router: number,
    prefixes: readonly (AddressPrefix & { readonly metric: number })[],
  ): LsaBody {
    return {
      kind: 'IntraAreaPrefix',
      referencedLsType: LsType.Router,
      referencedLinkStateId: 0,
      referencedAdvertisingRouter: this.routerId(router),
      prefixes,
    };
  }

  #linkLsa(router: number, interfaceId: number): Lsa {
    const body: LsaBody = {
      kind: 'Link',
      routerPriority: 1,
      options: OPTIONS,
      linkLocalAddress: linkLocalOf(this.routerId(router), interfaceId),
      prefixes: [],
    };
    return this.#originate(LsType.Link, interfaceId, router, body);
  }

  #link(
    type: number,
    metric: number,
    interfaceId: number,
    neighborInterfaceId: number,
    neighbor: number,
  ): RouterLink {
    const neighborRouterId = this.routerId(neighbor);
    return { type, metric, interfaceId, neighborInterfaceId, neighborRouterId };
  }

  #originate(lsType: number, linkStateId: number, router: number, body: LsaBody): Lsa {
    const advertisingRouter = this.routerId(router);
    const key = `${lsType} ${linkStateId} ${advertisingRouter}`;
    const next = (this.#sequenceNumbers.get(key) ?? INITIAL_SEQUENCE_NUMBER - 1) + 1;
    this.#sequenceNumbers.set(key, next);
    return Lsa.originate({ lsType, linkStateId, advertisingRouter }, next, body);
  }
}

/** fe80::, then the Router ID and the Interface ID. */
function linkLocalOf(routerId: number, interfaceId: number): Address {
  const address = new Uint8Array(16);
  const view = new DataView(address.buffer);
  view.setUint16(0, 0xfe80);
  view.setUint32(8, routerId);
  view.setUint32(12, interfaceId);
  return address;
}
