/**
 * What an application asks of the routing module, held to what can be before anything runs: the
 * compiler does not see what programs without types, or with values read from somewhere, pass.
 * @module
 */
import { ServiceSpread, type ServiceSpreadConfig } from '../anycast/service-spread.ts';
import { INTERFACE_DEFAULTS, type InterfaceConfig } from '../instance/config.ts';
import type { SpfDelayConfig } from '../spf/delay.ts';
import { parseDottedQuad } from '../wire/address.ts';
import type { Link } from './link.ts';

/** One link of the module, with what differs from the defaults of RFC 2328 C.3. */
export interface RoutingInterface
  extends Partial<Omit<InterfaceConfig, 'interfaceId' | 'name' | 'areaId'>> {
  readonly link: Link;
  /** Dotted quad; `0.0.0.0` by default. */
  readonly area?: string;
}

export interface RoutingModuleOptions {
  /** Dotted quad, unique in the network. */
  readonly routerId: string;
  readonly interfaces: readonly RoutingInterface[];
  /** Whether it says that it forwards for others (the R-bit); true by default. */
  readonly forwards?: boolean;
  readonly spread?: ServiceSpreadConfig;
  /** The most next hops of a route, 1..256; 64 by default. */
  readonly maximumPaths?: number;
  /**
   * How long a changed topology waits for the calculation: 50 ms, 200 ms and 1 s by
   * default, with 500 ms to learn and 10 s to hold down (RFC 8405).
   */
  readonly spfDelay?: SpfDelayConfig;
  /** Of the module's jitter, an integer; drawn by default. */
  readonly seed?: number;
}

const POLICIES = ['weighted', 'equal', 'least', 'inverse', 'failover'];
const PLACEMENTS = ['resilient', 'agreed'];
const INTERFACE_TYPES = ['broadcast', 'pointToPoint', 'loopback'];

function refuse(field: string, found: unknown, allowed: string): never {
  throw new RangeError(`${field} cannot be ${found}: allowed is ${allowed}`);
}

function checkNumber(field: string, value: unknown, least: number, most: number): void {
  const fits = typeof value === 'number' && value >= least && value <= most;
  if (value !== undefined && !fits) refuse(field, value, `${least}..${most}`);
}

function checkInteger(field: string, value: unknown, least: number, most: number): void {
  if (value === undefined || Number.isInteger(value)) checkNumber(field, value, least, most);
  else refuse(field, value, `an integer, ${least}..${most}`);
}

function checkName(field: string, value: unknown, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(value as string)) {
    refuse(field, value, allowed.join(' | '));
  }
}

/** @throws {RangeError} naming the field when the text is no dotted quad. */
export function readQuad(field: string, text: string): number {
  try {
    return parseDottedQuad(text);
  } catch {
    return refuse(field, text, 'a dotted quad, such as 10.0.0.1');
  }
}

/** @throws {RangeError} naming the first field that cannot be; ranges of interfaces are the instance's. */
export function checkModuleOptions(options: RoutingModuleOptions): void {
  if (!Array.isArray(options.interfaces)) refuse('interfaces', options.interfaces, 'a list');
  options.interfaces.forEach(checkInterface);
  checkInteger('maximumPaths', options.maximumPaths, 1, 256);
  checkInteger('seed', options.seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  if (options.spfDelay !== undefined) checkDelay(options.spfDelay);
  if (options.spread !== undefined) checkSpread(options.spread);
}

function checkInterface({ link, ...settings }: RoutingInterface, at: number): void {
  if (typeof link !== 'object') refuse(`interfaces[${at}].link`, link, 'a Link');
  const { type, helloIntervalS, routerDeadIntervalS } = { ...INTERFACE_DEFAULTS, ...settings };
  checkName(`interface ${link.name}: type`, type, INTERFACE_TYPES);
  if (routerDeadIntervalS <= helloIntervalS) {
    const field = `interface ${link.name}: routerDeadIntervalS`;
    refuse(field, routerDeadIntervalS, `more than helloIntervalS, ${helloIntervalS}`);
  }
}

function checkDelay(delay: SpfDelayConfig): void {
  const { initialSpfDelayMs, shortSpfDelayMs, longSpfDelayMs, timeToLearnMs, holddownMs } = delay;
  const all = { initialSpfDelayMs, shortSpfDelayMs, longSpfDelayMs, timeToLearnMs, holddownMs };
  for (const [name, value] of Object.entries(all)) {
    checkInteger(`spfDelay.${name}`, value ?? Number.NaN, 0, 600_000);
  }
  if (holddownMs <= timeToLearnMs) {
    refuse('spfDelay.holddownMs', holddownMs, `more than timeToLearnMs, ${timeToLearnMs}`);
  }
}

function checkSpread(spread: ServiceSpreadConfig): void {
  const { policy, placement, refillErrorRatio, boundedLoadEpsilon } = spread;
  if (typeof policy !== 'function') checkName('spread.policy', policy, POLICIES);
  checkName('spread.placement', placement, PLACEMENTS);
  checkNumber('spread.refillErrorRatio', refillErrorRatio, 0, 1);
  checkNumber('spread.boundedLoadEpsilon', boundedLoadEpsilon, 0.01, 10);
  // Each service gets a table of its own, made when the service is first heard of.
  new ServiceSpread(spread);
}
