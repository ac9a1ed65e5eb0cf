/**
 * The SPF back-off state machine as a table (RFC 8405 5): quick when little happens, patient while
 * much does, the same in every router, so that their runs fall together and few loops form.
 * @module
 */

export const SPF_DELAY_STATES = ['QUIET', 'SHORT_WAIT', 'LONG_WAIT'] as const;
export type SpfDelayState = (typeof SPF_DELAY_STATES)[number];

export const SPF_DELAY_EVENTS = [
  /** Something happened that needs a run. */
  'IgpEvent',
  'SpfTimer',
  'LearnTimer',
  'HolddownTimer',
] as const;
export type SpfDelayEvent = (typeof SPF_DELAY_EVENTS)[number];

export type SpfDelayQuestion = /** The SPF timer runs. */ 'spfTimerRunning';

export type SpfDelayAction =
  | 'startInitialSpfDelay'
  | 'startShortSpfDelay'
  | 'startLongSpfDelay'
  /** Waits HOLDDOWN_INTERVAL from now on, whatever was waited before. */
  | 'startHolddownTimer'
  /** Waits TIME_TO_LEARN_INTERVAL. */
  | 'startLearnTimer'
  | 'stopLearnTimer'
  | 'runSpf';

/** One row; see the transitions 1 to 9 of RFC 8405 5.3. */
export interface SpfDelayRow {
  readonly from: readonly SpfDelayState[];
  readonly on: readonly SpfDelayEvent[];
  readonly when?: Readonly<Partial<Record<SpfDelayQuestion, boolean>>>;
  readonly to: SpfDelayState | 'same';
  readonly act: readonly SpfDelayAction[];
}

export const SPF_DELAY_TABLE: readonly SpfDelayRow[] = [
  // Transition 1
  {
    from: ['QUIET'],
    on: ['IgpEvent'],
    when: { spfTimerRunning: false },
    to: 'SHORT_WAIT',
    act: ['startInitialSpfDelay', 'startLearnTimer', 'startHolddownTimer'],
  },
  // Also transition 1: a run is due already.
  {
    from: ['QUIET'],
    on: ['IgpEvent'],
    when: { spfTimerRunning: true },
    to: 'SHORT_WAIT',
    act: ['startLearnTimer', 'startHolddownTimer'],
  },
  // Transition 2
  {
    from: ['SHORT_WAIT'],
    on: ['IgpEvent'],
    when: { spfTimerRunning: false },
    to: 'same',
    act: ['startHolddownTimer', 'startShortSpfDelay'],
  },
  {
    from: ['SHORT_WAIT'],
    on: ['IgpEvent'],
    when: { spfTimerRunning: true },
    to: 'same',
    act: ['startHolddownTimer'],
  },
  // Transition 3
  { from: ['SHORT_WAIT'], on: ['LearnTimer'], to: 'LONG_WAIT', act: [] },
  // Transition 4
  {
    from: ['LONG_WAIT'],
    on: ['IgpEvent'],
    when: { spfTimerRunning: false },
    to: 'same',
    act: ['startHolddownTimer', 'startLongSpfDelay'],
  },
  {
    from: ['LONG_WAIT'],
    on: ['IgpEvent'],
    when: { spfTimerRunning: true },
    to: 'same',
    act: ['startHolddownTimer'],
  },
  // Transition 5
  { from: ['SHORT_WAIT'], on: ['HolddownTimer'], to: 'QUIET', act: ['stopLearnTimer'] },
  // Transition 6
  { from: ['LONG_WAIT'], on: ['HolddownTimer'], to: 'QUIET', act: [] },
  // Transitions 7, 8 and 9
  { from: SPF_DELAY_STATES, on: ['SpfTimer'], to: 'same', act: ['runSpf'] },
];
