/**
 * The interface state machine as a table (RFC 2328 9.1 to 9.3), row by row as the RFC has it.
 * `elected` stands for the state that the designated router election gives (9.4): DR, Backup or
 * DROther. LoopInd and UnloopInd, by which network management loops an interface back for tests, are
 * left out; a loopback is one from the start. A passive interface speaks to nobody and is never more than DROther.
 * @module
 */
import type { Row } from '../neighbor/transition-table.ts';

const INTERFACE_STATES = [
  'Down',
  'Loopback',
  'Waiting',
  'PointToPoint',
  'DROther',
  'Backup',
  'DR',
] as const;
export type InterfaceState = (typeof INTERFACE_STATES)[number];

const INTERFACE_EVENTS = [
  'InterfaceUp',
  'WaitTimer',
  'BackupSeen',
  'NeighborChange',
  'InterfaceDown',
] as const;
export type InterfaceEvent = (typeof INTERFACE_EVENTS)[number];

export type InterfaceQuestion =
  /** The link joins exactly two routers. */
  | 'pointToPoint'
  /** Router Priority is above 0, so that we may become designated router. */
  | 'eligible'
  | 'passive'
  /** The link is a loopback: up, but with nobody on it. */
  | 'loopback';

export type InterfaceAction =
  /** Sends a Hello now and one every HelloInterval. */
  | 'startHelloTimer'
  /** Waits RouterDeadInterval to learn who is designated router already. */
  | 'startWaitTimer'
  | 'stopWaitTimer'
  /** Elects designated router and backup; the state follows from the result (9.4). */
  | 'elect'
  /** Stops every timer and kills every neighbor. */
  | 'reset';

type InterfaceRow = Row<InterfaceState, InterfaceEvent, InterfaceQuestion, InterfaceAction>;

const ELECTED = ['DROther', 'Backup', 'DR'] as const;

export const INTERFACE_TABLE: readonly InterfaceRow[] = [
  { from: ['Down'], on: ['InterfaceUp'], when: { loopback: true }, to: 'Loopback', act: [] },
  {
    from: ['Down'],
    on: ['InterfaceUp'],
    when: { loopback: false, passive: true },
    to: 'DROther',
    act: [],
  },
  {
    from: ['Down'],
    on: ['InterfaceUp'],
    when: { loopback: false, passive: false, pointToPoint: true },
    to: 'PointToPoint',
    act: ['startHelloTimer'],
  },
  {
    from: ['Down'],
    on: ['InterfaceUp'],
    when: { loopback: false, passive: false, pointToPoint: false, eligible: false },
    to: 'DROther',
    act: ['startHelloTimer'],
  },
  {
    from: ['Down'],
    on: ['InterfaceUp'],
    when: { loopback: false, passive: false, pointToPoint: false, eligible: true },
    to: 'Waiting',
    act: ['startHelloTimer', 'startWaitTimer'],
  },

  // 9.3: the state is the election's result, so `same` until it is known.
  { from: ['Waiting'], on: ['BackupSeen'], to: 'same', act: ['stopWaitTimer', 'elect'] },
  { from: ['Waiting'], on: ['WaitTimer'], to: 'same', act: ['stopWaitTimer', 'elect'] },
  { from: ELECTED, on: ['NeighborChange'], to: 'same', act: ['elect'] },
  { from: ['Waiting', 'PointToPoint'], on: ['NeighborChange'], to: 'same', act: [] },

  { from: INTERFACE_STATES, on: ['InterfaceDown'], to: 'Down', act: ['reset'] },
];
