/**
 * The report of runs: one page that needs nothing beside itself, with plots over time.
 * @module
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Second } from '../sim/measure.ts';
import type { TuneResult } from './tune-jobs.ts';
import { jsonOf } from './tune-table.ts';

interface Plot {
  readonly title: string;
  readonly unit: string;
  readonly labels: readonly string[];
  /** Time first, then one series per label; null where there is no value. */
  readonly data: readonly (readonly (number | null)[])[];
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

function plotsOf({ seconds, serverNames }: TuneResult): Plot[] {
  const times = seconds.map(({ atS }) => atS);
  const perServer = (
    title: string,
    unit: string,
    of: (second: Second) => Second['cost'],
  ): Plot => ({
    title,
    unit,
    labels: serverNames,
    data: [times, ...serverNames.map((_, i) => seconds.map((second) => of(second)[i] ?? null))],
  });
  const capacity = seconds.map((second) => second.capacity.reduce((sum, each) => sum + each, 0));
  return [
    {
      title: 'demand and capacity',
      unit: 'queries per second',
      labels: ['demand', 'capacity of the farm'],
      data: [times, seconds.map(({ demand }) => demand), capacity],
    },
    perServer('cost', 'metric', ({ cost }) => cost),
    perServer('weight', '1..255', ({ weight }) => weight),
    perServer('share', 'of all flows', ({ share }) => share),
    perServer('utilization', 'demand over capacity', ({ utilization, capacity: of }) =>
      utilization.map((value, i) => (of[i]! > 0 ? value : null)),
    ),
    {
      title: 'latency',
      unit: 'ms, mean of each second',
      labels: ['latency'],
      data: [times, seconds.map(({ latencyMs }) => latencyMs)],
    },
  ];
}

/** Draws every plot of the page with uPlot; runs in the browser, on the JSON in the page. */
const DRAW = `
const runs = JSON.parse(document.getElementById('runs').textContent);
const hue = (i, n) => 'hsl(' + Math.round(360 * i / n) + ' 65% 42%)';
runs.forEach((run, r) => {
  const place = document.getElementById('run' + r);
  for (const plot of run) {
    const series = plot.labels.map((label, i) => ({
      label, stroke: hue(i, plot.labels.length), width: 1.5, spanGaps: false,
    }));
    new uPlot({
      title: plot.title, width: 960, height: 220,
      scales: { x: { time: false } },
      axes: [{ label: 's' }, { label: plot.unit, size: 70 }],
      legend: { show: plot.labels.length <= 16 },
      series: [{ label: 's' }, ...series],
    }, plot.data, place);
  }
});
`;

/** The page. @param oracleP99Of - by result; null when there is none. */
export function reportOf(
  results: readonly TuneResult[],
  oracleP99Of: (result: TuneResult) => number | null,
): string {
  const require = createRequire(import.meta.url);
  const script = readFileSync(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8');
  const style = readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8');
  const sections = results.map((result, index) => {
    const { scenario, job } = result;
    const rows = Object.entries(jsonOf(result, oracleP99Of(result))).map(
      ([key, value]) =>
        `<tr><th>${escaped(key)}</th><td>${escaped(JSON.stringify(value))}</td></tr>`,
    );
    return (
      `<h2>${escaped(scenario)} · ${escaped(job.policy)} · seed ${job.seed}</h2>` +
      `<table>${rows.join('')}</table><div id="run${index}"></div>`
    );
  });
  const data = JSON.stringify(results.map(plotsOf)).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>tidecast tune</title>
<style>${style}
body { font: 14px/1.5 system-ui, sans-serif; max-width: 980px; margin: 2em auto; }
table { border-collapse: collapse; } th { text-align: left; font-weight: normal; color: #555; }
td, th { padding: 0 1em 0 0; } .uplot { margin: 1em 0; }</style></head>
<body><h1>tidecast tune</h1>
${sections.join('\n')}
<script id="runs" type="application/json">${data}</script>
<script>${script}</script><script>${DRAW}</script></body></html>
`;
}
