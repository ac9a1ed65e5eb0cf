/**
 * A command-line tool kept open, so that a change costs a line and not a process: commands go in,
 * and a command that must fail, sent behind them, tells by its error that those before it are done.
 * Both `ip -batch` and `nft -i` carry commands out in order and write errors unbuffered.
 * @module
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

/** A command that the tool refused. */
export interface ToolFailure {
  /** The command as sent. */
  readonly command: string;
  /** What the tool says of it. */
  readonly message: string;
}

/** How to talk with a tool. */
export interface ToolDialect {
  readonly command: string;
  readonly args: readonly string[];
  /** A line that does nothing and says nothing; without one {@link ToolPipe.wake} does nothing. */
  readonly idle?: string;
  /** A command that must fail and whose error names the number. */
  acknowledgment(number: number): string;
  /**
   * Finds the acknowledgment in what was written to the error stream.
   * @returns the errors of the commands before it and what follows it; undefined when not there yet.
   */
  read(
    errors: string,
    batch: ToolBatch,
  ): { readonly failures: readonly ToolFailure[]; readonly rest: string } | undefined;
}

/** Commands under way. */
export interface ToolBatch {
  readonly number: number;
  readonly commands: readonly string[];
  /** Number of the first command's line since the tool was started, from 1. */
  readonly firstLine: number;
}

interface Waiting extends ToolBatch {
  readonly resolve: (failures: readonly ToolFailure[]) => void;
  readonly reject: (error: Error) => void;
}

/** What a tool says may be long, but not endless. */
const MAX_ERROR_TEXT = 1 << 22;
/** A tool that was at work so lately is awake. */
const AWAKE_MS = 50;

export class ToolPipe {
  readonly #dialect: ToolDialect;
  readonly #waiting: Waiting[] = [];
  #process: ChildProcessWithoutNullStreams | undefined;
  #errors = '';
  #nextLine = 1;
  #nextNumber = 1;
  #wokenMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(dialect: ToolDialect) {
    this.#dialect = dialect;
  }

  /**
   * Carries commands out in order, one per line.
   * @returns the commands that the tool refused. Rejects when the tool cannot be run or ends.
   */
  run(commands: readonly string[]): Promise<readonly ToolFailure[]> {
    if (this.#closed) return Promise.reject(new Error(`${this.#dialect.command} is closed`));
    return new Promise((resolve, reject) => {
      const process = this.#running();
      const number = this.#nextNumber++;
      this.#waiting.push({ number, commands, firstLine: this.#nextLine, resolve, reject });
      this.#nextLine += commands.length + 1;
      process.stdin.write(`${[...commands, this.#dialect.acknowledgment(number)].join('\n')}\n`);
    });
  }

  /**
   * A command is likely to come in a moment: a tool that has slept for long takes half a millisecond
   * for its first instructions, which it can do meanwhile. Not while it is at work, nor often.
   */
  wake(): void {
    const { idle } = this.#dialect;
    if (idle === undefined || this.#process === undefined || this.#waiting.length > 0) return;
    const nowMs = performance.now();
    if (nowMs < this.#wokenMs + AWAKE_MS) return;
    this.#wokenMs = nowMs;
    this.#nextLine++;
    this.#process.stdin.write(`${idle}\n`);
  }

  /** Lets what comes next go to a tool started anew; nothing happens while commands are under way. */
  renew(): void {
    if (this.#waiting.length > 0) return;
    this.#process?.kill();
    this.#process = undefined;
  }

  /** Ends the tool; what it has done stays. Commands under way are rejected. */
  close(): void {
    this.#closed = true;
    this.#process?.kill();
    this.#abandon(new Error(`${this.#dialect.command} is closed`));
  }

  #running(): ChildProcessWithoutNullStreams {
    if (this.#process !== undefined) return this.#process;
    const { command, args } = this.#dialect;
    const started = spawn(command, args);
    this.#process = started;
    this.#errors = '';
    this.#nextLine = 1;
    const end = (error: Error): void => {
      if (this.#process !== started) return;
      this.#process = undefined; // the next command starts it anew
      this.#abandon(error);
    };
    started.on('error', (cause) => end(new Error(`${command} cannot be run`, { cause })));
    started.on('close', (code, signal) =>
      end(new Error(`${command} ended (${signal ?? code}): ${this.#errors.slice(-500)}`)),
    );
    started.stdin.on('error', () => {}); // its end is told by 'close'
    started.stdout.resume();
    started.stderr.setEncoding('utf8');
    started.stderr.on('data', (text: string) => {
      if (this.#process === started) this.#read(text);
    });
    return started;
  }

  #read(text: string): void {
    this.#errors += text;
    for (;;) {
      const [first] = this.#waiting;
      const found = first && this.#dialect.read(this.#errors, first);
      if (first === undefined || found === undefined) break;
      this.#waiting.shift();
      this.#errors = found.rest;
      first.resolve(found.failures);
    }
    if (this.#errors.length > MAX_ERROR_TEXT) this.#errors = this.#errors.slice(-MAX_ERROR_TEXT);
  }

  #abandon(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
