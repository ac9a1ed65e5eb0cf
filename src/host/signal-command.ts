/**
 * A command as a sign of life (exit status 0) and as a sign of load (what it prints), and a file
 * that something else writes. A command that cannot be run is unknown, not dead.
 * @module
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { LifeReading, LivenessSignal, LoadReading, LoadSignal } from './load-signal.ts';

export interface CommandCheck {
  /** The program and its arguments; no shell sees them. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

/** How a command ended. */
interface Ended {
  /** Exit status; undefined when it did not end by itself. */
  readonly status: number | undefined;
  readonly output: string;
  readonly failure: 'none' | 'notRun' | 'timeout' | 'signal';
  readonly message: string;
}

/** More output than this is read and thrown away. */
const MAX_OUTPUT_CHARACTERS = 1 << 20;
/** Of what it says on stderr the end is kept. */
const MAX_ERROR_CHARACTERS = 4096;
const MAX_MESSAGE_CHARACTERS = 200;
/** How long the output of a command that has ended is waited for. */
const DRAIN_MS = 100;

/** Leaders of the process groups that run now: none of them outlives this process. */
const running = new Set<number>();
let endsWithUs = false;

function noteRunning(leader: number): void {
  running.add(leader);
  if (endsWithUs) return;
  endsWithUs = true;
  process.on('exit', () => {
    for (const one of running) killGroup(one);
  });
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

/**
 * Runs a command to its end, or kills it with all that it started when its time is over. Its status
 * counts as soon as it has ended, though what it left behind may hold its output open. Never rejects.
 */
export function runCommand({ command, timeoutMs }: CommandCheck): Promise<Ended> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const notRun = (error: unknown): void => {
      const { code } = error as NodeJS.ErrnoException;
      resolve({
        status: undefined,
        output: '',
        failure: 'notRun',
        message: `cannot be run: ${code}`,
      });
    };
    let child: ChildProcessByStdio<null, Readable, Readable>;
    try {
      // A process group of its own, so that it can be ended with its children.
      child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    } catch (error) {
      notRun(error);
      return;
    }
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(0, MAX_OUTPUT_CHARACTERS);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-MAX_ERROR_CHARACTERS);
    });
    const leader = child.pid;
    if (leader !== undefined) noteRunning(leader);
    const timer = setTimeout(() => {
      if (leader !== undefined) killGroup(leader);
      end({ status: undefined, failure: 'timeout', message: `not done in ${timeoutMs} ms` });
    }, timeoutMs);
    const end = (ended: Omit<Ended, 'output'>): void => {
      clearTimeout(timer);
      if (leader !== undefined) running.delete(leader);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ output, ...ended });
    };
    child.on('error', (error) => {
      clearTimeout(timer);
      notRun(error);
    });
    child.on('exit', (status, signal) => {
      clearTimeout(timer);
      const told = setTimeout(() => end(endOf(status, signal, errors)), DRAIN_MS);
      child.on('close', () => {
        clearTimeout(told);
        end(endOf(status, signal, errors));
      });
    });
  });
}

function endOf(
  status: number | null,
  signal: NodeJS.Signals | null,
  errors: string,
): Omit<Ended, 'output'> {
  if (status === null) {
    return { status: undefined, failure: 'signal', message: `ended by ${signal}` };
  }
  const said = status === 0 ? '' : errors.trim().split('\n').at(-1);
  const message = `exit status ${status}${said ? `: ${said.slice(0, MAX_MESSAGE_CHARACTERS)}` : ''}`;
  return { status, failure: 'none', message };
}

export class CommandSignal implements LivenessSignal {
  readonly name: string;
  readonly #check: CommandCheck;

  constructor(check: CommandCheck) {
    this.#check = check;
    this.name = `command ${check.command.join(' ')}`;
  }

  async look(): Promise<LifeReading> {
    const { status, failure, message } = await runCommand(this.#check);
    if (failure === 'notRun') return { life: 'unknown', reason: message };
    return { life: status === 0 ? 'alive' : 'dead', reason: message };
  }
}

const FIELDS = [
  'utilizationRatio',
  'inFlight',
  'queriesPerSecond',
  'errorsPerSecond',
  'latencyMs',
] as const;

/**
 * Reads a load: a JSON object with the fields of a reading, or one number, the utilization.
 * @throws Error when it is neither.
 */
export function parseLoad(text: string): LoadReading {
  const value: unknown = JSON.parse(text);
  const object = typeof value === 'number' ? { utilizationRatio: value } : value;
  if (typeof object !== 'object' || object === null)
    throw new Error('neither a number nor a mapping');
  const given = object as Record<string, unknown>;
  const { hot } = given;
  const found: Record<string, number | boolean> = typeof hot === 'boolean' ? { hot } : {};
  for (const field of FIELDS) {
    const number = given[field];
    if (number === undefined) continue;
    if (typeof number !== 'number' || !(number >= 0)) throw new Error(`${field} is not a number`);
    found[field] = number;
  }
  if (Object.keys(found).length === 0) throw new Error(`none of ${FIELDS.join(', ')}`);
  return found;
}

export class CommandLoadSignal implements LoadSignal {
  readonly name: string;
  readonly #check: CommandCheck;

  constructor(check: CommandCheck) {
    this.#check = check;
    this.name = `command ${check.command.join(' ')}`;
  }

  async look(): Promise<LoadReading> {
    const { status, output, message } = await runCommand(this.#check);
    if (status !== 0) throw new Error(message);
    return parseLoad(output);
  }
}

export class FileLoadSignal implements LoadSignal {
  readonly name: string;
  readonly #path: string;
  readonly #maxAgeMs: number;

  /** @param maxAgeMs - an older file tells nothing: whoever wrote it may be gone. */
  constructor(path: string, maxAgeMs: number) {
    this.#path = path;
    this.#maxAgeMs = maxAgeMs;
    this.name = `file ${path}`;
  }

  async look(): Promise<LoadReading> {
    const { mtimeMs } = await stat(this.#path);
    const ageMs = Date.now() - mtimeMs; // of the file system's clock, not of ours
    if (ageMs > this.#maxAgeMs) throw new Error(`written ${Math.round(ageMs / 1000)} s ago`);
    return parseLoad(await readFile(this.#path, 'utf8'));
  }
}
