/**
 * The routes that one of the routers heard would have, from the databases of a listener.
 * @module
 */
import { addressFamilyOf } from '../packet/address-family.ts';
import type { Route } from '../spf/route.ts';
import { RouteTable } from '../spf/route-table.ts';
import { type Address, formatAddress } from '../wire/address.ts';
import { formatIpv4Prefix } from '../wire/prefix.ts';
import type { CaptureListener } from './capture-listener.ts';

/** A route as text; an empty list of next hops is a prefix of the router itself. */
export interface ShownRoute {
  readonly prefix: string;
  readonly pathType: Route['pathType'];
  readonly distance: number;
  readonly type2Metric?: number;
  readonly nextHops: readonly ShownNextHop[];
}
interface ShownNextHop {
  readonly interfaceId: number;
  /** Absent when the prefix is on the link itself. */
  readonly address?: string;
}

/** @throws {RangeError} when the router was not heard. */
export function routesAs(
  listener: CaptureListener,
  routerId: number,
  instanceId: number,
): ShownRoute[] {
  const own = listener.routers().filter((router) => router.routerId === routerId);
  if (own.length === 0) throw new RangeError('no Hello of that router in the capture');
  const interfaceIds = new Map(own.map(({ link, interfaceId }) => [link, interfaceId]));
  const areas = new Set(own.map(({ areaId }) => areaId));
  const takesExternal = own.some((router) => router.takesExternal);
  const table = new RouteTable({ routerId });
  for (const { scope, lsa } of listener.lsas()) {
    const base = {
      kind: 'lsa',
      nowMs: 0,
      change: 'installed',
      lsa,
      contentsChanged: true,
    } as const;
    if (scope.kind === 'as') {
      if (takesExternal) table.handle({ ...base, scope });
    } else if (scope.kind === 'area') {
      if (areas.has(scope.areaId)) table.handle({ ...base, scope });
    } else {
      const interfaceId = interfaceIds.get(scope.interfaceId);
      if (interfaceId !== undefined)
        table.handle({ ...base, scope: { kind: 'link', interfaceId } });
    }
  }
  for (let atMs = table.deadlineMs(); atMs < Infinity; atMs = table.deadlineMs()) {
    table.handle({ kind: 'deadline', nowMs: atMs });
  }
  const isIpv4 = addressFamilyOf(instanceId)?.startsWith('ipv4') ?? false;
  return [...table.routes()].map((route) => shown(route, isIpv4));
}

function shown(route: Route, isIpv4: boolean): ShownRoute {
  const text = (address: Address): string =>
    isIpv4 ? address.slice(0, 4).join('.') : formatAddress(address);
  return {
    prefix: isIpv4 ? formatIpv4Prefix(route.prefix) : route.key,
    pathType: route.pathType,
    distance: route.distance,
    ...(route.type2Metric !== undefined && { type2Metric: route.type2Metric }),
    nextHops: route.nextHops.map(({ interfaceId, address }) => ({
      interfaceId,
      ...(address && { address: text(address) }),
    })),
  };
}
