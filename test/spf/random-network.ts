/**
 * Random link-state databases and random changes to them, one-sided ones too: what a network looks
 * like while it changes. The same seed gives the same.
 */
import type { LsaBody } from '../../src/lsa/body.ts';
import { INITIAL_SEQUENCE_NUMBER } from '../../src/lsa/constants.ts';
import { identityKey } from '../../src/lsa/header.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { Option } from '../../src/lsa/options.ts';
import { RouterFlag, type RouterLink } from '../../src/lsa/router-lsa.ts';
import { type LsdbScope, scopeKey } from '../../src/lsdb/lsdb.ts';
import type { Prng } from '../../src/prng.ts';
import { type Address, parseAddress } from '../../src/wire/address.ts';
import { parsePrefix } from '../../src/wire/prefix.ts';
import type { ScopedLsa } from './naive-routes.ts';

interface End {
  readonly router: number;
  readonly interfaceId: number;
  cost: number;
  /** Whether the router's LSA lists the link. */
  listed: boolean;
  address: number | undefined;
}

interface Link {
  readonly areaId: number;
  readonly kind: 'pointToPoint' | 'network' | 'virtual';
  readonly ends: End[];
  /** Whether the designated router, the first end, has a Network-LSA. */
  networkLsa: boolean;
}

interface Prefix {
  readonly areaId: number;
  readonly router: number;
  /** Of a network: its designated router's Interface ID. */
  readonly network: number | undefined;
  readonly linkStateId: number;
  /** Prefixes of one LSA, by number, with their metrics. */
  said: { number: number; metric: number }[];
}

interface External {
  readonly router: number;
  readonly linkStateId: number;
  readonly number: number;
  type2: boolean;
  metric: number;
  present: boolean;
}

/** Router IDs are 1..routers; the calculating router is 1. */
export class RandomNetwork {
  readonly #prng: Prng;
  readonly #routers: number;
  readonly #areaIds: readonly number[];
  readonly #links: Link[] = [];
  readonly #prefixes: Prefix[] = [];
  readonly #externals: External[] = [];
  /** Routers that do not forward, that have no V6-bit, that are gone. */
  readonly #hosts = new Set<number>();
  readonly #notV6 = new Set<number>();
  readonly #gone = new Set<number>();
  readonly #border = new Set<number>();
  readonly #boundary = new Set<number>();
  readonly #split = new Set<number>();
  readonly #virtualEnds = new Set<number>();
  readonly #maximumCost: number;
  readonly #leastCost: number;
  #nextInterfaceId = 1;

  constructor(prng: Prng, routers: number, leastCost = 1) {
    this.#prng = prng;
    this.#routers = routers;
    this.#leastCost = leastCost;
    this.#maximumCost = prng.below(2) === 0 ? 3 : 20;
    this.#areaIds = prng.below(2) === 0 ? [0] : [0, 7];
    for (let id = 2; id <= routers; id++) this.#addLink(1 + prng.below(id - 1), id);
    for (let i = 0; i < routers; i++) this.#addLink(this.#anyRouter(), this.#anyRouter());
    for (let i = 0; i < routers / 2; i++) this.#addNetwork();
    for (let i = 0; i < 2 * routers; i++) this.#addPrefix();
    for (let id = 1; id <= routers; id++) {
      if (prng.below(6) === 0) this.#hosts.add(id);
      if (prng.below(3) === 0) this.#split.add(id);
      if (prng.below(4) === 0) this.#border.add(id);
      if (prng.below(4) === 0) this.#boundary.add(id);
    }
    for (let i = 0; i < routers / 2; i++) this.#addExternal(i);
  }

  /** Gives the calculating router more links, to any others. */
  widen(links: number): void {
    for (let i = 0; i < links; i++) this.#addLink(1, this.#anyRouter());
  }

  /** Adds virtual links to the backbone, the first of them ours, and says so in all areas. */
  addVirtualLinks(count: number): void {
    for (let i = 0; i < count; i++) {
      const a = i === 0 ? 1 : this.#anyRouter();
      const b = this.#anyRouter();
      if (a === b) continue;
      this.#links.push({
        areaId: 0,
        kind: 'virtual',
        ends: [this.#end(a), this.#end(b)],
        networkLsa: false,
      });
      this.#virtualEnds.add(a).add(b);
      this.#border.add(a).add(b);
    }
  }

  /** Lets a router say the opposite of what it said of virtual links. */
  toggleVirtualEnd(): void {
    toggle(this.#virtualEnds, this.#anyRouter());
  }

  /** Changes something at random. */
  mutate(): void {
    const prng = this.#prng;
    const link = this.#links[prng.below(this.#links.length)]!;
    const end = link.ends[prng.below(link.ends.length)]!;
    switch (prng.below(12)) {
      case 0:
      case 1:
      case 2:
        end.cost = this.#cost();
        return;
      case 3:
        end.listed = !end.listed;
        return;
      case 4:
        link.networkLsa = !link.networkLsa;
        return;
      case 5:
        end.address = prng.below(4) === 0 ? undefined : prng.below(1000);
        return;
      case 6:
        toggle(this.#hosts, this.#anyRouter());
        return;
      case 7:
        toggle(prng.below(4) === 0 ? this.#notV6 : this.#gone, this.#anyRouter());
        return;
      case 8:
        toggle(prng.below(2) === 0 ? this.#border : this.#boundary, this.#anyRouter());
        return;
      case 9:
        if (prng.below(2) === 0) this.#addLink(this.#anyRouter(), this.#anyRouter());
        else toggle(this.#split, this.#anyRouter());
        return;
      case 10: {
        const external = this.#externals[prng.below(this.#externals.length)];
        if (external === undefined) return;
        external.present = prng.below(3) !== 0;
        external.metric = prng.below(10);
        return;
      }
      default:
        this.mutatePrefix();
    }
  }

  /** Changes only what prefixes are announced, and how. */
  mutatePrefix(): void {
    const prng = this.#prng;
    const prefix = this.#prefixes[prng.below(this.#prefixes.length)]!;
    const said = prefix.said[prng.below(Math.max(1, prefix.said.length))];
    const what = said === undefined ? 0 : prng.below(4);
    if (said === undefined || what === 0) {
      prefix.said.push({ number: this.#anyPrefix(), metric: prng.below(10) });
    } else if (what === 1) prefix.said.splice(0, 1);
    else said.metric = prng.below(10);
  }

  /** Every LSA that there is, by scope and identity. */
  lsas(): Map<string, ScopedLsa> {
    const all = new Map<string, ScopedLsa>();
    const put = (
      scope: LsdbScope,
      lsType: number,
      linkStateId: number,
      router: number,
      body: LsaBody,
    ) => {
      if (this.#gone.has(router) && scope.kind !== 'link') return;
      const identity = { lsType, linkStateId, advertisingRouter: router };
      const lsa = Lsa.originate(identity, INITIAL_SEQUENCE_NUMBER, body);
      all.set(`${scopeKey(scope)} ${identityKey(identity)}`, { scope, lsa });
    };
    for (const areaId of this.#areaIds) this.#putArea(areaId, put);
    for (const { router, linkStateId, number, type2, metric, present } of this.#externals) {
      if (!present) continue;
      put({ kind: 'as' }, LsType.AsExternal, linkStateId, router, {
        kind: 'AsExternal',
        flags: type2 ? 4 : 0,
        metric,
        prefix: prefixAt(number),
        referencedLsType: 0,
      });
    }
    return all;
  }

  #putArea(
    areaId: number,
    put: (
      scope: LsdbScope,
      lsType: number,
      linkStateId: number,
      router: number,
      body: LsaBody,
    ) => void,
  ): void {
    const scope: LsdbScope = { kind: 'area', areaId };
    const linksOf = new Map<number, RouterLink[]>();
    for (const { areaId: of, kind, ends, networkLsa } of this.#links) {
      if (of !== areaId) continue;
      const [first] = ends;
      for (const end of ends) {
        const other = ends.find((e) => e !== end)!;
        const to = kind === 'network' ? first! : other;
        const links = linksOf.get(end.router) ?? [];
        linksOf.set(end.router, links);
        if (end.listed) {
          links.push({
            type: LINK_TYPES[kind],
            metric: end.cost,
            interfaceId: end.interfaceId,
            neighborInterfaceId: to.interfaceId,
            neighborRouterId: to.router,
          });
        }
        const ours = ends.find((e) => e.router === 1);
        if (
          kind !== 'virtual' &&
          ours !== undefined &&
          end.router !== 1 &&
          end.address !== undefined
        ) {
          put(
            { kind: 'link', interfaceId: ours.interfaceId },
            LsType.Link,
            end.interfaceId,
            end.router,
            {
              kind: 'Link',
              routerPriority: 1,
              options: 0,
              linkLocalAddress: linkLocal(end),
              prefixes: [],
            },
          );
        }
      }
      if (kind === 'network' && networkLsa) {
        put(scope, LsType.Network, first!.interfaceId, first!.router, {
          kind: 'Network',
          options: 0,
          attachedRouters: ends.map((end) => end.router),
        });
      }
    }
    for (const [router, links] of linksOf) this.#putRouter(scope, router, links, put);
    for (const { areaId: of, router, network, linkStateId, said } of this.#prefixes) {
      if (of !== areaId) continue;
      put(scope, LsType.IntraAreaPrefix, linkStateId, router, {
        kind: 'IntraAreaPrefix',
        referencedLsType: network === undefined ? LsType.Router : LsType.Network,
        referencedLinkStateId: network ?? 0,
        referencedAdvertisingRouter: router,
        prefixes: said.map(({ number, metric }) => ({ ...prefixAt(number), metric })),
      });
      // Every third is said of other areas too.
      const [first] = said;
      if (first !== undefined && linkStateId % 3 === 0) {
        put(scope, LsType.InterAreaPrefix, linkStateId, router, {
          kind: 'InterAreaPrefix',
          metric: first.metric,
          // Some are those that others announce within the area.
          prefix: prefixAt(linkStateId % 2 === 0 ? first.number : 100 + (first.number % 5)),
        });
      }
    }
  }

  #putRouter(
    scope: LsdbScope,
    router: number,
    links: readonly RouterLink[],
    put: (
      scope: LsdbScope,
      lsType: number,
      linkStateId: number,
      router: number,
      body: LsaBody,
    ) => void,
  ): void {
    const flags =
      (this.#border.has(router) ? RouterFlag.B : 0) |
      (this.#virtualEnds.has(router) ? RouterFlag.V : 0) |
      (this.#boundary.has(router) ? RouterFlag.E : 0);
    const options =
      (this.#hosts.has(router) ? 0 : Option.R) | (this.#notV6.has(router) ? 0 : Option.V6);
    const cut = this.#split.has(router) ? links.length >>> 1 : links.length;
    put(scope, LsType.Router, 0, router, {
      kind: 'Router',
      flags,
      options,
      links: links.slice(0, cut),
    });
    if (cut < links.length) {
      const rest = links.slice(cut);
      put(scope, LsType.Router, 5, router, { kind: 'Router', flags: 0, options: 0, links: rest });
    }
  }

  #addLink(a: number, b: number): void {
    if (a === b) return;
    const ends = [this.#end(a), this.#end(b)];
    this.#links.push({ areaId: this.#anyArea(), kind: 'pointToPoint', ends, networkLsa: false });
  }

  #addNetwork(): void {
    const routers = new Set<number>();
    for (let i = 0; i < 2 + this.#prng.below(4); i++) routers.add(this.#anyRouter());
    if (routers.size < 2) return;
    const ends = [...routers].map((router) => this.#end(router));
    this.#links.push({ areaId: this.#anyArea(), kind: 'network', ends, networkLsa: true });
  }

  #addPrefix(): void {
    const prng = this.#prng;
    const networks = this.#links.filter((link) => link.kind === 'network');
    const network = prng.below(4) === 0 ? networks[prng.below(networks.length)] : undefined;
    const first = network?.ends[0];
    this.#prefixes.push({
      areaId: network?.areaId ?? this.#anyArea(),
      router: first?.router ?? this.#anyRouter(),
      network: first?.interfaceId,
      linkStateId: this.#prefixes.length + 1,
      said: Array.from({ length: 1 + prng.below(3) }, () => ({
        number: this.#anyPrefix(),
        metric: prng.below(10),
      })),
    });
  }

  #addExternal(linkStateId: number): void {
    const prng = this.#prng;
    const number = 200 + prng.below(4);
    const type2 = prng.below(2) === 0;
    const router = this.#anyRouter();
    this.#externals.push({
      router,
      linkStateId,
      number,
      type2,
      metric: prng.below(5),
      present: true,
    });
  }

  #end(router: number): End {
    const interfaceId = this.#nextInterfaceId++;
    const address = this.#prng.below(10) === 0 ? undefined : interfaceId;
    return { router, interfaceId, cost: this.#cost(), listed: true, address };
  }

  #cost(): number {
    return this.#leastCost + this.#prng.below(this.#maximumCost);
  }

  #anyRouter(): number {
    return 1 + this.#prng.below(this.#routers);
  }

  #anyArea(): number {
    return this.#areaIds[this.#prng.below(this.#areaIds.length)]!;
  }

  /** Few, so that many have several originators. */
  #anyPrefix(): number {
    return this.#prng.below(this.#routers);
  }
}

const LINK_TYPES = { pointToPoint: 1, network: 2, virtual: 4 } as const;

function toggle(set: Set<number>, member: number): void {
  if (!set.delete(member)) set.add(member);
}

const prefixAt = (number: number) => parsePrefix(`2001:db8:${number.toString(16)}::/48`);

const linkLocal = ({ router, address }: End): Address =>
  parseAddress(`fe80::${router.toString(16)}:${(address ?? 0).toString(16)}`);
