/**
 * What the convergence program watches with: changes of the kernel's routes as `ip monitor` hears
 * them, Link State Updates as tcpdump sees them, and the daemons' own sockets to command them by,
 * so that no start of a command-line program is in any figure. All times are Unix epoch ms.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { LabNode } from '../test/lab/harness/node.ts';

export const epochMs = (): number => performance.timeOrigin + performance.now();

/** Lines of a process in a namespace, each with the time it speaks of. */
export class Watcher {
  readonly #child: ChildProcess;
  readonly #seen: { readonly atMs: number; readonly line: string }[] = [];
  #rest = '';

  /** @param timeOf - the time a line speaks of; undefined when it continues the one before. */
  constructor(
    node: LabNode,
    words: readonly string[],
    timeOf: (line: string) => number | undefined,
  ) {
    const all = ['netns', 'exec', node.namespace, ...words];
    this.#child = spawn('ip', all, { stdio: ['ignore', 'pipe', 'ignore'] });
    let atMs = 0;
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (this.#rest + chunk.toString()).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) {
        const told = timeOf(line);
        if (told !== undefined) atMs = told;
        this.#seen.push({ atMs, line });
      }
    });
  }

  /** The first line after a time that matches. */
  firstAfter(sinceMs: number, pattern: RegExp): number | undefined {
    return this.#seen.find(({ atMs, line }) => atMs >= sinceMs && pattern.test(line))?.atMs;
  }

  forget(): void {
    this.#seen.length = 0;
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Changes of routes and nexthop objects. `ip -ts` prints `[2026-11-24T03:20:00.123456] …`. */
export const watchRoutes = (node: LabNode): Watcher =>
  new Watcher(node, ['ip', '-ts', '-6', 'monitor', 'route', 'nexthop'], (line) => {
    const time = /^\[(\S+?)\.(\d{6})\]/.exec(line);
    return time ? Date.parse(`${time[1]}Z`) + Number(time[2]) / 1000 : undefined;
  });

/** Link State Updates (packet type 4) that a node sends. */
export const watchUpdates = (node: LabNode, interfaceName: string): Watcher => {
  const filter = 'ip6 proto 89 and ip6[41] == 4';
  const words = [
    'tcpdump',
    '-i',
    interfaceName,
    '-tt',
    '-n',
    '-l',
    '--immediate-mode',
    '-Q',
    'out',
  ];
  return new Watcher(node, [...words, ...filter.split(' ')], (line) => {
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
