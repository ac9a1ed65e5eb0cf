/**
 * A small DNS server with a real limit: every query takes its service time in a queue with a
 * finite buffer, and one too many is dropped. Answers say which server gave them.
 * @module
 */
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  type Question,
  RECURSION_DESIRED,
} from 'dns-packet';
import { Prng } from '../prng.ts';
import { type QueueSample, ServiceQueue } from '../sim/service-queue.ts';

/** The name whose TXT record says which server answered. */
export const WHOAMI_NAME = 'whoami.tidecast.test';
/** The name that the demonstration's load asks for. */
export const WWW_NAME = 'www.example.test';

const ANSWERS_TTL_S = 0; // an answer that were cached would hide which server gave it
const NXDOMAIN = 3;
/** Queries that may wait behind the one being served. */
const BUFFER_QUERIES = 256;
const MAX_TCP_MESSAGE_OCTETS = 4096;

export interface DnsServiceConfig {
  readonly name: string;
  readonly address: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly capacityQueriesPerSecond: number;
  readonly seed: number;
}

/** Milliseconds of a clock that never goes back. */
const nowMs = (): number => performance.now();

export class DnsService {
  readonly #config: DnsServiceConfig;
  readonly #queue: ServiceQueue;
  #udp: Socket | undefined;
  #tcp: Server | undefined;
  #port = 0;
  #open = false;

  constructor(config: DnsServiceConfig) {
    this.#config = config;
    const { capacityQueriesPerSecond, seed } = config;
    this.#queue = new ServiceQueue(
      {
        capacityQueriesPerSecond,
        workers: 1,
        bufferQueries: BUFFER_QUERIES,
        serviceTime: 'exponential',
      },
      new Prng(seed),
      nowMs(),
    );
  }

  get port(): number {
    return this.#port;
  }

  get capacityQueriesPerSecond(): number {
    return this.#queue.capacityQueriesPerSecond;
  }

  set capacityQueriesPerSecond(value: number) {
    this.#queue.capacityQueriesPerSecond = value;
  }

  /** Opens the sockets; the port stays the same when it is opened again. */
  async open(): Promise<void> {
    const udp = createSocket('udp6');
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind(this.#port || this.#config.port, this.#config.address, () => resolve());
    });
    this.#port = udp.address().port;
    udp.on('message', (octets, from) => {
      this.#serve(octets, (answer) => udp.send(answer, from.port, from.address));
    });
    udp.on('error', () => {}); // a client that has gone away is no fault of the server
    this.#udp = udp;
    this.#tcp = await this.#openTcp();
    this.#open = true;
  }

  /** Closes the sockets at once; what waits in the queue is lost, as when a process dies. */
  close(): void {
    this.#open = false;
    this.#udp?.close();
    this.#tcp?.close();
    this.#udp = undefined;
    this.#tcp = undefined;
  }

  /** What a monitor sees since it last asked. */
  sample(): QueueSample {
    return this.#queue.sample(nowMs());
  }

  #openTcp(): Promise<Server> {
    const server = createServer((socket) => {
      let held = Buffer.alloc(0);
      socket.on('error', () => socket.destroy());
      socket.on('data', (octets: Buffer) => {
        held = Buffer.concat([held, octets]);
        while (held.length >= 2) {
          const length = held.readUInt16BE(0);
          if (length > MAX_TCP_MESSAGE_OCTETS) {
            socket.destroy();
            return;
          }
          if (held.length < 2 + length) return;
          const query = held.subarray(2, 2 + length);
          held = held.subarray(2 + length);
          this.#serve(query, (answer) => {
            const head = Buffer.alloc(2);
            head.writeUInt16BE(answer.length);
            socket.write(Buffer.concat([head, answer]));
          });
        }
      });
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, this.#config.address, () => resolve(server));
    });
  }

  #serve(octets: Buffer, send: (answer: Buffer) => void): void {
    const query = readQuery(octets);
    if (query === undefined) return;
    const at = nowMs();
    const doneMs = this.#queue.offer(at);
    if (doneMs === undefined) return; // the buffer is full: dropped, as a real server would
    const answer = encode(this.#answer(query));
    setTimeout(() => {
      if (this.#open) send(answer);
    }, doneMs - at);
  }

  #answer(query: Packet): Packet {
    const question = query.questions?.[0];
    const whoami: Answer = {
      name: WHOAMI_NAME,
      type: 'TXT',
      ttl: ANSWERS_TTL_S,
      data: this.#config.name,
    };
    const name = question?.name.toLowerCase();
    const known = name === WWW_NAME || name === WHOAMI_NAME;
    const answers = question === undefined ? [] : answersOf(question, whoami);
    const { id, questions } = query;
    return {
      type: 'response',
      ...(id === undefined ? {} : { id }),
      flags:
        AUTHORITATIVE_ANSWER | ((query.flags ?? 0) & RECURSION_DESIRED) | (known ? 0 : NXDOMAIN),
      ...(questions === undefined ? {} : { questions }),
      answers,
      additionals: answers.includes(whoami) ? [] : [whoami],
    };
  }
}

/** A well-formed query, or undefined for anything else. */
function readQuery(octets: Buffer): Packet | undefined {
  try {
    const packet = decode(octets);
    return packet.type === 'query' ? packet : undefined;
  } catch {
    return undefined;
  }
}

function answersOf(question: Question, whoami: Answer): Answer[] {
  const name = question.name.toLowerCase();
  const asked: string = question.type;
  if (name === WHOAMI_NAME && (asked === 'TXT' || asked === 'ANY')) return [whoami];
  if (name === WWW_NAME && (asked === 'AAAA' || asked === 'ANY')) {
    return [{ name: question.name, type: 'AAAA', ttl: ANSWERS_TTL_S, data: '2001:db8:80::80' }];
  }
  return [];
}
