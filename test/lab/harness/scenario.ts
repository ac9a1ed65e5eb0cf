/** A scenario is a jest test in a lab of its own. */
import { accessSync, constants, cpSync, existsSync, mkdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { Lab } from './lab.ts';
import { PROGRAM } from './tidecast.ts';

const { CI, PATH = '' } = process.env;
const PROGRAMS = ['ip', 'tcpdump', 'tshark', 'bird', 'birdc', 'vtysh', 'nft', 'nsd', 'dnsperf'];
const FRR_DAEMONS = ['zebra', 'ospf6d', 'bfdd'].map((name) => `/usr/lib/frr/${name}`);

function found(program: string): boolean {
  const places = PATH.split(delimiter).concat('/usr/sbin', '/sbin');
  return places.some((place) => {
    try {
      accessSync(join(place, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Why the lab cannot run here; undefined when it can. */
export function obstacle(): string | undefined {
  if (process.platform !== 'linux') return 'the lab needs Linux';
  if (process.getuid?.() !== 0) return 'the lab needs root for network namespaces';
  const missing = [
    ...PROGRAMS.filter((program) => !found(program)),
    ...FRR_DAEMONS.filter((program) => !existsSync(program)),
  ];
  if (missing.length > 0) return `the lab needs ${missing.join(', ')} (see test/lab/README.md)`;
  if (!existsSync(PROGRAM)) return 'the lab needs the build: npm run build';
  return undefined;
}

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
        await body(lab);
        await lab.close();
        const wrong = await Promise.all(lab.captures.map((capture) => capture.malformed()));
        expect(wrong.flat()).toEqual([]);
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
    (timeoutS + 15) * 1000,
  );
}
