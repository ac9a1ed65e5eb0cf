/**
 * Every measurement of routing runs has a process of its own, as a router has one database: what the
 * engine learnt from other shapes and sizes, and what they left in its heap, made the same run two
 * times slower, in an order that nobody meant.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BenchContext } from './harness.ts';
import { incremental, outside, partial } from './parts-spf-changes.ts';
import { memory } from './parts-spf-memory.ts';
import { againstTwin, fullRun } from './parts-spf-whole.ts';

const WORKS = { againstTwin, fullRun, partial, outside, incremental, memory };
type Works = typeof WORKS;
type Arguments<F> = F extends (context: BenchContext, ...args: infer A) => unknown ? A : never;

const FILE = fileURLToPath(import.meta.url);
const OUTPUT_OCTETS = 1 << 24;

/** Does one of the works in a process of its own. @throws {Error} when it fails, with its words. */
export function apart<W extends keyof Works>(
  { quick }: BenchContext,
  work: W,
  ...args: Arguments<Works[W]>
): Awaited<ReturnType<Works[W]>> {
  const words = ['--expose-gc', FILE, JSON.stringify({ quick, work, args })];
  const options = { encoding: 'utf8', maxBuffer: OUTPUT_OCTETS } as const;
  const done = spawnSync(process.execPath, words, { ...options, stdio: ['ignore', 'pipe', 2] });
  if (done.status !== 0) throw new Error(`${work} ${args.join(' ')} ended with ${done.status}`);
  return JSON.parse(done.stdout) as Awaited<ReturnType<Works[W]>>;
}

if (process.argv[1] === FILE) {
  const { quick, work, args } = JSON.parse(process.argv[2] ?? '') as {
    readonly quick: boolean;
    readonly work: keyof Works;
    readonly args: readonly unknown[];
  };
  const context = { quick, say: (line: string) => void process.stderr.write(`${line}\n`) };
  const run = WORKS[work] as (context: BenchContext, ...args: readonly unknown[]) => unknown;
  console.log(JSON.stringify(await run(context, ...args)));
}
