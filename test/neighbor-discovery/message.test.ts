import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  ALL_NODES,
  IP_PROTOCOL_ICMPV6,
  solicitedNodeAddress,
} from '../../src/neighbor-discovery/constants.ts';
import {
  type AdvertisedLoad,
  loadOf,
  loadOption,
} from '../../src/neighbor-discovery/load-option.ts';
import {
  decodeMessage,
  encodeMessage,
  isNeighborDiscovery,
  type NeighborDiscoveryMessage,
} from '../../src/neighbor-discovery/message.ts';
import { linkLayerAddressOf } from '../../src/neighbor-discovery/option.ts';
import { formatAddress, parseAddress, UNSPECIFIED } from '../../src/wire/address.ts';
import { internetChecksum } from '../../src/wire/checksum.ts';
import { viewOf } from '../../src/wire/view.ts';

const octetsOf = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'));

const TARGET = parseAddress('2001:db8:5::53');

const AT = {
  source: parseAddress('fe80::1'),
  destination: parseAddress('fe80::2'),
  hopLimit: 255,
};

/** Sets octets and makes the checksum right again. */
function patched(octets: Uint8Array, changes: Record<number, number>, at = AT): Uint8Array {
  const copy = octets.slice();
  for (const [index, octet] of Object.entries(changes)) copy[Number(index)] = octet;
  copy[2] = 0;
  copy[3] = 0;
  const checksum = internetChecksum(at.source, at.destination, viewOf(copy), IP_PROTOCOL_ICMPV6);
  copy[2] = checksum >>> 8;
  copy[3] = checksum & 255;
  return copy;
}

const SOLICITATION: NeighborDiscoveryMessage = {
  kind: 'NeighborSolicitation',
  target: TARGET,
  options: [{ type: 1, value: octetsOf('02000000 0001') }],
};
const ADVERTISEMENT: NeighborDiscoveryMessage = {
  kind: 'NeighborAdvertisement',
  router: true,
  solicited: true,
  override: false,
  target: TARGET,
  options: [{ type: 2, value: octetsOf('02000000 0001') }],
};

describe('RFC 4861 4.3, 4.4: message formats', () => {
  test('a solicitation is laid out as in 4.3', () => {
    const octets = encodeMessage(SOLICITATION, AT.source, AT.destination);
    expect(Buffer.from(patched(octets, { 2: 0, 3: 0 })).toString('hex')).toBe(
      Buffer.from(octets).toString('hex'),
    );
    octets.fill(0, 2, 4);
    expect(octets).toEqual(
      octetsOf('87 00 0000 00000000 20010db8000500000000000000000053 0101020000000001'),
    );
  });

  test('what Linux 6.18 sends (recorded by tcpdump) reads as meant and is written alike', () => {
    const router = parseAddress('fe80::d0:ccff:fe1e:a56d');
    const option = octetsOf('02d0cc1ea56d');
    const cases: [string, string, NeighborDiscoveryMessage][] = [
      [
        'ff02::1:ff00:53',
        '87006701 00000000 20010db8000500000000000000000053 0101 02d0cc1ea56d',
        { kind: 'NeighborSolicitation', target: TARGET, options: [{ type: 1, value: option }] },
      ],
      [
        'fe80::fcdc:44ff:fe1a:35ca',
        '8800cd49 e0000000 fe8000000000000000d0ccfffe1ea56d 0201 02d0cc1ea56d',
        {
          kind: 'NeighborAdvertisement',
          router: true,
          solicited: true,
          override: true,
          target: router,
          options: [{ type: 2, value: option }],
        },
      ],
    ];
    for (const [to, hex, message] of cases) {
      const at = { source: router, destination: parseAddress(to), hopLimit: 255 };
      expect(decodeMessage({ ...at, octets: octetsOf(hex) })).toEqual(message);
      expect(encodeMessage(message, router, at.destination)).toEqual(octetsOf(hex));
    }
  });

  test.each([
    ['router', 0x80],
    ['solicited', 0x40],
    ['override', 0x20],
  ])('4.4: the %s flag is bit %i of the fifth octet', (flag, bit) => {
    const clear = { ...ADVERTISEMENT, router: false, solicited: false, override: false };
    const octets = encodeMessage({ ...clear, [flag]: true }, AT.source, AT.destination);
    expect(octets[4]).toBe(bit);
    expect(decodeMessage({ ...AT, octets })).toMatchObject({ ...clear, [flag]: true });
  });

  test('RFC 4291 2.7.1: the solicited-node group has the low 24 bits of the address', () => {
    const address = parseAddress('4037::1:800:200e:8c6c');
    expect(formatAddress(solicitedNodeAddress(address))).toBe('ff02::1:ff0e:8c6c');
  });

  test('RFC 4443 2.1: types 135 and 136 are Neighbor Discovery, an echo request is not', () => {
    expect([135, 136, 128, 133].map((type) => isNeighborDiscovery(Uint8Array.of(type)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('RFC 4861 7.1: validity of received messages', () => {
  const solicitation = encodeMessage(SOLICITATION, AT.source, AT.destination);
  const advertisement = encodeMessage(ADVERTISEMENT, AT.source, AT.destination);

  test('a message that keeps all rules is valid', () => {
    expect(decodeMessage({ ...AT, octets: solicitation })).toEqual(SOLICITATION);
    expect(decodeMessage({ ...AT, octets: advertisement })).toEqual(ADVERTISEMENT);
  });

  test.each([0, 1, 64, 254])('hop limit %i: it may have been forwarded', (hopLimit) => {
    expect(decodeMessage({ ...AT, hopLimit, octets: advertisement })).toBe('hopLimit');
  });

  test('a checksum that is wrong', () => {
    const octets = advertisement.slice();
    octets[10]! ^= 1;
    expect(decodeMessage({ ...AT, octets })).toBe('checksum');
  });

  test('an ICMP code other than 0', () => {
    expect(decodeMessage({ ...AT, octets: patched(advertisement, { 1: 1 }) })).toBe('code');
  });

  test('fewer than 24 octets', () => {
    expect(decodeMessage({ ...AT, octets: patched(advertisement.slice(0, 23), {}) })).toBe(
      'length',
    );
  });

  test('a multicast target', () => {
    const octets = patched(advertisement, { 8: 0xff, 9: 0x02 });
    expect(decodeMessage({ ...AT, octets })).toBe('targetMulticast');
  });

  test('an option of length zero', () => {
    expect(decodeMessage({ ...AT, octets: patched(advertisement, { 25: 0 }) })).toBe(
      'optionLengthZero',
    );
  });

  test('an option that passes the end of the message', () => {
    expect(decodeMessage({ ...AT, octets: patched(advertisement, { 25: 2 }) })).toBe(
      'optionOverrun',
    );
    expect(decodeMessage({ ...AT, octets: patched(advertisement.slice(0, 25), {}) })).toBe(
      'optionOverrun',
    );
  });

  test('7.1.2: Solicited set, yet sent to a group', () => {
    const at = { ...AT, destination: ALL_NODES };
    const octets = encodeMessage(ADVERTISEMENT, at.source, at.destination);
    expect(decodeMessage({ ...at, octets })).toBe('solicitedMulticast');
  });

  test('7.1.1: an unspecified source, yet not to a solicited-node group', () => {
    const at = { ...AT, source: UNSPECIFIED };
    const octets = encodeMessage({ ...SOLICITATION, options: [] }, at.source, at.destination);
    expect(decodeMessage({ ...at, octets })).toBe('unspecifiedSourceToUnicast');
  });

  test('7.1.1: an unspecified source with a source link-layer address', () => {
    const at = {
      ...AT,
      source: UNSPECIFIED,
      destination: solicitedNodeAddress(TARGET),
    };
    const octets = encodeMessage(SOLICITATION, at.source, at.destination);
    expect(decodeMessage({ ...at, octets })).toBe('unspecifiedSourceWithLinkLayerAddress');
    const detection = encodeMessage({ ...SOLICITATION, options: [] }, at.source, at.destination);
    expect(decodeMessage({ ...at, octets: detection })).toMatchObject({ options: [] });
  });

  test('reserved bits and options that are not known are ignored, as 7.1 demands', () => {
    const message = { ...ADVERTISEMENT, options: [{ type: 200, value: new Uint8Array(14) }] };
    const octets = patched(encodeMessage(message, AT.source, AT.destination), { 5: 0xff, 7: 1 });
    expect(decodeMessage({ ...AT, octets })).toEqual(message);
  });
});

const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
const option = fc.record({
  type: fc.nat(255),
  value: fc.integer({ min: 1, max: 6 }).chain((units) => {
    const lengthOctets = units * 8 - 2;
    return fc.uint8Array({ minLength: lengthOctets, maxLength: lengthOctets });
  }),
});
const message: fc.Arbitrary<NeighborDiscoveryMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('NeighborSolicitation' as const),
    target: address.filter((target) => target[0] !== 0xff),
    options: fc.array(option, { maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constant('NeighborAdvertisement' as const),
    router: fc.boolean(),
    solicited: fc.boolean(),
    override: fc.boolean(),
    target: address.filter((target) => target[0] !== 0xff),
    options: fc.array(option, { maxLength: 4 }),
  }),
);

describe('the codec', () => {
  test('reads back what it wrote', () => {
    fc.assert(
      fc.property(message, (value) => {
        const octets = encodeMessage(value, AT.source, AT.destination);
        expect(decodeMessage({ ...AT, octets })).toEqual(value);
      }),
    );
  });

  test('answers any octets with a value or a name, and never with an exception', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.constantFrom(135, 136),
        address,
        (tail, type, source) => {
          const at = { ...AT, source };
          const octets = patched(Uint8Array.of(type, 0, 0, 0, ...tail), {}, at);
          const result = decodeMessage({ ...at, octets });
          expect(typeof result === 'string' || result.kind.startsWith('Neighbor')).toBe(true);
        },
      ),
    );
  });

  test('what was read does not change when the receive buffer, a Buffer, is used again', () => {
    const buffer = Buffer.from(encodeMessage(ADVERTISEMENT, AT.source, AT.destination));
    const read = decodeMessage({ ...AT, octets: buffer.subarray() });
    buffer.fill(0xa5);
    expect(read).toEqual(ADVERTISEMENT);
  });

  test('every truncation of an advertisement is refused by name', () => {
    const octets = encodeMessage(ADVERTISEMENT, AT.source, AT.destination);
    for (let length = 1; length < octets.length; length++) {
      if (length === 24) continue; // whole, without its option
      const result = decodeMessage({ ...AT, octets: patched(octets.slice(0, length), {}) });
      expect(['length', 'optionOverrun']).toContain(result);
    }
  });
});

describe('the service-load option (RFC 4727 5.1.3: experimental type 253)', () => {
  const LOAD: AdvertisedLoad = {
    state: 'congested',
    weight: 200,
    utilizationRatio: 0.85,
    capacityQueriesPerSecond: 48_000,
    turnMs: 667,
    refreshMs: 200,
  };

  test('is three units of 8 octets with a magic number, and reads back', () => {
    const written = loadOption(LOAD);
    expect(written.type).toBe(253);
    expect(written.value).toEqual(octetsOf('01 02 54494445 00c8 2134 0000029b 00c8 0000bb80 0000'));
    expect(loadOf([written])).toEqual(LOAD);
  });

  test.each([
    ['another experiment with the same type', { 2: 0 }],
    ['a later version', { 0: 2 }],
    ['a state not known', { 1: 99 }],
    ['weight 0', { 6: 0, 7: 0 }],
    ['weight 256', { 6: 1, 7: 0 }],
  ])('%s counts as absent', (_, changes: Record<number, number>) => {
    const value = loadOption(LOAD).value.slice();
    for (const [at, octet] of Object.entries(changes)) value[Number(at)] = octet;
    expect(loadOf([{ type: 253, value }])).toBeUndefined();
  });
});

describe('link-layer address options (RFC 4861 4.6.1)', () => {
  test('the first option of the type counts; one too short for the link is none', () => {
    const options = [
      { type: 1, value: octetsOf('0a0000000001') },
      { type: 2, value: octetsOf('020000000001') },
      { type: 2, value: octetsOf('020000000002') },
    ];
    expect(linkLayerAddressOf(options, 2)).toEqual(octetsOf('020000000001'));
    expect(linkLayerAddressOf(options, 3)).toBeUndefined();
    expect(linkLayerAddressOf(options, 2, 8)).toBeUndefined();
  });

  test('an 8-octet address (EUI-64) takes two units, padded', () => {
    const long = { type: 2, value: octetsOf('0200000000000001') };
    const octets = encodeMessage({ ...ADVERTISEMENT, options: [long] }, AT.source, AT.destination);
    expect(octets).toHaveLength(40);
    const read = decodeMessage({ ...AT, octets });
    if (typeof read === 'string') throw new Error(read);
    expect(linkLayerAddressOf(read.options, 2, 8)).toEqual(long.value);
  });
});
