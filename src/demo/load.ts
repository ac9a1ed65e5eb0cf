/**
 * The demonstration's load: Poisson arrivals of DNS queries, each a flow of its own (a new source
 * port, as resolvers do), counted as answered or lost by the client's own clock.
 * @module
 */
import { createSocket } from 'node:dgram';
import { type Answer, decode, encode, RECURSION_DESIRED } from 'dns-packet';
import { Prng } from '../prng.ts';
import { WHOAMI_NAME, WWW_NAME } from './dns-service.ts';

/** A query without an answer for so long is lost. */
export const QUERY_TIMEOUT_MS = 2000;
/** Latencies older than this no longer count. */
const LATENCY_WINDOW_MS = 5000;
const TICK_MS = 2;
/** Due queries sent in one tick at most, so that a stalled process does not answer with a flood. */
const MAX_BURST = 200;

export interface LoadCounts {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
}

/** Latency of one server's answers as the client saw them, milliseconds. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Answered {
  readonly atMs: number;
  readonly latencyMs: number;
}

export class Load {
  readonly #target: { readonly address: string; readonly port: number };
  readonly #prng: Prng;
  readonly #latencies = new Map<string, Answered[]>();
  #timer: NodeJS.Timeout | undefined;
  #dueMs = 0;
  #sent = 0;
  #answered = 0;
  #lost = 0;
  #lostSentAfter = 0;
  #markMs = Number.POSITIVE_INFINITY;
  /** Queries per second to send. */
  queriesPerSecond: number;

  constructor(
    target: { readonly address: string; readonly port: number },
    queriesPerSecond: number,
    seed: number,
  ) {
    this.#target = target;
    this.queriesPerSecond = queriesPerSecond;
    this.#prng = new Prng(seed);
  }

  start(): void {
    this.#dueMs = performance.now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Sends no more; queries under way are still counted. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  counts(): LoadCounts {
    return { sent: this.#sent, answered: this.#answered, lost: this.#lost };
  }

  /** From now on, lost queries are also counted by {@link lostSinceMark}. */
  mark(): void {
    this.#markMs = performance.now();
  }

  /** Queries sent since the mark and lost. */
  get lostSinceMark(): number {
    return this.#lostSentAfter;
  }

  /** @returns the latency of a server's answers lately; undefined when it gave none. */
  latencyOf(server: string): Latency | undefined {
    const from = performance.now() - LATENCY_WINDOW_MS;
    const recent = (this.#latencies.get(server) ?? []).filter(({ atMs }) => atMs >= from);
    this.#latencies.set(server, recent);
    const sorted = recent.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
    const at = (ratio: number) => sorted[Math.floor(ratio * (sorted.length - 1))];
    const p50Ms = at(0.5);
    const p99Ms = at(0.99);
    return p50Ms === undefined || p99Ms === undefined ? undefined : { p50Ms, p99Ms };
  }

  #tick(): void {
    const nowMs = performance.now();
    for (let burst = 0; this.#dueMs <= nowMs; burst++) {
      if (burst === MAX_BURST) {
        this.#dueMs = nowMs;
        return;
      }
      this.#query();
      this.#dueMs += this.#prng.exponential(1000 / Math.max(0.001, this.queriesPerSecond));
    }
  }

  #query(): void {
    const sentAtMs = performance.now();
    const id = this.#prng.below(0x10000);
    const socket = createSocket('udp6');
    let done = false;
    const finish = (): boolean => {
      if (done) return false;
      done = true;
      clearTimeout(timeout);
      socket.close();
      return true;
    };
    const timeout = setTimeout(() => {
      if (!finish()) return;
      this.#lost++;
      if (sentAtMs >= this.#markMs) this.#lostSentAfter++;
    }, QUERY_TIMEOUT_MS);
    socket.on('error', () => {}); // the time-out counts it
    socket.on('message', (octets) => {
      const server = serverOf(octets, id);
      if (server === undefined || !finish()) return;
      this.#answered++;
      const atMs = performance.now();
      const latencies = this.#latencies.get(server) ?? [];
      latencies.push({ atMs, latencyMs: atMs - sentAtMs });
      this.#latencies.set(server, latencies);
    });
    this.#sent++;
    const query = encode({
      type: 'query',
      id,
      flags: RECURSION_DESIRED,
      questions: [{ type: 'AAAA', name: WWW_NAME }],
    });
    socket.send(query, this.#target.port, this.#target.address);
  }
}

/** Which server gave this answer; undefined when it is no answer to the query. */
function serverOf(octets: Buffer, id: number): string | undefined {
  try {
    const packet = decode(octets);
    if (packet.type !== 'response' || packet.id !== id) return undefined;
    const says = (answer: Answer) => answer.type === 'TXT' && answer.name === WHOAMI_NAME;
    const record = packet.additionals?.find(says);
    return record?.type === 'TXT' ? String(record.data) : undefined;
  } catch {
    return undefined;
  }
}
