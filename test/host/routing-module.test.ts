import { afterEach, describe, expect, test } from '@jest/globals';
import { MemorySegment } from '../../src/host/link-memory.ts';
import { RoutingModule } from '../../src/host/routing-module.ts';

const SERVICE = '2001:db8:53::53';
let routing: RoutingModule | undefined;

function opened(): RoutingModule {
  const link = new MemorySegment().open({ interfaceId: 1, name: 'memory0' });
  routing = new RoutingModule({ routerId: '10.0.0.1', interfaces: [{ link }] });
  return routing;
}

afterEach(() => routing?.close());

describe('the next hop of a flow', () => {
  test('is none while no server announces the service', () => {
    expect(opened().pick(SERVICE, { address: '2001:db8::c', port: 65_535 })).toBeUndefined();
  });

  test.each([
    ['a port above 65535', SERVICE, '2001:db8::c', 65_536, 'not a port, 0..65535: 65536'],
    ['a negative port', SERVICE, '2001:db8::c', -1, 'not a port, 0..65535: -1'],
    ['half a port', SERVICE, '2001:db8::c', 0.5, 'not a port, 0..65535: 0.5'],
    ['an address that is none', SERVICE, 'here', 53, 'not an IPv6 address: here'],
    ['a service that is none', 'dns', '2001:db8::c', 53, 'not an IPv6 address: dns'],
  ])('is refused to %s', (_, service, address, port, message) => {
    expect(() => opened().pick(service, { address, port })).toThrow(new RangeError(message));
  });
});
