/** Tidecast in a namespace: the built daemon, as a user runs it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join, resolve } from 'node:path';
import type { LabNode } from './node.ts';
import { type Daemon, run, until } from './process.ts';

const { TIDECAST_PROGRAM = 'dist/cli/main.js' } = process.env;
/** The command as built; another build may be named, to test it. */
export const PROGRAM = resolve(TIDECAST_PROGRAM);

export interface TidecastNode {
  /** The answer of `tidecast show WHAT --json`. */
  show<T = unknown>(what: string): Promise<T>;
  /** Any verb against the daemon's socket. */
  verb(...words: string[]): Promise<string>;
  /** The log so far. */
  log(): string;
  /** SIGTERM: flushes and leaves. SIGKILL: gone without a word. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  readonly daemon: Daemon;
}

/** @param wrapper - a command that runs it, such as `setpriv` with its options. */
export async function startTidecast(
  node: LabNode,
  config: string,
  wrapper: readonly string[] = [],
): Promise<TidecastNode> {
  const file = join(node.directory, 'tidecast.yaml');
  const socket = join(node.directory, 'tidecast.sock');
  const logFile = join(node.directory, 'tidecast.log');
  writeFileSync(file, config);
  const words = [...wrapper, process.execPath, PROGRAM, 'run', file, '--socket', socket];
  const daemon = node.daemon('tidecast.log', ...(words as [string, ...string[]]));
  const log = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  await until(
    `${node.name}: tidecast is up`,
    () => {
      if (!daemon.running) throw new Error(`it ended:\n${log()}`);
      return answers(socket);
    },
    30_000,
    20,
  );
  const verb = (...more: string[]) => run(process.execPath, PROGRAM, ...more, '--socket', socket);
  return {
    verb,
    show: async <T>(what: string) => JSON.parse(await verb('show', what, '--json')) as T,
    log,
    stop: (signal = 'SIGTERM') => daemon.stop(signal, 10_000),
    daemon,
  };
}

/** Whether a daemon that has begun is there: the socket is held from the first. */
const answers = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    get({ socketPath, path: '/v1/status' }, (answer) => {
      answer.resume().on('end', () => resolve(true));
    }).on('error', () => resolve(false));
  });
