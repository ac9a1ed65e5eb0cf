/**
 * A server that advertises its service's anycast address by Neighbor Discovery: unsolicited
 * Neighbor Advertisements in its turns, answers to solicitations, standby and return, silence in
 * the tick in which the service ends. Sans-IO; the transitions are `advertiser-table.ts`, the order
 * of turns is `turn-ring.ts`, the pace within one `advertising-pace.ts`. Rules 1, 2, 4, 6..9, 16, 19 and 21 of `docs/method.md`.
 * @module
 */
import type { Prng } from '../prng.ts';
import { type Address, isMulticast, sameAddress, UNSPECIFIED } from '../wire/address.ts';
import { Admission } from './admission.ts';
import {
  type AdvertiserIdentity,
  type AdvertiserOptions,
  advertiserOptions,
  checkIdentity,
} from './advertiser-config.ts';
import type { AdvertiserEvent, AdvertiserInput, AdvertiserOutput } from './advertiser-io.ts';
import {
  ADVERTISER_TABLE,
  type AdvertiserAction,
  type AdvertiserGuard,
  type AdvertiserState,
  type AdvertiserTrigger,
} from './advertiser-table.ts';
import { AdvertisingPace } from './advertising-pace.ts';
import { AnswerQueue } from './answer-queue.ts';
import { answerDelayMs, receiverOf, type Solicitation } from './answer-timing.ts';
import { decodeMessage, isNeighborDiscovery, type NeighborAdvertisement } from './message.ts';
import { Outbox } from './outbox.ts';
import { type OwnTurn, OwnVoice } from './own-voice.ts';
import { peerWordOf } from './peer-word.ts';
import { type Peer, TurnRing } from './turn-ring.ts';

/** Announced silences of a holder in a row after which the next server takes over. */
const SILENT_REFRESHES = 2;
/** Transitions one moment may take; more would mean a table that never comes to rest. */
const MAX_STEPS = 64;

/**
 * @example
 * const advertiser = new NeighborAdvertiser(identity, { activate: 'immediate' }, new Prng(1));
 * advertiser.handle({ kind: 'load', nowMs, weight: 2 });
 * advertiser.handle({ kind: 'service', nowMs, serving: true });
 * for (let output = advertiser.poll(); output; output = advertiser.poll()) perform(output);
 */
export class NeighborAdvertiser {
  readonly identity: AdvertiserIdentity;
  readonly #options: AdvertiserOptions;
  readonly #prng: Prng;
  readonly #ring: TurnRing;
  readonly #answers: AnswerQueue;
  readonly #voice: OwnVoice;
  readonly #admission: Admission;
  readonly #pace: AdvertisingPace;
  readonly #outbox = new Outbox<AdvertiserOutput>();
  #state: AdvertiserState = 'Stopped';
  #nowMs = 0;
  #serving = false;
  #linkUp = true;
  /** What the service's control wishes, as the trigger that brings it about. */
  #wish: 'resume' | 'drain' | 'idle' = 'resume';
  #joinAtMs = 0;
  #queriedAtMs = 0;
  #solicitation: Solicitation | undefined;

  /** @throws {RangeError} when the identity or an option is out of range. */
  constructor(identity: AdvertiserIdentity, options: Partial<AdvertiserOptions>, prng: Prng) {
    checkIdentity(identity);
    this.identity = identity;
    this.#options = advertiserOptions(options);
    this.#prng = prng;
    this.#ring = new TurnRing(identity.source, {
      ...this.#options,
      silentRefreshes: SILENT_REFRESHES,
    });
    this.#answers = new AnswerQueue(this.#options.answersPerSecond);
    this.#admission = new Admission(this.#options);
    this.#pace = new AdvertisingPace(this.#options);
    this.#voice = new OwnVoice(identity, this.#ring, this.#outbox);
  }

  get state(): AdvertiserState {
    return this.#state;
  }

  /** Datagrams that were refused and answers that were not given, by reason. */
  get drops(): ReadonlyMap<string, number> {
    return this.#outbox.drops;
  }

  /** Events that meant nothing in the state they came in, by state and event. */
  get ignored(): ReadonlyMap<string, number> {
    return this.#outbox.ignored;
  }

  /** The other servers that take turns. */
  peers(): readonly Peer[] {
    return this.#ring.peers();
  }

  /** Who has the turn, as far as we know. */
  get holder(): Address | undefined {
    return this.#ring.holder;
  }

  handle(input: AdvertiserInput): void {
    this.#nowMs = Math.max(this.#nowMs, input.nowMs);
    if (input.kind !== 'deadline') this.#advance(); // what was due before this has happened
    switch (input.kind) {
      case 'service':
        this.#serving = input.serving;
        this.#ready();
        break;
      case 'interface':
        this.#linkUp = input.up;
        this.#ready();
        break;
      case 'stop':
        this.#serving = false;
        this.#ready();
        break;
      case 'load':
        this.#loadChanged(input);
        break;
      case 'queries':
        if (input.count > 0) this.#queriedAtMs = this.#nowMs;
        break;
      case 'datagram':
        this.#datagram(input);
        break;
      case 'deadline':
        break;
    }
    this.#advance();
  }

  poll(): AdvertiserOutput | undefined {
    return this.#outbox.poll();
  }

  deadlineMs(): number {
    return Math.min(this.#answers.nextMs(), this.#transitionAtMs());
  }

  /** When the present state moves on by itself. */
  #transitionAtMs(): number {
    const idleAtMs = this.#queriedAtMs + this.#options.idleMs;
    if (this.#state === 'Yielding') {
      return Math.min(idleAtMs, this.#ownTurnAtMs());
    }
    if (this.#state !== 'Holding') return Number.POSITIVE_INFINITY;
    return Math.min(idleAtMs, this.#ring.turnEndsAtMs, this.#pace.nextMs);
  }

  #ownTurnAtMs(): number {
    const turnAtMs = this.#ring.ownTurnAtMs() ?? this.#joinAtMs;
    return Math.max(this.#joinAtMs, turnAtMs, this.#pace.soonestMs);
  }

  /** Lets everything happen that is due. */
  #advance(): void {
    for (const { destination, solicited } of this.#answers.take(this.#nowMs)) {
      const turn = this.#state === 'Holding' ? this.#ownTurn() : undefined;
      this.#voice.answer(destination, solicited, turn);
    }
    for (let step = 0; step < MAX_STEPS && this.#transitionAtMs() <= this.#nowMs; step++) {
      if (this.#nowMs >= this.#queriedAtMs + this.#options.idleMs) this.#fire('idle');
      else if (this.#state === 'Yielding') this.#fire('turnDue');
      else if (this.#nowMs >= this.#ring.turnEndsAtMs) this.#fire('turnOver');
      else if (this.#nowMs >= this.#pace.burstAtMs) this.#burst();
      else this.#fire('refreshDue');
    }
  }

  #fire(on: AdvertiserTrigger): void {
    const row = ADVERTISER_TABLE.find(
      (candidate) =>
        candidate.on === on &&
        candidate.from.includes(this.#state) &&
        (candidate.when === undefined || this.#guard(candidate.when)),
    );
    if (!row) {
      this.#outbox.ignore(this.#state, on);
      return;
    }
    const from = this.#state;
    this.#state = row.to;
    if (from !== row.to) this.#event({ name: 'advertiserState', from, to: row.to, on });
    for (const action of row.act) this.#act(action, on);
  }

  #guard(guard: AdvertiserGuard): boolean {
    switch (guard) {
      case 'immediate':
      case 'solicited':
        return this.#options.activate === guard;
      case 'unicast':
        return this.#solicitation?.multicast === false;
      case 'lastResort':
        return this.#ring.alone;
    }
  }

  #act(action: AdvertiserAction, on: AdvertiserTrigger): void {
    switch (action) {
      case 'join':
        this.#joinAtMs = this.#nowMs + this.#prng.between(0, this.#options.jitterMs);
        this.#queriedAtMs = this.#nowMs;
        this.#voice.notice('joining');
        break;
      case 'takeTurn':
        for (const peer of this.#ring.claimOwn(this.#nowMs)) this.#gone(peer, 'silent');
        this.#event({ name: 'turn', holder: this.identity.source });
        this.#pace.startBurst();
        this.#burst();
        break;
      case 'repeat':
        this.#advertise();
        break;
      case 'yield':
        this.#pace.stop();
        break;
      case 'answer':
        this.#answer();
        break;
      case 'withdraw':
        this.#withdraw(on);
        break;
    }
  }

  #ready(): void {
    if (this.#serving && this.#linkUp) {
      this.#fire('ready');
      if (this.#wish !== 'resume') this.#fire(this.#wish);
    } else {
      this.#fire('unready');
      this.#answers.clear();
    }
  }

  #loadChanged(load: Extract<AdvertiserInput, { kind: 'load' }>): void {
    const { weight } = load;
    if (!(weight >= 1 && weight <= 255)) throw new RangeError(`weight cannot be ${weight}`);
    this.#voice.setLoad(load);
    this.#ring.weight = Math.round(weight);
    const wishes = {
      draining: 'drain',
      standby: 'idle',
      up: 'resume',
      congested: 'resume',
    } as const;
    const wish = wishes[load.state ?? 'up'];
    if (wish === this.#wish) return;
    this.#wish = wish;
    this.#fire(wish);
  }

  #datagram(datagram: Extract<AdvertiserInput, { kind: 'datagram' }>): void {
    if (!isNeighborDiscovery(datagram.octets)) return;
    if (sameAddress(datagram.source, this.identity.source)) return; // our own, looped back
    const message = decodeMessage(datagram);
    if (typeof message === 'string') {
      this.#outbox.drop(message);
      return;
    }
    if (!sameAddress(message.target, this.identity.target)) return;
    if (message.kind === 'NeighborAdvertisement') {
      this.#peerAdvertised(message, datagram.source);
      return;
    }
    const unspecified = sameAddress(datagram.source, UNSPECIFIED);
    if (unspecified && !this.#options.answerDuplicateAddressDetection) {
      this.#outbox.drop('duplicateAddressDetection');
      return;
    }
    this.#solicitation = {
      source: datagram.source,
      multicast: isMulticast(datagram.destination),
    };
    this.#fire('solicitation');
    this.#solicitation = undefined;
  }

  /** Rule 6: other servers' advertisements are watched in every state. */
  #peerAdvertised(message: NeighborAdvertisement, source: Address): void {
    const word = peerWordOf(message, this.identity.linkLayerAddress.length);
    if (!word) return;
    const { says, linkLayerAddress, weight, turnMs, refreshMs } = word;
    const refused = this.#admission.judge(source, linkLayerAddress, this.#nowMs);
    if (refused) {
      this.#outbox.drop(refused);
      return;
    }
    if (says === 'leaving' || says === 'standby' || says === 'draining') {
      if (this.#ring.leave(source, this.#nowMs)) {
        this.#event({ name: 'peer', change: says, source });
        this.#ring.resizeOwn(this.#nowMs);
        this.#rearm();
      }
      return;
    }
    const joined = this.#ring.admit({ source, linkLayerAddress, weight, heardAtMs: this.#nowMs });
    if (joined) {
      this.#event({ name: 'peer', change: 'joined', source });
      this.#ring.resizeOwn(this.#nowMs);
    }
    if (says === 'joining') {
      // Tells the newcomer when our turn ends.
      if (joined && this.#state === 'Holding') this.#advertise();
      return;
    }
    if (this.#state === 'Holding' && this.#ring.contested(source, this.#nowMs)) {
      this.#fire('contested');
      return;
    }
    const changed = !this.#ring.holder || !sameAddress(this.#ring.holder, source);
    const lastsMs = turnMs ?? this.#ring.turnMs(weight);
    for (const peer of this.#ring.claim(source, this.#nowMs, lastsMs, refreshMs)) {
      this.#gone(peer, 'silent');
    }
    if (changed) this.#event({ name: 'turn', holder: source });
    this.#fire('peerTurn');
  }

  #answer(): void {
    const solicitation = this.#solicitation;
    if (!solicitation) return;
    const holding = this.#state === 'Holding';
    const delayMs = answerDelayMs(solicitation, holding, this.#options, this.#prng);
    const answer = { ...receiverOf(solicitation), dueMs: this.#nowMs + delayMs };
    const dropped = this.#answers.add(answer, this.#nowMs);
    if (dropped) this.#outbox.drop(dropped);
  }

  #burst(): void {
    this.#advertise();
    this.#pace.tookBurst(this.#ring.turnEndsAtMs, this.#nowMs);
  }

  #advertise(): void {
    if (this.#nowMs < this.#pace.soonestMs) {
      this.#pace.putOff();
      return;
    }
    this.#voice.advertise(this.#options.unsolicitedOverride === 'set', this.#ownTurn());
    this.#pace.advertised(this.#nowMs);
    this.#rearm();
  }

  #ownTurn(): OwnTurn {
    return { nowMs: this.#nowMs, refreshMs: this.#options.refreshMs };
  }

  #rearm(): void {
    if (this.#state !== 'Holding') return;
    this.#pace.planRefresh(this.#ring.alone, this.#ring.turnEndsAtMs);
  }

  #withdraw(on: AdvertiserTrigger): void {
    this.#voice.notice(on === 'idle' ? 'standby' : on === 'drain' ? 'draining' : 'leaving');
    this.#ring.endOwn(this.#nowMs);
    this.#pace.stop();
    this.#answers.clear();
  }

  #gone(peer: Peer, change: 'silent'): void {
    this.#event({ name: 'peer', change, source: peer.source });
  }

  #event(event: AdvertiserEvent): void {
    this.#outbox.put({ kind: 'event', event });
  }
}
