/**
 * iproute2 kept open as `ip -force -batch -`, and its state read back as JSON.
 * @module
 */
import { execFile } from 'node:child_process';
import { bounded, TOOL_BOUND_MS } from './bounded.ts';
import { type ToolBatch, type ToolDialect, type ToolFailure, ToolPipe } from './tool-pipe.ts';

/** No next hop has this id: asking for it fails and so acknowledges what came before. */
const ACKNOWLEDGMENT = 'nexthop get id 4294967295';
const NO_SUCH_INTERFACE = /Invalid device index|Cannot find device|No such device/;
const FAILED = /^Command failed -:(\d+)$/;
/** A command takes the kernel some microseconds; a table of many routes is one batch. */
const COMMANDS_PER_SECOND_AT_LEAST = 1000;
const MAX_JSON_OCTETS = 1 << 28;

/** The errors of a batch, each by the line it names, until the acknowledgment's own. */
export function readIpErrors(
  errors: string,
  batch: ToolBatch,
): { readonly failures: readonly ToolFailure[]; readonly rest: string } | undefined {
  const failures: ToolFailure[] = [];
  const message: string[] = [];
  let at = 0;
  for (;;) {
    const end = errors.indexOf('\n', at);
    if (end === -1) return undefined;
    const line = errors.slice(at, end);
    at = end + 1;
    const failed = FAILED.exec(line);
    if (failed === null) {
      message.push(line);
      continue;
    }
    const index = Number(failed[1]) - batch.firstLine;
    if (index >= batch.commands.length) return { failures, rest: errors.slice(at) };
    failures.push({ command: batch.commands[index] ?? '', message: message.join(' ') });
    message.length = 0;
  }
}

/** iproute2 in one network namespace. */
export class IpBatch {
  readonly #inNamespace: readonly string[];
  readonly #program: string;
  readonly #dialect: ToolDialect;
  #pipe: ToolPipe;

  /**
   * @param networkNamespace - the name of another namespace than our own.
   * @param program - iproute2's, by its name or path.
   */
  constructor(networkNamespace?: string, program = 'ip') {
    this.#program = program;
    this.#inNamespace = networkNamespace === undefined ? [] : ['-n', networkNamespace];
    this.#dialect = {
      command: program,
      args: [...this.#inNamespace, '-force', '-batch', '-'],
      idle: '#',
      acknowledgment: () => ACKNOWLEDGMENT,
      read: readIpErrors,
    };
    this.#pipe = new ToolPipe(this.#dialect);
  }

  /**
   * Carries commands out; resolves when the kernel has them, with those it refused. Rejects when
   * iproute2 cannot be run, ends or hangs; what comes next goes to one started anew.
   */
  async run(commands: readonly string[]): Promise<readonly ToolFailure[]> {
    const pipe = this.#pipe;
    const seconds = Math.ceil(commands.length / COMMANDS_PER_SECOND_AT_LEAST);
    const giveUp = (): void => {
      if (pipe === this.#pipe) this.#pipe = new ToolPipe(this.#dialect);
      pipe.close();
    };
    const boundMs = TOOL_BOUND_MS + 1000 * seconds;
    const failures = await bounded(pipe.run(commands), 'ip', giveUp, boundMs);
    // iproute2 remembers the numbers of interfaces: one that was made anew has another.
    if (failures.some(({ message }) => NO_SUCH_INTERFACE.test(message))) pipe.renew();
    return failures;
  }

  /** Commands are likely to come in a moment; see {@link ToolPipe.wake}. */
  wake(): void {
    this.#pipe.wake();
  }

  /**
   * Asks for a listing, such as `['nexthop', 'show']`.
   * Rejects with Node's error when iproute2 fails or gives no JSON.
   */
  show(args: readonly string[]): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      execFile(
        this.#program,
        [...this.#inNamespace, '-json', '-N', ...args],
        { maxBuffer: MAX_JSON_OCTETS, timeout: TOOL_BOUND_MS },
        (error, stdout) => {
          if (error) return reject(error);
          try {
            const listing: unknown = JSON.parse(stdout.trim() || '[]');
            resolve(Array.isArray(listing) ? listing : [listing]);
          } catch (cause) {
            reject(new Error(`ip ${args.join(' ')} gave no JSON`, { cause }));
          }
        },
      );
    });
  }

  close(): void {
    this.#pipe.close();
  }
}
