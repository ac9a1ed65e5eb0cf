import { describe, expect, test } from '@jest/globals';
import { showDatagram } from '../../src/cli/packet-json.ts';
import { packetText } from '../../src/cli/packet-text.ts';
import { hmacDigest } from '../../src/host/digest.ts';
import type { LsaBody } from '../../src/lsa/body.ts';
import { graceLsa } from '../../src/lsa/grace-lsa.ts';
import { hostnameTlv } from '../../src/lsa/hostname.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { serviceLoadTlv } from '../../src/lsa/service-load.ts';
import { Authentication } from '../../src/packet/authentication.ts';
import { encodePacket } from '../../src/packet/encode.ts';
import type { AuthenticationKey } from '../../src/packet/key.ts';
import { encodeLinkLocalSignaling } from '../../src/packet/link-local-signaling.ts';
import { ALL_SPF_ROUTERS, parseAddress } from '../../src/wire/address.ts';
import { parsePrefix } from '../../src/wire/prefix.ts';

const source = parseAddress('fe80::1');
const address = parseAddress('2001:db8::53');
const how = { keys: [], digest: hmacDigest };

function shown(lsType: number, body: LsaBody, instanceId = 0) {
  const lsa = Lsa.originate({ lsType, linkStateId: 1, advertisingRouter: 0x0a000001 }, 1, body);
  const header = { kind: 'LinkStateUpdate', routerId: 1, areaId: 0, instanceId } as const;
  const octets = encodePacket({ ...header, lsas: [lsa] }, source, ALL_SPF_ROUTERS);
  const { json, problems } = showDatagram({ source, destination: ALL_SPF_ROUTERS, octets }, how);
  const { linkStateUpdate } = json as { linkStateUpdate: { lsas: { body: unknown }[] } };
  return { lsa: linkStateUpdate.lsas[0]!, text: packetText(json).join('\n'), problems };
}

describe('LSAs that no capture here holds, as they are shown', () => {
  test('Router Information: hostname, service load, and TLVs that are not known', () => {
    const load = {
      address,
      state: 'up',
      weight: 100,
      rampWindowS: 30,
      capacityQueriesPerSecond: 50_000,
      offeredQueriesPerSecond: 20_000,
      utilizationRatio: 0.4,
      errorRatio: 0,
    } as const;
    const unknown = { type: 999, value: Uint8Array.of(1, 2) };
    const tlvs = [hostnameTlv('dns1.example'), serviceLoadTlv(load), unknown];
    const { lsa, text, problems } = shown(LsType.RouterInformation, {
      kind: 'RouterInformation',
      tlvs,
    });
    expect(lsa).toMatchObject({
      lsTypeName: 'Router-Information',
      uBit: 1,
      scope: 'area',
      body: {
        hostname: 'dns1.example',
        tlvs: [
          { type: 7, length: 12 },
          { type: 32768, serviceLoad: { ...load, address: '2001:db8::53' } },
          { type: 999, length: 2, value: '0102' },
        ],
      },
    });
    expect(text).toContain('Hostname dns1.example');
    expect(problems).toEqual([]);
  });

  test('Grace: period and reason by name (RFC 3623 A)', () => {
    const { lsa } = shown(LsType.Grace, graceLsa(120, 1));
    expect(lsa.body).toMatchObject({
      gracePeriod: 120,
      restartReason: 1,
      restartReasonName: 'software restart',
    });
  });

  test('an extended LSA: TLVs by name, sub-TLVs read (RFC 8362)', () => {
    const { lsa, text } = shown(LsType.ExtendedAsExternal, {
      kind: 'ExtendedAsExternal',
      tlvs: [
        {
          kind: 'ExternalPrefix',
          flags: 4,
          metric: 20,
          prefix: parsePrefix('2001:db8:e::/48'),
          subTlvs: [
            { type: 1, value: address },
            { type: 3, value: Uint8Array.of(0, 0, 1, 0) },
          ],
        },
        { kind: 'Unknown', type: 77, value: Uint8Array.of(9) },
      ],
    });
    expect(lsa).toMatchObject({
      lsTypeName: 'E-AS-External',
      scope: 'as',
      body: {
        tlvs: [
          {
            name: 'ExternalPrefix',
            metric: 20,
            prefix: '2001:db8:e::/48',
            subTlvs: [
              { type: 1, forwardingAddress: '2001:db8::53' },
              { type: 3, routeTag: 256 },
            ],
          },
          { type: 77, length: 1, value: '09' },
        ],
      },
    });
    expect(text).toContain('Name ExternalPrefix, Flags 4, Metric 20');
  });

  test('prefixes of an IPv4 instance as IPv4 (RFC 5838)', () => {
    const prefix = { ...parsePrefix('c633:6400::/24') };
    const { lsa } = shown(
      LsType.InterAreaPrefix,
      { kind: 'InterAreaPrefix', metric: 1, prefix },
      64,
    );
    expect(lsa.body).toMatchObject({ prefix: '198.51.100.0/24' });
  });

  test('a type that is not known, octet for octet', () => {
    const { lsa } = shown(0xa0ff, { kind: 'Unknown', octets: Uint8Array.of(0xde, 0xad) });
    expect(lsa).toMatchObject({ lsTypeName: 'Unknown', body: { octets: 'dead' } });
  });
});

describe('What is wrong with a packet, as it is shown', () => {
  const hello = encodePacket(
    {
      kind: 'Hello',
      routerId: 1,
      areaId: 0,
      instanceId: 0,
      interfaceId: 1,
      routerPriority: 1,
      options: 0x213, // the L-bit, with nothing behind
      helloIntervalS: 10,
      routerDeadIntervalS: 40,
      designatedRouter: 0,
      backupDesignatedRouter: 0,
      neighbors: [],
    },
    source,
    ALL_SPF_ROUTERS,
  );
  const show = (octets: Uint8Array) =>
    showDatagram({ source, destination: ALL_SPF_ROUTERS, octets }, how);

  test('a signalling block that is announced and missing', () => {
    const { json, problems } = show(hello);
    expect(json).toMatchObject({ type: 'hello', trailerError: { code: 'Short', at: 36 } });
    expect(problems).toHaveLength(1);
  });

  test.each([
    ['right', encodeLinkLocalSignaling([]), true, []],
    ['wrong', Uint8Array.of(0x12, 0x34, 0, 1), false, ['LLS checksum 0x1234']],
    [
      'not computed, though no trailer protects it',
      encodeLinkLocalSignaling([], true),
      false,
      ['LLS checksum 0x0000'],
    ],
  ])('a signalling block whose checksum is %s', (_, block, checksumValid, found) => {
    const { json, problems } = show(Uint8Array.from([...hello, ...block]));
    expect(json).toMatchObject({ lls: { checksumValid } });
    expect(problems).toEqual(found);
  });

  test('a signalling block under a trailer has no checksum (RFC 7166 4.2)', () => {
    const key: AuthenticationKey = {
      securityAssociationId: 7,
      algorithm: 'HMAC-SHA-256',
      secret: new TextEncoder().encode('secret'),
    };
    const authentication = new Authentication({ keys: [key], digest: hmacDigest, bootCount: 1 });
    const block = encodeLinkLocalSignaling([], true);
    const octets = authentication.seal(Uint8Array.from([...hello, ...block]), source, 0)!;
    const { json, problems } = showDatagram(
      { source, destination: ALL_SPF_ROUTERS, octets },
      { keys: [key], digest: hmacDigest },
    );
    expect(json).toMatchObject({
      checksumValid: null,
      lls: { checksumValid: null },
      authenticationTrailer: { digestValid: true },
    });
    expect(problems).toEqual([]);
  });

  test('octets that are no packet', () => {
    const { json, problems } = show(hello.slice(0, 20));
    expect(json).toMatchObject({ error: { code: 'Length', at: 2 } });
    expect(packetText(json)).toEqual(['refused: Length: packet length 36 (octet 2)']);
    expect(problems).toEqual(['packet length 36 (octet 2)']);
  });

  test('an LSA with a fault, which is named and whose body is not shown', () => {
    const body = { kind: 'Network', options: 0x13, attachedRouters: [1, 2] } as const;
    const lsa = Lsa.originate(
      { lsType: LsType.Router, linkStateId: 0, advertisingRouter: 1 },
      1,
      body,
    );
    const header = { kind: 'LinkStateUpdate', routerId: 1, areaId: 0, instanceId: 0 } as const;
    const { json, problems } = show(
      encodePacket({ ...header, lsas: [lsa] }, source, ALL_SPF_ROUTERS),
    );
    expect(problems).toEqual(['LSA 0x2001 0.0.0.0 0.0.0.1: LsaBodyLength']);
    expect(json).toMatchObject({ linkStateUpdate: { lsas: [{ fault: 'LsaBodyLength' }] } });
    expect(packetText(json).join('\n')).toContain('FAULT LsaBodyLength');
  });
});
