/**
 * Exact-bucket spread: nftables on the egress of the server link hashes each flow into a bucket and
 * writes the bucket's link-layer address into the frame. Unlike a resilient nexthop group it has no
 * history: routers with the same table place every flow alike. A change is one transaction.
 *
 * It needs a route for the address onto the link and a permanent neighbor entry, which also takes
 * what has no ports: fragments behind the first, and ICMPv6.
 * @module
 */
import { isIPv4 } from 'node:net';
import { z } from 'zod';
import { IpBatch } from './ip-batch.ts';
import { NftPipe } from './nft-pipe.ts';
import type { RouteFailure } from './route-table.ts';
import { ROUTE_PROTOCOL } from './route-table-kernel.ts';

/** A service that is spread by buckets. */
export interface ExactService {
  /** The anycast address in canonical text, IPv6 or IPv4. */
  readonly address: string;
  /** The interface to the servers. */
  readonly interfaceName: string;
  /** Seed of the flow hash; the same on all routers. */
  readonly seed: number;
  /** Link-layer address of every bucket's next hop, `02:00:00:00:00:01`; at least one. */
  readonly buckets: readonly string[];
}

/** What went to one next hop since the service was set up. */
export interface ExactShare {
  readonly address: string;
  readonly linkLayerAddress: string;
  readonly packets: number;
  readonly octets: number;
}

export interface ExactSpreadConfig {
  /** Another network namespace than our own, by name. */
  readonly networkNamespace?: string;
  /** Name of our table in the netdev family; by default `tidecast`. */
  readonly table?: string;
  /** Metric of the on-link routes; by default 64. */
  readonly metric?: number;
}

/** How address families differ in nftables. */
const FAMILIES = {
  ip6: { type: 'ipv6_addr', set: 'shares6', map: 'services6', length: 128 },
  ip: { type: 'ipv4_addr', set: 'shares4', map: 'services4', length: 32 },
} as const;
type Family = keyof typeof FAMILIES;

/** Pairs of next hop and service that are counted at most. */
const MAX_SHARES = 65_535;

const familyOf = (address: string): Family => (isIPv4(address) ? 'ip' : 'ip6');
/** A name that nftables takes, from an address. */
const nameOf = (address: string): string => `s_${address.replaceAll(/[:.]/g, '_')}`;

const SetListing = z.object({
  set: z.object({
    name: z.string(),
    elem: z
      .array(
        z.object({
          elem: z.object({
            val: z.object({ concat: z.tuple([z.string(), z.string()]) }),
            counter: z.object({ packets: z.number(), bytes: z.number() }),
          }),
        }),
      )
      .optional(),
  }),
});
const MapListing = z.object({
  map: z.object({
    name: z.string(),
    elem: z.array(z.tuple([z.union([z.number(), z.string()]), z.unknown()])).optional(),
  }),
});

interface Known extends ExactService {
  /** Where packets without ports go. */
  readonly neighbor: string;
}

export class ExactSpread {
  readonly #nft: NftPipe;
  readonly #ip: IpBatch;
  readonly #table: string;
  readonly #metric: number;
  readonly #services = new Map<string, Known>();
  readonly #interfaces = new Set<string>();
  /** What an earlier run left and nobody has asked for since: spread, or only counted. */
  readonly #unclaimed = new Map<string, 'spread' | 'counted'>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(config: ExactSpreadConfig = {}) {
    this.#nft = new NftPipe(config.networkNamespace);
    this.#ip = new IpBatch(config.networkNamespace);
    this.#table = `netdev ${config.table ?? 'tidecast'}`;
    this.#metric = config.metric ?? 64;
  }

  /**
   * Makes our table, or takes over the one an earlier run left: what it holds goes on working.
   * @returns the addresses found that are spread.
   */
  open(): Promise<readonly string[]> {
    return this.#inTurn(async () => {
      const lines = [`add table ${this.#table}`];
      for (const { type, set, map } of Object.values(FAMILIES)) {
        lines.push(
          `add map ${this.#table} ${map} { type ${type} : verdict; }`,
          `add set ${this.#table} ${set} { type ${type} . ether_addr; flags dynamic; ` +
            `size ${MAX_SHARES}; counter; }`,
        );
      }
      const refused = await this.#nft.run([lines.join('; ')]);
      if (refused[0] !== undefined) throw new Error(`nftables: ${refused[0].message}`);
      await this.#find();
      return [...this.#unclaimed].flatMap(([address, how]) => (how === 'spread' ? [address] : []));
    });
  }

  /** Sets a service up, or changes it to this; only buckets that differ are written. */
  set(service: ExactService): Promise<readonly RouteFailure[]> {
    if (service.buckets.length === 0) throw new RangeError('buckets must not be empty');
    this.#unclaimed.delete(service.address);
    return this.#inTurn(async () => {
      const known = this.#services.get(service.address);
      const sameRule =
        known !== undefined &&
        known.interfaceName === service.interfaceName &&
        known.seed === service.seed &&
        known.buckets.length === service.buckets.length;
      const transaction = sameRule ? this.#difference(known, service) : this.#whole(service);
      const neighbor =
        known !== undefined && service.buckets.includes(known.neighbor)
          ? known.neighbor
          : service.buckets[0]!;
      const failures: RouteFailure[] = [];
      // The neighbor first: without it nothing would leave for the rule to see.
      if (known?.neighbor !== neighbor || !sameRule) {
        failures.push(...(await this.#leadOntoLink(service, neighbor)));
      }
      if (transaction !== '') failures.push(...named(await this.#nft.run([transaction])));
      if (failures.length > 0) this.#services.delete(service.address);
      else this.#services.set(service.address, { ...service, neighbor });
      return failures;
    });
  }

  /**
   * Only counts what leaves for a service, by link-layer address: for services that nexthop groups
   * spread. {@link ExactSpread.shares} tells.
   */
  count(address: string, interfaceName: string): Promise<readonly RouteFailure[]> {
    this.#unclaimed.delete(address);
    return this.#inTurn(async () => {
      const { set, map } = FAMILIES[familyOf(address)];
      const name = nameOf(address);
      const lines = [
        ...this.#egressOf(interfaceName),
        `add chain ${this.#table} ${name}`,
        `flush chain ${this.#table} ${name}`,
        `add rule ${this.#table} ${name} update @${set} { ${familyOf(address)} daddr . ether daddr }`,
        `add element ${this.#table} ${map} { ${address} : goto ${name} }`,
      ];
      return named(await this.#nft.run([lines.join('; ')]));
    });
  }

  /** Counts a service no more; what was counted stays until {@link ExactSpread.clear}. */
  uncount(address: string): Promise<readonly RouteFailure[]> {
    this.#unclaimed.delete(address);
    return this.#inTurn(async () => {
      const { map } = FAMILIES[familyOf(address)];
      const chain = `delete chain ${this.#table} ${nameOf(address)}`;
      return named(
        await this.#nft.run([`delete element ${this.#table} ${map} { ${address} }; ${chain}`]),
      );
    });
  }

  /** Takes a service away, its route and neighbor entry too. */
  remove(address: string): Promise<readonly RouteFailure[]> {
    this.#unclaimed.delete(address);
    return this.#inTurn(async () => {
      const name = nameOf(address);
      const { map, length } = FAMILIES[familyOf(address)];
      const known = this.#services.get(address);
      this.#services.delete(address);
      const words = [
        `route del ${address}/${length} metric ${this.#metric} proto ${ROUTE_PROTOCOL}`,
      ];
      for (const dev of known === undefined
        ? await this.#devicesOf(address)
        : [known.interfaceName]) {
        words.push(`neigh del ${address} dev ${dev}`);
      }
      const unrouted = await this.#ip.run(words);
      const refused = await this.#nft.run([
        `delete element ${this.#table} ${map} { ${address} }; ` +
          `delete chain ${this.#table} ${name}; delete map ${this.#table} ${name}`,
      ]);
      return named([...unrouted, ...refused]);
    });
  }

  /** What went to each next hop, by service, counted by the kernel since it was set up. */
  async shares(): Promise<ExactShare[]> {
    const listing = await this.#nft.list(['table', ...this.#table.split(' ')]);
    return listing.flatMap((item) => {
      const parsed = SetListing.safeParse(item);
      return (parsed.data?.set.elem ?? []).map(({ elem }) => ({
        address: elem.val.concat[0],
        linkLayerAddress: elem.val.concat[1],
        packets: elem.counter.packets,
        octets: elem.counter.bytes,
      }));
    });
  }

  /** Removes all of ours. */
  async clear(): Promise<readonly RouteFailure[]> {
    const failures = await Promise.all(
      [...this.#services.keys()].map((address) => this.remove(address)),
    );
    const refused = await this.#inTurn(() => this.#nft.run([`delete table ${this.#table}`]));
    this.#interfaces.clear();
    return [...failures.flat(), ...named(refused)];
  }

  /** Stops; the rules stay and go on spreading. */
  close(): void {
    this.#nft.close();
    this.#ip.close();
  }

  /** Removes what an earlier run left and nobody has asked for since. */
  async releaseUnclaimed(): Promise<readonly RouteFailure[]> {
    const left = [...this.#unclaimed];
    const failures = await Promise.all(
      left.map(([address, how]) =>
        how === 'spread' ? this.remove(address) : this.uncount(address),
      ),
    );
    return failures.flat();
  }

  async #find(): Promise<void> {
    const listing = await this.#nft.list(['table', ...this.#table.split(' ')]);
    const maps = new Map(
      listing.flatMap((item) => {
        const { data } = MapListing.safeParse(item);
        return data === undefined ? [] : [[data.map.name, data.map.elem ?? []] as const];
      }),
    );
    for (const { map } of Object.values(FAMILIES)) {
      for (const [text] of maps.get(map) ?? []) {
        const address = String(text);
        this.#unclaimed.set(address, maps.has(nameOf(address)) ? 'spread' : 'counted');
      }
    }
  }

  /** Where an earlier run put our neighbor entry. */
  async #devicesOf(address: string): Promise<string[]> {
    const entries = z
      .array(z.object({ dev: z.string(), protocol: z.union([z.string(), z.number()]).optional() }))
      .parse(await this.#ip.show(['neigh', 'show', address, 'nud', 'permanent']));
    const ours = entries.filter(({ protocol }) => String(protocol) === String(ROUTE_PROTOCOL));
    return ours.map(({ dev }) => dev);
  }

  /** A route onto the link, and the permanent entry that makes it usable. */
  async #leadOntoLink(service: ExactService, neighbor: string): Promise<RouteFailure[]> {
    const { address, interfaceName } = service;
    const prefix = `${address}/${FAMILIES[familyOf(address)].length}`;
    const refused = await this.#ip.run([
      `route add ${prefix} dev ${interfaceName} metric ${this.#metric} proto ${ROUTE_PROTOCOL}`,
      `neigh replace ${address} dev ${interfaceName} lladdr ${neighbor} nud permanent ` +
        `protocol ${ROUTE_PROTOCOL}`,
    ]);
    const [first] = refused;
    if (!first?.message.includes('File exists')) return named(refused);
    // Ours from before is as good; somebody else's is not.
    const family = isIPv4(address) ? '-4' : '-6';
    const mine = await this.#ip.show([
      family,
      'route',
      'show',
      prefix,
      'proto',
      `${ROUTE_PROTOCOL}`,
    ]);
    return named(mine.length > 0 ? refused.slice(1) : refused);
  }

  /** The egress chain of an interface, when it is not there yet. */
  #egressOf(interfaceName: string): string[] {
    if (this.#interfaces.has(interfaceName)) return [];
    this.#interfaces.add(interfaceName);
    const chain = `${this.#table} egress_${interfaceName}`;
    return [
      `add chain ${chain} ` +
        `{ type filter hook egress device "${interfaceName}" priority 0; policy accept; }`,
      `flush chain ${chain}`,
      `add rule ${chain} ip6 daddr vmap @${FAMILIES.ip6.map}`,
      `add rule ${chain} ip daddr vmap @${FAMILIES.ip.map}`,
    ];
  }

  /** Everything of a service in one transaction, whatever was there before. */
  #whole(service: ExactService): string {
    const { address, interfaceName, seed, buckets } = service;
    const family = familyOf(address);
    const { set, map } = FAMILIES[family];
    const name = nameOf(address);
    const table = this.#table;
    const elements = buckets.map((linkLayerAddress, i) => `${i} : ${linkLayerAddress}`).join(', ');
    const lines = this.#egressOf(interfaceName);
    lines.push(
      `add map ${table} ${name} { type mark : ether_addr; }`,
      `flush map ${table} ${name}`,
      `add element ${table} ${name} { ${elements} }`,
      `add chain ${table} ${name}`,
      `flush chain ${table} ${name}`,
      `add rule ${table} ${name} meta l4proto { tcp, udp } ` +
        `meta mark set jhash ${family} saddr . th sport mod ${buckets.length} seed ${seed} ` +
        `ether daddr set meta mark map @${name}`,
      `add rule ${table} ${name} update @${set} { ${family} daddr . ether daddr }`,
      `add element ${table} ${map} { ${address} : goto ${name} }`,
    );
    return lines.join('; ');
  }

  /** The buckets that change hands, in one transaction. */
  #difference(known: ExactService, wanted: ExactService): string {
    const changed = [...wanted.buckets.keys()].filter(
      (i) => known.buckets[i] !== wanted.buckets[i],
    );
    if (changed.length === 0) return '';
    const map = `${this.#table} ${nameOf(wanted.address)}`;
    const elements = changed.map((i) => `${i} : ${wanted.buckets[i]}`).join(', ');
    return `delete element ${map} { ${changed.join(', ')} }; add element ${map} { ${elements} }`;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => {});
    return result;
  }
}

const named = (
  refused: readonly { readonly command: string; readonly message: string }[],
): RouteFailure[] => refused.map(({ command, message }) => ({ what: command, message }));
