/**
 * What the convergence program watches with: changes of the kernel's routes as `ip monitor` hears
 * them, Link State Updates as tcpdump sees them, both by the kernel's clock, and the daemons' own
 * sockets to command them by, so that no start of a command-line program is in any figure. All times
 * are Unix epoch ms.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { LabNode } from '../test/lab/harness/node.ts';
import type { Traces, Wakings } from './parts-wakings.ts';

export const epochMs = (): number => performance.timeOrigin + performance.now();

/**
 * Lines of a process in a namespace, each with the time it speaks of. The process writes to a file
 * that is read when asked: a watcher that woke this program for every line would take a processor
 * from those it watches.
 */
export class Watcher {
  readonly #child: ChildProcess;
  readonly #fd: number;
  readonly #timeOf: (line: string) => number | undefined;
  readonly #wakings: Wakings | undefined;
  /** Offset in the file behind what was forgotten. */
  #from = 0;

  /**
   * @param file - in a directory of the lab, which removes it.
   * @param timeOf - the time a line speaks of; undefined when it continues the one before.
   * @param traces - for a process that writes its own time into its lines, some time after it was
   *   woken to write them: when that was is told then.
   */
  constructor(
    node: LabNode,
    file: string,
    words: readonly string[],
    timeOf: (line: string) => number | undefined,
    traces?: Traces,
  ) {
    this.#timeOf = timeOf;
    this.#fd = openSync(join(node.directory, file), 'w+');
    const all = ['netns', 'exec', node.namespace, ...words];
    this.#child = spawn('ip', all, { stdio: ['ignore', this.#fd, 'ignore'] });
    // `ip netns exec` becomes the program that it runs.
    this.#wakings = this.#child.pid === undefined ? undefined : traces?.wakingsOf(this.#child.pid);
  }

  /** The time of the first line after a time that matches. */
  firstAfter(sinceMs: number, pattern: RegExp): number | undefined {
    const octets = Buffer.alloc(fstatSync(this.#fd).size - this.#from);
    readSync(this.#fd, octets, 0, octets.length, this.#from);
    let atMs = 0;
    for (const line of octets.toString().split('\n').slice(0, -1)) {
      atMs = this.#timeOf(line) ?? atMs;
      if (atMs < sinceMs || !pattern.test(line)) continue;
      return this.#wakings?.lastIn(sinceMs, atMs) ?? atMs;
    }
    return undefined;
  }

  forget(): void {
    this.#from = fstatSync(this.#fd).size;
    this.#wakings?.forget();
  }

  stop(): void {
    this.#child.kill('SIGKILL');
    closeSync(this.#fd);
  }
}

/** Changes of routes and nexthop objects. `ip -ts` prints `[2026-11-24T03:20:00.123456] …`. */
export function watchRoutes(node: LabNode, traces: Traces | undefined): Watcher {
  const words = ['ip', '-ts', '-6', 'monitor', 'route', 'nexthop'];
  const timeOf = (line: string) => {
    const time = /^\[(\S+?)\.(\d{6})\]/.exec(line);
    return time ? Date.parse(`${time[1]}Z`) + Number(time[2]) / 1000 : undefined;
  };
  return new Watcher(node, 'routes.txt', words, timeOf, traces);
}

/** How long tcpdump may keep what it has seen, with the kernel's time on it, before it says so. */
export const TCPDUMP_DELAY_MS = 1200;

/** Link State Updates (packet type 4) that a node sends. */
export const watchUpdates = (node: LabNode, interfaceName: string): Watcher => {
  const filter = 'ip6 proto 89 and ip6[41] == 4';
  const words = ['tcpdump', '-i', interfaceName, '-tt', '-n', '-l', '-Q', 'out'];
  return new Watcher(node, 'updates.txt', [...words, ...filter.split(' ')], (line) => {
    const time = /^(\d+\.\d{6}) /.exec(line);
    return time ? Number(time[1]) * 1000 : undefined;
  });
};

/** A POST to a Tidecast daemon. */
export function post(socketPath: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, method: 'POST' }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve());
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Commands to an FRR daemon as vtysh gives them: each ends with a zero octet. */
export class FrrTerminal {
  readonly #socket;

  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.on('data', () => undefined);
    this.tell('enable');
    this.tell('configure terminal');
  }

  tell(command: string): void {
    this.#socket.write(`${command}\0`);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Commands to BIRD as birdc gives them. */
export class BirdTerminal {
  readonly #socket;

  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.on('data', () => undefined);
  }

  tell(command: string): void {
    this.#socket.write(`${command}\n`);
  }

  close(): void {
    this.#socket.destroy();
  }
}
