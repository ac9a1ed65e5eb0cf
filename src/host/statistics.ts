/**
 * The counters of name servers and of anything that speaks Prometheus, each read into a flat
 * mapping from name to number, and which of them mean what.
 * @module
 */

export type Statistics = ReadonlyMap<string, number>;

/** Which counters and gauges mean what; several of a kind add up. */
export interface StatisticsRoles {
  /** Counters of queries. */
  readonly queries: readonly string[];
  /** Counters of those queries that were dropped or ended in an error of the server. */
  readonly errors?: readonly string[] | undefined;
  /** Gauges of queries in the service. */
  readonly inFlight?: readonly string[] | undefined;
  /** A gauge of utilization, 0..1. */
  readonly utilization?: readonly string[] | undefined;
  /** A counter of CPU seconds. */
  readonly cpuSeconds?: readonly string[] | undefined;
  /** A gauge of seconds that an answer takes. */
  readonly latencySeconds?: readonly string[] | undefined;
}

/** Lines such as `num.queries=12` (NSD, Unbound) or `server.zone-count = 1` (Knot). */
export function parseAssignments(text: string): Statistics {
  const statistics = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^\s*(\S+?)\s*=\s*(-?[\d.]+(?:e[-+]?\d+)?)\s*$/i.exec(line);
    if (match) statistics.set(match[1]!, Number(match[2]));
  }
  return statistics;
}

/** JSON, as BIND's statistics channel gives it: names of nested keys joined by dots. */
export function parseJson(text: string): Statistics {
  const statistics = new Map<string, number>();
  const walk = (value: unknown, name: string): void => {
    if (typeof value === 'number') statistics.set(name, value);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) walk(inner, name ? `${name}.${key}` : key);
  };
  walk(JSON.parse(text), '');
  return statistics;
}

/**
 * The Prometheus text format: by `name` the sum of all its series, and by `name{label="value",…}`,
 * labels in the order written, each series alone.
 */
export function parsePrometheus(text: string): Statistics {
  const statistics = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*)(\{.*\})?\s+(\S+)(\s+-?\d+)?\s*$/.exec(line);
    if (match === null) continue;
    const [, name = '', labels = '', written = ''] = match;
    const value = Number(written);
    if (!Number.isFinite(value)) continue;
    if (labels) statistics.set(`${name}${labels}`, value);
    statistics.set(name, (statistics.get(name) ?? 0) + value);
  }
  return statistics;
}

export const STATISTICS_KINDS = ['nsd', 'unbound', 'knot', 'bind', 'prometheus'] as const;
export type StatisticsKind = (typeof STATISTICS_KINDS)[number];

/** How to read each kind, and what its counters mean. */
export const KINDS: Readonly<
  Record<
    StatisticsKind,
    {
      readonly parse: (text: string) => Statistics;
      /** Prints them, when they are not read from a URL. */
      readonly command?: readonly string[];
      readonly url?: string;
      readonly roles: StatisticsRoles;
    }
  >
> = {
  nsd: {
    parse: parseAssignments,
    command: ['nsd-control', 'stats_noreset'],
    roles: {
      queries: ['num.queries'],
      errors: ['num.rcode.SERVFAIL', 'num.dropped'],
    },
  },
  unbound: {
    parse: parseAssignments,
    command: ['unbound-control', 'stats_noreset'],
    roles: {
      queries: ['total.num.queries'],
      errors: ['num.answer.rcode.SERVFAIL', 'total.requestlist.exceeded'],
      inFlight: ['total.requestlist.current.all'],
      latencySeconds: ['total.recursion.time.median'],
    },
  },
  knot: {
    parse: parseAssignments,
    command: ['knotc', 'stats'],
    roles: {
      queries: ['mod-stats.server-operation[query]'],
      errors: ['mod-stats.response-code[SERVFAIL]'],
    },
  },
  bind: {
    parse: parseJson,
    url: 'http://127.0.0.1:8053/json/v1/server',
    roles: {
      queries: ['opcodes.QUERY'],
      errors: ['rcodes.SERVFAIL', 'nsstats.QryDropped', 'nsstats.RecLimitDropped'],
    },
  },
  prometheus: { parse: parsePrometheus, roles: { queries: [] } },
};
