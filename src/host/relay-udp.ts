/**
 * The relay's UDP half. Queries to one next hop share one connected socket and carry ids drawn for
 * them, so that ten thousand clients cost one descriptor per next hop, and an answer counts only
 * from the server that was asked, for the question that was asked.
 * @module
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { Prng } from '../prng.ts';
import { dnsId, isDnsResponse, questionHash, setDnsId } from './dns-message.ts';
import { PendingQueries } from './pending-queries.ts';
import { flowOf, type RelayBackend, type RelayPick } from './relay-flow.ts';

/** Why the relay did not pass a datagram on. */
export type RelayDrop =
  | 'malformed' // no DNS query with a question
  | 'noNextHop'
  | 'overload' // too many queries wait for the next hop
  | 'unexpectedAnswer' // late, forged, or to another question
  | 'refused' // the next hop's machine says that nobody listens
  | 'sendError';

/** What a relay counted for one next hop since it first used it. */
export interface NextHopCounts {
  sent: number;
  answered: number;
  /** Queries without an answer within the time-out. */
  unanswered: number;
  /** Smoothed time from sending to answer, milliseconds; NaN before the first answer. */
  latencyMs: number;
  /** When a query was last sent, by the relay's clock; NaN before the first. */
  lastSentMs: number;
}

export interface UdpRelayConfig {
  readonly address: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly pick: RelayPick;
  readonly nowMs: () => number;
  readonly flowSeed: number;
  readonly idSeed: number;
  readonly answerTimeoutMs: number;
  /** Queries waiting for an answer per next hop, at most 65536. */
  readonly maxInFlight: number;
}

interface Upstream {
  readonly backend: RelayBackend;
  readonly socket: Socket;
  readonly pending: PendingQueries;
  connected: boolean;
  lastUsedMs: number;
}

/** Bursts wait in the socket while this process is busy elsewhere. */
const RECEIVE_BUFFER_OCTETS = 1 << 20;
const UPSTREAM_IDLE_MS = 30_000;
/** Upstream sockets kept at most; beyond it the idlest is closed. */
const MAX_UPSTREAMS = 256;
const LATENCY_SMOOTHING = 0.1;

/** Addresses are always literal here; the resolver would only cost a turn of the event loop. */
const lookup = (
  host: string,
  _options: unknown,
  done: (error: Error | null, address: string, family: number) => void,
): void => done(null, host, isIPv4(host) ? 4 : 6);

const socketFor = (address: string): Socket =>
  createSocket({
    type: isIPv4(address) ? 'udp4' : 'udp6',
    recvBufferSize: RECEIVE_BUFFER_OCTETS,
    lookup,
  } as Parameters<typeof createSocket>[0] & object);

export class UdpRelay {
  readonly #config: UdpRelayConfig;
  readonly #prng: Prng;
  readonly #upstreams = new Map<string, Upstream>();
  readonly counts = new Map<string, NextHopCounts>();
  readonly drops = new Map<RelayDrop, number>();
  #socket: Socket | undefined;

  constructor(config: UdpRelayConfig) {
    this.#config = config;
    this.#prng = new Prng(config.idSeed);
  }

  /** Binds the listening socket. @returns its port. */
  async open(): Promise<number> {
    const { address, port } = this.#config;
    const socket = socketFor(address);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, address, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    socket.on('error', () => this.#drop('sendError'));
    socket.on('message', (octets, from) => this.#drop(this.#query(octets, from)));
    this.#socket = socket;
    return socket.address().port;
  }

  close(): void {
    for (const key of [...this.#upstreams.keys()]) this.#closeUpstream(key);
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Queries that wait for an answer of this next hop. */
  inFlight(key: string): number {
    let waiting = 0;
    for (const upstream of this.#upstreams.values()) {
      if (upstream.backend.key === key) waiting += upstream.pending.size;
    }
    return waiting;
  }

  /** Gives up on old queries and closes sockets that are no longer used. */
  sweep(): void {
    const nowMs = this.#config.nowMs();
    for (const [name, { backend, pending, lastUsedMs }] of this.#upstreams) {
      const expired = pending.expire(nowMs - this.#config.answerTimeoutMs);
      this.#countsOf(backend.key).unanswered += expired;
      if (pending.size === 0 && nowMs - lastUsedMs > UPSTREAM_IDLE_MS) this.#closeUpstream(name);
    }
  }

  #query(octets: Buffer, from: RemoteInfo): RelayDrop | undefined {
    const question = questionHash(octets);
    if (question === undefined || isDnsResponse(octets)) return 'malformed';
    const backend = this.#config.pick(flowOf(from.address, from.port, this.#config.flowSeed));
    if (backend === undefined) return 'noNextHop';
    const upstream = this.#upstreamOf(backend);
    const sentAtMs = this.#config.nowMs();
    const id = upstream.pending.add({
      clientAddress: from.address,
      clientPort: from.port,
      clientId: dnsId(octets),
      sentAtMs,
      questionHash: question,
    });
    if (id === undefined) return 'overload';
    setDnsId(octets, id);
    upstream.lastUsedMs = sentAtMs;
    const counts = this.#countsOf(backend.key);
    counts.sent++;
    counts.lastSentMs = sentAtMs;
    if (upstream.connected) this.#send(upstream, octets);
    else upstream.socket.once('connect', () => this.#send(upstream, octets));
    return undefined;
  }

  #send(upstream: Upstream, octets: Buffer): void {
    upstream.socket.send(octets, (error) => {
      if (error) this.#drop('sendError');
    });
  }

  #answer(upstream: Upstream, octets: Buffer): RelayDrop | undefined {
    const question = questionHash(octets);
    const query =
      question === undefined || !isDnsResponse(octets)
        ? undefined
        : upstream.pending.take(dnsId(octets), question);
    if (query === undefined) return 'unexpectedAnswer';
    const counts = this.#countsOf(upstream.backend.key);
    const tookMs = this.#config.nowMs() - query.sentAtMs;
    counts.answered++;
    counts.latencyMs = Number.isNaN(counts.latencyMs)
      ? tookMs
      : counts.latencyMs + LATENCY_SMOOTHING * (tookMs - counts.latencyMs);
    setDnsId(octets, query.clientId);
    this.#socket?.send(octets, query.clientPort, query.clientAddress, (error) => {
      if (error) this.#drop('sendError');
    });
    return undefined;
  }

  #upstreamOf(backend: RelayBackend): Upstream {
    const name = `${backend.key} ${backend.address} ${backend.port}`;
    const held = this.#upstreams.get(name);
    if (held !== undefined) return held;
    if (this.#upstreams.size >= MAX_UPSTREAMS) this.#closeIdlest();
    const socket = socketFor(backend.address);
    const upstream: Upstream = {
      backend,
      socket,
      pending: new PendingQueries(this.#prng.fork(), this.#config.maxInFlight),
      connected: false,
      lastUsedMs: this.#config.nowMs(),
    };
    // A refused datagram of a dead server comes back as an error here; the query times out.
    socket.on('error', () => this.#drop('refused'));
    socket.on('message', (octets) => this.#drop(this.#answer(upstream, octets)));
    socket.connect(backend.port, backend.address, () => {
      upstream.connected = true;
    });
    this.#upstreams.set(name, upstream);
    return upstream;
  }

  #closeIdlest(): void {
    const [idlest] = [...this.#upstreams].sort(([, a], [, b]) => a.lastUsedMs - b.lastUsedMs);
    if (idlest !== undefined) this.#closeUpstream(idlest[0]);
  }

  #closeUpstream(name: string): void {
    const upstream = this.#upstreams.get(name);
    if (upstream === undefined) return;
    this.#upstreams.delete(name);
    this.#countsOf(upstream.backend.key).unanswered += upstream.pending.size;
    upstream.socket.close();
  }

  #countsOf(key: string): NextHopCounts {
    let counts = this.counts.get(key);
    if (counts === undefined) {
      counts = {
        sent: 0,
        answered: 0,
        unanswered: 0,
        latencyMs: Number.NaN,
        lastSentMs: Number.NaN,
      };
      this.counts.set(key, counts);
    }
    return counts;
  }

  #drop(reason: RelayDrop | undefined): void {
    if (reason !== undefined) this.drops.set(reason, (this.drops.get(reason) ?? 0) + 1);
  }
}
