/**
 * The BFD session state machine as a table (RFC 5880 6.2, 6.8.6). Events are the state that the
 * other side says it is in, and its silence.
 * @module
 */
import type { BfdState } from './bfd-packet.ts';
import type { Row } from './transition-table.ts';

const BFD_EVENTS = [
  'ReceivedAdminDown',
  'ReceivedDown',
  'ReceivedInit',
  'ReceivedUp',
  'DetectionTimeExpired',
] as const;
export type BfdEvent = (typeof BFD_EVENTS)[number];

export type BfdAction =
  /** Says that the other side said so. */
  | 'diagnoseNeighborDown'
  /** Says that nothing was heard for the Detection Time. */
  | 'diagnoseSilence'
  /** Tells the other side of our timers by a Poll Sequence (6.5). */
  | 'startPoll';

type BfdRow = Row<BfdState, BfdEvent, never, BfdAction>;

export const BFD_TABLE: readonly BfdRow[] = [
  { from: ['AdminDown'], on: BFD_EVENTS, to: 'same', act: [] },

  { from: ['Down'], on: ['ReceivedAdminDown'], to: 'same', act: [] },
  {
    from: ['Init', 'Up'],
    on: ['ReceivedAdminDown'],
    to: 'Down',
    act: ['diagnoseNeighborDown'],
  },

  { from: ['Down'], on: ['ReceivedDown'], to: 'Init', act: [] },
  { from: ['Down'], on: ['ReceivedInit'], to: 'Up', act: ['startPoll'] },
  { from: ['Down'], on: ['ReceivedUp'], to: 'same', act: [] },

  { from: ['Init'], on: ['ReceivedDown'], to: 'same', act: [] },
  { from: ['Init'], on: ['ReceivedInit', 'ReceivedUp'], to: 'Up', act: ['startPoll'] },

  { from: ['Up'], on: ['ReceivedDown'], to: 'Down', act: ['diagnoseNeighborDown'] },
  { from: ['Up'], on: ['ReceivedInit', 'ReceivedUp'], to: 'same', act: [] },

  { from: ['Down'], on: ['DetectionTimeExpired'], to: 'same', act: [] },
  { from: ['Init', 'Up'], on: ['DetectionTimeExpired'], to: 'Down', act: ['diagnoseSilence'] },
];
