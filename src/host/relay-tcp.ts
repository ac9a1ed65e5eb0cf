/**
 * The relay's TCP half: a connection is given its next hop when it is accepted and keeps it for
 * life, whatever weights do meanwhile. Octets pass through unread, with back-pressure.
 * @module
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { flowOf, type RelayPick } from './relay-flow.ts';

/** What was counted for one next hop. */
export interface ConnectionCounts {
  opened: number;
  open: number;
  /** Connections that the server refused or broke before its first octet. */
  failed: number;
}

export interface TcpRelayConfig {
  readonly address: string;
  readonly port: number;
  readonly pick: RelayPick;
  readonly flowSeed: number;
  /** A connection without an octet in either direction for so long is closed. */
  readonly idleTimeoutMs: number;
  readonly maxConnections: number;
}

export class TcpRelay {
  readonly #config: TcpRelayConfig;
  readonly #sockets = new Set<Socket>();
  readonly counts = new Map<string, ConnectionCounts>();
  /** Connections refused because there was no next hop, or too many were open. */
  readonly refused = { noNextHop: 0, overload: 0 };
  #server: Server | undefined;

  constructor(config: TcpRelayConfig) {
    this.#config = config;
  }

  async open(port: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, this.#config.address, () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('error', () => {}); // a connection that was gone before it was accepted
    this.#server = server;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server?.close();
    this.#server = undefined;
  }

  #accept(client: Socket): void {
    client.on('error', () => client.destroy());
    const { remoteAddress, remotePort } = client;
    if (remoteAddress === undefined || remotePort === undefined) {
      client.destroy(); // gone already
      return;
    }
    if (this.#sockets.size >= 2 * this.#config.maxConnections) {
      this.refused.overload++;
      client.resetAndDestroy();
      return;
    }
    const backend = this.#config.pick(flowOf(remoteAddress, remotePort, this.#config.flowSeed));
    if (backend === undefined) {
      this.refused.noNextHop++;
      client.resetAndDestroy();
      return;
    }
    const server = connect({ host: backend.address, port: backend.port, allowHalfOpen: true });
    this.#join(client, server, this.#countsOf(backend.key));
  }

  #join(client: Socket, server: Socket, counts: ConnectionCounts): void {
    counts.opened++;
    counts.open++;
    let closed = 0;
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one.setTimeout(this.#config.idleTimeoutMs, () => one.destroy());
      one.on('error', () => one.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
        if (++closed < 2) return;
        counts.open--;
        if (server.bytesRead === 0 && server.bytesWritten > 0) counts.failed++;
      });
      one.pipe(other); // a half-close passes on, and what is under way is still delivered
    }
  }

  #countsOf(key: string): ConnectionCounts {
    let counts = this.counts.get(key);
    if (counts === undefined) {
      counts = { opened: 0, open: 0, failed: 0 };
      this.counts.set(key, counts);
    }
    return counts;
  }
}
