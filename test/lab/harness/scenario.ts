/** A scenario is a jest test in a lab of its own. */
import { cpSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { Lab } from './lab.ts';
import { obstacle } from './obstacle.ts';

const { CI } = process.env;

/** How a scenario may differ. */
export interface ScenarioOptions {
  /** Most seconds it may take; 60 by default. */
  readonly timeoutS?: number;
  /** Whether links are recorded and judged; true by default. */
  readonly captures?: boolean;
}

/**
 * Declares a scenario. Afterwards tshark must find no malformed packet in any capture; on failure
 * captures, configurations and logs are kept under `test/lab/failed/`.
 */
export function scenario(
  title: string,
  body: (lab: Lab) => Promise<void>,
  { timeoutS = 60, captures = true }: ScenarioOptions = {},
): void {
  const why = obstacle();
  if (why !== undefined && CI !== 'true') {
    console.warn(`skipped: ${title}: ${why}`);
    test.skip(title, () => undefined);
    return;
  }
  test(
    title,
    async () => {
      if (why !== undefined) throw new Error(why);
      const name = title
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .slice(0, 40);
      const lab = new Lab(name, captures);
      try {
        await within(timeoutS + 10, body(lab));
        await lab.close();
        const wrong = await Promise.all(lab.captures.map((capture) => capture.malformed()));
        expect(wrong.flat()).toEqual([]);
        expect(lab.captures.length === 0 || lab.captures.some(({ isEmpty }) => !isEmpty)).toBe(
          true,
        );
      } catch (error) {
        await lab.close();
        const kept = resolve('test/lab/failed', name);
        mkdirSync(kept, { recursive: true });
        cpSync(lab.directory, kept, {
          recursive: true,
          filter: (from) => !/\.(vty|api|sock|ctl)$/.test(from),
        });
        throw new Error(`${(error as Error).message}\n(kept in ${kept})`, { cause: error });
      } finally {
        lab.discard();
      }
    },
    // What is left is for tearing down, which jest's own limit would prevent.
    (timeoutS + 30) * 1000,
  );
}

/** Fails when work takes longer than that; what it goes on with finds no lab any more. */
async function within(seconds: number, work: Promise<void>): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    const error = new Error(`not over within ${seconds} s`);
    late = setTimeout(() => reject(error), seconds * 1000);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(late);
  }
}
