/**
 * The way of a change, walked before it counts. A daemon hears of a change now and then and has one
 * or two milliseconds for it; code that has hardly ever run takes ten times as long in Node, because
 * it is interpreted and has to learn first what it is given. So a small farm of throw-away machines
 * in virtual time drains a server and brings it back, over and over, until the machine code of that
 * way is made: datagram, database, routes, spread, plan of the route table. It shares code with the
 * daemon and nothing else: no socket, no route, no clock, no log.
 * @module
 */
import type { InstanceConfig } from '../instance/config.ts';
import { Prng } from '../prng.ts';
import { Router, type RouterInput, type RouterOutput } from '../router/router.ts';
import { Server, type ServerInput, type ServerOutput } from '../server/server.ts';
import { COST_DEFAULTS } from '../server-cost/config.ts';
import { formatDottedQuad, parseAddress } from '../wire/address.ts';
import { ManualClock } from './clock.ts';
import { configSchema } from './config.ts';
import { instanceConfig } from './config-instance.ts';
import { DEFAULT_KERNEL_SERVICE } from './config-spread.ts';
import { Driver } from './driver.ts';
import { linkUp } from './link-input.ts';
import { MemorySegment } from './link-memory.ts';
import { RouteInstaller } from './route-installer.ts';
import type { RouteTable } from './route-table.ts';
import { MemoryRouteTable } from './route-table-memory.ts';

const SERVICE = 'rehearsal';
const SERVERS = 2;
/** Of virtual time, in one step; small, so that a step takes a moment only. */
const STEP_MS = 500;
/** Less than in earnest, so that more is changes and less is Hellos. */
const MIN_LS_INTERVAL_MS = 1000;
/** From one change to the next: longer than that interval. */
const STEPS_PER_CHANGE = 3;
/** As from a file, so that values are laid out as a daemon's are: V8 compiles for the layout. */
function configOf(routerId: number, forwards: boolean): InstanceConfig {
  const priority = forwards ? 10 : 0;
  const memory0 = {
    name: 'memory0',
    area: '0.0.0.0',
    helloIntervalS: 1,
    deadIntervalS: 4,
    priority,
  };
  const config = configSchema.parse({
    role: 'router',
    routerId: formatDottedQuad(routerId),
    interfaces: [memory0],
    minLsIntervalMs: MIN_LS_INTERVAL_MS,
  });
  return instanceConfig(config, { forwards, startedAtMs: 0 });
}

/** A router and its servers on a segment in memory, in virtual time. */
export class Rehearsal {
  readonly #clock = new ManualClock();
  // Datagrams arrive as soon as the clock moves, and in order.
  readonly #segment = new MemorySegment((work) => this.#clock.wakeAt(this.#clock.nowMs(), work));
  readonly #servers: Driver<ServerInput, ServerOutput>[] = [];
  #steps = 0;
  #drained = false;

  /** @param table - gets the routes; a table that nobody forwards by. */
  constructor(table: RouteTable = new MemoryRouteTable()) {
    const installer = new RouteInstaller({
      table,
      interfaceName: () => 'memory0',
      kernelService: () => DEFAULT_KERNEL_SERVICE,
      onFailure: () => {},
    });
    const router = new Router({ instance: configOf(1, true) }, new Prng(1));
    const driver = new Driver<RouterInput, RouterOutput>(router, {
      clock: this.#clock,
      onOutput: (output) => {
        if (output.kind === 'route') {
          installer.route(output.route.key, output.change === 'removed' ? undefined : output.route);
        } else if (output.kind === 'spread') installer.spread(output.service, output.change.shares);
      },
      onForwarding: () => installer.flush(),
    });
    this.#join(driver);
    for (let i = 0; i < SERVERS; i++) this.#server(2 + i);
  }

  /** Half a second of virtual time; now and then the first server is drained or comes back. */
  step(): void {
    if (this.#steps++ % STEPS_PER_CHANGE === 0) {
      const command = this.#drained ? 'undrain' : 'drain';
      this.#drained = !this.#drained;
      this.#servers[0]?.input((nowMs) => ({ kind: 'command', nowMs, service: SERVICE, command }));
    }
    this.#clock.advance(STEP_MS);
  }

  get changes(): number {
    return Math.floor(this.#steps / STEPS_PER_CHANGE);
  }

  #server(routerId: number): void {
    const address = parseAddress('2001:db8::1');
    const cost = { ...COST_DEFAULTS, minLsIntervalMs: MIN_LS_INTERVAL_MS };
    const services = [{ name: SERVICE, address, cost }];
    const server = new Server({ instance: configOf(routerId, false), services }, new Prng(1));
    const driver = new Driver<ServerInput, ServerOutput>(server, { clock: this.#clock });
    this.#join(driver);
    this.#servers.push(driver);
    const up = { kind: 'liveness', service: SERVICE, alive: true, reason: 'rehearsal' } as const;
    driver.input((nowMs) => ({ ...up, nowMs }));
  }

  #join(driver: Driver<RouterInput, RouterOutput> | Driver<ServerInput, ServerOutput>): void {
    const link = this.#segment.open({ interfaceId: 1, name: 'memory0' });
    driver.attach(link);
    driver.input(linkUp(link));
  }
}
