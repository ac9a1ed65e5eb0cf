import { describe, expect, test } from '@jest/globals';
import { ServiceSpreads, type SpreadOutput } from '../../src/router/service-spreads.ts';
import type { Route } from '../../src/spf/route.ts';
import { parseAddress } from '../../src/wire/address.ts';
import { parsePrefix } from '../../src/wire/prefix.ts';

const SERVICE = '2001:db8:53::53/128';

/** Two servers on one link, equally far. */
function route(...hosts: readonly string[]): Route {
  const nextHops = hosts.map((address, i) => ({
    interfaceId: 3,
    address: parseAddress(address),
    originators: [i + 1],
  }));
  return {
    key: SERVICE,
    prefix: parsePrefix(SERVICE),
    pathType: 'intra-area',
    distance: 20,
    areaId: 0,
    nextHops,
    candidates: nextHops.map((hop, i) => ({ originator: i + 1, distance: 20, nextHops: [hop] })),
  } as unknown as Route;
}

function drain(spreads: ServiceSpreads): SpreadOutput[] {
  const outputs: SpreadOutput[] = [];
  for (let out = spreads.poll(); out !== undefined; out = spreads.poll()) outputs.push(out);
  return outputs;
}
const hopsInUse = (spreads: ServiceSpreads): string[] =>
  spreads.summaries().flatMap(({ shares }) => shares.map(({ key }) => key));

describe('next hops that fail', () => {
  test('are out before routes change, and stay out while anything is wrong with them', () => {
    const spreads = new ServiceSpreads();
    spreads.route({ change: 'changed', route: route('fe80::1', 'fe80::2') }, 0);
    expect(hopsInUse(spreads)).toEqual(['3 fe80::1', '3 fe80::2']);
    drain(spreads);
    spreads.fault('3 fe80::2', 'neighborEntry', true, 10);
    const [output] = drain(spreads);
    expect(output?.change.moves.every(({ from }) => from === '3 fe80::2')).toBe(true);
    expect(hopsInUse(spreads)).toEqual(['3 fe80::1']);
    spreads.fault('3 fe80::2', 'adjacency', true, 20);
    spreads.fault('3 fe80::2', 'neighborEntry', false, 30);
    expect(hopsInUse(spreads)).toEqual(['3 fe80::1']);
    spreads.fault('3 fe80::2', 'adjacency', false, 40);
    expect(hopsInUse(spreads)).toEqual(['3 fe80::1', '3 fe80::2']);
  });

  test('are used again when they are well before a route leads to them: a server that restarts', () => {
    const spreads = new ServiceSpreads();
    spreads.route({ change: 'changed', route: route('fe80::1', 'fe80::2', 'fe80::3') }, 0);
    spreads.fault('3 fe80::3', 'adjacency', true, 10);
    spreads.route({ change: 'changed', route: route('fe80::1', 'fe80::2') }, 20);
    spreads.fault('3 fe80::3', 'adjacency', false, 30);
    spreads.route({ change: 'changed', route: route('fe80::1', 'fe80::2', 'fe80::3') }, 40);
    expect(hopsInUse(spreads)).toEqual(['3 fe80::1', '3 fe80::2', '3 fe80::3']);
  });

  test('a service that is heard of later does not use them either', () => {
    const spreads = new ServiceSpreads();
    spreads.fault('3 fe80::2', 'neighborEntry', true, 0);
    spreads.route({ change: 'changed', route: route('fe80::1', 'fe80::2') }, 10);
    expect(hopsInUse(spreads)).toEqual(['3 fe80::1']);
  });
});

test('a service may have a policy of its own', () => {
  const own = new Map([[SERVICE, { policy: 'least' as const, bucketCount: 64 }]]);
  const spreads = new ServiceSpreads({ policy: 'equal' }, own);
  spreads.route({ change: 'changed', route: route('fe80::1', 'fe80::2') }, 0);
  expect(hopsInUse(spreads)).toEqual(['3 fe80::1']);
  expect(drain(spreads)[0]?.change.moves).toHaveLength(64);
});
