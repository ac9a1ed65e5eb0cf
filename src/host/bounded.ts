/**
 * A bound on how long a command-line tool is waited for: one that hangs must not hold up for ever
 * what waits behind it.
 * @module
 */

/** What tools are asked for takes milliseconds, seconds on a machine that is short of everything. */
export const TOOL_BOUND_MS = 30_000;

/**
 * What the work gives, if it does in time.
 * @param what - names the work in the error.
 * @param end - ends the tool, so that the next work finds another.
 */
export async function bounded<T>(
  work: Promise<T>,
  what: string,
  end: (error: Error) => void,
  boundMs = TOOL_BOUND_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`${what}: no answer for ${boundMs / 1000} s`);
      reject(error);
      end(error);
    }, boundMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
