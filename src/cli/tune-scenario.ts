/**
 * Scenario files: YAML, checked like any configuration.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Document, isCollection, isSeq, parse, parseDocument } from 'yaml';
import * as z from 'zod';
import { ConfigError, type ConfigProblem } from '../errors.ts';
import { decimal, integer, list, mapping, oneOf, text } from '../host/config-field.ts';
import { checkConfig, readConfig } from '../host/config-read.ts';
import { costConfig, costProblem, costSchema } from '../host/config-service.ts';
import { COST_DEFAULTS } from '../server-cost/config.ts';
import type { DemandShape } from '../sim/demand.ts';
import { POLICIES, type Scenario, type ScenarioEvent } from '../sim/scenario.ts';
import { isFileError } from './file-error.ts';
import { readTrace } from './tune-replay.ts';

const DAY_S = 86_400;

const shapeSchema = z.discriminatedUnion(
  'kind',
  [
    mapping({ kind: z.literal('constant') }),
    mapping({
      kind: z.literal('square'),
      periodS: decimal(1, DAY_S),
      high: decimal(0, 1000),
    }),
    mapping({
      kind: z.literal('diurnal'),
      periodS: decimal(1, DAY_S),
      low: decimal(0, 1),
    }),
    mapping({
      kind: z.literal('flash'),
      atS: decimal(0, DAY_S),
      forS: decimal(0, DAY_S),
      times: decimal(0, 1000),
    }),
    mapping({ kind: z.literal('trace'), file: text() }),
  ],
  { error: 'a mapping whose kind is constant | square | diurnal | flash | trace' },
);

const eventSchema = z
  .strictObject({
    atS: decimal(0, DAY_S),
    server: integer(0, 9999),
    capacity: decimal(0.01, 100).optional(),
    do: oneOf('kill', 'revive', 'drain', 'undrain', 'separate', 'join').optional(),
    everyS: decimal(1, DAY_S).optional(),
  })
  .refine((event) => (event.capacity === undefined) !== (event.do === undefined), {
    error: 'either capacity (of the configured one) or do',
  });

const scenarioSchema = mapping({
  name: text('letters, digits and hyphens').regex(/^[a-z0-9-]+$/, {
    error: 'letters, digits and hyphens',
  }),
  about: text(),
  durationS: integer(10, DAY_S).default(600),
  settleS: integer(0, DAY_S).default(60),
  servers: list(
    mapping({
      count: integer(1, 1000).default(1),
      capacity: decimal(0.1, 1e6),
      site: integer(0, 15).default(0),
    }),
    1,
  ),
  sites: list(
    mapping({
      cost: integer(1, 65_535).default(10),
      delayMs: decimal(0, 10_000).default(0.1),
      jitterMs: decimal(0, 10_000).default(0),
      lossRatio: decimal(0, 1).default(0),
      duplicateRatio: decimal(0, 1).default(0),
    }),
    1,
  ).prefault([{}]),
  demand: mapping({
    ratio: decimal(0.001, 100),
    shape: shapeSchema.default({ kind: 'constant' }),
    noise: decimal(0, 1).default(0.05),
    clients: integer(0, 1_000_000).default(0),
    zipf: decimal(0, 5).default(0),
  }),
  events: list(eventSchema).default([]),
  /** A share of the servers is killed, and revived, again and again. */
  churn: mapping({
    ratio: decimal(0, 1),
    everyS: decimal(1, DAY_S),
    downS: decimal(1, DAY_S),
  }).optional(),
  workers: integer(1, 1024).default(1),
  bufferQueries: integer(0, 1_000_000).default(100),
  serviceTime: oneOf('deterministic', 'exponential').default('exponential'),
  sampleIntervalMs: integer(50, 60_000).default(500),
  minLsIntervalMs: integer(1000, 60_000).default(5000),
  helloIntervalS: integer(1, 3600).default(1),
  deadIntervalS: integer(2, 65_535).default(4),
  cost: costSchema.prefault({}),
  weight: integer(1, 255).default(COST_DEFAULTS.weight),
  policies: list(oneOf(...POLICIES), 1).default(['weights', 'plan', 'static']),
}).superRefine((scenario, context) => {
  for (const [i, { site }] of scenario.servers.entries()) {
    if (site < scenario.sites.length) continue;
    const message = `a site, 0..${scenario.sites.length - 1}`;
    context.addIssue({ code: 'custom', message, path: ['servers', i, 'site'], input: site });
  }
  const count = scenario.servers.reduce((sum, each) => sum + each.count, 0);
  for (const [i, { server }] of scenario.events.entries()) {
    if (server < count) continue;
    const message = `a server, 0..${count - 1}`;
    context.addIssue({ code: 'custom', message, path: ['events', i, 'server'], input: server });
  }
  const { helloIntervalS, deadIntervalS, cost } = scenario;
  if (deadIntervalS <= helloIntervalS) {
    const message = 'more than helloIntervalS';
    context.addIssue({ code: 'custom', message, path: ['deadIntervalS'], input: deadIntervalS });
  }
  const message = costProblem(scenario);
  if (message !== undefined) {
    context.addIssue({ code: 'custom', message, path: ['cost'], input: cost });
  }
});

type ScenarioFile = z.output<typeof scenarioSchema>;

/** Settings in the place of those in the file, by dotted key such as `cost.changeRatio`. */
export type Overrides = Readonly<Record<string, string>>;

/**
 * Reads and checks a scenario.
 * @throws {ConfigError} with every problem; Node's error when the file cannot be read.
 */
export function readScenario(file: string, overrides: Overrides = {}): Scenario {
  const asItStands = readConfig(file, scenarioSchema);
  if (Object.keys(overrides).length === 0) return scenarioOf(asItStands, file);
  const document = parseDocument(readFileSync(file, 'utf8'));
  for (const override of Object.entries(overrides)) put(document, override);
  try {
    return scenarioOf(checkConfig(file, document.toString(), scenarioSchema), file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // The file is in order, so what is wrong now came with the settings, and has no line.
    throw new ConfigError(error.problems.map((problem) => ofOption(problem, overrides)));
  }
}

const optionOf = ([key, value]: readonly [string, string]): string => `--sweep ${key}=${value}`;

/** @throws {ConfigError} when the key goes on below a value, or names what is in a list. */
function put(document: Document, override: readonly [key: string, value: string]): void {
  const [key, value] = override;
  // A number counts in a list, also in one that the file leaves to its default.
  const path = key.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  const inside = path.slice(0, -1).findIndex((_, i) => {
    const at = path.slice(0, i + 1);
    return document.hasIn(at) && !isCollection(document.getIn(at, true));
  });
  const refuse = (found: string, allowed: string): never => {
    throw new ConfigError([{ file: optionOf(override), line: 0, key, found, allowed }]);
  };
  if (inside >= 0) {
    const below = path.slice(0, inside + 1).join('.');
    refuse(`a key below a value, ${below}`, 'a key of the scenario');
  }
  const named = path.find(
    (step, i) => typeof step === 'string' && isSeq(document.getIn(path.slice(0, i), true)),
  );
  if (named !== undefined) refuse(String(named), 'a number, from 0, of what is in the list');
  document.setIn(path, parse(value));
}

/** A problem that settings brought, told of the option that names its key, or of all. */
function ofOption(problem: ConfigProblem, overrides: Overrides): ConfigProblem {
  const all = Object.entries(overrides);
  const [top] = problem.key.split('.');
  const guilty =
    all.find(([key]) => key === problem.key) ?? all.find(([key]) => key.split('.')[0] === top);
  return { ...problem, file: (guilty ? [guilty] : all).map(optionOf).join(' '), line: 0 };
}

/** The scenarios that come with the package, by file. */
export function shippedScenarios(): string[] {
  const folder = fileURLToPath(new URL('../../scenarios', import.meta.url));
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(folder, name));
}

/** A recording is found from where the scenario is. */
function shapeOf(shape: z.output<typeof shapeSchema>, path: string): DemandShape {
  if (shape.kind !== 'trace') return shape;
  try {
    return readTrace(resolve(dirname(path), shape.file));
  } catch (error) {
    if (!isFileError(error)) throw error;
    const [key, found] = ['demand.shape.file', error.message];
    const allowed = 'a recording (CSV) beside the scenario';
    throw new ConfigError([{ file: path, line: 0, key, found, allowed }]);
  }
}

/** @param path - of the file. */
function scenarioOf(file: ScenarioFile, path: string): Scenario {
  const { demand, sites, churn, cost, weight, workers, bufferQueries, serviceTime } = file;
  const { name, about, durationS, settleS, servers, sampleIntervalMs, minLsIntervalMs } = file;
  const count = servers.reduce((sum, each) => sum + each.count, 0);
  const events = file.events.flatMap((event) => eventsOf(event, durationS));
  if (churn) events.push(...churnOf(churn, count, durationS));
  return {
    name,
    about,
    durationS,
    settleS,
    servers,
    sites: sites.map(({ cost: siteCost, ...faults }) => ({ cost: siteCost, faults })),
    demand: {
      ratio: demand.ratio,
      shape: shapeOf(demand.shape, path),
      noiseRatio: demand.noise,
      clients: demand.clients,
      zipfExponent: demand.zipf,
    },
    events: events.sort((a, b) => a.atS - b.atS),
    queue: { workers, bufferQueries, serviceTime },
    sampleIntervalMs,
    minLsIntervalMs,
    helloIntervalS: file.helloIntervalS,
    routerDeadIntervalS: file.deadIntervalS,
    cost: costConfig({ cost, weight }, minLsIntervalMs),
    policies: file.policies,
  };
}

/** One event, or its repetitions until the end. */
function eventsOf(event: ScenarioFile['events'][number], durationS: number): ScenarioEvent[] {
  const { server, capacity, everyS } = event;
  const events: ScenarioEvent[] = [];
  for (let atS = event.atS; atS < durationS; atS += everyS ?? durationS) {
    if (capacity !== undefined) events.push({ atS, server, kind: 'capacity', ratio: capacity });
    else if (event.do !== undefined) events.push({ atS, server, kind: event.do });
  }
  return events;
}

/** Servers in turn go down for a while, so many at a time that the share is kept. */
function churnOf(
  churn: NonNullable<ScenarioFile['churn']>,
  count: number,
  durationS: number,
): ScenarioEvent[] {
  const events: ScenarioEvent[] = [];
  const atOnce = Math.round(churn.ratio * count);
  let next = 0;
  for (let atS = churn.everyS; atS < durationS; atS += churn.everyS) {
    for (let i = 0; i < atOnce; i++) {
      const server = next++ % count;
      events.push({ atS, server, kind: 'kill' });
      events.push({ atS: atS + churn.downS, server, kind: 'revive' });
    }
  }
  return events;
}
