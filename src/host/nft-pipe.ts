/**
 * nftables kept open as `nft -i`: a line is one transaction, and costs no process.
 * @module
 */
import { execFile } from 'node:child_process';
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
  readonly #inNamespace: readonly string[];
  readonly #pipe: ToolPipe;

  /** @param networkNamespace - the name of another namespace than our own. */
  constructor(networkNamespace?: string) {
    this.#inNamespace =
      networkNamespace === undefined ? [] : ['ip', 'netns', 'exec', networkNamespace];
    const [command = 'nft', ...args] = [...this.#inNamespace, 'nft', '-i'];
    const dialect: ToolDialect = {
      command,
      args,
      acknowledgment: (number) => `${ACKNOWLEDGMENT}${number}`,
      read: readNftErrors,
    };
    this.#pipe = new ToolPipe(dialect);
  }

  /** Carries transactions out, one per line; what is refused leaves the kernel as it was. */
  run(transactions: readonly string[]): Promise<readonly ToolFailure[]> {
    return this.#pipe.run(transactions);
  }

  /** Lists as JSON, such as `['table', 'netdev', 'tidecast']`. Rejects when there is none. */
  list(what: readonly string[]): Promise<readonly unknown[]> {
    const [command = 'nft', ...args] = [...this.#inNamespace, 'nft', '-j', 'list', ...what];
    return new Promise((resolve, reject) => {
      execFile(command, args, { maxBuffer: MAX_JSON_OCTETS }, (error, stdout) => {
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
