/**
 * `tidecast emulate`: stands behind one real adjacency as a whole area, so that the neighbor gets
 * as many routers, prefixes and changes as are asked for: load tests for other people's routers.
 * @module
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Attachments } from '../host/attachments.ts';
import { Driver } from '../host/driver.ts';
import { EmulateMachine, type EmulateSummary, REAL_INTERFACE } from '../host/emulate-machine.ts';
import {
  drawTopology,
  EmulatedArea,
  TOPOLOGY_SHAPES,
  type TopologyShape,
} from '../host/emulate-topology.ts';
import { INTERFACE_DEFAULTS } from '../instance/config.ts';
import type { InstanceInput } from '../instance/input.ts';
import type { InstanceOutput } from '../instance/output.ts';
import type { InterfaceType } from '../interface/config.ts';
import { Prng } from '../prng.ts';
import { formatDottedQuad, parseDottedQuad } from '../wire/address.ts';

interface Shape {
  readonly shape: TopologyShape;
  readonly routers: number;
}

interface EmulateOptions {
  readonly topology: Shape;
  readonly interface: string;
  readonly routerId: number;
  readonly firstRouterId: number;
  readonly area: number;
  readonly type: InterfaceType;
  readonly originators: number;
  readonly seed: number;
  readonly churn: number;
  readonly duration?: number;
  readonly helloInterval: number;
  readonly deadInterval: number;
  readonly json?: boolean;
}

const MAXIMUM_ROUTERS = 100_000;
/** What fits into the Network-LSA of one link, 4 octets each (RFC 5340 A.4.4). */
const MAXIMUM_LAN_ROUTERS = 16_000;
const GREATEST_ROUTER_ID = 0xffff_ffff;
const SAY_EVERY_MS = 5000;
/** How long the farewell may take: the flush and its acknowledgments. */
const STOP_MS = 3500;

function parseTopology(text: string): Shape {
  const [name = '', count = ''] = text.split(':');
  const shape = TOPOLOGY_SHAPES.find((known) => known === name);
  const routers = Number(count);
  if (shape === undefined || !(Number.isInteger(routers) && routers >= 2)) {
    throw new InvalidArgumentError(`SHAPE:ROUTERS, where SHAPE is ${TOPOLOGY_SHAPES.join(', ')}`);
  }
  const most = shape === 'lan' ? MAXIMUM_LAN_ROUTERS : MAXIMUM_ROUTERS;
  if (routers > most) throw new InvalidArgumentError(`at most ${most} of ${shape}`);
  return { shape, routers };
}

function parseChurn(text: string): number {
  const perS = Number(/^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text)?.[1]);
  if (!(perS >= 0 && perS <= 1000)) throw new InvalidArgumentError('changes a second, 0..1000');
  return perS;
}

function parseQuad(text: string): number {
  try {
    return parseDottedQuad(text);
  } catch {
    throw new InvalidArgumentError('a dotted quad');
  }
}

/** 0.0.0.0 is no Router ID (RFC 5340 C.1). */
function parseRouterId(text: string): number {
  const routerId = parseQuad(text);
  if (routerId === 0) throw new InvalidArgumentError('0.0.0.0 is no Router ID');
  return routerId;
}

const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`a whole number, ${least}..${most}`);
  };

function parseType(text: string): InterfaceType {
  if (text === 'broadcast' || text === 'pointToPoint') return text;
  throw new InvalidArgumentError('broadcast or pointToPoint');
}

/** A Router ID as a dotted quad, in the help text too. */
const routerIdOption = (flags: string, about: string, byDefault: string): Option =>
  new Option(flags, about).argParser(parseRouterId).default(parseDottedQuad(byDefault), byDefault);

/** Adds the verb. Needs CAP_NET_RAW. Exit status 1 when the neighbor never became Full. */
export function registerEmulate(program: Command): void {
  program
    .command('emulate')
    .description('be a whole area behind one adjacency: load tests for a neighboring router')
    .requiredOption(
      '--topology <SHAPE:ROUTERS>',
      `${TOPOLOGY_SHAPES.join(', ')}; random has 10 links a router on the average`,
      parseTopology,
    )
    .requiredOption('--interface <NAME>', 'the interface that the neighbor is on')
    .option('--type <TYPE>', 'of the link: broadcast or pointToPoint', parseType, 'pointToPoint')
    .option('--area <AREA-ID>', 'of the link', parseQuad, 0)
    .addOption(routerIdOption('--router-id <ID>', 'of the border router', '10.255.255.1'))
    .addOption(
      routerIdOption('--first-router-id <ID>', 'of router 0; the others follow', '10.0.0.1'),
    )
    .option('--originators <N>', 'routers that announce one anycast /128', whole(0, 1000), 8)
    .option('--seed <N>', 'another number, another topology', whole(0, 0xffffffff), 1)
    .option('--churn <N/s>', 'changes a second of link costs and anycast metrics', parseChurn, 0)
    .option('--duration <S>', 'ends after this time; else at SIGINT', whole(1, 1_000_000))
    .option('--hello-interval <S>', 'HelloInterval', whole(1, 65535), 10)
    .option('--dead-interval <S>', 'RouterDeadInterval', whole(1, 65535), 40)
    .option('--json', 'the summary as one JSON object')
    .action((options: EmulateOptions, verb: Command) => {
      const refused = refusalOf(options);
      if (refused !== undefined) verb.error(`error: ${refused}`, { exitCode: 2 });
      return emulate(options);
    });
}

/** Why these options cannot be used together; undefined when they can. */
function refusalOf(options: EmulateOptions): string | undefined {
  const { routerId, firstRouterId, helloInterval, deadInterval, topology } = options;
  // A shape may need some more routers than were asked for.
  const { routers } = drawTopology(topology.shape, topology.routers, new Prng(options.seed));
  const lastRouterId = firstRouterId + routers - 1;
  if (lastRouterId > GREATEST_ROUTER_ID) {
    const from = formatDottedQuad(firstRouterId);
    return `--first-router-id ${from}: ${routers} routers from there on are more than there are`;
  }
  if (routerId >= firstRouterId && routerId <= lastRouterId) {
    const others = `${formatDottedQuad(firstRouterId)} to ${formatDottedQuad(lastRouterId)}`;
    return `--router-id ${formatDottedQuad(routerId)} is one of the area's, ${others}`;
  }
  if (deadInterval <= helloInterval) {
    return `--dead-interval ${deadInterval}: allowed is more than --hello-interval, ${helloInterval}`;
  }
  return undefined;
}

async function emulate(options: EmulateOptions): Promise<void> {
  const { topology, seed, churn, area: areaId, routerId } = options;
  const prng = new Prng(seed);
  const drawn = drawTopology(topology.shape, topology.routers, prng);
  const area = new EmulatedArea(drawn, {
    firstRouterId: options.firstRouterId,
    anycastOriginators: Math.min(options.originators, drawn.routers),
    joined: true,
  });
  const on = {
    ...INTERFACE_DEFAULTS,
    interfaceId: REAL_INTERFACE,
    name: options.interface,
    areaId,
    type: options.type,
    helloIntervalS: options.helloInterval,
    routerDeadIntervalS: options.deadInterval,
  };
  const config = { routerId, areaId, interface: on, area, churnPerS: churn };
  const machine = new EmulateMachine(config, prng.fork());
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const driver = new Driver<InstanceInput, InstanceOutput>(machine, {
    onOutput: (output) => announce(output, say),
    onSendError: (_link, error) => say(`not sent: ${error}`),
  });
  say(`${drawn.routers} routers, ${drawn.joints.length || 1} links, as ${drawn.shape}`);
  const attachments = new Attachments({ interfaces: [on], driver, say: (_, text) => say(text) });
  const progress = setInterval(() => say(summaryText(machine.summary())), SAY_EVERY_MS);
  await over(options.duration);
  clearInterval(progress);
  const summary = machine.summary();
  driver.input((nowMs) => ({ kind: 'stop', nowMs }));
  await pause(STOP_MS);
  attachments.close();
  driver.close();
  const text = options.json ? JSON.stringify(summary) : summaryText(summary);
  process.stdout.write(`${text}\n`);
  process.exitCode = summary.fullAfterMs === undefined ? 1 : 0;
}

function announce(output: { readonly kind: string }, say: (line: string) => void): void {
  const { kind, event } = output as Extract<InstanceOutput, { kind: 'event' }>;
  if (kind !== 'event' || event.name !== 'neighborState') return;
  if (event.interfaceId !== REAL_INTERFACE) return;
  say(`neighbor ${formatDottedQuad(event.neighbor)}: ${event.from} -> ${event.to}`);
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Until the time is over or somebody has had enough. */
function over(durationS: number | undefined): Promise<void> {
  return new Promise((done) => {
    const timer = durationS === undefined ? undefined : setTimeout(done, 1000 * durationS);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        clearTimeout(timer);
        done();
      });
    }
  });
}

const ms = (value: number | undefined): string =>
  value === undefined ? '–' : `${Math.round(value)} ms`;

function summaryText({ phase, lsas, fullAfterMs, load, churn }: EmulateSummary): string {
  const about = ({ expected, acknowledged, medianMs, p99Ms, lastMs }: typeof load): string =>
    `${acknowledged} of ${expected} acknowledged, median ${ms(medianMs)}, p99 ${ms(p99Ms)}, last ${ms(lastMs)}`;
  const changes = churn.expected > 0 ? `; changes: ${about(churn)}` : '';
  return `${phase}: ${lsas} LSAs, full after ${ms(fullAfterMs)}; area: ${about(load)}${changes}`;
}
