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
import * as z from 'zod';
import { IpBatch } from './ip-batch.ts';
import { NftPipe } from './nft-pipe.ts';
import {
  changeRules,
  countRules,
  type ExactService,
  egressRules,
  FAMILIES,
  familyOf,
  LoadListing,
  loadNameOf,
  MapListing,
  nameOf,
  SetListing,
  serviceRules,
  tableRules,
} from './nft-rules.ts';
import type { RouteFailure } from './route-table.ts';
import { ROUTE_PROTOCOL } from './route-table-kernel.ts';
import type { ToolFailure } from './tool-pipe.ts';

/** Our table in the netdev family. */
export const DEFAULT_TABLE = 'tidecast';
/** What is said of a chain of an interface that does not exist. */
const NO_INTERFACE = /No such (device|file or directory)/;

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
  /** Services that are only counted. */
  readonly #counted = new Set<string>();
  /** What an earlier run left and nobody has asked for since: spread, or only counted. */
  readonly #unclaimed = new Map<string, 'spread' | 'counted'>();
  /** Link-layer addresses of the buckets found, by the service's address. */
  readonly #found = new Map<string, readonly string[]>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(config: ExactSpreadConfig = {}) {
    this.#nft = new NftPipe(config.networkNamespace);
    this.#ip = new IpBatch(config.networkNamespace);
    this.#table = `netdev ${config.table ?? DEFAULT_TABLE}`;
    this.#metric = config.metric ?? 64;
  }

  /**
   * Makes our table, or takes over the one an earlier run left: what it holds goes on working.
   * @returns the addresses found that are spread.
   */
  open(): Promise<readonly string[]> {
    return this.#inTurn(async () => {
      const refused = await this.#nft.run([tableRules(this.#table).join('; ')]);
      if (refused[0] !== undefined) throw new Error(`nftables: ${refused[0].message}`);
      await this.#find();
      return [...this.#unclaimed].flatMap(([address, how]) => (how === 'spread' ? [address] : []));
    });
  }

  /** The buckets that an earlier run left, each with its link-layer address, by service. */
  get found(): ReadonlyMap<string, readonly string[]> {
    return this.#found;
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
        known.bucketLoad === service.bucketLoad &&
        known.inTurn === service.inTurn &&
        known.buckets.length === service.buckets.length;
      const lines = sameRule
        ? changeRules(this.#table, known, service)
        : [...this.#egressOf(service.interfaceName), ...serviceRules(this.#table, service)];
      const neighbor =
        known !== undefined && service.buckets.includes(known.neighbor)
          ? known.neighbor
          : service.buckets[0]!;
      const failures: RouteFailure[] = [];
      // The neighbor first: without it nothing would leave for the rule to see.
      if (known?.neighbor !== neighbor || !sameRule) {
        failures.push(...(await this.#leadOntoLink(service, neighbor)));
      }
      if (lines.length > 0) failures.push(...(await this.#write(service, lines)));
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
      this.#counted.add(address);
      const lines = [...this.#egressOf(interfaceName), ...countRules(this.#table, address)];
      return named(await this.#nft.run([lines.join('; ')]));
    });
  }

  /** Counts a service no more; what was counted stays until {@link ExactSpread.clear}. */
  uncount(address: string): Promise<readonly RouteFailure[]> {
    this.#unclaimed.delete(address);
    return this.#inTurn(async () => {
      this.#counted.delete(address);
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
          `delete chain ${this.#table} ${name}; delete map ${this.#table} ${name}; ` +
          `delete set ${this.#table} ${loadNameOf(address)}`,
      ]);
      return named([...unrouted, ...refused]);
    });
  }

  /**
   * Puts back what a link that went down took along, routes and neighbor entries, and the rules that
   * others flushed or that went with an interface that was made anew.
   */
  reconcile(): Promise<readonly RouteFailure[]> {
    return this.#inTurn(async () => {
      const unruled = await this.#putRulesBack();
      const words = [...this.#services.values()].flatMap((known) =>
        this.#ontoLink(known, known.neighbor),
      );
      const refused = await this.#ip.run(words);
      return [
        ...named(unruled),
        ...named(refused.filter(({ message }) => !message.includes('File exists'))),
      ];
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

  /** Packets of every bucket of a service since it was set up with `bucketLoad`. */
  async bucketLoad(address: string, bucketCount: number): Promise<number[]> {
    const load = new Array<number>(bucketCount).fill(0);
    const name = loadNameOf(address);
    for (const item of await this.#nft.list(['set', ...this.#table.split(' '), name])) {
      for (const { elem } of LoadListing.safeParse(item).data?.set.elem ?? []) {
        if (elem.val < bucketCount) load[elem.val] = elem.counter.packets;
      }
    }
    return load;
  }

  /** Removes all of ours. */
  async clear(): Promise<readonly RouteFailure[]> {
    const released = await this.releaseUnclaimed();
    const failures = await Promise.all(
      [...this.#services.keys()].map((address) => this.remove(address)),
    );
    const refused = await this.#inTurn(() => this.#nft.run([`delete table ${this.#table}`]));
    this.#interfaces.clear();
    this.#counted.clear();
    return [...released, ...failures.flat(), ...named(refused)];
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
        const buckets = maps.get(nameOf(address));
        this.#unclaimed.set(address, buckets === undefined ? 'counted' : 'spread');
        const found: string[] = [];
        for (const [bucket, neighbor] of buckets ?? []) found[Number(bucket)] = String(neighbor);
        if (buckets !== undefined) this.#found.set(address, found);
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
  #ontoLink({ address, interfaceName }: ExactService, neighbor: string): [string, string] {
    const prefix = `${address}/${FAMILIES[familyOf(address)].length}`;
    return [
      `route add ${prefix} dev ${interfaceName} metric ${this.#metric} proto ${ROUTE_PROTOCOL}`,
      `neigh replace ${address} dev ${interfaceName} lladdr ${neighbor} nud permanent ` +
        `protocol ${ROUTE_PROTOCOL}`,
    ];
  }

  async #leadOntoLink(service: ExactService, neighbor: string): Promise<RouteFailure[]> {
    const { address, interfaceName } = service;
    const prefix = `${address}/${FAMILIES[familyOf(address)].length}`;
    const [add, entry] = this.#ontoLink(service, neighbor);
    const refused = await this.#ip.run([entry, add]);
    const taken = refused.find(({ message }) => message.includes('File exists'));
    if (taken === undefined) return named(refused);
    // Ours from before is as good, and moves when it leads to another link; somebody else's stays.
    const family = isIPv4(address) ? '-4' : '-6';
    const words = [family, 'route', 'show', prefix, 'proto', `${ROUTE_PROTOCOL}`];
    const route = z.object({ dev: z.string().optional(), nhid: z.number().optional() });
    const [mine] = z.array(route).parse(await this.#ip.show(words));
    if (mine === undefined) return named(refused);
    const failures = refused.filter((one) => one !== taken);
    const { dev, nhid } = mine;
    if (dev === interfaceName && nhid === undefined) return named(failures);
    const commands = [add.replace('route add', 'route replace')];
    // One by a nexthop group, of a run that spread it so, has no entry of ours.
    if (nhid === undefined) commands.push(`neigh del ${address} dev ${dev}`);
    return named([...failures, ...(await this.#ip.run(commands))]);
  }

  /** Writes a change of a service; all that belongs to its link, when what is to change is gone. */
  async #write(service: ExactService, lines: readonly string[]): Promise<RouteFailure[]> {
    const refused = await this.#nft.run([lines.join('; ')]);
    if (refused.length === 0) return [];
    this.#services.delete(service.address);
    return named(await this.#nft.run([this.#allOf(service.interfaceName, [service])]));
  }

  /** Everything that belongs to a link, whatever is there, as one transaction. */
  #allOf(interfaceName: string, more: readonly ExactService[] = []): string {
    const known = [...this.#services.values()].filter((one) => one.interfaceName === interfaceName);
    return [
      ...tableRules(this.#table),
      ...egressRules(this.#table, interfaceName),
      ...[...this.#counted].flatMap((address) => countRules(this.#table, address)),
      ...[...known, ...more].flatMap((service) => serviceRules(this.#table, service)),
    ].join('; ');
  }

  /** One transaction for each interface whose chain is gone. */
  async #putRulesBack(): Promise<readonly ToolFailure[]> {
    if (this.#interfaces.size === 0) return [];
    const chains = new Map(
      [...this.#interfaces].map((name) => [`list chain ${this.#table} egress_${name}`, name]),
    );
    const transactions = (await this.#nft.run([...chains.keys()])).flatMap(({ command }) => {
      const interfaceName = chains.get(command);
      if (interfaceName === undefined) return [];
      return [this.#allOf(interfaceName)];
    });
    const refused = transactions.length === 0 ? [] : await this.#nft.run(transactions);
    // An interface that is not there has no use for rules.
    return refused.filter(({ message }) => !NO_INTERFACE.test(message));
  }

  /** The egress chain of an interface, when it is not there yet. */
  #egressOf(interfaceName: string): string[] {
    if (this.#interfaces.has(interfaceName)) return [];
    this.#interfaces.add(interfaceName);
    return egressRules(this.#table, interfaceName);
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
