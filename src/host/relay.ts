/**
 * A user-space relay for DNS over UDP and TCP: what the kernel does with routes, for machines where
 * we may not set routes. It listens on one address and port, gives each flow the next hop that
 * `pick` names, and brings answers back.
 * @module
 */
import { randomInt } from 'node:crypto';
import type { RelayPick } from './relay-flow.ts';
import { TcpRelay } from './relay-tcp.ts';
import { type RelayDrop, UdpRelay } from './relay-udp.ts';

export type { RelayBackend, RelayFlow, RelayPick } from './relay-flow.ts';

export interface RelayConfig {
  /** A literal address, given as text, and a port; 0 for any free one. */
  readonly listen: { readonly address: string; readonly port: number };
  readonly pick: RelayPick;
  /** Seeds the flow hash; routers that shall place flows alike use the same. By default 0. */
  readonly flowSeed?: number;
  /** A query without an answer for so long counts as unanswered; by default 5000. */
  readonly answerTimeoutMs?: number;
  /** Queries waiting for an answer per next hop, 1..65536; by default 16384. */
  readonly maxInFlight?: number;
  /** By default 1024. */
  readonly maxConnections?: number;
  /** TCP connections idle for so long are closed; by default 30000. */
  readonly tcpIdleTimeoutMs?: number;
  /** Milliseconds of a clock that never goes back; by default `performance.now`. */
  readonly nowMs?: () => number;
}

/** One next hop as the relay has seen it. */
export interface RelayNextHop {
  readonly key: string;
  /** Queries sent over UDP, answered, and given up on. */
  readonly sent: number;
  readonly answered: number;
  readonly unanswered: number;
  readonly inFlight: number;
  /** Smoothed, milliseconds; NaN before the first answer. */
  readonly latencyMs: number;
  /** When a query or connection was last given to it; NaN for never. */
  readonly lastSentMs: number;
  readonly connectionsOpened: number;
  readonly connectionsOpen: number;
  readonly connectionsFailed: number;
}

const SWEEP_INTERVAL_MS = 250;
/** How often another free port is tried when TCP's is taken by somebody else. */
const PORT_TRIES = 8;

export class Relay {
  readonly #config: RelayConfig;
  readonly #tcp: TcpRelay;
  #udp: UdpRelay;
  #port = 0;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(config: RelayConfig) {
    this.#config = config;
    this.#udp = this.#newUdp();
    this.#tcp = new TcpRelay({
      address: config.listen.address,
      port: config.listen.port,
      pick: config.pick,
      flowSeed: config.flowSeed ?? 0,
      idleTimeoutMs: config.tcpIdleTimeoutMs ?? 30_000,
      maxConnections: config.maxConnections ?? 1024,
    });
  }

  /** The port it listens on; 0 before it is open. */
  get port(): number {
    return this.#port;
  }

  /** Opens both sockets. Rejects with Node's error when the address or port cannot be had. */
  async open(): Promise<void> {
    for (let tries = 1; ; tries++) {
      this.#port = await this.#udp.open();
      try {
        await this.#tcp.open(this.#port);
        break;
      } catch (error) {
        this.#udp.close();
        if (this.#config.listen.port !== 0 || tries === PORT_TRIES) throw error;
        this.#udp = this.#newUdp();
      }
    }
    this.#sweeper = setInterval(() => this.#udp.sweep(), SWEEP_INTERVAL_MS);
    this.#sweeper.unref();
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#udp.close();
    this.#tcp.close();
  }

  /** Every next hop that was ever used, by key. */
  nextHops(): RelayNextHop[] {
    const keys = new Set([...this.#udp.counts.keys(), ...this.#tcp.counts.keys()]);
    return [...keys].sort().map((key) => {
      const udp = this.#udp.counts.get(key);
      const tcp = this.#tcp.counts.get(key);
      return {
        key,
        sent: udp?.sent ?? 0,
        answered: udp?.answered ?? 0,
        unanswered: udp?.unanswered ?? 0,
        inFlight: this.#udp.inFlight(key),
        latencyMs: udp?.latencyMs ?? Number.NaN,
        lastSentMs: udp?.lastSentMs ?? Number.NaN,
        connectionsOpened: tcp?.opened ?? 0,
        connectionsOpen: tcp?.open ?? 0,
        connectionsFailed: tcp?.failed ?? 0,
      };
    });
  }

  /** Datagrams not passed on, by reason. */
  get drops(): ReadonlyMap<RelayDrop, number> {
    return this.#udp.drops;
  }

  /** Connections refused, by reason. */
  get refusedConnections(): Readonly<Record<'noNextHop' | 'overload', number>> {
    return this.#tcp.refused;
  }

  #newUdp(): UdpRelay {
    const { listen, pick, nowMs, flowSeed, answerTimeoutMs, maxInFlight } = this.#config;
    return new UdpRelay({
      address: listen.address,
      port: listen.port,
      pick,
      nowMs: nowMs ?? (() => performance.now()),
      flowSeed: flowSeed ?? 0,
      idSeed: randomInt(0x1_0000_0000),
      answerTimeoutMs: answerTimeoutMs ?? 5000,
      maxInFlight: maxInFlight ?? 16_384,
    });
  }
}
