/**
 * Metrics in Prometheus' format, read from the daemon when asked for.
 * @module
 */
import { Counter, Gauge, Registry } from 'prom-client';
import type { Daemon } from '../host/daemon.ts';
import { RouterRole } from '../host/router-role.ts';
import { NEIGHBOR_STATES } from '../neighbor/state-table.ts';
import { registerShareMetrics } from './shares.ts';
import { scopesOf } from './views.ts';

/** Names, labels and meaning; docs/operating.md lists them. */
export function metricsRegistry(daemon: Daemon): Registry {
  const registry = new Registry();
  const registers = [registry];
  new Gauge({
    name: 'tidecast_uptime_seconds',
    help: 'Time since the daemon started.',
    registers,
    collect() {
      this.set((daemon.nowMs() - daemon.startedAtMs) / 1000);
    },
  });
  new Gauge({
    name: 'tidecast_neighbors',
    help: 'Neighbors by interface and state.',
    labelNames: ['interface', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { name } of daemon.instance.interfaces()) {
        for (const state of NEIGHBOR_STATES) this.set({ interface: name, state }, 0);
      }
      for (const { interfaceId, state } of daemon.instance.neighbors()) {
        this.inc({ interface: daemon.interfaceName(interfaceId), state });
      }
    },
  });
  new Gauge({
    name: 'tidecast_lsas',
    help: 'LSAs in the link-state databases by scope.',
    labelNames: ['scope'],
    registers,
    collect() {
      this.reset();
      for (const { name, scope } of scopesOf(daemon)) {
        this.set({ scope: name }, daemon.instance.lsdbOf(scope).size);
      }
    },
  });
  new Counter({
    name: 'tidecast_drops_total',
    help: 'Datagrams and LSAs that were not used, by reason.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const [reason, count] of daemon.instance.drops) this.inc({ reason }, count);
    },
  });
  eventCounters(daemon, registers);
  roleGauges(daemon, registers);
  registerShareMetrics(daemon, registers);
  return registry;
}

function eventCounters(daemon: Daemon, registers: Registry[]): void {
  const events = new Counter({
    name: 'tidecast_events_total',
    help: 'What happened, by the name of the event.',
    labelNames: ['event'],
    registers,
  });
  daemon.events.on('event', ({ name }) => events.inc({ event: name }));
}

function roleGauges(daemon: Daemon, registers: Registry[]): void {
  const { role } = daemon;
  if (role instanceof RouterRole) {
    new Gauge({
      name: 'tidecast_routes',
      help: 'Routes by path type.',
      labelNames: ['path_type'],
      registers,
      collect() {
        this.reset();
        for (const { pathType } of role.router.routes()) this.inc({ path_type: pathType });
      },
    });
  }
}
