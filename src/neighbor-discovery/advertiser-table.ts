/**
 * The states of an advertising server and every way between them, as a table. Anything that is not
 * in it changes nothing. The names of the rows' guards and actions are methods' of the advertiser.
 * @module
 */

export type AdvertiserState =
  | 'Stopped' // the service cannot be provided: nothing is advertised, nothing answered
  | 'Waiting' // it can, but a solicitation has to come first
  | 'Yielding' // taking part; another server has the turn
  | 'Holding' // ours is the address that routers hold
  | 'Standby' // nobody asked for long; a solicitation brings us back
  | 'Draining'; // told to let go: no turns, but routers that hold us, or find nobody else, are answered

export type AdvertiserTrigger =
  | 'ready' // service and link are both there
  | 'unready' // one of them is not: the service ended, the link went, or we are told to stop
  | 'solicitation'
  | 'turnDue'
  | 'turnOver'
  | 'refreshDue'
  | 'peerTurn' // another server advertised
  | 'contested' // another server advertised in the moment in which we did, and ours stands
  | 'idle' // no query came for long, or the service's control needs us no more
  | 'drain'
  | 'resume'; // neither drained nor stood by any more

export type AdvertiserGuard = 'immediate' | 'solicited' | 'unicast' | 'lastResort';

export type AdvertiserAction =
  | 'join' // say that we take part, and take the turn when it is due
  | 'takeTurn' // advertise with Override set, several times against loss
  | 'repeat' // advertise again within the turn
  | 'yield' // stop repeating: another's turn has come
  | 'answer' // to whom solicited
  | 'withdraw'; // tell the peers that no turn of ours comes

export interface AdvertiserRow {
  readonly from: readonly AdvertiserState[];
  readonly on: AdvertiserTrigger;
  readonly when?: AdvertiserGuard;
  readonly to: AdvertiserState;
  readonly act: readonly AdvertiserAction[];
}

export const ADVERTISER_TABLE: readonly AdvertiserRow[] = [
  { from: ['Stopped'], on: 'ready', when: 'immediate', to: 'Yielding', act: ['join'] },
  { from: ['Stopped'], on: 'ready', when: 'solicited', to: 'Waiting', act: [] },
  { from: ['Waiting'], on: 'solicitation', to: 'Yielding', act: ['answer', 'join'] },
  { from: ['Waiting'], on: 'drain', to: 'Draining', act: [] },
  { from: ['Waiting'], on: 'unready', to: 'Stopped', act: [] },

  { from: ['Yielding'], on: 'turnDue', to: 'Holding', act: ['takeTurn'] },
  { from: ['Yielding'], on: 'peerTurn', to: 'Yielding', act: [] },
  { from: ['Yielding'], on: 'solicitation', to: 'Yielding', act: ['answer'] },
  { from: ['Yielding'], on: 'idle', to: 'Standby', act: ['withdraw'] },
  { from: ['Yielding'], on: 'drain', to: 'Draining', act: ['withdraw'] },
  { from: ['Yielding'], on: 'unready', to: 'Stopped', act: ['withdraw'] },

  { from: ['Holding'], on: 'refreshDue', to: 'Holding', act: ['repeat'] },
  { from: ['Holding'], on: 'turnOver', to: 'Yielding', act: ['yield'] },
  { from: ['Holding'], on: 'contested', to: 'Holding', act: ['repeat'] },
  { from: ['Holding'], on: 'peerTurn', to: 'Yielding', act: ['yield'] },
  { from: ['Holding'], on: 'solicitation', to: 'Holding', act: ['answer'] },
  { from: ['Holding'], on: 'idle', to: 'Standby', act: ['withdraw'] },
  { from: ['Holding'], on: 'drain', to: 'Draining', act: ['withdraw'] },
  { from: ['Holding'], on: 'unready', to: 'Stopped', act: ['withdraw'] },

  { from: ['Standby'], on: 'solicitation', to: 'Yielding', act: ['answer', 'join'] },
  { from: ['Standby'], on: 'resume', to: 'Yielding', act: ['join'] },
  { from: ['Standby'], on: 'drain', to: 'Draining', act: [] },
  { from: ['Standby'], on: 'unready', to: 'Stopped', act: [] },

  { from: ['Draining'], on: 'solicitation', when: 'unicast', to: 'Draining', act: ['answer'] },
  { from: ['Draining'], on: 'solicitation', when: 'lastResort', to: 'Draining', act: ['answer'] },
  { from: ['Draining'], on: 'resume', to: 'Yielding', act: ['join'] },
  { from: ['Draining'], on: 'idle', to: 'Standby', act: [] },
  { from: ['Draining'], on: 'unready', to: 'Stopped', act: [] },
];
