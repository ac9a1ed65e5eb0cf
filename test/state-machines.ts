/** Renders the state tables of the sources for `docs/state-machines.md`. */
import { OWN_LSA_TABLE } from '../src/instance/own-lsa-table.ts';
import { INTERFACE_TABLE } from '../src/interface/state-table.ts';
import { BFD_TABLE } from '../src/neighbor/bfd-state-table.ts';
import { NEIGHBOR_TABLE } from '../src/neighbor/state-table.ts';
import { ADVERTISER_TABLE } from '../src/neighbor-discovery/advertiser-table.ts';
import { REACHABILITY_TABLE } from '../src/neighbor-discovery/reachability-table.ts';
import { SERVICE_TABLE } from '../src/server-cost/state-table.ts';
import { SPF_DELAY_TABLE } from '../src/spf/delay-table.ts';

/** What all tables have in common. */
export interface AnyRow {
  readonly from: readonly string[];
  readonly on: string | readonly string[];
  readonly when?: Readonly<Record<string, boolean>> | string;
  readonly to: string;
  readonly act: readonly string[] | string;
}

export interface Machine {
  readonly title: string;
  readonly source: string;
  readonly rfc: string;
  readonly table: readonly AnyRow[];
}

export const MACHINES: readonly Machine[] = [
  {
    title: 'Interface',
    source: 'src/interface/state-table.ts',
    rfc: 'RFC 2328 9.1 to 9.3',
    table: INTERFACE_TABLE,
  },
  {
    title: 'Neighbor',
    source: 'src/neighbor/state-table.ts',
    rfc: 'RFC 2328 10.1 to 10.3',
    table: NEIGHBOR_TABLE,
  },
  {
    title: 'An LSA of our own',
    source: 'src/instance/own-lsa-table.ts',
    rfc: 'RFC 2328 12.4, 13.4, 14.1',
    table: OWN_LSA_TABLE,
  },
  {
    title: 'BFD session',
    source: 'src/neighbor/bfd-state-table.ts',
    rfc: 'RFC 5880 6.2, 6.8.6',
    table: BFD_TABLE,
  },
  {
    title: 'SPF back-off',
    source: 'src/spf/delay-table.ts',
    rfc: 'RFC 8405 5',
    table: SPF_DELAY_TABLE,
  },
  {
    title: 'Service of a server',
    source: 'src/server-cost/state-table.ts',
    rfc: 'ours',
    table: SERVICE_TABLE,
  },
  {
    title: 'Neighbor Discovery: reachability of one link-layer address',
    source: 'src/neighbor-discovery/reachability-table.ts',
    rfc: 'RFC 4861 7.3.2',
    table: REACHABILITY_TABLE,
  },
  {
    title: 'Neighbor Discovery: advertising',
    source: 'src/neighbor-discovery/advertiser-table.ts',
    rfc: 'RFC 4861 7.2.4 to 7.2.6',
    table: ADVERTISER_TABLE,
  },
];

const list = (words: string | readonly string[]): string => [words].flat().join(', ');

function conditions(when: AnyRow['when']): string {
  if (when === undefined) return '';
  if (typeof when === 'string') return when;
  return Object.entries(when)
    .map(([question, answer]) => (answer ? question : `not ${question}`))
    .join(', ');
}

/** `docs/state-machines.md`, whole. */
export function render(machines: readonly Machine[]): string {
  const parts = machines.map(({ title, source, rfc, table }) => {
    const rows = table.map(({ from, on, when, to, act }) => {
      const target = to === 'same' ? '–' : to;
      return `| ${list(from)} | ${list(on)} | ${conditions(when)} | ${target} | ${list(act)} |`;
    });
    const edges = new Map<string, Set<string>>();
    for (const { from, on, to } of table) {
      for (const state of from) {
        if (to === 'same' || to === state) continue;
        const edge = `${state} --> ${to}`;
        const events = edges.get(edge) ?? new Set();
        for (const event of [on].flat()) events.add(event);
        edges.set(edge, events);
      }
    }
    const diagram = [...edges].map(([edge, events]) => `  ${edge}: ${[...events].join(', ')}`);
    return [
      `## ${title}`,
      '',
      `\`${source}\` (${rfc})`,
      '',
      '```mermaid',
      'stateDiagram-v2',
      ...diagram,
      '```',
      '',
      '| in | on | when | to | do |',
      '|---|---|---|---|---|',
      ...rows,
      '',
    ].join('\n');
  });
  return [
    '# State machines',
    '',
    'Rendered from the tables in the sources; a test fails when this page is stale',
    '(`UPDATE=1 npx jest test/state-machines` writes it anew). A pair of state and event that no row',
    'lists is an illegal transition: it changes nothing and is counted. “–” leaves the state as it is;',
    'of an interface the election then decides (RFC 2328 9.4).',
    '',
    ...parts,
  ].join('\n');
}
