/**
 * What the control API shows: plain JSON with a stable schema. Addresses and identifiers are text,
 * times carry their unit in the name.
 * @module
 */
import type { Daemon } from '../host/daemon.ts';
import { identityText } from '../host/log.ts';
import { RouterRole } from '../host/router-role.ts';
import { ServerRole } from '../host/server-role.ts';
import { hostnameOf } from '../lsa/hostname.ts';
import { LsType } from '../lsa/ls-type.ts';
import { ageS, type LsdbScope } from '../lsdb/lsdb.ts';
import { nextHopName } from '../router/service-members.ts';
import type { ServiceStatus } from '../server/service-speaker.ts';
import type { Run } from '../spf/route-table.ts';
import { formatAddress, formatDottedQuad } from '../wire/address.ts';
import { drainView } from './explain.ts';

const routerOrNone = (routerId: number): string | null =>
  routerId === 0 ? null : formatDottedQuad(routerId);

export function statusView(daemon: Daemon) {
  return {
    role: daemon.config.role,
    routerId: formatDottedQuad(daemon.config.routerId),
    uptimeMs: Math.round(daemon.nowMs() - daemon.startedAtMs),
    stubRouter: daemon.instance.isStubRouter,
  };
}

export function neighborsView(daemon: Daemon) {
  return daemon.instance.neighbors().map((neighbor) => ({
    interface: daemon.interfaceName(neighbor.interfaceId),
    routerId: formatDottedQuad(neighbor.routerId),
    hostname: hostnameIn(daemon, neighbor) ?? null,
    state: neighbor.state,
    bfd: neighbor.bfd ?? null,
    address: formatAddress(neighbor.address),
    interfaceId: neighbor.neighborInterfaceId,
    priority: neighbor.priority,
    designatedRouter: routerOrNone(neighbor.designatedRouter),
    backupDesignatedRouter: routerOrNone(neighbor.backupDesignatedRouter),
    deadInMs: Math.round(neighbor.deadInMs),
    fullForMs: neighbor.fullForMs === undefined ? null : Math.round(neighbor.fullForMs),
    retransmissions: neighbor.retransmissions,
    requests: neighbor.requests,
  }));
}

/** The name that a neighbor gives itself (RFC 5642). */
function hostnameIn(
  { instance }: Daemon,
  { interfaceId, routerId }: { readonly interfaceId: number; readonly routerId: number },
): string | undefined {
  const on = instance.interfaces().find((one) => one.interfaceId === interfaceId);
  const area = on && instance.lsdbOf({ kind: 'area', areaId: on.areaId });
  for (const { lsa } of area?.ofType(LsType.RouterInformation) ?? []) {
    if (lsa.header.advertisingRouter !== routerId || lsa.body.kind !== 'RouterInformation')
      continue;
    const name = hostnameOf(lsa.body);
    if (name !== undefined) return name;
  }
  return undefined;
}

export function interfacesView(daemon: Daemon) {
  return daemon.instance.interfaces().map((one) => ({
    name: one.name,
    interfaceId: one.interfaceId,
    area: formatDottedQuad(one.areaId),
    type: one.type,
    passive: one.passive,
    state: one.state,
    cost: one.cost,
    priority: one.priority,
    mtu: one.mtu,
    linkLocalAddress: one.linkLocalAddress ? formatAddress(one.linkLocalAddress) : null,
    designatedRouter: routerOrNone(one.designatedRouter),
    backupDesignatedRouter: routerOrNone(one.backupDesignatedRouter),
    neighbors: one.neighbors,
    fullNeighbors: one.fullNeighbors,
  }));
}

/** Every scope that the daemon holds a database for, with its name. */
export function scopesOf(daemon: Daemon): { readonly name: string; readonly scope: LsdbScope }[] {
  const interfaces = daemon.instance.interfaces();
  const areas = [...new Set(interfaces.map(({ areaId }) => areaId))];
  return [
    ...interfaces.map(({ interfaceId, name }) => ({
      name: `link ${name}`,
      scope: { kind: 'link', interfaceId } as const,
    })),
    ...areas.map((areaId) => ({
      name: `area ${formatDottedQuad(areaId)}`,
      scope: { kind: 'area', areaId } as const,
    })),
    { name: 'as', scope: { kind: 'as' } as const },
  ];
}

export function databaseView(daemon: Daemon) {
  const nowMs = daemon.nowMs();
  const instanceId = daemon.config.interfaces[0]?.instanceId ?? 0;
  return scopesOf(daemon).flatMap(({ name, scope }) => {
    const lsdb = daemon.instance.lsdbOf(scope);
    return [...lsdb.entries()].map((entry) => {
      const { header, octets } = entry.lsa;
      return {
        scope: name,
        lsType: header.lsType,
        linkStateId: formatDottedQuad(header.linkStateId),
        advertisingRouter: formatDottedQuad(header.advertisingRouter),
        ageS: ageS(entry, nowMs),
        /** Unsigned, as 8 hexadecimal digits. */
        sequenceNumber: (header.sequenceNumber >>> 0).toString(16).padStart(8, '0'),
        checksum: header.checksum,
        lengthOctets: header.length,
        /** Of the instance, which decides the address family (RFC 5838). */
        instanceId,
        /** The LSA with its header, in hexadecimal. */
        octets: Buffer.from(octets).toString('hex'),
      };
    });
  });
}

export function dropsView(daemon: Daemon): Record<string, number> {
  return Object.fromEntries(daemon.instance.drops);
}

/** The last 32 runs of a router's calculation, newest first; a server has none. */
export function runsView(daemon: Daemon) {
  if (!(daemon.role instanceof RouterRole)) return [];
  const nowMs = daemon.nowMs();
  return [...daemon.role.router.runs()].reverse().map((run) => shownRun(run, nowMs));
}

export function shownRun(run: Run, nowMs: number) {
  const { atMs, kind, reason, durationMs, vertices, prefixes, changes } = run;
  return {
    agoMs: Math.round(nowMs - atMs),
    kind,
    reason,
    durationMs: durationMs === undefined ? null : Number(durationMs.toFixed(3)),
    vertices,
    prefixes,
    changes,
    triggerCount: run.triggerCount,
    /** The first 16 of them. */
    triggers: run.triggers.map(identityText),
  };
}

/** The routes of a router; a server has none. */
export function routesView(daemon: Daemon) {
  if (!(daemon.role instanceof RouterRole)) return [];
  return [...daemon.role.router.routes()].map((route) => ({
    prefix: route.key,
    pathType: route.pathType,
    distance: route.distance,
    type2Metric: route.type2Metric ?? null,
    area: route.areaId === undefined ? null : formatDottedQuad(route.areaId),
    nextHops: route.nextHops.map(({ interfaceId, address, originators }) => ({
      interface: daemon.interfaceName(interfaceId),
      address: address ? formatAddress(address) : null,
      originators: originators.map(formatDottedQuad),
    })),
  }));
}

/** The services: of a server its own, of a router those it spreads. */
export function servicesView(daemon: Daemon) {
  const { role } = daemon;
  if (role instanceof ServerRole) {
    const signals = role.signals();
    return role
      .services()
      .map((service) => ({ ...serviceView(service), signals: signals.get(service.name) }));
  }
  if (!(role instanceof RouterRole)) return [];
  return role.services().map(({ service, advertisedBy, shares, loads, counts }) => ({
    service,
    advertisedBy,
    /** A mistake: servers that only advertise in the other way get nothing. */
    heardBothWays: role.neighborDiscovery?.heardBothWays(service) ?? false,
    nextHops: shares.map(({ key, weight, wantedRatio, buckets, bucketRatio }) => ({
      nextHop: nextHopName(key, (interfaceId) => daemon.interfaceName(interfaceId)),
      weight,
      wantedRatio,
      buckets,
      bucketRatio,
    })),
    servers: [...loads].map(([routerId, load]) => ({
      routerId: formatDottedQuad(routerId),
      ...load,
      address: formatAddress(load.address),
    })),
    counts,
  }));
}

/** One service of a server: what it says and why, and what is known of its load. */
function serviceView({
  name,
  address,
  advertiseBy,
  advertisement,
  reason,
  controller,
}: ServiceStatus) {
  const { advertisement: _wanted, ...known } = controller;
  return {
    service: name,
    address: formatAddress(address),
    advertiseBy,
    state: known.state,
    metric: advertisement?.metric ?? null,
    weight: advertisement?.weight ?? null,
    reason,
    load: { ...known, drain: known.drain && drainView(known.drain) },
  };
}
