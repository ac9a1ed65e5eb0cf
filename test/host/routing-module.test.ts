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

describe('options that cannot be are refused by name when the module is made', () => {
  const link = () => new MemorySegment().open({ interfaceId: 1, name: 'memory0' });

  test.each([
    ['routerId', { routerId: '10.0.0' }, /^routerId cannot be 10\.0\.0: allowed is a dotted quad/],
    ['interfaces', { interfaces: undefined }, /^interfaces cannot be undefined: allowed is a list/],
    ['a link', { interfaces: [{}] }, /^interfaces\[0\]\.link cannot be undefined/],
    ['maximumPaths', { maximumPaths: 0 }, /^maximumPaths cannot be 0: allowed is 1\.\.256/],
    ['seed', { seed: Number.NaN }, /^seed cannot be NaN: allowed is an integer/],
    ['a policy', { spread: { policy: 'fair' } }, /^spread\.policy cannot be fair: .*weighted \|/],
    ['buckets', { spread: { bucketCount: 1000 } }, /^bucketCount must be a power of two.*1000/],
    ['spfDelay', { spfDelay: {} }, /^spfDelay\.initialSpfDelayMs cannot be NaN/],
  ])('%s', (_, wrong, told) => {
    const options = { routerId: '10.0.0.1', interfaces: [{ link: link() }], ...wrong };
    expect(() => new RoutingModule(options as never)).toThrow(told);
  });

  test.each([
    ['area', { area: 'backbone' }, /^interface memory0: area cannot be backbone: .*dotted quad/],
    ['type', { type: 'nbma' }, /^interface memory0: type cannot be nbma: allowed is broadcast \|/],
    [
      'a dead interval below the next Hello (RFC 2328 C.3)',
      { routerDeadIntervalS: 10 },
      /^interface memory0: routerDeadIntervalS cannot be 10: allowed is more than helloIntervalS, 10/,
    ],
  ])('of an interface: %s', (_, wrong, told) => {
    const options = { routerId: '10.0.0.1', interfaces: [{ link: link(), ...wrong }] };
    expect(() => new RoutingModule(options as never)).toThrow(told);
  });
});

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
