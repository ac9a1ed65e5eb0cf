/**
 * The user-space relay: queries per second through it against the same server asked directly, with
 * server, relay and client in one process.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { BucketTable } from '../src/anycast/bucket-table.ts';
import { Relay, type RelayBackend } from '../src/host/relay.ts';
import { type Bench, type BenchContext, type BenchRow, summarize } from './harness.ts';

const SERVERS = 4;
const CLIENTS = 50;
/** Queries under way at once, so that neither way runs dry or drops. */
const IN_FLIGHT = 100;

/** A query for www.example.test AAAA. */
const QUERY = Buffer.from(
  '000001000001000000000000037777770765786d61706c6504746573740000010001',
  'hex',
);

async function bound(): Promise<Socket> {
  const socket = createSocket({ type: 'udp6', recvBufferSize: 1 << 20 });
  socket.bind(0, '::1');
  await once(socket, 'listening');
  return socket;
}

/** Answers with the query itself, marked as a response. */
async function server(): Promise<Socket> {
  const socket = await bound();
  socket.on('message', (octets, from) => {
    octets[2] = octets[2]! | 0x80;
    socket.send(octets, from.port, from.address);
  });
  return socket;
}

/** Asks as fast as answers come. @returns queries answered per second. */
async function throughput(
  clients: readonly Socket[],
  port: number,
  forMs: number,
): Promise<number> {
  let answered = 0;
  let next = 0;
  const ask = (socket: Socket): void => {
    const query = Buffer.from(QUERY);
    query.writeUInt16BE(next++ & 0xffff, 0);
    socket.send(query, port, '::1');
  };
  for (const socket of clients) {
    socket.on('message', () => {
      answered++;
      ask(socket);
    });
    for (let i = 0; i < IN_FLIGHT / CLIENTS; i++) ask(socket);
  }
  const from = performance.now();
  await new Promise((resolve) => setTimeout(resolve, forMs));
  const rate = (1000 * answered) / (performance.now() - from);
  for (const socket of clients) socket.removeAllListeners('message');
  await new Promise((resolve) => setTimeout(resolve, 50)); // what is under way arrives unheard
  return rate;
}

async function measure(context: BenchContext): Promise<BenchRow[]> {
  const servers = await Promise.all(Array.from({ length: SERVERS }, server));
  const clients = await Promise.all(Array.from({ length: CLIENTS }, bound));
  const backends = new Map<string, RelayBackend>();
  for (const [i, socket] of servers.entries()) {
    backends.set(`s${i}`, { key: `s${i}`, address: '::1', port: socket.address().port });
  }
  const table = new BucketTable();
  table.update([...backends.keys()].map((key) => ({ key, weight: 1 })));
  const relay = new Relay({
    listen: { address: '::1', port: 0 },
    pick: ({ hash }) => backends.get(table.pick(hash) ?? ''),
  });
  await relay.open();
  const direct = servers[0]!.address().port;
  const forMs = context.quick ? 300 : 1000;
  await throughput(clients, relay.port, forMs);
  await throughput(clients, direct, forMs);
  const through: number[] = [];
  const straight: number[] = [];
  for (let round = 0; round < (context.quick ? 3 : 9); round++) {
    through.push(await throughput(clients, relay.port, forMs));
    straight.push(await throughput(clients, direct, forMs));
  }
  relay.close();
  for (const socket of [...servers, ...clients]) socket.close();
  const ours = summarize(through);
  const theirs = summarize(straight);
  return [
    {
      bench: 'relay',
      case: 'queries through the relay, everything in one process',
      ours: ours.median,
      unit: 'queries/s',
      against: 'the server asked directly',
      theirs: theirs.median,
      ratio: ours.median / theirs.median,
      goal: '≥ 3000 queries/s',
      met: ours.median >= 3000,
      spread: [ours.spread, theirs.spread],
    },
  ];
}

export const bench: Bench = {
  name: 'relay',
  about: 'queries per second through the user-space relay, against none',
  run: measure,
};
