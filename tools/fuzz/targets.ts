/**
 * What the fuzzer feeds: the decoders and their printing, and a whole instance with its routes that
 * is adjacent to the sender.
 */

import { showDatagram } from '../../src/cli/packet-json.ts';
import { packetText } from '../../src/cli/packet-text.ts';
import { DecodeError } from '../../src/errors.ts';
import { hmacDigest } from '../../src/host/digest.ts';
import { readCapture } from '../../src/host/pcap.ts';
import { captureItems } from '../../src/host/pcap-datagrams.ts';
import { INTERFACE_DEFAULTS } from '../../src/instance/config.ts';
import { Instance } from '../../src/instance/instance.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { lsaFault } from '../../src/lsa/validate.ts';
import { Lsdb } from '../../src/lsdb/lsdb.ts';
import { Authentication } from '../../src/packet/authentication.ts';
import { decodePacket } from '../../src/packet/decode.ts';
import { Prng } from '../../src/prng.ts';
import { RouteTable } from '../../src/spf/route-table.ts';
import { type Address, isMulticast, parseAddress, sameAddress } from '../../src/wire/address.ts';
import { KEY } from './synthetic.ts';

/** The shortest packet with Options, so that it can be sealed. */
const SEALED_OCTETS_MIN = 28;

/** Counts what became of the inputs, by name. */
export type Count = (outcome: string) => void;

/** One LSDB, decoders, printing: nothing is remembered but what was installed. */
export class Decoders {
  #lsdb = new Lsdb({ kind: 'area', areaId: 0 });
  #inputs = 0;
  readonly #authentication = new Authentication({ keys: [KEY], digest: hmacDigest, bootCount: 1 });
  /** Of its own, so that its sequence numbers do not make replays of all the others. */
  readonly #sealing = new Authentication({ keys: [KEY], digest: hmacDigest, bootCount: 1 });

  feed(octets: Uint8Array, source: Address, destination: Address, nowMs: number, count: Count) {
    if (this.#lsdb.size > 5000) this.#lsdb = new Lsdb({ kind: 'area', areaId: 0 });
    this.#verify(octets, source, nowMs, count);
    // Printing takes most of the time; every fourth input is enough of it.
    if (this.#inputs++ % 4 === 0) {
      const { json, problems } = showDatagram(
        { octets, source, destination },
        { keys: [KEY], digest: hmacDigest },
      );
      JSON.stringify(json);
      packetText(json);
      count(problems.length === 0 ? 'shown' : 'shown with problems');
    }
    try {
      const packet = decodePacket(octets);
      count(packet.kind);
      for (const lsa of packet.kind === 'LinkStateUpdate' ? packet.lsas : []) {
        const fault = lsaFault(lsa);
        count(fault ?? `${lsa.body.kind}-LSA`);
        if (fault === undefined) this.#install(lsa, nowMs);
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      count(error.code);
    }
  }

  /** As it is, where the digest is nearly always wrong, and at times with a right one. */
  #verify(octets: Uint8Array, source: Address, nowMs: number, count: Count): void {
    const fault = this.#authentication.verify(octets, source, nowMs);
    count(`verified: ${fault ?? 'authentic'}`);
    if (this.#inputs % 4 !== 0 || octets.length < SEALED_OCTETS_MIN) return;
    const sealed = this.#sealing.seal(octets, source, nowMs)!;
    count(`sealed: ${this.#sealing.verify(sealed, source, nowMs) ?? 'authentic'}`);
  }

  /** Installs it, and holds to it that what was read can be written again. */
  #install(lsa: Lsa, nowMs: number): void {
    this.#lsdb.install(lsa, nowMs);
    const again = Lsa.originate(lsa.header, lsa.header.sequenceNumber, lsa.body);
    if (again.octets.length > lsa.octets.length + 3) throw new Error('longer when written again');
  }
}

/** Reads octets as a capture file. */
export function feedCapture(file: Uint8Array, count: Count): void {
  try {
    let items = 0;
    for (const _ of captureItems(readCapture(file))) items++;
    count(items > 0 ? 'capture' : 'capture without datagrams');
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    count(`capture ${error.code}`);
  }
}

const INTERFACE_ID = 1;
const MTU = 1500;

/** Two instances on a link in virtual time; once adjacent, the first is fed what the fuzzer makes. */
export class Adjacent {
  readonly instance: Instance;
  readonly #peer: Instance;
  readonly #routes = new RouteTable({ routerId: 1 });
  readonly address: Address = parseAddress('fe80::1');
  readonly peerAddress: Address = parseAddress('fe80::2');
  readonly peerRouterId = 2;
  nowMs = 0;

  constructor(seed: number) {
    this.instance = this.#instance(1, new Prng(seed));
    this.#peer = this.#instance(2, new Prng(seed + 1));
    for (const [instance, linkLocalAddress] of this.#both()) {
      const input = { kind: 'interface', interfaceId: INTERFACE_ID, up: true, mtu: MTU } as const;
      instance.handle({ ...input, nowMs: 0, linkLocalAddress });
    }
    this.#drain();
    while (!this.isFull && this.nowMs < 120_000) this.advance(1000);
    if (!this.isFull) throw new Error('no adjacency to fuzz');
  }

  get isFull(): boolean {
    return this.instance.neighbors().some(({ state }) => state === 'Full');
  }

  feed(octets: Uint8Array, destination: Address): void {
    const source = this.peerAddress;
    const { nowMs } = this;
    this.instance.handle({
      kind: 'datagram',
      nowMs,
      interfaceId: INTERFACE_ID,
      source,
      destination,
      octets,
    });
    this.#drain();
  }

  /** Lets time pass, everything on the way done when it is due. */
  advance(byMs: number): void {
    const until = this.nowMs + byMs;
    for (let turns = 0; ; turns++) {
      if (turns > 100_000) throw new Error('deadlines that never end');
      const due = Math.min(
        this.instance.deadlineMs(),
        this.#peer.deadlineMs(),
        this.#routes.deadlineMs(),
      );
      if (!(due <= until)) break;
      this.nowMs = Math.max(this.nowMs, due);
      const { nowMs } = this;
      for (const [instance] of this.#both()) instance.handle({ kind: 'deadline', nowMs });
      this.#routes.handle({ kind: 'deadline', nowMs });
      this.#drain();
    }
    this.nowMs = until;
  }

  #both(): [Instance, Address, Instance][] {
    return [
      [this.instance, this.address, this.#peer],
      [this.#peer, this.peerAddress, this.instance],
    ];
  }

  #instance(routerId: number, prng: Prng): Instance {
    return new Instance(
      {
        routerId,
        areas: [{ areaId: 0, type: 'normal' }],
        interfaces: [
          {
            ...INTERFACE_DEFAULTS,
            interfaceId: INTERFACE_ID,
            name: 'fuzz',
            areaId: 0,
            type: 'pointToPoint',
          },
        ],
        forwards: true,
      },
      prng,
    );
  }

  /** Carries what the two say to each other, and the LSAs of the first to its routes. */
  #drain(): void {
    const { nowMs } = this;
    for (let busy = true, turns = 0; busy; turns++) {
      if (turns > 10_000) throw new Error('two instances that never fall silent');
      busy = false;
      for (const [instance, source, other] of this.#both()) {
        for (let output = instance.poll(); output; output = instance.poll()) {
          busy = true;
          if (output.kind === 'lsa' && instance === this.instance) {
            this.#routes.handle({ ...output, nowMs });
          }
          if (output.kind !== 'transmit') continue;
          const { destination, octets } = output;
          const to = other === this.instance ? this.address : this.peerAddress;
          if (!isMulticast(destination) && !sameAddress(destination, to)) continue;
          const interfaceId = INTERFACE_ID;
          other.handle({ kind: 'datagram', nowMs, interfaceId, source, destination, octets });
        }
      }
      while (this.#routes.poll()) busy = true;
    }
  }
}
