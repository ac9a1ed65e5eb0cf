/**
 * Metrics in Prometheus' format, read from the daemon when asked for.
 * @module
 */
import { Counter, Gauge, Registry } from 'prom-client';
import type { Daemon } from '../host/daemon.ts';
import { RouterRole } from '../host/router-role.ts';
import { ServerRole } from '../host/server-role.ts';
import { NEIGHBOR_STATES } from '../neighbor/state-table.ts';
import type { ServiceOutput } from '../server/server.ts';
import type { ServiceStatus } from '../server/service-speaker.ts';
import { SERVICE_STATES } from '../server-cost/state-table.ts';
import { registerNeighborDiscoveryMetrics } from './neighbor-discovery-metrics.ts';
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
  registerNeighborDiscoveryMetrics(daemon, registers);
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
  if (role instanceof RouterRole) routerGauges(role, registers);
  if (role instanceof ServerRole) serverGauges(daemon, role, registers);
}

function routerGauges({ router }: RouterRole, registers: Registry[]): void {
  new Gauge({
    name: 'tidecast_routes',
    help: 'Routes by path type.',
    labelNames: ['path_type'],
    registers,
    collect() {
      this.reset();
      for (const { pathType } of router.routes()) this.inc({ path_type: pathType });
    },
  });
}

function serverGauges(daemon: Daemon, role: ServerRole, registers: Registry[]): void {
  const advertised = (
    name: string,
    help: string,
    figure: (said: NonNullable<ServiceStatus['advertisement']>) => number,
  ) =>
    new Gauge({
      name,
      help,
      labelNames: ['service'],
      registers,
      collect() {
        this.reset();
        for (const { name: service, advertisement } of role.services()) {
          if (advertisement) this.set({ service }, figure(advertisement));
        }
      },
    });
  advertised('tidecast_service_metric', 'Metric advertised.', ({ metric }) => metric);
  advertised('tidecast_service_weight', 'Weight advertised.', ({ weight }) => weight);
  const measured = (
    name: string,
    help: string,
    figure: (known: ServiceStatus['controller']) => number | undefined,
  ) =>
    new Gauge({
      name,
      help,
      labelNames: ['service'],
      registers,
      collect() {
        this.reset();
        for (const { name: service, controller } of role.services()) {
          const value = figure(controller);
          if (value !== undefined) this.set({ service }, value);
        }
      },
    });
  measured(
    'tidecast_service_utilization_ratio',
    'Utilization, averaged.',
    ({ utilizationRatio }) => utilizationRatio,
  );
  measured(
    'tidecast_service_offered_queries_per_second',
    'Queries per second that come in, averaged.',
    ({ offeredQueriesPerSecond }) => offeredQueriesPerSecond,
  );
  measured(
    'tidecast_service_capacity_queries_per_second',
    'Estimated capacity; absent while not known.',
    ({ capacityQueriesPerSecond }) => capacityQueriesPerSecond,
  );
  measured(
    'tidecast_service_cost_direction_changes',
    'Direction changes of the cost within the window.',
    ({ directionChanges }) => directionChanges,
  );
  stateMetrics(daemon, role, registers);
}

function stateMetrics(daemon: Daemon, role: ServerRole, registers: Registry[]): void {
  new Gauge({
    name: 'tidecast_service_state',
    help: '1 for the state that each service is in.',
    labelNames: ['service', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { name: service, controller } of role.services()) {
        for (const state of SERVICE_STATES) {
          this.set({ service, state }, Number(state === controller.state));
        }
      }
    },
  });
  new Counter({
    name: 'tidecast_service_check_failures_total',
    help: 'Looks that saw no life, by check; also those that brought nothing down.',
    labelNames: ['service', 'check'],
    registers,
    collect() {
      this.reset();
      for (const [service, { checks }] of role.signals()) {
        for (const { signal: check, failures } of checks) this.inc({ service, check }, failures);
      }
    },
  });
  const decisions = new Counter({
    name: 'tidecast_service_decisions_total',
    help: 'What controllers decided: advertise, withdraw, standBy, state, oscillation, selfTest.',
    labelNames: ['service', 'decision'],
    registers,
  });
  daemon.events.on('output', (output) => {
    if (output.kind !== 'service') return;
    const { service, output: said } = output as ServiceOutput;
    decisions.inc({ service, decision: said.kind });
  });
}
