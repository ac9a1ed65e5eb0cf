/**
 * One anycast service of a server: what its controller decided last, and the LSAs that say so.
 * @module
 */
import type { FlushInput, OriginateInput } from '../instance/input.ts';
import { LsType } from '../lsa/ls-type.ts';
import type { Lsa } from '../lsa/lsa.ts';
import { type ServiceLoad, serviceLoadsOf } from '../lsa/service-load.ts';
import {
  LOAD_INSTANCE,
  serviceLinkStateId,
  serviceLoadBody,
  servicePrefixBody,
} from '../lsa/service-origination.ts';
import type { Prng } from '../prng.ts';
import {
  type Advertisement,
  type ControllerOutput,
  type ControllerStatus,
  ServiceController,
} from '../server-cost/service-controller.ts';
import { type Address, sameAddress } from '../wire/address.ts';
import type { AdvertiseBy, ServiceConfig } from './config.ts';

/** What is shown of a service. */
export interface ServiceStatus {
  readonly name: string;
  readonly address: Address;
  readonly advertiseBy: AdvertiseBy;
  /** What is advertised now; undefined while nothing is. */
  readonly advertisement: Advertisement | undefined;
  /** Why it says what it says, or nothing. */
  readonly reason: string;
  readonly controller: ControllerStatus;
}

export class ServiceSpeaker {
  readonly config: ServiceConfig;
  readonly controller: ServiceController;
  readonly #index: number;
  readonly #routerId: number;
  #advertisement: Advertisement | undefined;
  /** What is told of the service: what is advertised, or that it stands by. */
  #told: Pick<Advertisement, 'weight' | 'load'> | undefined;
  /** Why that is told; undefined while nothing was. */
  #reason: string | undefined;
  /** Whether the prefix goes out in an LSA; may change while running. */
  advertiseBy: AdvertiseBy;

  constructor(config: ServiceConfig, index: number, routerId: number, prng: Prng) {
    this.config = config;
    this.#index = index;
    this.#routerId = routerId;
    this.advertiseBy = config.advertise ?? 'ospfv3';
    this.controller = new ServiceController(config.cost, { routerId }, prng);
  }

  /** The metric of the prefix; undefined while it is not announced. */
  get metric(): number | undefined {
    return this.advertiseBy === 'ospfv3' ? this.#advertisement?.metric : undefined;
  }

  /** Whether an LSA says something of this service. */
  isNamedBy(lsa: Lsa): boolean {
    const { address } = this.config;
    if (lsa.body.kind === 'IntraAreaPrefix') {
      return lsa.body.prefixes.some(
        (prefix) => prefix.prefixLength === 128 && sameAddress(prefix.address, address),
      );
    }
    return serviceLoadsOf(lsa).some((load) => sameAddress(load.address, address));
  }

  /** Takes a decision in. @returns whether what is to be said has changed. */
  take(output: ControllerOutput): boolean {
    if (output.kind === 'advertise') {
      this.#advertisement = output.advertisement;
      this.#told = output.advertisement;
      this.#reason = output.advertisement.reason;
      return true;
    }
    if (output.kind === 'withdraw' || output.kind === 'standBy') {
      this.#advertisement = undefined;
      this.#told = output.kind === 'standBy' ? output : undefined;
      this.#reason = output.reason;
      return true;
    }
    return false;
  }

  /** The prefix with its metric, or its withdrawal. */
  prefixInput(areaId: number, nowMs: number): OriginateInput | FlushInput {
    const at = {
      nowMs,
      scope: { kind: 'area', areaId } as const,
      lsType: LsType.IntraAreaPrefix,
      linkStateId: serviceLinkStateId(this.#index),
    };
    const { metric } = this;
    if (metric === undefined) return { kind: 'flush', ...at };
    const body = servicePrefixBody(this.#routerId, this.config.address, metric);
    return { kind: 'originate', ...at, body };
  }

  /** The load to tell of; undefined while nothing is told. */
  load(): ServiceLoad | undefined {
    if (this.#told === undefined) return undefined;
    const { load, weight } = this.#told;
    return { address: this.config.address, weight, ...load };
  }

  status(): ServiceStatus {
    const controller = this.controller.status();
    return {
      name: this.config.name,
      address: this.config.address,
      advertiseBy: this.advertiseBy,
      advertisement: this.#advertisement,
      reason: this.#reason ?? controller.stateReason,
      controller,
    };
  }
}

/** The Router Information LSA that tells of all services' load, or its withdrawal. */
export function loadInput(
  speakers: readonly ServiceSpeaker[],
  areaId: number,
  nowMs: number,
): OriginateInput | FlushInput {
  const loads = speakers.map((speaker) => speaker.load()).filter((load) => load !== undefined);
  const at = {
    nowMs,
    scope: { kind: 'area', areaId } as const,
    lsType: LsType.RouterInformation,
    linkStateId: LOAD_INSTANCE,
  };
  if (loads.length === 0) return { kind: 'flush', ...at };
  return { kind: 'originate', ...at, body: serviceLoadBody(loads) };
}
