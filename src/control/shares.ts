/**
 * Share wanted against share measured, per service and next hop of a router, and what changes moved.
 * Measured is what the kernel counted on its way out; rates are for whoever reads the counters.
 * @module
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Daemon } from '../host/daemon.ts';
import type { MeasuredShare } from '../host/kernel-spread.ts';
import { RouterRole } from '../host/router-role.ts';
import { nextHopName } from '../router/service-members.ts';
import type { ServiceSummary } from '../router/service-spreads.ts';

type InterfaceName = (interfaceId: number) => string;

/** One next hop of one service. */
export async function sharesView(daemon: Daemon) {
  const { role } = daemon;
  if (!(role instanceof RouterRole)) return [];
  return spreadShares(role.services(), await role.measured(), namesOf(daemon));
}

/** Each next hop of each service, and what was counted of it. */
export function spreadShares(
  services: readonly Pick<ServiceSummary, 'service' | 'shares'>[],
  measured: readonly MeasuredShare[],
  interfaceName: InterfaceName,
) {
  return services.flatMap(({ service, shares }) => {
    const counted = measured.filter(({ address }) => service.startsWith(`${address}/`));
    const all = counted.reduce((sum, { packets }) => sum + packets, 0);
    return shares.map(({ key, weight, wantedRatio, bucketRatio }) => {
      const mine = counted.find(({ nextHop }) => nextHop === key);
      const packets = mine?.packets ?? 0;
      return {
        service,
        nextHop: nextHopName(key, interfaceName),
        weight,
        wantedRatio,
        bucketRatio,
        /** Since the service was first spread; null before its first packet. */
        measuredRatio: all === 0 ? null : packets / all,
        packets,
        octets: mine?.octets ?? 0,
      };
    });
  });
}

/** What the kernel counted, under the names that the shares have. */
export const countedPackets = (measured: readonly MeasuredShare[], interfaceName: InterfaceName) =>
  measured.map(({ address, nextHop, packets }) => ({
    service: `${address}/128`,
    nextHop: nextHopName(nextHop, interfaceName),
    packets,
  }));

const namesOf =
  (daemon: Daemon): InterfaceName =>
  (interfaceId) =>
    daemon.interfaceName(interfaceId);

/** Metrics of the spread of a router; a server has none. */
export function registerShareMetrics(daemon: Daemon, registers: Registry[]): void {
  const { role } = daemon;
  if (!(role instanceof RouterRole)) return;
  const labelNames = ['service', 'next_hop'];
  new Gauge({
    name: 'tidecast_spread_wanted_ratio',
    help: 'Share of the flows of a service that a next hop is meant to have.',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { service, shares } of role.services()) {
        for (const { key, wantedRatio } of shares) {
          this.set({ service, next_hop: nextHopName(key, namesOf(daemon)) }, wantedRatio);
        }
      }
    },
  });
  new Counter({
    name: 'tidecast_spread_packets_total',
    help: 'Packets that the kernel sent to a next hop of a service.',
    labelNames,
    registers,
    async collect() {
      const measured = await role.measured();
      this.reset();
      for (const { service, nextHop, packets } of countedPackets(measured, namesOf(daemon))) {
        this.inc({ service, next_hop: nextHop }, packets);
      }
    },
  });
  new Counter({
    name: 'tidecast_spread_changes_total',
    help: 'Changes that moved buckets of a service; with the moves, how many each moved.',
    labelNames: ['service'],
    registers,
    collect() {
      this.reset();
      for (const { service, counts } of role.services()) this.inc({ service }, counts.changes);
    },
  });
  new Counter({
    name: 'tidecast_spread_moves_total',
    help: 'Buckets that changed hands; needless are those beyond the least that was due.',
    labelNames: ['service', 'kind'],
    registers,
    collect() {
      this.reset();
      for (const { service, counts } of role.services()) {
        this.inc({ service, kind: 'due' }, counts.moves - counts.needlessMoves);
        this.inc({ service, kind: 'needless' }, counts.needlessMoves);
      }
    },
  });
}
