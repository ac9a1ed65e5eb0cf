/** Child processes of the lab: run to the end, or kept and ended by pid. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const OUTPUT_OCTETS = 256 << 20;

/** Runs a command to its end; throws with its own words when it fails. */
export async function run(command: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await execute(command, args, { maxBuffer: OUTPUT_OCTETS });
    return stdout;
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
    throw new Error(`${command} ${args.join(' ')}: ${stderr || stdout}`, { cause: error });
  }
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/**
 * Asks again and again until the answer is neither undefined, null nor false, and gives it back.
 * An answer that throws counts as not yet; the last one's words are in the failure.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  timeoutMs = 20_000,
  everyMs = 100,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  let last: unknown = 'the answer was no';
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
      last = `the answer was ${answer}`;
    } catch (error) {
      last = error;
    }
    if (performance.now() > endMs) {
      const why = last instanceof Error ? last.message : String(last);
      throw new Error(`not within ${timeoutMs} ms: ${what}\n${why}`);
    }
    await pause(everyMs);
  }
}

/** A process that stays. */
export class Daemon {
  readonly child: ChildProcess;
  readonly #log: WriteStream;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  constructor(logFile: string, command: string, ...args: string[]) {
    this.#log = createWriteStream(logFile, { flags: 'a' });
    this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.pipe(this.#log, { end: false });
    this.child.stderr?.pipe(this.#log, { end: false });
    this.exited = new Promise((resolve) => {
      this.child.on('error', (error) => {
        this.#log.write(`${error}\n`);
        resolve({ code: null, signal: null });
      });
      this.child.on('close', (code, signal) => resolve({ code, signal }));
    });
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Sends a signal and waits for the end; kills when it does not come. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', graceMs = 5000): Promise<void> {
    if (this.running) this.child.kill(signal);
    const late = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(late);
    this.#log.end();
  }
}
