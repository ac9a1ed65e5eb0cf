/**
 * Metrics of advertising by Neighbor Discovery, of both roles.
 * @module
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Daemon } from '../host/daemon.ts';
import type { NeighborDiscoveryRouter } from '../host/neighbor-discovery-router.ts';
import type { NeighborDiscoveryServer } from '../host/neighbor-discovery-server.ts';
import { RouterRole } from '../host/router-role.ts';
import { ServerRole } from '../host/server-role.ts';

export function registerNeighborDiscoveryMetrics(daemon: Daemon, registers: Registry[]): void {
  const { role } = daemon;
  if (role instanceof ServerRole) serverMetrics(role.neighborDiscovery, registers);
  else if (role instanceof RouterRole && role.neighborDiscovery) {
    routerMetrics(role.neighborDiscovery, registers);
  }
}

function serverMetrics(server: NeighborDiscoveryServer, registers: Registry[]): void {
  new Gauge({
    name: 'tidecast_neighbor_discovery_state',
    help: '1 for the state that each advertiser is in.',
    labelNames: ['service', 'interface', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { service, interface: name, state } of server.summaries()) {
        this.set({ service, interface: name, state }, 1);
      }
    },
  });
  new Counter({
    name: 'tidecast_neighbor_discovery_drops_total',
    help: 'Messages not used and answers not given, by reason.',
    labelNames: ['interface', 'reason'],
    registers,
    collect() {
      this.reset();
      for (const { interface: name, drops } of server.summaries()) {
        for (const [reason, count] of Object.entries(drops)) {
          this.inc({ interface: name, reason }, count);
        }
      }
    },
  });
}

function routerMetrics(router: NeighborDiscoveryRouter, registers: Registry[]): void {
  new Gauge({
    name: 'tidecast_neighbor_discovery_share_ratio',
    help: 'Share of a service that each server of a link gets.',
    labelNames: ['service', 'interface', 'server'],
    registers,
    collect() {
      this.reset();
      for (const { interface: name, entries } of router.summaries()) {
        for (const { target: service, addresses } of entries) {
          for (const { source: server, share } of addresses) {
            this.set({ service, interface: name, server }, share);
          }
        }
      }
    },
  });
  new Counter({
    name: 'tidecast_neighbor_discovery_drops_total',
    help: 'Advertisements discarded, by reason.',
    labelNames: ['interface', 'reason'],
    registers,
    collect() {
      this.reset();
      for (const { interface: name, drops } of router.summaries()) {
        for (const [reason, count] of Object.entries(drops)) {
          this.inc({ interface: name, reason }, count);
        }
      }
    },
  });
}
