/**
 * A command as a sign of life (exit status 0) and as a sign of load (what it prints), and a file
 * that something else writes. A command that cannot be run is unknown, not dead.
 * @module
 */
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
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

const MAX_OUTPUT_OCTETS = 1 << 20;
/** By these codes the system says that a command could not even be started. */
const NOT_RUN = new Set(['ENOENT', 'EACCES', 'EPERM', 'EAGAIN', 'ENOMEM', 'E2BIG', 'EMFILE']);

/** Runs a command to its end, or kills it when its time is over. Never rejects. */
export function runCommand({ command, timeoutMs }: CommandCheck): Promise<Ended> {
  const [program = '', ...args] = command;
  const options = {
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_OUTPUT_OCTETS,
  } as const;
  return new Promise((resolve) => {
    execFile(program, args, options, (error, output, errors) => {
      if (error === null) {
        resolve({ status: 0, output, failure: 'none', message: 'exit status 0' });
        return;
      }
      const { code, killed, signal } = error;
      const said = errors.trim().split('\n').at(-1)?.slice(0, 200);
      if (typeof code === 'string' && NOT_RUN.has(code)) {
        resolve({
          status: undefined,
          output,
          failure: 'notRun',
          message: `cannot be run: ${code}`,
        });
      } else if (killed) {
        const message = `not done in ${timeoutMs} ms`;
        resolve({ status: undefined, output, failure: 'timeout', message });
      } else if (typeof code === 'number') {
        const message = `exit status ${code}${said ? `: ${said}` : ''}`;
        resolve({ status: code, output, failure: 'none', message });
      } else {
        resolve({ status: undefined, output, failure: 'signal', message: `ended by ${signal}` });
      }
    });
  });
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
