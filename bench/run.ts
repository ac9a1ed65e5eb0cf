/**
 * Runs bench programs by name and prints their rows; started by `npm run bench`.
 */
import Table from 'cli-table3';
import { type Bench, type BenchRow, machine, processorTime } from './harness.ts';

const args = process.argv.slice(2);
const json = args.includes('--json');
const quick = args.includes('--quick');
const names = args.filter((arg) => !arg.startsWith('--'));
const rows: BenchRow[] = [];
const before = processorTime();
let failed = false;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

for (const name of names) {
  const { bench } = (await import(`./${name}.js`)) as { bench: Bench };
  say(`${bench.name}: ${bench.about}`);
  try {
    rows.push(...(await bench.run({ quick, say })));
  } catch (error) {
    failed = true;
    say(`${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
  }
}

const after = processorTime();
const wanted = after.wanted - before.wanted;
/** 0..1; `undefined` where nobody tells. */
const withheldRatio = wanted > 0 ? (after.withheld - before.withheld) / wanted : undefined;
if (json) console.log(JSON.stringify({ machine: machine(), withheldRatio, quick, rows }));
else print();
process.exit(failed ? 1 : 0);

function print(): void {
  const table = new Table({
    head: ['bench', 'case', 'ours', '±', 'unit', 'against', 'theirs', '±', 'ratio', 'goal', 'met'],
    style: { head: [], border: [] },
  });
  const figure = (value: number | null | undefined): string =>
    value === null || value === undefined ? '–' : Number(value.toPrecision(3)).toLocaleString('en');
  const percent = (value: number | null | undefined): string =>
    value === null || value === undefined ? '–' : `${(100 * value).toFixed(0)} %`;
  for (const row of rows) {
    table.push([
      row.bench,
      row.case,
      figure(row.ours),
      percent(row.spread?.[0]),
      row.unit,
      row.against ?? '–',
      figure(row.theirs),
      percent(row.spread?.[1]),
      figure(row.ratio),
      row.goal ?? '–',
      row.met === null ? '–' : row.met ? 'yes' : 'NO',
    ]);
  }
  console.log(
    Object.entries(machine())
      .map(([key, value]) => `${key} ${value}`)
      .join(' · '),
  );
  if (withheldRatio !== undefined) {
    console.log(`of the processor time wanted the hypervisor withheld ${percent(withheldRatio)}`);
  }
  console.log(table.toString());
}
