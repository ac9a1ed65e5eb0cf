/**
 * The BFD control packet without authentication (RFC 5880 4.1). It travels in UDP to port 3784
 * with hop limit 255 (RFC 5881 4, 5), which the host sees to.
 * @module
 */
import { DecodeError } from '../errors.ts';
import { record, u8, u32 } from '../wire/record.ts';

/** Session states in the order of their numbers on the wire. */
export const BFD_STATES = ['AdminDown', 'Down', 'Init', 'Up'] as const;
export type BfdState = (typeof BFD_STATES)[number];

/** Why a session last left Up (RFC 5880 4.1). */
export const BfdDiagnostic = {
  None: 0,
  DetectionTimeExpired: 1,
  NeighborSignaledDown: 3,
  AdministrativelyDown: 7,
} as const;

/** Bits of the second octet, below the state. */
const Flag = { Poll: 0x20, Final: 0x10, Authentication: 0x04, Multipoint: 0x01 } as const;

const VERSION = 1;

const ControlPacket = record('BfdControlPacket', {
  versionAndDiagnostic: u8,
  stateAndFlags: u8,
  detectMultiplier: u8,
  length: u8,
  myDiscriminator: u32,
  yourDiscriminator: u32,
  desiredMinTxIntervalUs: u32,
  requiredMinRxIntervalUs: u32,
  requiredMinEchoRxIntervalUs: u32,
});

export interface BfdPacket {
  /** 0..31, see {@link BfdDiagnostic}. */
  readonly diagnostic: number;
  readonly state: BfdState;
  readonly poll: boolean;
  readonly final: boolean;
  /** 1..255. */
  readonly detectMultiplier: number;
  /** Never 0. */
  readonly myDiscriminator: number;
  /** 0 while it is not known. */
  readonly yourDiscriminator: number;
  /** Microseconds. */
  readonly desiredMinTxIntervalUs: number;
  /** Microseconds; 0 asks for no packets at all. */
  readonly requiredMinRxIntervalUs: number;
}

export function encodeBfdPacket(packet: BfdPacket): Uint8Array {
  const octets = new Uint8Array(ControlPacket.span);
  const flags = (packet.poll ? Flag.Poll : 0) | (packet.final ? Flag.Final : 0);
  ControlPacket.encode(
    {
      ...packet,
      versionAndDiagnostic: (VERSION << 5) | packet.diagnostic,
      stateAndFlags: (BFD_STATES.indexOf(packet.state) << 6) | flags,
      length: ControlPacket.span,
      // The Echo function is not supported (RFC 5880 6.8.1).
      requiredMinEchoRxIntervalUs: 0,
    },
    new DataView(octets.buffer),
    0,
  );
  return octets;
}

/**
 * Reads a control packet and holds it to RFC 5880 6.8.6, as far as that needs no session.
 * @throws {DecodeError} `Short`, `Version`, `Length`, or `Value` for a field that is forbidden.
 */
export function decodeBfdPacket(octets: Uint8Array): BfdPacket {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const head = ControlPacket.decode(view, 0);
  const version = head.versionAndDiagnostic >>> 5;
  if (version !== VERSION) throw new DecodeError('Version', 0, `BFD version ${version}`);
  if (head.length < ControlPacket.span || head.length > octets.length) {
    throw new DecodeError('Length', 3, `BFD length ${head.length}`);
  }
  if (head.detectMultiplier === 0) throw new DecodeError('Value', 2, 'Detect Mult 0');
  if (head.stateAndFlags & Flag.Multipoint) throw new DecodeError('Value', 1, 'Multipoint bit');
  if (head.stateAndFlags & Flag.Authentication) {
    throw new DecodeError('Value', 1, 'authentication, and none is in use');
  }
  if (head.myDiscriminator === 0) throw new DecodeError('Value', 4, 'My Discriminator 0');
  const state = BFD_STATES[head.stateAndFlags >>> 6]!;
  if (head.yourDiscriminator === 0 && state !== 'Down' && state !== 'AdminDown') {
    throw new DecodeError('Value', 8, `Your Discriminator 0 in state ${state}`);
  }
  return {
    diagnostic: head.versionAndDiagnostic & 0x1f,
    state,
    poll: (head.stateAndFlags & Flag.Poll) !== 0,
    final: (head.stateAndFlags & Flag.Final) !== 0,
    detectMultiplier: head.detectMultiplier,
    myDiscriminator: head.myDiscriminator,
    yourDiscriminator: head.yourDiscriminator,
    desiredMinTxIntervalUs: head.desiredMinTxIntervalUs,
    requiredMinRxIntervalUs: head.requiredMinRxIntervalUs,
  };
}
