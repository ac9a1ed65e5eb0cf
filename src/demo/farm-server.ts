/**
 * A server of the farm as the farm sees it: in this process, or in one of its own.
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { MemorySegment } from '../host/link-memory.ts';
import { parseAddress } from '../wire/address.ts';
import {
  ServerNode,
  type ServerNodeCommand,
  type ServerNodeConfig,
  type ServerNodeStatus,
} from './server-node.ts';

/** One server that can be started, watched, told things, killed and started again. */
export interface FarmServer {
  readonly config: ServerNodeConfig;
  readonly linkLocalAddress: string;
  /** As last known; undefined before the first start. */
  status(): ServerNodeStatus | undefined;
  readonly alive: boolean;
  start(): Promise<void>;
  command(command: ServerNodeCommand): void;
  /** Without goodbye. */
  kill(): void;
}

export const linkLocalAddressOf = (config: ServerNodeConfig): string =>
  `fe80::${(config.routerId & 0xffff).toString(16)}`;

/** A server within this process, on the memory link. */
export class LocalServer implements FarmServer {
  readonly config: ServerNodeConfig;
  readonly linkLocalAddress: string;
  readonly #segment: MemorySegment;
  readonly #onEvent: (text: string) => void;
  #node: ServerNode | undefined;
  #alive = false;

  constructor(config: ServerNodeConfig, segment: MemorySegment, onEvent: (text: string) => void) {
    this.config = config;
    this.linkLocalAddress = linkLocalAddressOf(config);
    this.#segment = segment;
    this.#onEvent = onEvent;
  }

  get alive(): boolean {
    return this.#alive;
  }

  status(): ServerNodeStatus | undefined {
    return this.#node?.status();
  }

  async start(): Promise<void> {
    const linkLocalAddress = parseAddress(this.linkLocalAddress);
    const link = this.#segment.open({ interfaceId: 1, name: this.config.name, linkLocalAddress });
    this.#node = new ServerNode(this.config, link, this.#onEvent);
    await this.#node.start();
    this.#alive = true;
  }

  command(command: ServerNodeCommand): void {
    if (this.#alive) this.#node?.command(command);
  }

  kill(): void {
    this.#alive = false;
    this.#node?.kill();
  }
}

/** What the farm tells a server's process. */
export type ToServerProcess =
  | {
      readonly kind: 'start';
      readonly config: ServerNodeConfig;
      readonly linkLocalAddress: string;
      readonly linkPort: number;
    }
  | { readonly kind: 'command'; readonly command: ServerNodeCommand };

/** What a server's process tells the farm. */
export type FromServerProcess =
  | { readonly kind: 'status'; readonly status: ServerNodeStatus }
  | { readonly kind: 'event'; readonly text: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** A server in a process of its own, on the UDP link. */
export class ProcessServer implements FarmServer {
  readonly config: ServerNodeConfig;
  readonly linkLocalAddress: string;
  readonly #linkPort: number;
  readonly #onEvent: (text: string) => void;
  #child: ChildProcess | undefined;
  #status: ServerNodeStatus | undefined;

  /** @param linkPort - UDP port of the link, the same for all nodes of the farm. */
  constructor(config: ServerNodeConfig, linkPort: number, onEvent: (text: string) => void) {
    this.config = config;
    this.linkLocalAddress = linkLocalAddressOf(config);
    this.#linkPort = linkPort;
    this.#onEvent = onEvent;
  }

  get alive(): boolean {
    return this.#child !== undefined;
  }

  status(): ServerNodeStatus | undefined {
    return this.#status;
  }

  /** Resolves with the first status. Rejects when the process ends or fails before. */
  start(): Promise<void> {
    const program = fileURLToPath(new URL('./server-process.js', import.meta.url));
    const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child = child;
    const { config, linkLocalAddress } = this;
    const order: ToServerProcess = {
      kind: 'start',
      config,
      linkLocalAddress,
      linkPort: this.#linkPort,
    };
    child.send(order);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', () => {
        if (this.#child === child) this.#child = undefined;
        reject(new Error(`the process of ${config.name} ended`));
      });
      child.on('message', (message: FromServerProcess) => {
        if (message.kind === 'event') this.#onEvent(message.text);
        else if (message.kind === 'failed') reject(new Error(message.reason));
        else {
          this.#status = message.status;
          resolve();
        }
      });
    });
  }

  command(command: ServerNodeCommand): void {
    const order: ToServerProcess = { kind: 'command', command };
    this.#child?.send(order);
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}
