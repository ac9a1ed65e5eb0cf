/**
 * The report of runs: one page that needs nothing beside itself, with a table of all runs and, for
 * each, plots over time.
 * @module
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Second } from '../sim/measure.ts';
import type { TuneResult } from './tune-jobs.ts';
import type { MeasuredRun } from './tune-measure.ts';
import { rowsOf } from './tune-table.ts';

interface Plot {
  readonly title: string;
  /** Of the vertical axis; as short as its height allows. */
  readonly unit: string;
  readonly labels: readonly string[];
  /** Time first, then one series per label; null where there is no value. */
  readonly data: readonly (readonly (number | null)[])[];
}

/** More digits cannot be seen and make the page several times as large. */
const DIGITS = 4;

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

function plotsOf({ seconds, serverNames }: TuneResult): Plot[] {
  const times = seconds.map(({ atS }) => atS);
  const series = (of: (second: Second) => number | null): (number | null)[] =>
    seconds.map((second) => {
      const value = of(second);
      return value === null ? null : Number(value.toPrecision(DIGITS));
    });
  const plot = (
    title: string,
    unit: string,
    of: Readonly<Record<string, Plot['data'][number]>>,
  ) => ({
    title,
    unit,
    labels: Object.keys(of),
    data: [times, ...Object.values(of)],
  });
  const perServer = (title: string, unit: string, of: (second: Second) => Second['cost']): Plot => {
    const values = serverNames.map((_, i) => series((second) => of(second)[i] ?? null));
    return { title, unit, labels: serverNames, data: [times, ...values] };
  };
  return [
    plot('Demand and capacity', 'queries/s', {
      demand: series(({ demand }) => demand),
      'capacity of the farm': series(({ capacity }) => capacity.reduce((a, b) => a + b, 0)),
    }),
    perServer('Cost', 'metric', ({ cost }) => cost),
    perServer('Weight', 'of 255', ({ weight }) => weight),
    perServer('Share of the flows', '%', ({ share }) => share.map((each) => 100 * each)),
    perServer('Utilization: demand over capacity', '%', ({ utilization, capacity: of }) =>
      utilization.map((value, i) => (of[i]! > 0 ? 100 * value : null)),
    ),
    plot('Latency, mean of each second', 'ms', { latency: series(({ latencyMs }) => latencyMs) }),
  ];
}

/**
 * Draws the plots of a run with uPlot when it comes into view: a page may have hundreds. Runs in
 * the browser, on the JSON in the page.
 */
const DRAW = `
const runs = JSON.parse(document.getElementById('runs').textContent);
const NAMED = 16;
const hue = (i, n) => 'hsl(' + Math.round(360 * i / n) + ' 65% 42%)';
const range = (u, min, max) => [0, max > 0 ? 1.05 * max : 1];
function draw(place, run) {
  for (const plot of run) {
    const n = plot.labels.length;
    const series = plot.labels.map((label, i) => ({
      label, stroke: hue(i, n), width: 1.5, spanGaps: false, points: { show: false },
    }));
    const many = n > NAMED ? ' (' + n + ' servers)' : '';
    new uPlot({
      title: plot.title + many, width: 1200, height: 230,
      scales: { x: { time: false }, y: { range } },
      axes: [{ label: 'seconds' }, { label: plot.unit, size: 70 }],
      legend: { show: n <= NAMED },
      series: [{ label: 'at s' }, ...series],
    }, plot.data, place);
  }
}
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    draw(target, runs[Number(target.dataset.run)]);
  }
}, { rootMargin: '1000px' });
for (const place of document.querySelectorAll('.plots')) seen.observe(place);
`;

const STYLE = `
body { font: 14px/1.5 system-ui, sans-serif; max-width: 1240px; margin: 2em auto; padding: 0 1em; }
.runs { border-collapse: collapse; font-size: 12px; }
.runs th { font-weight: 600; border-bottom: 1px solid #999; vertical-align: bottom; }
.runs td { border-bottom: 1px solid #ddd; }
.runs th, .runs td { padding: 0.15em 0.7em; text-align: right; }
.runs :is(th, td):nth-child(-n + 2) { text-align: left; }
.plots { min-height: 1700px; } .uplot { margin: 1em 0; } .note { color: #555; }
`;

/** A row per run; its first cell leads to the run's plots. */
function tableOf(runs: readonly MeasuredRun[]): string {
  const [head = [], ...rows] = rowsOf(runs);
  const heads = head.map((text) => `<th>${escaped(text).replaceAll('/', '/<wbr>')}</th>`).join('');
  const body = rows.map(([first = '', ...rest], index) => {
    const cells = rest.map((text) => `<td>${escaped(text)}</td>`).join('');
    return `<tr><td><a href="#run${index}">${escaped(first)}</a></td>${cells}</tr>`;
  });
  return `<table class="runs"><tr>${heads}</tr>${body.join('\n')}</table>`;
}

function headingOf({ scenario, job }: TuneResult): string {
  const settings = Object.entries(job.overrides).map(([key, value]) => `${key}=${value}`);
  return [scenario, job.policy, `seed ${job.seed}`, ...settings].map(escaped).join(' · ');
}

/** The page. */
export function reportOf(runs: readonly MeasuredRun[]): string {
  const results = runs.map(({ result }) => result);
  const require = createRequire(import.meta.url);
  const script = readFileSync(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8');
  const style = readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8');
  const sections = results.map(
    (result, index) =>
      `<h2 id="run${index}">${headingOf(result)}</h2><div class="plots" data-run="${index}"></div>`,
  );
  const data = JSON.stringify(results.map(plotsOf)).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>tidecast tune</title>
<style>${style}${STYLE}</style></head>
<body><h1>tidecast tune</h1>
<p class="note">Before second 0 capacities are learnt; figures count from there. Point at a plot to read its values.</p>
${tableOf(runs)}
${sections.join('\n')}
<script id="runs" type="application/json">${data}</script>
<script>${script}</script><script>${DRAW}</script></body></html>
`;
}
