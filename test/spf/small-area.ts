/** A few routers in words, for tests of single rules. */
import type { LsaBody } from '../../src/lsa/body.ts';
import { INITIAL_SEQUENCE_NUMBER } from '../../src/lsa/constants.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { Option } from '../../src/lsa/options.ts';
import { RouterFlag, RouterLinkType } from '../../src/lsa/router-lsa.ts';
import type { LsdbScope } from '../../src/lsdb/lsdb.ts';
import { RouteTable, type RouteTableConfig } from '../../src/spf/route-table.ts';
import { formatAddress, parseAddress } from '../../src/wire/address.ts';
import { parsePrefix } from '../../src/wire/prefix.ts';

const AS: LsdbScope = { kind: 'as' };
export const area = (areaId: number): LsdbScope => ({ kind: 'area', areaId });

/** A point-to-point link; the Interface ID on either side is the Router ID of the other. */
export interface Joint {
  readonly to: number;
  readonly cost: number;
  /** A virtual link: part of the backbone, without Link-LSAs. */
  readonly virtual?: boolean;
}

export const { B, E, V } = RouterFlag;

/** A routing table that is told LSAs; it runs 50 ms after each change of the topology. */
export class SmallArea {
  readonly table: RouteTable;
  nowMs = 0;

  constructor(routerId: number, more: Omit<RouteTableConfig, 'routerId' | 'delay'> = {}) {
    this.table = new RouteTable({
      routerId,
      ...more,
      delay: {
        initialSpfDelayMs: 50,
        shortSpfDelayMs: 50,
        longSpfDelayMs: 50,
        timeToLearnMs: 500,
        holddownMs: 1000,
      },
    });
  }

  install(scope: LsdbScope, lsType: number, linkStateId: number, by: number, body: LsaBody): void {
    const identity = { lsType, linkStateId, advertisingRouter: by };
    const lsa = Lsa.originate(identity, INITIAL_SEQUENCE_NUMBER, body);
    this.tell(scope, lsa, 'installed');
  }

  tell(scope: LsdbScope, lsa: Lsa, change: 'installed' | 'removed'): void {
    const { nowMs } = this;
    this.table.handle({ kind: 'lsa', nowMs, scope, change, lsa, contentsChanged: true });
  }

  router(
    scope: LsdbScope,
    by: number,
    joints: readonly Joint[],
    flags = 0,
    options: number = Option.V6 | Option.R,
  ): void {
    this.install(scope, LsType.Router, 0, by, {
      kind: 'Router',
      flags,
      options,
      links: joints.map(({ to, cost, virtual = false }) => ({
        type: virtual ? RouterLinkType.VirtualLink : RouterLinkType.PointToPoint,
        metric: cost,
        interfaceId: to,
        neighborInterfaceId: by,
        neighborRouterId: to,
      })),
    });
  }

  /** A neighbor of ours says its address, fe80:: with its Router ID. */
  neighbor(routerId: number, ours = 1): void {
    this.install({ kind: 'link', interfaceId: routerId }, LsType.Link, ours, routerId, {
      kind: 'Link',
      routerPriority: 1,
      options: 0,
      linkLocalAddress: parseAddress(`fe80::${routerId.toString(16)}`),
      prefixes: [],
    });
  }

  prefix(scope: LsdbScope, by: number, text: string, metric: number, options = 0, id = 0): void {
    this.install(scope, LsType.IntraAreaPrefix, id, by, {
      kind: 'IntraAreaPrefix',
      referencedLsType: LsType.Router,
      referencedLinkStateId: 0,
      referencedAdvertisingRouter: by,
      prefixes: [{ ...parsePrefix(text, options), metric }],
    });
  }

  summary(scope: LsdbScope, by: number, text: string, metric: number, options = 0, id = 1): void {
    const prefix = parsePrefix(text, options);
    const body = { kind: 'InterAreaPrefix', metric, prefix } as const;
    this.install(scope, LsType.InterAreaPrefix, id, by, body);
  }

  boundary(scope: LsdbScope, by: number, destinationRouterId: number, metric: number): void {
    const body = { kind: 'InterAreaRouter', options: 0, metric, destinationRouterId } as const;
    this.install(scope, LsType.InterAreaRouter, destinationRouterId, by, body);
  }

  external(
    by: number,
    text: string,
    metric: number,
    more: {
      readonly type2?: boolean;
      readonly forwarding?: string;
      readonly options?: number;
      readonly id?: number;
      /** The area of an NSSA-LSA. */
      readonly nssa?: number;
    } = {},
  ): void {
    const { type2 = false, forwarding, options = 0, id = 1, nssa } = more;
    const body = {
      kind: nssa === undefined ? 'AsExternal' : 'Nssa',
      flags: type2 ? 4 : 0,
      metric,
      prefix: parsePrefix(text, options),
      referencedLsType: 0,
      ...(forwarding !== undefined && { forwardingAddress: parseAddress(forwarding) }),
    } as const;
    if (nssa === undefined) this.install(AS, LsType.AsExternal, id, by, body);
    else this.install(area(nssa), LsType.Nssa, id, by, body);
  }

  /** Waits for the run that is due. */
  settle(): void {
    this.nowMs += 2000;
    this.table.handle({ kind: 'deadline', nowMs: this.nowMs });
  }

  /** `TYPE DISTANCE[/TYPE 2 METRIC] via INTERFACES`, or `undefined` without a route. */
  route(key: string): string | undefined {
    const route = this.table.route(key);
    if (route === undefined) return undefined;
    const { pathType, distance, type2Metric, nextHops } = route;
    const outside = type2Metric === undefined ? '' : `/${type2Metric}`;
    const via = nextHops.map(({ address }) => (address ? formatAddress(address) : 'on link'));
    return `${pathType} ${distance}${outside} via ${via.join(' ')}`.trim();
  }
}
