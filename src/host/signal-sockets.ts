/**
 * The service's own sockets, as the kernel shows them in /proc/net: what waits in the receive
 * queues of its UDP sockets and was dropped there, and the connections that its listening TCP
 * sockets have not accepted yet. Costs reading four files per look, which grows with all sockets
 * of the machine (about 1 ms per 1,000). It sees the network namespace of this process, lies when
 * another service shares the port, and sees nothing of what the service has read but not answered.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { CounterRate, type LoadReading, type LoadSignal, reading } from './load-signal.ts';

export interface SocketsSource {
  readonly port: number;
  /** Octets in one UDP receive queue from which the service is hot. */
  readonly hotQueueOctets: number;
  /** Connections waiting to be accepted from which the service is hot. */
  readonly hotBacklog: number;
}

/** What the sockets of a port show. */
export interface SocketQueues {
  readonly sockets: number;
  /** Of the UDP socket in which most waits; the kernel counts its own overhead too. */
  readonly longestQueueOctets: number;
  /** Datagrams dropped so far because a queue was full. */
  readonly drops: number;
  /** Connections that wait to be accepted. */
  readonly backlog: number;
}

const LISTEN = '0A';
const NO_QUEUES: SocketQueues = { sockets: 0, longestQueueOctets: 0, drops: 0, backlog: 0 };

/** Adds the sockets of a port in one table of /proc/net up. */
export function parseSockets(
  table: string,
  protocol: 'udp' | 'tcp',
  port: number,
  sum: SocketQueues = NO_QUEUES,
): SocketQueues {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  let queues = sum;
  for (const line of table.split('\n').slice(1)) {
    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode ...
    const fields = line.trim().split(/\s+/);
    if (fields[1]?.split(':')[1] !== wanted) continue;
    const waiting = Number.parseInt(fields[4]?.split(':')[1] ?? '', 16);
    if (!Number.isFinite(waiting)) continue;
    const { sockets, longestQueueOctets, drops, backlog } = queues;
    if (protocol === 'udp') {
      queues = {
        sockets: sockets + 1,
        longestQueueOctets: Math.max(longestQueueOctets, waiting),
        drops: drops + Number(fields[12] ?? 0),
        backlog,
      };
    } else if (fields[3] === LISTEN) {
      queues = { sockets: sockets + 1, longestQueueOctets, drops, backlog: backlog + waiting };
    }
  }
  return queues;
}

const TABLES = [
  ['udp', 'udp'],
  ['udp6', 'udp'],
  ['tcp', 'tcp'],
  ['tcp6', 'tcp'],
] as const;

export class SocketsSignal implements LoadSignal {
  readonly name: string;
  readonly #source: SocketsSource;
  readonly #rate = new CounterRate();

  constructor(source: SocketsSource) {
    this.#source = source;
    this.name = `sockets of port ${source.port}`;
  }

  async look(nowMs: number): Promise<LoadReading> {
    const { port, hotQueueOctets, hotBacklog } = this.#source;
    let queues = NO_QUEUES;
    for (const [file, protocol] of TABLES) {
      const table = await readFile(`/proc/net/${file}`, 'utf8').catch(() => '');
      queues = parseSockets(table, protocol, port, queues);
    }
    if (queues.sockets === 0) throw new Error(`no socket has port ${port}`);
    const { longestQueueOctets, drops, backlog } = queues;
    return reading({
      errorsPerSecond: this.#rate.add(nowMs, drops),
      inFlight: backlog,
      hot: longestQueueOctets >= hotQueueOctets || backlog >= hotBacklog,
    });
  }
}
