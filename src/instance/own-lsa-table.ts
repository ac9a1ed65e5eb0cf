/**
 * The life of an LSA of our own as a table (RFC 2328 12.4, 13.4, 14.1): wanted or not, in the
 * database or not, and waiting for its turn in between.
 * @module
 */
import type { Row } from '../neighbor/transition-table.ts';

const OWN_LSA_STATES = [
  /** Neither wanted nor in the database. */
  'Absent',
  /** Wanted and not in the database yet. */
  'Waiting',
  /** The database holds what is wanted. */
  'Advertised',
  /** The database holds an older value than the one wanted. */
  'Changing',
  /** In the database, no longer wanted; the flush waits for its turn. */
  'Leaving',
  /** Flooded with MaxAge, until every neighbor has acknowledged it. */
  'Flushing',
  /** As Flushing, because the sequence numbers are used up; wanted again afterwards (12.1.6). */
  'Wrapping',
] as const;
export type OwnLsaState = (typeof OWN_LSA_STATES)[number];

const OWN_LSA_EVENTS = [
  /** A body to advertise, the same or another. */
  'Originate',
  /** Not to be advertised any longer. */
  'Withdraw',
  /** The time that pacing demanded is over. */
  'TurnCame',
  /** The age comes to LSRefreshTime. */
  'RefreshDue',
  /** A neighbor sent an instance that is newer than ours (13.4). */
  'NewerReceived',
  /** The MaxAge instance has left the database. */
  'Gone',
] as const;
export type OwnLsaEvent = (typeof OWN_LSA_EVENTS)[number];

export type OwnLsaQuestion =
  /** The database holds exactly the body wanted, below MaxAge. */
  | 'upToDate'
  /** The database still holds an instance, which is being flushed. */
  | 'held'
  /** The last sequence number was MaxSequenceNumber. */
  | 'sequenceUsedUp';

export type OwnLsaAction =
  /** Lets a new instance go as soon as MinLSInterval allows. */
  | 'awaitTurn'
  /** Lets the flush go as soon as a second has passed since the last instance. */
  | 'awaitFlush'
  /** As `awaitFlush`, but leaves time to want it again after a restart. */
  | 'awaitClaim'
  | 'stopWaiting'
  /** Installs and floods the body wanted under the next sequence number. */
  | 'advertise'
  /** Ages prematurely: installs and floods the instance held with MaxAge (14.1). */
  | 'flush'
  /** Goes on behind the sequence number received (13.4). */
  | 'fightBack'
  /** Starts the sequence numbers over. */
  | 'restartSequence';

type OwnLsaRow = Row<OwnLsaState, OwnLsaEvent, OwnLsaQuestion, OwnLsaAction>;

export const OWN_LSA_TABLE: readonly OwnLsaRow[] = [
  { from: ['Absent', 'Flushing'], on: ['Originate'], to: 'Waiting', act: ['awaitTurn'] },
  { from: ['Waiting', 'Wrapping'], on: ['Originate'], to: 'same', act: [] },
  { from: ['Advertised'], on: ['Originate'], when: { upToDate: true }, to: 'same', act: [] },
  {
    from: ['Changing', 'Leaving'],
    on: ['Originate'],
    when: { upToDate: true },
    to: 'Advertised',
    act: ['stopWaiting'],
  },
  {
    from: ['Advertised', 'Changing', 'Leaving'],
    on: ['Originate'],
    when: { upToDate: false },
    to: 'Changing',
    act: ['awaitTurn'],
  },

  {
    from: ['Waiting'],
    on: ['Withdraw'],
    when: { held: false },
    to: 'Absent',
    act: ['stopWaiting'],
  },
  {
    from: ['Waiting'],
    on: ['Withdraw'],
    when: { held: true },
    to: 'Flushing',
    act: ['stopWaiting'],
  },
  { from: ['Advertised', 'Changing'], on: ['Withdraw'], to: 'Leaving', act: ['awaitFlush'] },
  { from: ['Wrapping'], on: ['Withdraw'], to: 'Flushing', act: [] },
  { from: ['Absent', 'Leaving', 'Flushing'], on: ['Withdraw'], to: 'same', act: [] },

  {
    from: ['Waiting', 'Changing'],
    on: ['TurnCame'],
    when: { sequenceUsedUp: false },
    to: 'Advertised',
    act: ['advertise'],
  },
  {
    from: ['Waiting', 'Changing'],
    on: ['TurnCame'],
    when: { sequenceUsedUp: true },
    to: 'Wrapping',
    act: ['flush'],
  },
  { from: ['Leaving'], on: ['TurnCame'], to: 'Flushing', act: ['flush'] },

  {
    from: ['Advertised'],
    on: ['RefreshDue'],
    when: { sequenceUsedUp: false },
    to: 'same',
    act: ['advertise'],
  },
  {
    from: ['Advertised'],
    on: ['RefreshDue'],
    when: { sequenceUsedUp: true },
    to: 'Wrapping',
    act: ['flush'],
  },

  {
    from: ['Advertised', 'Changing', 'Waiting', 'Wrapping'],
    on: ['NewerReceived'],
    to: 'Changing',
    act: ['fightBack', 'awaitTurn'],
  },
  {
    from: ['Absent'],
    on: ['NewerReceived'],
    to: 'Leaving',
    act: ['fightBack', 'awaitClaim'],
  },
  {
    from: ['Leaving', 'Flushing'],
    on: ['NewerReceived'],
    to: 'Leaving',
    act: ['fightBack', 'awaitFlush'],
  },

  { from: ['Flushing'], on: ['Gone'], to: 'Absent', act: ['stopWaiting'] },
  { from: ['Wrapping'], on: ['Gone'], to: 'Waiting', act: ['restartSequence', 'awaitTurn'] },
  { from: ['Waiting'], on: ['Gone'], to: 'same', act: [] },
  // An instance of another life, received with MaxAge and gone before we had our turn.
  { from: ['Leaving'], on: ['Gone'], to: 'Absent', act: ['stopWaiting'] },
  { from: ['Changing'], on: ['Gone'], to: 'Waiting', act: [] },
];
