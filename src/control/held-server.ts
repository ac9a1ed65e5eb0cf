/**
 * Where a daemon is asked, held from before it says its first word: a second daemon on the same
 * socket, or one whose port is taken, ends without having disturbed anything. What is asked before
 * the API is loaded waits for it.
 * @module
 */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect } from 'node:net';
import type { Config } from '../host/config.ts';

/** An HTTP server that listens, though nobody may be there yet to answer. */
export class HeldServer {
  readonly server: Server = createServer();
  #waiting: [IncomingMessage, ServerResponse][] | undefined = [];
  #listener: RequestListener | undefined;

  private constructor() {
    this.server.on('request', (request, response) => {
      if (this.#waiting) this.#waiting.push([request, response]);
      else this.#listener?.(request, response);
    });
  }

  /**
   * On a Unix socket, which a daemon that was killed may have left behind.
   * @throws Error when another daemon listens there, when what is there is no socket, or when it
   *   cannot be made.
   */
  static async onSocket(path: string): Promise<HeldServer> {
    await removeStale(path);
    const held = new HeldServer();
    await held.#listen({ path });
    chmodSync(path, 0o660);
    return held;
  }

  /** @throws Node's error when the port cannot be had. */
  static async onPort(host: string, port: number): Promise<HeldServer> {
    const held = new HeldServer();
    await held.#listen({ host, port });
    return held;
  }

  /** @param listener - of what comes from now on. */
  use(listener: RequestListener): void {
    this.#listener = listener;
  }

  /** The listener is ready: what has waited goes first. */
  answer(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const [request, response] of waiting) this.#listener?.(request, response);
  }

  /** Ends all connections; the Unix socket goes with it. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  #listen(where: { path: string } | { host: string; port: number }): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(where, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }
}

/** Where one daemon is asked. */
export interface HeldControl {
  readonly local: HeldServer;
  /** On TCP, when that is configured. */
  readonly remote: HeldServer | undefined;
  close(): Promise<void>;
}

/**
 * Takes the places where a daemon is to be asked.
 * @param socket - path of the Unix socket.
 * @param control - of the configuration.
 * @throws Error when one of them cannot be had; then none is held.
 */
export async function holdControl(
  socket: string,
  control: Config['control'],
): Promise<HeldControl> {
  const local = await HeldServer.onSocket(socket);
  let remote: HeldServer | undefined;
  try {
    remote = control && (await HeldServer.onPort(control.host, control.port));
  } catch (error) {
    await local.close();
    throw error;
  }
  const close = async () => {
    await Promise.all([local.close(), remote?.close()]);
  };
  return { local, remote, close };
}

async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`${path} is there and is no socket`);
  const code = await new Promise<string | undefined>((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(undefined);
    });
    probe.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  if (code === undefined) throw new Error(`another daemon listens on ${path}`);
  if (code !== 'ECONNREFUSED') throw new Error(`${path} is there, and answers ${code}`);
  unlinkSync(path);
}
