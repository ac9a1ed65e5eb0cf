/**
 * The Link State Updates that `bench/codec.ts` reads, and their reading with every checksum, by us
 * and by others.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { readCapture } from '../src/host/pcap.ts';
import { capturedDatagrams } from '../src/host/pcap-datagrams.ts';
import { LsType } from '../src/lsa/ls-type.ts';
import { Lsa } from '../src/lsa/lsa.ts';
import { lsaFault } from '../src/lsa/validate.ts';
import { decodePacket, decodeVerifiedPacket } from '../src/packet/decode.ts';
import { encodePacket } from '../src/packet/encode.ts';
import type { LinkStateUpdate } from '../src/packet/packet.ts';
import type { Address } from '../src/wire/address.ts';
import { decodeUpdate, type ReadUpdate, updateChecksumsRight } from './parts-codec-layout.ts';

export interface Update {
  readonly octets: Uint8Array;
  readonly buffer: Buffer;
  readonly source: Address;
  readonly destination: Address;
  readonly packet: LinkStateUpdate;
}

export const FIXTURES = 'test/fixtures/frr-bird';

/** Every Link State Update of the captures without authentication. */
export function updates(): Update[] {
  const found: Update[] = [];
  for (const file of readdirSync(FIXTURES)) {
    if (!/\.pcap(ng)?$/.test(file) || file.includes('auth')) continue;
    const frames = readCapture(readFileSync(`${FIXTURES}/${file}`));
    for (const { octets, source, destination } of capturedDatagrams(frames)) {
      const packet = decodePacket(octets);
      if (packet.kind !== 'LinkStateUpdate') continue;
      const buffer = Buffer.from(octets);
      found.push({ octets: new Uint8Array(buffer), buffer, source, destination, packet });
    }
  }
  return found;
}

/** Updates of twenty LSAs each, every one with a prefix of its own. */
export function unheardUpdates(): Buffer[] {
  const zero = new Uint8Array(16);
  return Array.from({ length: 1000 }, (_, packet) => {
    const lsas = Array.from({ length: 20 }, (_, i) => {
      const id = 20 * packet + i;
      const address = new Uint8Array(16);
      new DataView(address.buffer).setUint32(0, 0x20010db8);
      new DataView(address.buffer).setUint32(12, id);
      const identity = {
        lsType: LsType.IntraAreaPrefix,
        linkStateId: id,
        advertisingRouter: 1,
      };
      const prefixes = [{ prefixLength: 128, prefixOptions: 0, address, metric: 10 }];
      return Lsa.originate(identity, 1, {
        kind: 'IntraAreaPrefix',
        referencedLsType: LsType.Router,
        referencedLinkStateId: 0,
        referencedAdvertisingRouter: 1,
        prefixes,
      });
    });
    const header = { kind: 'LinkStateUpdate', routerId: 1, areaId: 0, instanceId: 0 } as const;
    return Buffer.from(encodePacket({ ...header, lsas }, zero, zero));
  });
}

/** Reads an update with all its bodies; undefined when anything of it is wrong. */
export function verify({ octets, source, destination }: Update): LinkStateUpdate | undefined {
  const packet = decodeVerifiedPacket(octets, source, destination) as LinkStateUpdate | undefined;
  if (packet === undefined) return undefined;
  for (const lsa of packet.lsas) if (lsaFault(lsa) !== undefined) return undefined;
  return packet;
}

/** As {@link verify}, by buffer-layout and the definitions of the checksums. */
export function verifyTheirs(buffer: Buffer, source: Address, destination: Address): ReadUpdate {
  const update = decodeUpdate(buffer);
  if (!updateChecksumsRight(buffer, update, source, destination)) {
    throw new Error('an update of a capture is right');
  }
  return update;
}
