/**
 * What servers say of anycast services, kept by service: from the Router Information LSAs that come
 * and go, and from reports that servers were asked for, which go before LSAs.
 * @module
 */
import { MAX_AGE_S } from '../lsa/constants.ts';
import { identityKey } from '../lsa/header.ts';
import { functionCodeOf, LsType } from '../lsa/ls-type.ts';
import type { Lsa } from '../lsa/lsa.ts';
import { type ServiceLoad, serviceLoadsOf } from '../lsa/service-load.ts';
import { formatPrefix } from '../wire/prefix.ts';

const NONE: ReadonlyMap<number, ServiceLoad> = new Map();

/** The key of a service: its /128 as routes have it. */
export const serviceKeyOf = ({ address }: Pick<ServiceLoad, 'address'>): string =>
  formatPrefix({ address, prefixLength: 128 });

export class ServiceLoads {
  /** The services that each LSA tells of, by the LSA's identity. */
  readonly #told = new Map<string, readonly string[]>();
  readonly #loads = new Map<string, Map<number, ServiceLoad>>();

  /** What servers answered when asked, by service and Router ID. */
  readonly #reported = new Map<string, Map<number, ServiceLoad>>();

  /** What is said of a service, by Router ID. */
  of(serviceKey: string): ReadonlyMap<number, ServiceLoad> {
    const told = this.#loads.get(serviceKey) ?? NONE;
    const reported = this.#reported.get(serviceKey);
    return reported === undefined ? told : new Map([...told, ...reported]);
  }

  /** Takes in what a server answered; undefined when nothing is known of it any more. */
  report(serviceKey: string, routerId: number, load: ServiceLoad | undefined): void {
    const held = this.#reported.get(serviceKey) ?? new Map<number, ServiceLoad>();
    if (load === undefined) held.delete(routerId);
    else held.set(routerId, load);
    if (held.size > 0) this.#reported.set(serviceKey, held);
    else this.#reported.delete(serviceKey);
  }

  /**
   * Takes in an LSA that was installed or removed.
   * @returns the services of which something else is said now.
   */
  learn(lsa: Lsa, present: boolean): readonly string[] {
    const { lsType, advertisingRouter, ageS } = lsa.header;
    if (functionCodeOf(lsType) !== functionCodeOf(LsType.RouterInformation)) return [];
    const identity = identityKey(lsa.header);
    const before = this.#told.get(identity) ?? [];
    for (const key of before) this.#forget(key, advertisingRouter);
    const loads = present && ageS < MAX_AGE_S ? serviceLoadsOf(lsa) : [];
    const now = loads.map((load) => {
      const key = serviceKeyOf(load);
      const held = this.#loads.get(key) ?? new Map<number, ServiceLoad>();
      held.set(advertisingRouter, load);
      this.#loads.set(key, held);
      return key;
    });
    if (now.length > 0) this.#told.set(identity, now);
    else this.#told.delete(identity);
    return [...new Set([...before, ...now])];
  }

  #forget(serviceKey: string, routerId: number): void {
    const held = this.#loads.get(serviceKey);
    held?.delete(routerId);
    if (held?.size === 0) this.#loads.delete(serviceKey);
  }
}
