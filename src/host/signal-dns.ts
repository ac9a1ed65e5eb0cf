/**
 * A DNS query as a sign of life: it can ask for a response code, for an answer, and for a serial
 * that is new enough, over UDP (and over TCP when the answer is truncated) or over TCP alone.
 * @module
 */
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import {
  type Answer,
  decode,
  encode,
  type Packet,
  RECURSION_DESIRED,
  streamEncode,
} from 'dns-packet';
import type { LifeReading, LivenessSignal } from './load-signal.ts';

export interface DnsCheck {
  /** Address to ask: of the loopback, or the anycast address itself. */
  readonly server: string;
  readonly port: number;
  readonly name: string;
  readonly type: string;
  readonly transport: 'udp' | 'tcp';
  /** Response code that a live service gives, such as NOERROR. */
  readonly rcode: string;
  /** Text that the data of an answer must equal, such as an address. */
  readonly answer?: string | undefined;
  /** Least serial of the SOA record in the answer (RFC 1982 arithmetic). */
  readonly serial?: number | undefined;
  readonly timeoutMs: number;
}

const RCODES: readonly string[] = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
];
/** What becomes of a type that has no number. */
const UNKNOWN_TYPE = 'UNKNOWN_0';
const RCODE_MASK = 0xf;
const TRUNCATED = 1 << 9;
/** A process draws ids in turn; a forged answer is no threat on the way to oneself. */
let nextId = 1;

/** Whether `serial` is `least` or later, as serials wrap (RFC 1982 3.2). */
const isSerialFrom = (serial: number, least: number): boolean => ((serial - least) | 0) >= 0;

export class DnsSignal implements LivenessSignal {
  readonly name: string;
  readonly #check: DnsCheck;

  constructor(check: DnsCheck) {
    this.#check = check;
    const { server, port, name, type, transport } = check;
    const at = isIPv6(server) ? `[${server}]:${port}` : `${server}:${port}`;
    this.name = `dns ${at} ${name} ${type}${transport === 'tcp' ? ' over TCP' : ''}`;
  }

  async look(): Promise<LifeReading> {
    const startMs = performance.now();
    try {
      let packet = await this.#ask(this.#check.transport);
      if (this.#check.transport === 'udp' && ((packet.flags ?? 0) & TRUNCATED) !== 0) {
        packet = await this.#ask('tcp');
      }
      const latencyMs = performance.now() - startMs;
      const wrong = judge(this.#check, packet);
      if (wrong !== undefined) return { life: 'dead', reason: wrong, latencyMs };
      return { life: 'alive', reason: `answered in ${latencyMs.toFixed(1)} ms`, latencyMs };
    } catch (error) {
      return { life: 'dead', reason: (error as Error).message };
    }
  }

  #ask(transport: 'udp' | 'tcp'): Promise<Packet> {
    const query = queryOf(this.#check);
    return transport === 'udp' ? askUdp(this.#check, query) : askTcp(this.#check, query);
  }
}

type Question = Pick<DnsCheck, 'name' | 'type'>;

function queryOf({ name, type }: Question): Packet {
  nextId = (nextId + 1) & 0xffff;
  return {
    type: 'query',
    id: nextId,
    flags: RECURSION_DESIRED,
    questions: [{ type: type as never, name }],
  };
}

/** Whether a type of DNS records can be asked for by this name. */
export function isRecordType(type: string): boolean {
  const known: string | undefined = decode(dnsQuery({ name: '.', type })).questions?.[0]?.type;
  return known !== UNKNOWN_TYPE;
}

/** A query as a datagram carries it, with an id of its own. */
export const dnsQuery = (question: Question): Buffer => encode(queryOf(question));

/** What is wrong with the answer; undefined when it is as it should be. */
function judge(check: DnsCheck, packet: Packet): string | undefined {
  const code = (packet.flags ?? 0) & RCODE_MASK;
  const rcode = RCODES[code] ?? `RCODE${code}`;
  if (rcode !== check.rcode) return `answered ${rcode}, not ${check.rcode}`;
  const answers = packet.answers ?? [];
  if (check.answer !== undefined && !answers.some((answer) => textOf(answer) === check.answer)) {
    return `no answer is ${check.answer}`;
  }
  if (check.serial === undefined) return undefined;
  const serial = answers.find((answer) => answer.type === 'SOA')?.data.serial;
  if (serial === undefined) return 'no SOA record in the answer';
  if (!isSerialFrom(serial, check.serial)) return `serial ${serial} is before ${check.serial}`;
  return undefined;
}

function textOf(answer: Answer): string {
  const data = 'data' in answer ? answer.data : '';
  if (Buffer.isBuffer(data)) return data.toString();
  if (Array.isArray(data)) return data.map(String).join('');
  return typeof data === 'string' ? data : JSON.stringify(data);
}

function askUdp(check: DnsCheck, query: Packet): Promise<Packet> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(check.server) ? 'udp6' : 'udp4');
    const timer = setTimeout(() => end(() => reject(noAnswer(check))), check.timeoutMs);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      socket.close();
      settle();
    };
    socket.once('error', (error) => end(() => reject(error)));
    // Connected, so that only this server's answers come in and a closed port is told of.
    // It tells of its failure in the same way as of its success, which the types do not know.
    socket.connect(check.port, check.server, (failure?: Error | null) => {
      if (failure) end(() => reject(failure));
      else socket.send(encode(query));
    });
    socket.on('message', (octets) => {
      const packet = decoded(octets);
      if (packet !== undefined && packet.id === query.id) end(() => resolve(packet));
    });
  });
}

function askTcp(check: DnsCheck, query: Packet): Promise<Packet> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: check.server, port: check.port });
    const timer = setTimeout(() => end(() => reject(noAnswer(check))), check.timeoutMs);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    let octets = Buffer.alloc(0);
    socket.once('error', (error) => end(() => reject(error)));
    socket.once('close', () => end(() => reject(new Error('closed without an answer'))));
    socket.once('connect', () => socket.write(streamEncode(query)));
    socket.on('data', (chunk) => {
      octets = Buffer.concat([octets, chunk]);
      if (octets.length < 2 || octets.length < 2 + octets.readUInt16BE(0)) return;
      const packet = decoded(octets.subarray(2, 2 + octets.readUInt16BE(0)));
      end(() => (packet ? resolve(packet) : reject(new Error('an answer that is no DNS message'))));
    });
  });
}

const noAnswer = ({ timeoutMs }: DnsCheck): Error => new Error(`no answer in ${timeoutMs} ms`);

function decoded(octets: Buffer): Packet | undefined {
  try {
    return decode(octets);
  } catch {
    return undefined; // whatever it is, it is not the answer
  }
}
