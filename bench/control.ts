/**
 * The control of load over simulated farms: what our routers and the farm plan reach, beside equal
 * shares and an oracle that knows capacities; and how fast the simulation is.
 */
import { readScenario } from '../src/cli/tune-scenario.ts';
import type { Figures } from '../src/sim/measure.ts';
import { runScenario } from '../src/sim/run.ts';
import type { Policy } from '../src/sim/scenario.ts';
import type { Bench, BenchContext, BenchRow } from './harness.ts';

interface Goal {
  readonly of: (figures: Figures) => number;
  readonly name: string;
  readonly unit: string;
  readonly most: number;
}

const overload: Goal['of'] = (figures) => figures.overloadRatio;
const recovery: Goal['of'] = (figures) => figures.recoveryS ?? Number.POSITIVE_INFINITY;
const WEIGHTS: readonly Goal[] = [
  { name: 'overload', unit: 'ratio', most: 0.0005, of: overload },
  { name: 'LSAs', unit: 'per server and minute', most: 1, of: (f) => f.lsasPerServerPerMin },
  { name: 'needless moves', unit: 'ratio', most: 0, of: (f) => f.needlessMovesRatio },
  { name: 'recovery', unit: 's', most: 2, of: recovery },
];
const PLAN: readonly Goal[] = [
  { name: 'overload', unit: 'ratio', most: 0.003, of: overload },
  { name: 'set changes', unit: 'per minute', most: 0.2, of: (f) => f.setChangesPerMin },
  { name: 'recovery', unit: 's', most: 6, of: recovery },
];
const CASES: readonly { readonly policy: Policy; readonly goals: readonly Goal[] }[] = [
  { policy: 'weights', goals: WEIGHTS },
  { policy: 'plan', goals: PLAN },
];
const SCENARIOS = ['four-equal', 'one-smaller', 'one-halves', 'eight-unequal'] as const;

const scenarioOf = (name: string, context: BenchContext) =>
  readScenario(`scenarios/${name}.yaml`, context.quick ? { durationS: '120' } : {});

/** The worst of all seeds counts. */
function worst(name: string, policy: Policy, context: BenchContext): Figures[] {
  const seeds = context.quick ? [1] : [1, 2, 3];
  return seeds.map((seed) => {
    context.say(`${name}, ${policy}, seed ${seed}`);
    return runScenario(scenarioOf(name, context), policy, seed).figures;
  });
}

function controlRows(name: string, context: BenchContext): BenchRow[] {
  const against = worst(name, 'static', context);
  const oracle = worst(name, 'oracle', context);
  return CASES.flatMap(({ policy, goals }) => {
    const runs = worst(name, policy, context);
    const rows = goals.map(({ name: figure, unit, most, of }): BenchRow => {
      const ours = Math.max(...runs.map(of));
      const theirs = Math.max(...against.map(of));
      return {
        bench: 'control',
        case: `${name}, ${policy}: ${figure}`,
        ours,
        unit,
        against: 'equal shares',
        theirs: Number.isFinite(theirs) ? theirs : null,
        ratio: ours > 0 && Number.isFinite(theirs) ? theirs / ours : null,
        goal: `≤ ${most}`,
        met: ours <= most,
      };
    });
    return policy === 'weights' ? [...rows, latencyRow(name, runs, oracle)] : rows;
  });
}

function latencyRow(name: string, runs: Figures[], oracle: Figures[]): BenchRow {
  const p99 = (of: Figures[]): number => Math.max(...of.map(({ latencyMs }) => latencyMs.p99));
  const [ours, theirs] = [p99(runs), p99(oracle)];
  return {
    bench: 'control',
    case: `${name}, weights: p99 latency`,
    ours,
    unit: 'ms',
    against: 'oracle that knows capacities',
    theirs,
    ratio: theirs / ours,
    goal: 'ratio ≥ 0.91',
    met: theirs / ours >= 0.91,
  };
}

function speedRow(name: string, mostS: number, context: BenchContext): BenchRow {
  const scenario = scenarioOf(name, context);
  runScenario({ ...scenario, durationS: 30 }, 'weights', 1); // warm-up
  // The time of one core, whatever else the machine does; collecting garbage is counted in.
  const from = process.cpuUsage();
  runScenario(scenario, 'weights', 1);
  const { user, system } = process.cpuUsage(from);
  const ours = (user + system) / 1e6;
  const simulatedS = scenario.durationS + scenario.settleS;
  return {
    bench: 'control',
    case: `${name}: ${simulatedS} s simulated`,
    ours,
    unit: 's of one core',
    against: 'real time',
    theirs: simulatedS,
    ratio: simulatedS / ours,
    goal: context.quick ? null : `≤ ${mostS} s`,
    met: context.quick ? null : ours <= mostS,
  };
}

export const bench: Bench = {
  name: 'control',
  about: 'overload, recovery and LSAs of simulated farms against equal shares and an oracle',
  run: (context) => [
    speedRow('four-equal', 1, context),
    speedRow('large-churn', 30, context),
    ...SCENARIOS.flatMap((name) => controlRows(name, context)),
  ],
};
