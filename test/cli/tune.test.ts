import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readTrace } from '../../src/cli/tune-replay.ts';
import { readScenario, shippedScenarios } from '../../src/cli/tune-scenario.ts';
import { ConfigError } from '../../src/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidecast-tune-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function problemsOf(read: () => unknown): ConfigError['problems'] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('scenario files', () => {
  it('that come along are all right, and each says what it is', () => {
    const scenarios = shippedScenarios().map((path) => readScenario(path));
    expect(scenarios.length).toBeGreaterThanOrEqual(11);
    for (const { about, policies } of scenarios) {
      expect(about).toMatch(/\.$/);
      expect(policies.length).toBeGreaterThan(0);
    }
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  });

  it('that are wrong are refused with line, key, what was found and what is allowed', () => {
    const path = file(
      'wrong.yaml',
      [
        'name: x',
        'about: x.',
        'servers: [{ count: 2, capacity: 100, site: 3 }]',
        'demand: { ratio: many }',
        'colour: blue',
        'policies: [weights, guess]',
      ].join('\n'),
    );
    const problems = problemsOf(() => readScenario(path));
    const told = problems.map(({ line, key }) => `${line} ${key}`);
    expect(told).toEqual(expect.arrayContaining(['4 demand.ratio', '5 colour', '6 policies.1']));
    for (const problem of problems) {
      expect(problem.file).toBe(path);
      expect(problem.allowed).not.toBe('');
    }
  });

  it('are swept by dotted keys, and a key that is not there is refused', () => {
    const path = shippedScenarios().find((name) => name.endsWith('four-equal.yaml'))!;
    expect(readScenario(path, { 'cost.changeWindowMs': '500' }).cost.changeWindowMs).toBe(500);
    const problems = problemsOf(() => readScenario(path, { 'cost.speed': '1' }));
    expect(problems[0]?.key).toBe('cost.speed');
  });

  it.each([
    [
      'cost.speed',
      '1',
      /^--sweep cost\.speed=1: cost\.speed: found an unknown key, allowed is base/,
    ],
    [
      'cost.changeWindowMs',
      'fast',
      /^--sweep cost\.changeWindowMs=fast: .* found "fast", allowed is/,
    ],
    ['name.first', 'x', /^--sweep name\.first=x: name\.first: found a key below a value/],
    ['servers.capacity', '5', /^--sweep servers\.capacity=5: .* found capacity, .* a number/],
    ['servers.7.capacity', '5', /^--sweep servers\.7\.capacity=5: servers\.1: found null/],
  ])(
    'a wrong sweep of %s names the option: it stands in no line of the file',
    (key, value, told) => {
      const path = shippedScenarios().find((name) => name.endsWith('four-equal.yaml'))!;
      expect(() => readScenario(path, { 'cost.changeRatio': '0.3', [key]: value })).toThrow(told);
    },
  );

  it.each([
    ['helloIntervalS: 10', 'deadIntervalS'],
    ['cost: { base: 10, max: 5 }', 'cost'],
    ['cost: { relievedRatio: 0.95 }', 'cost'],
  ])('with %s, which no server would take, are refused', (line, key) => {
    const path = file(
      'unfit.yaml',
      `name: x\nabout: x.\nservers: [{ capacity: 9 }]\ndemand: { ratio: 1 }\n${line}\n`,
    );
    expect(problemsOf(() => readScenario(path))).toMatchObject([{ key }]);
  });

  it('may be swept inside a list, also one that the file leaves out', () => {
    const path = shippedScenarios().find((name) => name.endsWith('four-equal.yaml'))!;
    const [site] = readScenario(path, { 'sites.0.lossRatio': '0.05' }).sites;
    expect(site?.faults.lossRatio).toBe(0.05);
  });

  it('may take their demand from a recording beside them', () => {
    file('day.csv', 'time,queriesPerSecond\n0,10\n60,30\n');
    const text = (name: string): string =>
      'name: x\nabout: x.\nservers: [{ capacity: 90 }]\n' +
      `demand: { ratio: 1, shape: { kind: trace, file: ${name} } }\n`;
    expect(readScenario(file('recorded.yaml', text('day.csv'))).demand.shape).toEqual({
      kind: 'trace',
      points: [
        { atS: 0, queriesPerSecond: 10 },
        { atS: 60, queriesPerSecond: 30 },
      ],
    });
    file('bad-day.csv', 'time,queriesPerSecond\n0,many\n');
    const problems = problemsOf(() => readScenario(file('wrong-day.yaml', text('bad-day.csv'))));
    expect(problems).toMatchObject([{ file: join(folder, 'bad-day.csv'), line: 2 }]);
  });

  it('whose recording is not there are refused by file and key', () => {
    const path = file(
      'unrecorded.yaml',
      'name: x\nabout: x.\nservers: [{ capacity: 90 }]\n' +
        'demand: { ratio: 1, shape: { kind: trace, file: none.csv } }\n',
    );
    expect(problemsOf(() => readScenario(path))).toMatchObject([
      { file: path, key: 'demand.shape.file', found: expect.stringMatching(/ENOENT.*none\.csv/) },
    ]);
  });

  it('with faults of their own are refused by their own lines, swept or not', () => {
    const path = file('fault.yaml', 'name: x\n\n\nabout: x.\n# servers\ndemand: { ratio: 1 }\n');
    const alone = problemsOf(() => readScenario(path));
    expect(problemsOf(() => readScenario(path, { 'cost.changeRatio': '0.3' }))).toEqual(alone);
  });
});

describe('recorded counters', () => {
  it('are rates, or a counter of which the differences are rates', () => {
    const rates = file('rates.csv', 'time,queriesPerSecond\n100,10\n110,30\n');
    expect(readTrace(rates).points).toEqual([
      { atS: 0, queriesPerSecond: 10 },
      { atS: 10, queriesPerSecond: 30 },
    ]);
    const counter = file('counter.csv', 'queries,time\n1000,5\n1500,10\n200,20\n');
    expect(readTrace(counter).points).toEqual([
      { atS: 0, queriesPerSecond: 100 },
      { atS: 5, queriesPerSecond: 20 },
    ]);
  });

  it.each([
    ['no such column', 'when,what\n1,2\n', 1],
    ['no number', 'time,queries\n1,2\nx,3\n', 3],
    ['time that does not grow', 'time,queries\n1,2\n1,3\n', 3],
    ['no row', 'time,queriesPerSecond\n', 2],
    ['an empty cell', 'time,queries\n1,2\n2,\n', 3],
    ['more than can be', 'time,queriesPerSecond\n1,1e999\n', 2],
    ['a counter that jumps beyond that', 'time,queries\n0,1\n1,1e12\n', 3],
  ])('with %s are refused by line', (_, text, line) => {
    const path = file('bad.csv', text);
    expect(problemsOf(() => readTrace(path))[0]).toMatchObject({ file: path, line });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});
