/**
 * One area: its database, its interfaces, and whether what we say about it is out of date.
 * @module
 */
import type { Interface } from '../interface/interface.ts';
import { Option } from '../lsa/options.ts';
import { Lsdb } from '../lsdb/lsdb.ts';
import type { AreaConfig } from './config.ts';

export class Area {
  readonly config: AreaConfig;
  readonly lsdb: Lsdb;
  readonly interfaces: Interface[] = [];
  /** Since when our own LSAs may be out of date, or `undefined` when they are not. */
  changedSinceMs: number | undefined;
  /** Whether nothing was said about the area yet, because no neighbor could have heard it. */
  silent = true;
  /** When we speak even without any link to describe; `Infinity` before an interface is up. */
  silentUntilMs = Number.POSITIVE_INFINITY;

  /** Since when there has been a link to describe, or `undefined` while there is none. */
  #linkedSinceMs: number | undefined;

  constructor(config: AreaConfig) {
    this.config = config;
    this.lsdb = new Lsdb({ kind: 'area', areaId: config.areaId });
  }

  get areaId(): number {
    return this.config.areaId;
  }

  /** The bits of Options that say what the area takes (RFC 5340 A.2). */
  get options(): number {
    if (this.config.type === 'normal') return Option.E;
    return this.config.type === 'nssa' ? Option.N : 0;
  }

  /** Actively attached: any interface is up (RFC 3509 2). */
  get active(): boolean {
    return this.interfaces.some((on) => on.state !== 'Down');
  }

  /** Lets the area be described from now on. */
  speak(nowMs: number): void {
    this.silentUntilMs = Number.POSITIVE_INFINITY;
    if (!this.silent) return;
    this.silent = false;
    this.change(nowMs);
  }

  /** Notes whether we have any link to describe, of which we then speak. */
  linked(has: boolean, nowMs: number): void {
    if (!has) {
      this.#linkedSinceMs = undefined;
      return;
    }
    this.#linkedSinceMs ??= nowMs;
    this.speak(nowMs);
  }

  /**
   * Whether our first link has come up within the last MinLSInterval. Neighbors that were there
   * before us are met one after the other in that time, and each would else wait up to 5 s to be
   * described. RFC 2328 12.4 knows no such exception.
   */
  isComingUp(nowMs: number, minLsIntervalMs: number): boolean {
    return this.#linkedSinceMs !== undefined && nowMs < this.#linkedSinceMs + minLsIntervalMs;
  }

  /** Notes that an interface came up, on which neighbors may be met within RouterDeadInterval. */
  interfaceUp(on: Interface, nowMs: number): void {
    if (!this.silent) return;
    const heardByMs = nowMs + (on.speaks ? on.routerDeadIntervalMs : 0);
    this.silentUntilMs = Math.min(this.silentUntilMs, heardByMs);
  }

  /** Notes that a link, an adjacency, a cost or a prefix has changed. */
  change(nowMs: number): void {
    this.changedSinceMs ??= nowMs;
  }
}
