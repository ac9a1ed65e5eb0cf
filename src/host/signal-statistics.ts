/**
 * A service's own statistics as load: queries and errors per second, queries in flight, and what
 * else it counts. Costs a command or a request per look. It lies when the service resets its
 * counters itself (the look after a reset tells nothing) and when one name server serves several
 * services at once.
 * @module
 */
import { CounterRate, type LoadReading, type LoadSignal, reading } from './load-signal.ts';
import { runCommand } from './signal-command.ts';
import { fetchText, shownUrl } from './signal-tcp.ts';
import { KINDS, type Statistics, type StatisticsKind, type StatisticsRoles } from './statistics.ts';

export interface StatisticsSource {
  readonly kind: StatisticsKind;
  /** Instead of the kind's own command. */
  readonly command?: readonly string[] | undefined;
  /** Instead of a command. */
  readonly url?: string | undefined;
  /** Instead of the kind's own meanings. */
  readonly roles?: Partial<StatisticsRoles> | undefined;
  /** CPUs over which CPU seconds are counted. */
  readonly cpus: number;
  readonly timeoutMs: number;
}

export class StatisticsSignal implements LoadSignal {
  readonly name: string;
  readonly #source: StatisticsSource;
  readonly #roles: StatisticsRoles;
  readonly #queries = new CounterRate();
  readonly #errors = new CounterRate();
  readonly #cpu = new CounterRate();

  constructor(source: StatisticsSource) {
    this.#source = source;
    this.#roles = { ...KINDS[source.kind].roles, ...source.roles };
    this.name = `statistics of ${source.kind}${source.url ? ` at ${shownUrl(source.url)}` : ''}`;
  }

  async look(nowMs: number): Promise<LoadReading> {
    const statistics = KINDS[this.#source.kind].parse(await this.#text());
    const { queries, errors, inFlight, utilization, cpuSeconds, latencySeconds } = this.#roles;
    const asked = sum(statistics, queries);
    if (asked === undefined && queries.length > 0) {
      throw new Error(`none of ${queries.join(', ')} among ${statistics.size} statistics`);
    }
    const rate = (of: CounterRate, count: number | undefined): number | undefined =>
      count === undefined ? undefined : of.add(nowMs, count);
    const busy = rate(this.#cpu, sum(statistics, cpuSeconds));
    const latency = sum(statistics, latencySeconds);
    const came = rate(this.#queries, asked);
    const failed = rate(this.#errors, sum(statistics, errors));
    return reading({
      queriesPerSecond: came === undefined ? undefined : Math.max(0, came - (failed ?? 0)),
      errorsPerSecond: failed,
      inFlight: sum(statistics, inFlight),
      utilizationRatio:
        sum(statistics, utilization) ?? (busy === undefined ? undefined : busy / this.#source.cpus),
      latencyMs: latency === undefined ? undefined : 1000 * latency,
    });
  }

  async #text(): Promise<string> {
    const { kind, command, url, timeoutMs } = this.#source;
    const from = url ?? (command ? undefined : KINDS[kind].url);
    if (from !== undefined) {
      const { status, body } = await fetchText(from, timeoutMs);
      if (status !== 200) throw new Error(`status ${status} from ${shownUrl(from)}`);
      return body;
    }
    const program = command ?? KINDS[kind].command;
    if (program === undefined) throw new Error('neither a command nor a URL');
    const { status, output, message } = await runCommand({ command: program, timeoutMs });
    if (status !== 0) throw new Error(`${program[0]}: ${message}`);
    return output;
  }
}

/** The sum of those that are there; undefined when none is. */
function sum(statistics: Statistics, names: readonly string[] = []): number | undefined {
  const values = names.flatMap((name) => statistics.get(name) ?? []);
  return values.length > 0 ? values.reduce((all, value) => all + value, 0) : undefined;
}
