/**
 * iproute2 kept open for listings, as `ip -json -batch -`. To start a process holds a daemon's
 * thread for 10 ms and more, since fork(2) copies its page tables, and what it writes to afterwards
 * is copied page by page: the next change of a route would pay for every reading back.
 * @module
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { bounded } from './bounded.ts';

interface Waiting {
  readonly words: string;
  readonly resolve: (listing: readonly unknown[]) => void;
  readonly reject: (error: Error) => void;
}

const FAILED = /Command failed -:\d+\n$/;

/** Listings of one address family (or of none), one after the other. */
export class IpReader {
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #waiting: Waiting[] = [];
  #process: ChildProcessWithoutNullStreams | undefined;
  #output: string[] = [];
  #errors = '';
  #closed = false;

  /**
   * @param family - as an option of `ip`, such as `-6`; without it, what has no family is listed too.
   * @param networkNamespace - the name of another namespace than our own.
   * @param program - iproute2's, by its name or path.
   */
  constructor(family?: '-4' | '-6', networkNamespace?: string, program = 'ip') {
    this.#program = program;
    const where = networkNamespace === undefined ? [] : ['-n', networkNamespace];
    const which = family === undefined ? [] : [family];
    this.#args = [...where, ...which, '-json', '-N', '-force', '-batch', '-'];
  }

  /**
   * Asks for a listing, such as `['nexthop', 'show']`.
   * Rejects when iproute2 cannot be run, refuses, hangs, or gives no JSON.
   */
  show(args: readonly string[]): Promise<readonly unknown[]> {
    if (this.#closed) return Promise.reject(new Error('ip is closed'));
    const words = args.join(' ');
    const listing = new Promise<readonly unknown[]>((resolve, reject) => {
      this.#waiting.push({ words, resolve, reject });
      if (this.#waiting.length === 1) this.#ask();
    });
    return bounded(listing, `ip ${words}`, (error) => this.#end(error));
  }

  /** Ends it; listings under way are rejected. */
  close(): void {
    this.#closed = true;
    this.#end(new Error('ip is closed'));
  }

  /** The next listing starts it anew. */
  #end(error: Error): void {
    this.#process?.kill();
    this.#process = undefined;
    this.#abandon(error);
  }

  /** One at a time: what is on the two streams is then of this one. */
  #ask(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#output = [];
    this.#errors = '';
    this.#running().stdin.write(`${next.words}\n`);
  }

  #running(): ChildProcessWithoutNullStreams {
    if (this.#process !== undefined) return this.#process;
    const started = spawn(this.#program, this.#args);
    this.#process = started;
    const end = (error: Error): void => {
      if (this.#process !== started) return;
      this.#process = undefined; // the next listing starts it anew
      this.#abandon(error);
    };
    started.on('error', (cause) => end(new Error('ip cannot be run', { cause })));
    started.on('close', (code, signal) =>
      end(new Error(`ip ended (${signal ?? code}): ${this.#errors.slice(-500)}`)),
    );
    started.stdin.on('error', () => {}); // its end is told by 'close'
    started.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (this.#process === started) this.#readOutput(text);
    });
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (this.#process === started) this.#readErrors(text);
    });
    return started;
  }

  /** A listing is one line. */
  #readOutput(text: string): void {
    this.#output.push(text);
    if (!text.endsWith('\n')) return;
    const line = this.#output.join('');
    const one = this.#waiting.shift();
    try {
      const listing: unknown = JSON.parse(line);
      one?.resolve(Array.isArray(listing) ? listing : [listing]);
    } catch (cause) {
      one?.reject(new Error(`ip ${one.words} gave no JSON`, { cause }));
    }
    this.#ask();
  }

  #readErrors(text: string): void {
    this.#errors += text;
    if (!FAILED.test(this.#errors)) return;
    const one = this.#waiting.shift();
    one?.reject(new Error(`ip ${one.words}: ${this.#errors.replace(FAILED, '').trim()}`));
    this.#ask();
  }

  #abandon(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
