/**
 * The textbook's Dijkstra in C++ (`spf-dijkstra.cpp`): built once, run on the graph that ours runs on.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Calculation } from '../src/spf/calculation.ts';
import type { BenchContext } from './harness.ts';

/** One of the two searches in C++. */
export interface Found {
  readonly ns: number;
  readonly spread: number;
  /** Of all distances, or how many next hops there are. */
  readonly check: number;
}

/** A program in C++ that was built. */
export interface Twin {
  readonly program: string;
  readonly close: () => void;
}

/** Builds the program, or says why not. */
export function builtTwin(context: BenchContext): Twin | undefined {
  const source = ['bench', 'spf-dijkstra.cpp'].join('/');
  const folder = mkdtempSync(join(tmpdir(), 'tidecast-spf-'));
  const program = join(folder, 'dijkstra');
  const close = (): void => rmSync(folder, { recursive: true });
  if (!existsSync(source)) throw new Error(`run from the root of the clone: no ${source}`);
  const built = spawnSync('g++', ['-O3', '-march=native', '-std=c++17', '-o', program, source]);
  if (built.status !== 0) {
    context.say(`spf: no C++ twin: ${built.error?.message ?? String(built.stderr)}`);
    close();
    return undefined;
  }
  return { program, close };
}

/** Lets it search our graph: as in the textbook, then with next hops in place of parents. */
export function searched(
  context: BenchContext,
  program: string,
  { graph, roots }: Calculation,
): readonly [Found, Found] {
  const lines: string[] = [];
  for (let v = 0; v < graph.vertexCount; v++) {
    const first = graph.firstEdge(v);
    for (let e = first; e < first + graph.edgeCount(v); e++) {
      const target = graph.targetOf(e);
      if (target !== v) lines.push(`${v} ${target} ${graph.costOf(e)}`);
    }
  }
  const repeats = Math.max(context.quick ? 5 : 15, Math.ceil(2e6 / (lines.length + 1)));
  const input = `${graph.vertexCount} ${lines.length} ${roots[0]} ${Math.min(repeats, 2001)}\n${lines.join('\n')}\n`;
  const { stdout } = spawnSync(program, { input, encoding: 'utf8', maxBuffer: 1e6 });
  const [plain, withHops] = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number))
    .map(([ns = 0, spread = 0, check = 0]) => ({ ns, spread, check }));
  if (plain === undefined || withHops === undefined) throw new Error(`the twin said: ${stdout}`);
  return [plain, withHops];
}
