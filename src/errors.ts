/**
 * The three kinds of fault this project tells apart: the peer's octets, the caller's arguments,
 * and our own mistakes. Faults of the machine stay Node's errors and live in `host/`.
 * @module
 */

/** Why octets from the network were refused; a closed set, so that each has its own counter. */
export type DecodeErrorCode =
  | 'Short' // fewer octets than the format needs
  | 'Length' // a length field that cannot be true
  | 'Count' // a count field that the octets do not bear out
  | 'PrefixLength' // more than 128 bits
  | 'Version'
  | 'PacketType'
  | 'Value'; // a field with a value the format forbids

/** Octets from the network that break the format; the peer's fault, never ours. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code: DecodeErrorCode;
  /** Octet offset within the datagram or LSA being read. */
  readonly at: number;
  readonly #found: string;
  constructor(code: DecodeErrorCode, at: number, found: string) {
    super(`${found} (octet ${at})`);
    this.code = code;
    this.at = at;
    this.#found = found;
  }

  /** The same fault with its offset counted from `origin`. */
  countedFrom(origin: number): DecodeError {
    return new DecodeError(this.code, this.at - origin, this.#found);
  }
}

/** One thing wrong with a configuration. */
export interface ConfigProblem {
  /** The file, the option of a command, or `(value)` for a configuration passed as an object. */
  readonly file: string;
  /** Line in the file, from 1; 0 when there is no file. */
  readonly line: number;
  /** Dotted path of the key, such as `interfaces.0.area`. */
  readonly key: string;
  readonly found: string;
  readonly allowed: string;
}

/** A configuration that cannot be used; lists every problem, not the first alone. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    super(
      problems
        .map(({ file, line, key, found, allowed }) => {
          const where = line > 0 ? `${file}:${line}` : file;
          return `${where}: ${key}: found ${found}, allowed is ${allowed}`;
        })
        .join('\n'),
    );
    this.problems = problems;
  }
}

/**
 * States an invariant of our own; a broken one ends the process (or the simulated run).
 * Never used on anything a packet or a configuration decides.
 */
export function assert(condition: unknown, why: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${why}`);
}
