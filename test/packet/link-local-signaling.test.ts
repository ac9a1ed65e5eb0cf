import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Option } from '../../src/lsa/options.ts';
import { encodePacket } from '../../src/packet/encode.ts';
import {
  decodeLinkLocalSignaling,
  encodeLinkLocalSignaling,
  hasOption,
  linkLocalSignalingChecksumValid,
  linkLocalSignalingOctets,
} from '../../src/packet/link-local-signaling.ts';
import type { Packet } from '../../src/packet/packet.ts';
import { ALL_SPF_ROUTERS, parseAddress } from '../../src/wire/address.ts';
import { anyTlv } from '../lsa/arbitrary.ts';

const SOURCE = parseAddress('fe80::1');
const header = { routerId: 1, areaId: 0, instanceId: 0 };
const descriptionOf = (options: number): Packet => ({
  kind: 'DatabaseDescription',
  ...header,
  options,
  interfaceMtu: 1500,
  flags: 7,
  ddSequenceNumber: 1,
  lsaHeaders: [],
});
const withBlock = (packet: Packet, block: readonly number[]): Uint8Array =>
  Uint8Array.from([...encodePacket(packet, SOURCE, ALL_SPF_ROUTERS), ...block]);

/** A block of holo's: Extended Options and Flags with the LR-bit. */
const BLOCK = [0xff, 0xf6, 0, 3, 0, 1, 0, 4, 0, 0, 0, 1];

describe('The link-local signalling block (RFC 5613)', () => {
  test('stands behind the packet when the L-bit is set', () => {
    const block = linkLocalSignalingOctets(withBlock(descriptionOf(Option.L), BLOCK))!;
    expect([...block]).toEqual(BLOCK);
    expect(linkLocalSignalingChecksumValid(block)).toBe(true);
    expect(decodeLinkLocalSignaling(block)).toEqual({
      checksum: 0xfff6,
      tlvs: [{ type: 1, value: Uint8Array.of(0, 0, 0, 1) }],
    });
  });

  test('is not looked for when the L-bit is clear, nor behind packets without options', () => {
    expect(linkLocalSignalingOctets(withBlock(descriptionOf(0), BLOCK))).toBeUndefined();
    const request: Packet = { kind: 'LinkStateRequest', ...header, requests: [] };
    expect(linkLocalSignalingOctets(withBlock(request, BLOCK))).toBeUndefined();
    expect(hasOption(withBlock(request, BLOCK), 0xffffff)).toBe(false);
  });

  test('has its length in words of four octets, so that what follows is found', () => {
    const datagram = withBlock(descriptionOf(Option.L), [...BLOCK, 0xaa, 0xbb]);
    expect(linkLocalSignalingOctets(datagram)).toHaveLength(12);
  });

  test.each([
    ['nothing', [], 'Short'],
    ['half a head', [0xff, 0xf6, 0], 'Short'],
    ['a length of zero', [0xff, 0xf6, 0, 0, ...BLOCK.slice(4)], 'Length'],
    ['a length past the end', [0xff, 0xf6, 0, 4, ...BLOCK.slice(4)], 'Length'],
  ])('that is %s is refused', (_, block, code) => {
    const datagram = withBlock(descriptionOf(Option.L), block);
    expect(() => linkLocalSignalingOctets(datagram)).toThrow(expect.objectContaining({ code }));
  });

  test('survives the wire with any TLVs', () => {
    fc.assert(
      fc.property(fc.array(anyTlv, { maxLength: 5 }), (tlvs) => {
        const block = encodeLinkLocalSignaling(tlvs);
        expect(linkLocalSignalingChecksumValid(block)).toBe(true);
        expect(decodeLinkLocalSignaling(block).tlvs).toEqual(tlvs);
        const datagram = withBlock(descriptionOf(Option.L), [...block]);
        expect(linkLocalSignalingOctets(datagram)).toEqual(block);
      }),
    );
  });

  test('has no checksum of its own under an authentication trailer (RFC 7166 4.2)', () => {
    const block = encodeLinkLocalSignaling([], true);
    expect([...block]).toEqual([0, 0, 0, 1]);
  });
});
