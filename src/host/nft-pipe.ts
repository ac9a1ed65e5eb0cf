/**
 * nftables kept open as `nft -i`: a line is one transaction, and costs no process.
 * @module
 */
import { execFile } from 'node:child_process';
import { bounded, TOOL_BOUND_MS } from './bounded.ts';
import { type ToolBatch, type ToolDialect, type ToolFailure, ToolPipe } from './tool-pipe.ts';

/** No command begins so: it is refused without a word to the kernel. */
const ACKNOWLEDGMENT = 'tidecast_acknowledgment_';
const MAX_JSON_OCTETS = 1 << 28;

/** The errors of a batch: each names itself, shows its line, and marks a place in it. */
export function readNftErrors(
  errors: string,
  batch: ToolBatch,
): { readonly failures: readonly ToolFailure[]; readonly rest: string } | undefined {
  const acknowledged = new RegExp(`Error: [^\\n]*\\n${ACKNOWLEDGMENT}${batch.number}\\n[ ^~]*\\n`);
  const found = acknowledged.exec(errors);
  if (found === null) return undefined;
  const failures: ToolFailure[] = [];
  const lines = errors.slice(0, found.index).split('\n');
  for (const [i, line] of lines.entries()) {
    if (!line.startsWith('Error: ')) continue;
    failures.push({ command: lines[i + 1] ?? '', message: line.slice('Error: '.length) });
  }
  return { failures, rest: errors.slice(found.index + found[0].length) };
}

/** nftables in one network namespace. */
export class NftPipe {
  readonly #program: string;
  readonly #inNamespace: readonly string[];
  readonly #dialect: ToolDialect;
  #pipe: ToolPipe;

  /**
   * @param networkNamespace - the name of another namespace than our own.
   * @param program - nftables', by its name or path.
   */
  constructor(networkNamespace?: string, program = 'nft') {
    this.#program = program;
    this.#inNamespace =
      networkNamespace === undefined ? [] : ['ip', 'netns', 'exec', networkNamespace];
    const [command = program, ...args] = [...this.#inNamespace, program, '-i'];
    this.#dialect = {
      command,
      args,
      acknowledgment: (number) => `${ACKNOWLEDGMENT}${number}`,
      read: readNftErrors,
    };
    this.#pipe = new ToolPipe(this.#dialect);
  }

  /**
   * Carries transactions out, one per line; what is refused leaves the kernel as it was.
   * Rejects when nftables cannot be run, ends or hangs; the next ones go to one started anew.
   */
  run(transactions: readonly string[]): Promise<readonly ToolFailure[]> {
    const pipe = this.#pipe;
    return bounded(pipe.run(transactions), 'nft', () => {
      if (pipe === this.#pipe) this.#pipe = new ToolPipe(this.#dialect);
      pipe.close();
    });
  }

  /** Lists as JSON, such as `['table', 'netdev', 'tidecast']`. Rejects when there is none. */
  list(what: readonly string[]): Promise<readonly unknown[]> {
    const words = [this.#program, '-j', 'list', ...what];
    const [command = this.#program, ...args] = [...this.#inNamespace, ...words];
    return new Promise((resolve, reject) => {
      const bounds = { maxBuffer: MAX_JSON_OCTETS, timeout: TOOL_BOUND_MS };
      execFile(command, args, bounds, (error, stdout) => {
        if (error) return reject(error);
        try {
          resolve((JSON.parse(stdout) as { nftables: unknown[] }).nftables);
        } catch (cause) {
          reject(new Error(`nft list ${what.join(' ')} gave no JSON`, { cause }));
        }
      });
    });
  }

  close(): void {
    this.#pipe.close();
  }
}
