/**
 * Everything an instance can be told, each with the time at which it happened.
 * @module
 */
import type { LsaBody } from '../lsa/body.ts';
import type { LsdbScope } from '../lsdb/lsdb.ts';
import type { Address } from '../wire/address.ts';
import type { AddressPrefix } from '../wire/prefix.ts';

interface At {
  /** Milliseconds; never less than in the input before. */
  readonly nowMs: number;
}

/** A datagram came in. The octets are finished with before `handle` returns. */
export interface DatagramInput extends At {
  readonly kind: 'datagram';
  readonly interfaceId: number;
  readonly source: Address;
  readonly destination: Address;
  readonly octets: Uint8Array;
}

/** A BFD control packet came in, at UDP port 3784 (RFC 5881 4). */
export interface BfdDatagramInput extends At {
  readonly kind: 'bfdDatagram';
  readonly interfaceId: number;
  readonly source: Address;
  /** As received; anything but 255 is refused (RFC 5881 5). */
  readonly hopLimit: number;
  /** The UDP payload. */
  readonly octets: Uint8Array;
}

/** The time that `deadlineMs` named has come. Early, late or needless ones do no harm. */
interface DeadlineInput extends At {
  readonly kind: 'deadline';
}

/** The link came up, went down, or has other addresses. What is left out stays as it was. */
export interface InterfaceInput extends At {
  readonly kind: 'interface';
  readonly interfaceId: number;
  readonly up: boolean;
  readonly linkLocalAddress?: Address;
  /** Octets of the largest IPv6 packet. */
  readonly mtu?: number;
  /** Prefixes of the link, without link-local ones; of a loopback, its /128s. */
  readonly prefixes?: readonly AddressPrefix[];
  /** Our own global addresses on the link, to which others may be told to forward. */
  readonly addresses?: readonly Address[];
  /** Interface output cost, 1..65535. */
  readonly cost?: number;
}

/** An LSA that may change together with others. */
interface InCompany {
  /** Whether another one follows at once: they leave in one packet when the last is handed over. */
  readonly more?: boolean;
}

/**
 * Originate an LSA, now or as soon as pacing allows. The same body again does nothing; another
 * body replaces one that still waits. Advertising Router is ours.
 */
export interface OriginateInput extends At, InCompany {
  readonly kind: 'originate';
  readonly scope: LsdbScope;
  readonly lsType: number;
  readonly linkStateId: number;
  readonly body: LsaBody;
}

/** Withdraw an LSA of our own (premature aging, RFC 2328 14.1). */
export interface FlushInput extends At, InCompany {
  readonly kind: 'flush';
  readonly scope: LsdbScope;
  readonly lsType: number;
  readonly linkStateId: number;
}

/**
 * Become a stub router, or one like the others again (RFC 6987), by the method configured.
 */
interface StubRouterInput extends At {
  readonly kind: 'stubRouter';
  readonly on: boolean;
}

/**
 * Let every router of our areas run SPF: the metric of our links changes by one, and back the next
 * time. Only on a host, through which no path leads, so that none changes.
 */
interface PromptSpfInput extends At {
  readonly kind: 'promptSpf';
}

/**
 * Leave: flush what we originated, then say so in Hellos without neighbors. What is to be originated
 * from then on is not.
 */
interface StopInput extends At {
  readonly kind: 'stop';
}

export type InstanceInput =
  | DatagramInput
  | BfdDatagramInput
  | DeadlineInput
  | InterfaceInput
  | OriginateInput
  | FlushInput
  | StubRouterInput
  | PromptSpfInput
  | StopInput;
