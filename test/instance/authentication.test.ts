import { describe, expect, test } from '@jest/globals';
import { hmacDigest } from '../../src/host/digest.ts';
import type { AuthenticationConfig } from '../../src/packet/authentication.ts';
import type { AuthenticationKey } from '../../src/packet/key.ts';
import { parseAddress } from '../../src/wire/address.ts';
import { Network, type Node } from './network.ts';

const secret = (text: string): Uint8Array => new TextEncoder().encode(text);

const key = (
  securityAssociationId: number,
  more: Partial<AuthenticationKey> = {},
): AuthenticationKey => ({
  securityAssociationId,
  algorithm: 'HMAC-SHA-256',
  secret: secret(`secret-key-${securityAssociationId}`),
  ...more,
});

const keys = (...list: AuthenticationKey[]): AuthenticationConfig => ({
  keys: list,
  digest: hmacDigest,
  bootCount: 1,
});

/** Two routers on a link, each with its own keys or none. */
function routers(first?: AuthenticationConfig, second?: AuthenticationConfig) {
  const network = new Network();
  const link = network.link();
  const node = (name: string, authentication?: AuthenticationConfig): Node =>
    network.node(name, [link], {
      type: 'pointToPoint',
      ...(authentication ? { authentication } : {}),
    });
  const [a, b] = [node('10.0.0.1', first), node('10.0.0.2', second)];
  a.up();
  b.up();
  return { network, a, b };
}

describe('authentication on an interface (RFC 7166)', () => {
  test('with the same key the adjacency forms, and every packet carries a trailer and no checksum', () => {
    const { network, a, b } = routers(keys(key(11)), keys(key(11)));
    network.run(5000);
    expect([a.stateOf(b), b.stateOf(a)]).toEqual(['Full', 'Full']);
    for (const { octets } of network.sent) {
      const view = new DataView(octets.buffer);
      expect(octets.length).toBe(view.getUint16(2) + 16 + 32);
      expect(view.getUint16(12)).toBe(0);
    }
  });

  test('with another key there is no adjacency, and each packet is counted', () => {
    const { network, a, b } = routers(keys(key(11)), keys(key(11, { secret: secret('wrong') })));
    network.run(5000);
    expect(a.instance.neighbors()).toEqual([]);
    expect(b.instance.neighbors()).toEqual([]);
    expect(a.instance.drops.get('AuthenticationDigest')).toBeGreaterThanOrEqual(5);
  });

  test('with a key on one side alone there is no adjacency', () => {
    const { network, a, b } = routers(keys(key(11)));
    network.run(5000);
    expect(a.instance.drops.get('AuthenticationMissing')).toBeGreaterThanOrEqual(5);
    expect(b.instance.drops.get('AuthenticationUnexpected')).toBeGreaterThanOrEqual(5);
    expect(b.instance.neighbors()).toEqual([]);
  });

  test('a key is rolled over without a packet dropped', () => {
    const both = (): AuthenticationConfig =>
      keys(
        key(11, { sendUntilMs: 20_000, acceptUntilMs: 25_000 }),
        key(12, { sendFromMs: 20_000, acceptFromMs: 15_000 }),
      );
    const { network, a, b } = routers(both(), both());
    network.run(40_000);
    expect([a.stateOf(b), b.stateOf(a)]).toEqual(['Full', 'Full']);
    expect([a.instance.drops.size, b.instance.drops.size]).toEqual([0, 0]);
    expect(a.events('neighborState').filter((event) => event.from === 'Full')).toEqual([]);
  });

  test('a packet of before is refused as a replay', () => {
    const { network, a, b } = routers(keys(key(11)), keys(key(11)));
    network.run(5000);
    const recorded = network.sent.find((sent) => sent.by === b && sent.packet.kind === 'Hello')!;
    const { interfaceId, destination, octets } = recorded;
    a.handle({ kind: 'datagram', interfaceId, source: b.address(), destination, octets });
    expect(a.instance.drops.get('AuthenticationReplay')).toBe(1);
  });

  test('two instances with the same key share a link: neither takes the numbers of the other for its own', () => {
    const network = new Network();
    const link = network.link();
    const instances = ['10.0.0.1', '10.0.0.2'].flatMap((router) =>
      [0, 1].map((instanceId) =>
        network.node(router, [link], {
          type: 'pointToPoint',
          instanceId,
          // Each process has its own.
          authentication: { ...keys(key(11)), bootCount: 1 + instanceId },
        }),
      ),
    );
    for (const node of instances) node.up();
    network.run(20_000);
    for (const node of instances) {
      expect(node.instance.neighbors().map(({ state }) => state)).toEqual(['Full']);
      expect([...node.instance.drops.keys()].sort()).toEqual(['InstanceIdMismatch', 'OwnDatagram']);
    }
  });

  test('of who is no neighbor no numbers are remembered', () => {
    const { network, a, b } = routers(keys(key(11)));
    b.dead = true;
    const again = (bootCount: number, helloIntervalS: number): Node => {
      const node = network.node('10.0.0.2', [a.links.get(1)!], {
        type: 'pointToPoint',
        helloIntervalS,
        authentication: { ...keys(key(11)), bootCount },
      });
      node.up();
      return node;
    };
    const misconfigured = again(2, 2);
    network.run(5000);
    expect(a.instance.drops.get('HelloIntervalMismatch')).toBeGreaterThan(0);
    misconfigured.dead = true;
    const mended = again(1, 1);
    network.run(5000);
    expect(a.stateOf(mended)).toBe('Full');
  });

  test('nor of the address that a neighbor had before', () => {
    const { network, a, b } = routers(keys(key(11)), { ...keys(key(11)), bootCount: 2 });
    network.run(5000);
    const first = b.address();
    b.address = () => parseAddress('fe80::beef');
    b.up();
    network.run(5000);
    b.dead = true;
    network.run(5000);
    expect(a.instance.neighbors()).toEqual([]);
    const again = network.node('10.0.0.2', [a.links.get(1)!], {
      type: 'pointToPoint',
      authentication: keys(key(11)),
    });
    expect(again.address()).toEqual(first);
    again.up();
    network.run(5000);
    expect(a.stateOf(again)).toBe('Full');
  });

  test('a router that restarts with a larger boot count is believed again', () => {
    const { network, a, b } = routers(keys(key(11)), keys(key(11)));
    network.run(5000);
    b.dead = true;
    network.run(1000);
    const again = network.node('10.0.0.2', [a.links.get(1)!], {
      type: 'pointToPoint',
      authentication: { ...keys(key(11)), bootCount: 2 },
    });
    again.up();
    network.run(5000);
    expect(a.stateOf(again)).toBe('Full');
  });
});
