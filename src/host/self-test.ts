/**
 * Queries of our own to a service that gets none, so that its load signals show what it can do: a
 * server that the farm has left out cannot show otherwise that a lost capacity came back. Asks what
 * the first liveness probe asks; answers are not looked at.
 * @module
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { LivenessSignal } from './load-signal.ts';
import { type DnsCheck, dnsQuery } from './signal-dns.ts';

/** Something that can be asked often. */
export interface TestQueries {
  /** Asks once more; never throws. */
  ask(): void;
  close(): void;
}

/** Queries over one UDP socket. */
export class DnsTestQueries implements TestQueries {
  readonly #check: DnsCheck;
  #socket: Socket | undefined;
  #connected = false;

  constructor(check: DnsCheck) {
    this.#check = check;
  }

  ask(): void {
    const { server, port } = this.#check;
    if (this.#socket === undefined) {
      this.#socket = createSocket(isIPv6(server) ? 'udp6' : 'udp4');
      this.#socket.on('error', () => this.close()); // the next query opens it anew
      this.#socket.connect(port, server, (failure?: Error | null) => {
        if (failure) this.close();
        else this.#connected = true;
      });
    }
    if (this.#connected) this.#socket.send(dnsQuery(this.#check), () => {});
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.#connected = false;
  }
}

/** Looks of a probe that has a connection of its own each time, such as HTTP. */
export class ProbeTestQueries implements TestQueries {
  readonly #probe: LivenessSignal;
  #waiting = 0;

  constructor(probe: LivenessSignal) {
    this.#probe = probe;
  }

  ask(): void {
    if (this.#waiting >= MOST_WAITING) return;
    this.#waiting++;
    void this.#probe.look().then(() => this.#waiting--);
  }

  close(): void {}
}

const MOST_WAITING = 200;
const TICK_MS = 10;
/** More than this would be an attack on whoever a wrong configuration names. */
const MOST_QUERIES_PER_SECOND = 20_000;

export class SelfTest {
  readonly #queries: TestQueries;
  #timer: NodeJS.Timeout | undefined;
  #asked = 0;

  constructor(queries: TestQueries) {
    this.#queries = queries;
  }

  /** Queries asked so far. */
  get asked(): number {
    return this.#asked;
  }

  /** Asks at a rate for a while; a test that is still going on gives way. */
  run(queriesPerSecond: number, durationMs: number): void {
    this.stop();
    const rate = Math.min(queriesPerSecond, MOST_QUERIES_PER_SECOND);
    const startMs = performance.now();
    let done = 0;
    this.#timer = setInterval(() => {
      const elapsedMs = Math.min(durationMs, performance.now() - startMs);
      for (const due = Math.floor((rate * elapsedMs) / 1000); done < due; done++) {
        this.#queries.ask();
        this.#asked++;
      }
      if (elapsedMs >= durationMs) this.stop();
    }, TICK_MS);
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#queries.close();
  }
}
