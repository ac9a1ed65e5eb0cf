/**
 * The life of a service as a table. Routers hear of it in the states of {@link ADVERTISED_STATES}
 * only; in STANDBY others are told that it can come back. An event that no row lists for a state changes nothing.
 * @module
 */

export const SERVICE_STATES = [
  /** Nothing is known yet. */
  'INIT',
  /** Alive, but not often enough in a row. */
  'RISING',
  'UP',
  /** Alive, and close to its capacity. */
  'CONGESTED',
  /** Alive and not needed: silent, ready to come back. */
  'STANDBY',
  /** Told to leave: at the greatest cost until its own queries have ended. */
  'DRAINING',
  /** Not alive, but not often enough in a row. */
  'FALLING',
  'DOWN',
  /** Has left as it was told to; silent whatever its health. */
  'DRAINED',
  /** Told to be silent whatever its health, and to stay so until it is told otherwise. */
  'DISABLED',
] as const;
export type ServiceState = (typeof SERVICE_STATES)[number];

export const SERVICE_EVENTS = [
  'Alive',
  'Dead',
  'Congested',
  'Relieved',
  'Idle',
  'Wake',
  'Drain',
  'Drained',
  'Undrain',
  'Disable',
  'Enable',
] as const;
export type ServiceEvent = (typeof SERVICE_EVENTS)[number];

export type ServiceQuestion =
  /** Alive as often in a row as asked for. */
  | 'risen'
  /** Dead as often in a row as asked for. */
  | 'fallen';

export type ServiceAction =
  /** Starts to advertise, as a newcomer. */
  | 'announce'
  | 'withdraw'
  /** Withdraws, but goes on telling the others that it can come back. */
  | 'standBy'
  /** Raises the cost and waits for the service's own queries to end. */
  | 'startDrain'
  | 'stopDrain'
  /** Looks again at the last liveness that was told. */
  | 'recheckLiveness';

export interface ServiceRow {
  readonly from: readonly ServiceState[];
  readonly on: readonly ServiceEvent[];
  /** Every question named must have the answer given. */
  readonly when?: Readonly<Partial<Record<ServiceQuestion, boolean>>>;
  readonly to: ServiceState | 'same';
  /** In the order in which they are carried out, after the state has changed. */
  readonly act: readonly ServiceAction[];
}

export const ADVERTISED_STATES: readonly ServiceState[] = [
  'UP',
  'CONGESTED',
  'DRAINING',
  'FALLING',
];
const WAITING_STATES = ['INIT', 'RISING', 'DOWN'] as const;
const SERVING_STATES = ['UP', 'CONGESTED', 'FALLING'] as const;

export const SERVICE_TABLE: readonly ServiceRow[] = [
  { from: WAITING_STATES, on: ['Alive'], when: { risen: true }, to: 'UP', act: ['announce'] },
  { from: WAITING_STATES, on: ['Alive'], when: { risen: false }, to: 'RISING', act: [] },
  { from: WAITING_STATES, on: ['Dead'], to: 'DOWN', act: [] },

  { from: ['FALLING'], on: ['Alive'], to: 'UP', act: [] },
  {
    from: ['UP', 'CONGESTED', 'STANDBY', 'DRAINING', 'DRAINED', 'DISABLED'],
    on: ['Alive'],
    to: 'same',
    act: [],
  },
  { from: SERVING_STATES, on: ['Dead'], when: { fallen: true }, to: 'DOWN', act: ['withdraw'] },
  { from: SERVING_STATES, on: ['Dead'], when: { fallen: false }, to: 'FALLING', act: [] },
  { from: ['STANDBY'], on: ['Dead'], when: { fallen: true }, to: 'DOWN', act: ['withdraw'] },
  { from: ['STANDBY', 'DRAINING'], on: ['Dead'], when: { fallen: false }, to: 'same', act: [] },
  // Whoever dies while it drains has been told to leave, and does not come back by itself.
  {
    from: ['DRAINING'],
    on: ['Dead'],
    when: { fallen: true },
    to: 'DRAINED',
    act: ['stopDrain', 'withdraw'],
  },
  { from: ['DRAINED', 'DISABLED'], on: ['Dead'], to: 'same', act: [] },

  { from: ['UP'], on: ['Congested'], to: 'CONGESTED', act: [] },
  { from: ['CONGESTED'], on: ['Relieved'], to: 'UP', act: [] },
  { from: ['UP'], on: ['Idle'], to: 'STANDBY', act: ['standBy'] },
  { from: ['STANDBY'], on: ['Wake'], to: 'UP', act: ['announce'] },

  { from: SERVING_STATES, on: ['Drain'], to: 'DRAINING', act: ['startDrain'] },
  { from: WAITING_STATES, on: ['Drain'], to: 'DRAINED', act: [] },
  { from: ['STANDBY'], on: ['Drain'], to: 'DRAINED', act: ['withdraw'] },
  { from: ['DRAINING'], on: ['Drained'], to: 'DRAINED', act: ['stopDrain', 'withdraw'] },
  { from: ['DRAINING'], on: ['Undrain', 'Enable'], to: 'UP', act: ['stopDrain'] },
  { from: ['DRAINED'], on: ['Undrain', 'Enable'], to: 'INIT', act: ['recheckLiveness'] },

  { from: WAITING_STATES, on: ['Disable'], to: 'DISABLED', act: [] },
  { from: ['STANDBY'], on: ['Disable'], to: 'DISABLED', act: ['withdraw'] },
  { from: SERVING_STATES, on: ['Disable'], to: 'DISABLED', act: ['withdraw'] },
  { from: ['DRAINING'], on: ['Disable'], to: 'DISABLED', act: ['stopDrain', 'withdraw'] },
  { from: ['DRAINED'], on: ['Disable'], to: 'DISABLED', act: [] },
  // What was disabled was not drained, and is not undrained.
  { from: ['DISABLED'], on: ['Enable'], to: 'INIT', act: ['recheckLiveness'] },
];

/** The row for an event in a state; undefined when the state does not know the event. */
export function serviceRowFor(
  state: ServiceState,
  event: ServiceEvent,
  ask: (question: ServiceQuestion) => boolean,
): ServiceRow | undefined {
  return SERVICE_TABLE.find(
    ({ from, on, when }) =>
      from.includes(state) &&
      on.includes(event) &&
      (when?.risen === undefined || when.risen === ask('risen')) &&
      (when?.fallen === undefined || when.fallen === ask('fallen')),
  );
}
