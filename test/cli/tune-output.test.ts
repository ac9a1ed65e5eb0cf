import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { TuneResult } from '../../src/cli/tune-jobs.ts';
import { recommendationOf } from '../../src/cli/tune-recommend.ts';
import { reportOf } from '../../src/cli/tune-report.ts';
import { jsonOf, rowsOf } from '../../src/cli/tune-table.ts';

const NAMES = ['s0', 's1'];

/** A run of two seconds, of which only what matters to a test differs. */
function result(
  policy: 'weights' | 'plan',
  overrides: Record<string, string> = {},
  overloadRatio = 0,
): TuneResult {
  const second = (atS: number) => ({
    atS,
    demand: 100,
    capacity: [100, 0],
    cost: [10, null],
    weight: [100, null],
    share: [1, 0],
    utilization: [1.23456789, 0],
    latencyMs: atS === 0 ? null : 20,
  });
  return {
    scenario: 'two <small>',
    job: { file: 'two.yaml', overrides, policy, seed: 1 },
    wallS: 0.5,
    serverNames: NAMES,
    seconds: [second(0), second(1)],
    figures: {
      overloadRatio,
      lostRatio: 0.5,
      latencyMs: { p50: 10, p99: 40 },
      worstUtilization: 1.2,
      lsasPerServerPerMin: 0.3,
      setChangesPerMin: 0.1,
      needlessMovesRatio: 0,
      recoveryS: null,
      oscillationIndex: 0.2,
    },
  };
}

const measured = (of: TuneResult) => ({ result: of, oracleP99: 38 });

describe('a run as JSON', () => {
  it('has the fields that programs rely on, the oracle beside it', () => {
    expect(jsonOf(measured(result('weights')))).toEqual({
      scenario: 'two <small>',
      policy: 'weights',
      seed: 1,
      overloadRatio: 0,
      lostRatio: 0.5,
      latencyMs: { p50: 10, p99: 40, oracleP99: 38 },
      worstUtilization: 1.2,
      lsasPerServerPerMin: 0.3,
      setChangesPerMin: 0.1,
      needlessMovesRatio: 0,
      recoveryS: null,
      oscillationIndex: 0.2,
      wallS: 0.5,
    });
  });
});

describe('the table', () => {
  it('has a column for settings only where some were tried', () => {
    const heads = (of: TuneResult): string[] => rowsOf([measured(of)])[0]!;
    expect(heads(result('weights'))).not.toContain('settings');
    expect(heads(result('weights', { weight: '5' }))).toContain('settings');
  });

  it('has a dash for the latency where nobody was answered', () => {
    const ran = result('weights');
    const latencyMs = { p50: Number.NaN, p99: Number.NaN };
    const lost = { ...ran, figures: { ...ran.figures, latencyMs } };
    const [head, row] = rowsOf([measured(lost)]);
    expect(row![head!.indexOf('p99 ms')]).toBe('-');
    expect(JSON.parse(JSON.stringify(jsonOf(measured(lost)))).latencyMs.p99).toBeNull();
  });

  it('says never of a run that did not recover, and the oracle’s latency beside its own', () => {
    const [head, row] = rowsOf([measured(result('weights'))]);
    expect(row![head!.indexOf('recovery s')]).toBe('never');
    expect(row![head!.indexOf('oracle p99 ms')]).toBe('38.0');
  });
});

describe('the report', () => {
  const page = reportOf([result('weights'), result('plan')].map(measured));
  const json = /<script id="runs" type="application\/json">(.*?)<\/script>/s.exec(page)![1]!;
  const plots = JSON.parse(json)[0] as { title: string; labels: string[]; data: unknown[][] }[];

  it('plots demand, cost, weight, share, utilization and latency over time', () => {
    const titles = plots.map(({ title }) => title.toLowerCase()).join();
    for (const what of ['demand', 'cost', 'weight', 'share', 'utilization', 'latency']) {
      expect(titles).toContain(what);
    }
    for (const { labels, data } of plots) {
      expect(data).toHaveLength(labels.length + 1);
      expect(data[0]).toEqual([0, 1]);
      for (const values of data) expect(values).toHaveLength(2);
    }
  });

  it('has a gap where a server says nothing or is not there', () => {
    const [, , second] = plots.find(({ title }) => title === 'Cost')!.data;
    expect(second).toEqual([null, null]);
    const utilization = plots.find(({ title }) => title.startsWith('Utilization'))!;
    expect(utilization.data.slice(1)).toEqual([
      [123.5, 123.5],
      [null, null],
    ]);
  });

  it('needs nothing beside itself, and takes names as text', () => {
    expect(page).not.toMatch(/(src|href)="(?!#)/);
    expect(page).toContain('two &#60;small&#62;');
    expect(page).not.toContain('two <small>');
  });
});

describe('what a sweep recommends', () => {
  it('is the settings whose worst run is the best, where a server has them', () => {
    const settings = { 'cost.changeWindowMs': '500', sampleIntervalMs: '250', deadIntervalS: '4' };
    const good = [result('weights', settings), result('weights', settings, 0.01)];
    const mixed = [
      result('weights', { ...settings, sampleIntervalMs: '100' }),
      result('weights', { ...settings, sampleIntervalMs: '100' }, 0.3),
    ];
    const text = recommendationOf([...mixed, ...good])!;
    expect(text).toContain('policy weights');
    expect(parse(text)).toEqual({
      services: [{ cost: { changeWindowMs: 500 }, loadEveryMs: 250 }],
      interfaces: [{ deadIntervalS: 4 }],
    });
  });

  it('a policy that does worse does not speak for its settings', () => {
    const runs = [result('plan', { weight: '7' }, 0.4), result('weights', { weight: '7' })];
    const others = [result('plan', { weight: '9' }, 0.2), result('weights', { weight: '9' }, 0.1)];
    expect(parse(recommendationOf([...others, ...runs])!)).toEqual({ services: [{ weight: 7 }] });
  });

  it('names what is no setting of a server', () => {
    const text = recommendationOf([result('weights', { 'demand.ratio': '0.7' })])!;
    expect(text).toContain('# no setting of a server: demand.ratio=0.7');
    expect(parse(text)).toBeNull();
  });
});
