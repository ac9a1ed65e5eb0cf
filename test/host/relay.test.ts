import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  type AddressInfo,
  connect,
  createServer,
  type Socket as NetSocket,
  type Server,
} from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { decode, encode } from 'dns-packet';
import { Relay, type RelayBackend, type RelayFlow } from '../../src/host/relay.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Lets the event loop turn until something is so, but not for ever. */
async function until(so: () => boolean): Promise<void> {
  const endMs = performance.now() + 4000;
  while (!so()) {
    if (performance.now() > endMs) throw new Error(`never so: ${so}`);
    await new Promise(setImmediate);
  }
}

/** A server that answers with its name in a TXT record. */
async function dnsServer(name: string, answers = true): Promise<RelayBackend> {
  const socket = createSocket('udp6');
  socket.on('message', (octets, from) => {
    const { id, questions } = decode(octets);
    const answer = encode({
      type: 'response',
      id: id!,
      questions: questions!,
      answers: [{ type: 'TXT', name: 'whoami.test', data: name }],
    });
    if (answers) socket.send(answer, from.port, from.address);
  });
  socket.bind(0, '::1');
  await once(socket, 'listening');
  cleanups.push(() => socket.close());
  return { key: name, address: '::1', port: socket.address().port };
}

async function openRelay(
  pick: (flow: RelayFlow) => RelayBackend | undefined,
  more: Partial<ConstructorParameters<typeof Relay>[0]> = {},
): Promise<Relay> {
  const relay = new Relay({ listen: { address: '::1', port: 0 }, pick, ...more });
  await relay.open();
  cleanups.push(() => relay.close());
  return relay;
}

async function client(): Promise<Socket> {
  const socket = createSocket('udp6');
  socket.bind(0, '::1');
  await once(socket, 'listening');
  cleanups.push(() => socket.close());
  return socket;
}

const query = (id: number, name = 'whoami.test'): Buffer =>
  encode({ type: 'query', id, questions: [{ type: 'TXT', name }] });

async function ask(socket: Socket, port: number, id: number): Promise<{ id: number; by: string }> {
  const answered = once(socket, 'message');
  socket.send(query(id), port, '::1');
  const packet = decode((await answered)[0] as Buffer);
  const [record] = packet.answers!;
  return { id: packet.id!, by: record?.type === 'TXT' ? String(record.data) : '' };
}

describe('the relay over UDP', () => {
  test('gives each flow the next hop that is picked and brings the answer back', async () => {
    const one = await dnsServer('one');
    const two = await dnsServer('two');
    const flows: RelayFlow[] = [];
    const relay = await openRelay((flow) => {
      flows.push(flow);
      return flow.sourcePort % 2 === 0 ? one : two;
    });
    for (let i = 0; i < 8; i++) {
      const socket = await client();
      const by = socket.address().port % 2 === 0 ? 'one' : 'two';
      expect(await ask(socket, relay.port, 500 + i)).toEqual({ id: 500 + i, by });
      expect(flows.at(-1)).toMatchObject({
        sourceAddress: '::1',
        sourcePort: socket.address().port,
      });
    }
    const counted = relay.nextHops();
    expect(counted.reduce((sum, { sent }) => sum + sent, 0)).toBe(8);
    expect(counted.reduce((sum, { answered }) => sum + answered, 0)).toBe(8);
    for (const { inFlight, latencyMs } of counted) {
      expect(inFlight).toBe(0);
      expect(latencyMs).toBeGreaterThan(0);
    }
  });

  test('two clients with the same id get each their own answer', async () => {
    const backend = await dnsServer('one');
    const relay = await openRelay(() => backend);
    const [a, b] = [await client(), await client()];
    const answers = await Promise.all([ask(a, relay.port, 77), ask(b, relay.port, 77)]);
    expect(answers.map(({ id }) => id)).toEqual([77, 77]);
  });

  test('what is no query goes nowhere and is counted', async () => {
    const backend = await dnsServer('one');
    const relay = await openRelay(() => backend);
    const socket = await client();
    const junk = [
      Buffer.alloc(0),
      Buffer.from('not dns'),
      Buffer.alloc(512, 0xff),
      encode({ type: 'response', id: 9, questions: [{ type: 'A', name: 'x' }] }),
    ];
    for (const octets of junk) socket.send(octets, relay.port, '::1');
    await ask(socket, relay.port, 5); // datagrams of one socket stay in order
    expect(relay.drops.get('malformed')).toBe(junk.length);
    expect(relay.nextHops()).toMatchObject([{ sent: 1, answered: 1 }]);
  });

  test('without a next hop a query is dropped and counted', async () => {
    const backend = await dnsServer('one');
    let up = false;
    const relay = await openRelay(() => (up ? backend : undefined));
    const socket = await client();
    socket.send(query(1), relay.port, '::1');
    await until(() => relay.drops.get('noNextHop') === 1);
    up = true;
    expect(await ask(socket, relay.port, 2)).toEqual({ id: 2, by: 'one' });
  });

  test('an answer to another question, or of nobody asked, does not reach the client', async () => {
    const forger = createSocket('udp6');
    forger.bind(0, '::1');
    await once(forger, 'listening');
    cleanups.push(() => forger.close());
    const backend = { key: 'forger', address: '::1', port: forger.address().port };
    const relay = await openRelay(() => backend);
    forger.on('message', (octets, from) => {
      const { id, questions } = decode(octets);
      const answer = (name: string, with_: number): Buffer =>
        encode({ type: 'response', id: with_, questions: [{ type: 'TXT', name }] });
      forger.send(answer('evil.test', id!), from.port, from.address);
      forger.send(answer('whoami.test', id! ^ 1), from.port, from.address);
      const right = encode({
        type: 'response',
        id: id!,
        questions: questions!,
        answers: [{ type: 'TXT', name: 'whoami.test', data: 'right' }],
      });
      forger.send(right, from.port, from.address);
    });
    const socket = await client();
    expect(await ask(socket, relay.port, 3)).toEqual({ id: 3, by: 'right' });
    expect(relay.drops.get('unexpectedAnswer')).toBe(2);
  });

  test('queries waiting for a silent server are bounded, and given up on in time', async () => {
    const silent = await dnsServer('silent', false);
    let nowMs = 0;
    const relay = await openRelay(() => silent, {
      maxInFlight: 3,
      answerTimeoutMs: 100,
      nowMs: () => nowMs,
    });
    const socket = await client();
    for (let id = 0; id < 5; id++) socket.send(query(id), relay.port, '::1');
    await until(() => relay.drops.get('overload') === 2);
    expect(relay.nextHops()).toMatchObject([{ sent: 3, inFlight: 3, unanswered: 0 }]);
    nowMs = 101;
    await until(() => relay.nextHops()[0]!.inFlight === 0);
    expect(relay.nextHops()).toMatchObject([{ sent: 3, inFlight: 0, unanswered: 3 }]);
  });

  test('a dead server refuses, and the relay lives on', async () => {
    const dead = await dnsServer('dead');
    cleanups.splice(0).forEach((cleanup) => {
      cleanup();
    });
    const alive = await dnsServer('alive');
    let backend = dead;
    const relay = await openRelay(() => backend);
    const socket = await client();
    socket.send(query(1), relay.port, '::1');
    await until(() => relay.drops.has('refused'));
    backend = alive;
    expect(await ask(socket, relay.port, 2)).toEqual({ id: 2, by: 'alive' });
  });
});

async function echoServer(name: string): Promise<RelayBackend & { server: Server }> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (octets: Buffer) => socket.write(`${name}:${octets}`));
  });
  server.listen(0, '::1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return { key: name, address: '::1', port: (server.address() as AddressInfo).port, server };
}

/** Waits for the end of a connection, with or without an error. */
function closed(socket: NetSocket): Promise<void> {
  socket.on('error', () => {});
  return new Promise((resolve) => socket.on('close', () => resolve()));
}

describe('the relay over TCP', () => {
  test('a connection keeps its server when the pick changes', async () => {
    const one = await echoServer('one');
    const two = await echoServer('two');
    let backend: RelayBackend = one;
    const relay = await openRelay(() => backend);
    const socket = connect(relay.port, '::1');
    cleanups.push(() => socket.destroy());
    socket.write('a');
    expect(String((await once(socket, 'data'))[0])).toBe('one:a');
    backend = two;
    socket.write('b');
    expect(String((await once(socket, 'data'))[0])).toBe('one:b');
    const later = connect(relay.port, '::1');
    cleanups.push(() => later.destroy());
    later.write('c');
    expect(String((await once(later, 'data'))[0])).toBe('two:c');
    expect(relay.nextHops()).toMatchObject([
      { key: 'one', connectionsOpened: 1, connectionsOpen: 1 },
      { key: 'two', connectionsOpened: 1, connectionsOpen: 1 },
    ]);
    socket.destroy();
    await until(() => relay.nextHops()[0]!.connectionsOpen === 0);
  });

  test('a client that has finished sending still gets its answer', async () => {
    const one = await echoServer('one');
    const relay = await openRelay(() => one);
    const socket = connect({ port: relay.port, host: '::1', allowHalfOpen: true });
    cleanups.push(() => socket.destroy());
    socket.end('last words');
    expect(String((await once(socket, 'data'))[0])).toBe('one:last words');
    await once(socket, 'end');
  });

  test('without a next hop, or with too many open, connections are refused and counted', async () => {
    const one = await echoServer('one');
    let backend: RelayBackend | undefined;
    const relay = await openRelay(() => backend, { maxConnections: 1 });
    const refused = connect(relay.port, '::1');
    await closed(refused);
    expect(relay.refusedConnections).toEqual({ noNextHop: 1, overload: 0 });
    backend = one;
    const kept = connect(relay.port, '::1');
    cleanups.push(() => kept.destroy());
    kept.write('x');
    await once(kept, 'data');
    const tooMany = connect(relay.port, '::1');
    await closed(tooMany);
    expect(relay.refusedConnections).toEqual({ noNextHop: 1, overload: 1 });
  });

  test('a server that refuses ends the connection and nothing else', async () => {
    const one = await echoServer('one');
    const { port } = one;
    one.server.close();
    await once(one.server, 'close');
    const relay = await openRelay(() => ({ key: 'one', address: '::1', port }));
    const socket = connect(relay.port, '::1');
    socket.write('x');
    await closed(socket);
    await until(() => relay.nextHops()[0]!.connectionsOpen === 0);
    expect(relay.nextHops()).toMatchObject([{ key: 'one', connectionsFailed: 1 }]);
  });
});
