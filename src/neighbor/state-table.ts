/**
 * The neighbor state machine as a table (RFC 2328 10.1 to 10.3), row by row as the RFC has it.
 * Attempt and Start belong to non-broadcast links, which are not supported, and are left out.
 * @module
 */
import type { Row } from './transition-table.ts';

export const NEIGHBOR_STATES = [
  'Down',
  'Init',
  'TwoWay',
  'ExStart',
  'Exchange',
  'Loading',
  'Full',
] as const;
/** In the order of RFC 2328 10.1, so that "state X or greater" is a comparison of ranks. */
export type NeighborState = (typeof NEIGHBOR_STATES)[number];

const NEIGHBOR_EVENTS = [
  'HelloReceived',
  'TwoWayReceived',
  'NegotiationDone',
  'ExchangeDone',
  'BadLSReq',
  'LoadingDone',
  'AdjOK',
  'SeqNumberMismatch',
  'OneWayReceived',
  'KillNbr',
  'InactivityTimer',
  'LLDown',
] as const;
export type NeighborEvent = (typeof NEIGHBOR_EVENTS)[number];

/** What a row may depend on. */
export type NeighborQuestion =
  /** Whether an adjacency should be formed with this neighbor (10.4). */
  | 'adjacencyWanted'
  /** Whether something is left on the Link state request list. */
  | 'requestsPending';

/** What a transition does, beside the change of state. */
export type NeighborAction =
  | 'startInactivityTimer'
  | 'stopInactivityTimer'
  /** Increments the DD sequence number, declares itself master and starts sending DDs. */
  | 'startExchange'
  /** Lists the contents of the databases in the Database summary list. */
  | 'summarizeDatabases'
  /** Starts, or goes on, sending Link State Requests. */
  | 'requestLsas'
  | 'clearLists';

type NeighborRow = Row<NeighborState, NeighborEvent, NeighborQuestion, NeighborAction>;

const INIT_OR_GREATER = NEIGHBOR_STATES.slice(1);
const TWO_WAY_OR_GREATER = NEIGHBOR_STATES.slice(2);
const EX_START_OR_GREATER = NEIGHBOR_STATES.slice(3);
const EXCHANGE_OR_GREATER = NEIGHBOR_STATES.slice(4);

export const NEIGHBOR_TABLE: readonly NeighborRow[] = [
  { from: ['Down'], on: ['HelloReceived'], to: 'Init', act: ['startInactivityTimer'] },
  { from: INIT_OR_GREATER, on: ['HelloReceived'], to: 'same', act: ['startInactivityTimer'] },

  {
    from: ['Init'],
    on: ['TwoWayReceived'],
    when: { adjacencyWanted: true },
    to: 'ExStart',
    act: ['startExchange'],
  },
  {
    from: ['Init'],
    on: ['TwoWayReceived'],
    when: { adjacencyWanted: false },
    to: 'TwoWay',
    act: [],
  },
  { from: TWO_WAY_OR_GREATER, on: ['TwoWayReceived'], to: 'same', act: [] },

  { from: ['ExStart'], on: ['NegotiationDone'], to: 'Exchange', act: ['summarizeDatabases'] },

  {
    from: ['Exchange'],
    on: ['ExchangeDone'],
    when: { requestsPending: true },
    to: 'Loading',
    act: ['requestLsas'],
  },
  {
    from: ['Exchange'],
    on: ['ExchangeDone'],
    when: { requestsPending: false },
    to: 'Full',
    act: [],
  },
  { from: ['Loading'], on: ['LoadingDone'], to: 'Full', act: [] },

  {
    from: ['TwoWay'],
    on: ['AdjOK'],
    when: { adjacencyWanted: true },
    to: 'ExStart',
    act: ['startExchange'],
  },
  { from: ['TwoWay'], on: ['AdjOK'], when: { adjacencyWanted: false }, to: 'same', act: [] },
  {
    from: EX_START_OR_GREATER,
    on: ['AdjOK'],
    when: { adjacencyWanted: true },
    to: 'same',
    act: [],
  },
  {
    from: EX_START_OR_GREATER,
    on: ['AdjOK'],
    when: { adjacencyWanted: false },
    to: 'TwoWay',
    act: ['clearLists'],
  },
  { from: ['Down', 'Init'], on: ['AdjOK'], to: 'same', act: [] },

  {
    from: EXCHANGE_OR_GREATER,
    on: ['SeqNumberMismatch', 'BadLSReq'],
    to: 'ExStart',
    act: ['clearLists', 'startExchange'],
  },

  {
    from: NEIGHBOR_STATES,
    on: ['KillNbr', 'LLDown', 'InactivityTimer'],
    to: 'Down',
    act: ['clearLists', 'stopInactivityTimer'],
  },

  { from: TWO_WAY_OR_GREATER, on: ['OneWayReceived'], to: 'Init', act: ['clearLists'] },
  { from: ['Init'], on: ['OneWayReceived'], to: 'same', act: [] },
];

const RANK = new Map(NEIGHBOR_STATES.map((state, rank) => [state, rank]));

/** Whether `state` is `least` or greater (RFC 2328 10.1). */
export const atLeast = (state: NeighborState, least: NeighborState): boolean =>
  RANK.get(state)! >= RANK.get(least)!;
