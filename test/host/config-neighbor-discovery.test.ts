import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../src/errors.ts';
import { configSchema } from '../../src/host/config.ts';
import { advertiserSchema } from '../../src/host/config-neighbor-discovery.ts';
import { checkConfig } from '../../src/host/config-read.ts';
import { ADVERTISER_DEFAULTS } from '../../src/neighbor-discovery/advertiser-config.ts';
import { formatAddress } from '../../src/wire/address.ts';

const router = (neighborDiscovery: string, role = 'router', more = '') =>
  checkConfig(
    'router.yaml',
    `role: ${role}
routerId: 10.0.0.1
interfaces:
  - name: eth0
    area: 0.0.0.0
    neighborDiscovery: ${neighborDiscovery}
${more}`,
    configSchema,
  );

function problem(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('neighborDiscovery of a router’s interface', () => {
  test('services and a mode are enough; the rest is filled in', () => {
    const config = router('{ mode: single, services: ["2001:db8:5::53"] }');
    const [{ neighborDiscovery }] = config.interfaces as [(typeof config.interfaces)[0]];
    expect(neighborDiscovery).toMatchObject({
      mode: 'single',
      delivery: 'weighted',
      acceptIncomplete: true,
      allowSources: [],
      silentAfterMs: 3_000,
    });
    expect(neighborDiscovery!.services!.map(formatAddress)).toEqual(['2001:db8:5::53']);
  });

  test.each([
    ['{ mode: both, services: ["2001:db8::1"] }', 'allowed is single | multiple'],
    ['{ mode: single }', 'allowed is a list of at least 1, here or as `services` of the router'],
    ['{ mode: single, services: [] }', 'allowed is a list of at least 1'],
    ['{ services: ["ff02::1"] }', 'allowed is an IPv6 unicast address'],
    ['{ services: ["2001:db8::1"], allowSources: ["fe80::/200"] }', 'an IPv6 prefix'],
    ['{ services: ["2001:db8::1"], allowLinkLayerAddresses: ["02:00"] , x: 1 }', 'unknown key'],
    ['{ services: ["2001:db8::1"], allowLinkLayerAddresses: ["zz"] }', 'a link-layer address'],
  ])('%s is refused with its line and what is allowed', (yaml, allowed) => {
    const said = problem(() => router(yaml));
    expect(said).toContain('router.yaml:6');
    expect(said).toContain(allowed);
  });

  test('without services, those that the router spreads are looked for', () => {
    const services = 'services: [{ address: "2001:db8::1" }]\n';
    const config = router('{ mode: multiple }', 'router', services);
    expect(config.interfaces[0]!.neighborDiscovery!.mode).toBe('multiple');
    const turns = '{ delivery: roundRobin }';
    expect(problem(() => router(turns, 'router', services))).toContain('2001:db8::1');
  });

  test('roundRobin needs services by buckets: a group spreads flows, not datagrams', () => {
    const yaml = '{ services: ["2001:db8::1"], delivery: roundRobin }';
    const said = problem(() => router(yaml));
    expect(said).toContain('interfaces.0.neighborDiscovery.delivery');
    expect(said).toContain('`by: buckets` for 2001:db8::1');
    const services = 'services: [{ address: "2001:db8::1", by: buckets }]\n';
    const config = router(yaml, 'router', services);
    expect(config.interfaces[0]!.neighborDiscovery!.delivery).toBe('roundRobin');
  });

  test('on a server it is refused, with where to say it instead', () => {
    const said = problem(() => router('{ services: ["2001:db8::1"] }', 'server'));
    expect(said).toContain('interfaces.0.neighborDiscovery');
    expect(said).toContain('`advertise` of a service');
  });
});

describe('neighborDiscovery of a server’s service', () => {
  test('needs nothing: the defaults are those of the advertiser', () => {
    const settings = advertiserSchema.parse({});
    expect(settings.address).toBe('loopback');
    const { cycleMs, takeoverMs, refreshMs, burst, spacing } = ADVERTISER_DEFAULTS;
    expect(settings).toMatchObject({ cycleMs, takeoverMs, refreshMs, burst, spacing });
  });

  test('idleS below two of the longest cycles is refused', () => {
    expect(advertiserSchema.safeParse({ idleS: 19 }).success).toBe(false);
    expect(advertiserSchema.safeParse({ idleS: 20 }).success).toBe(true);
  });
});
