import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../src/errors.ts';
import { configSchema } from '../../src/host/config.ts';
import { checkConfig } from '../../src/host/config-read.ts';
import { kernelServiceOf, type RouterServiceSettings } from '../../src/host/config-spread.ts';

function service(yaml: string): RouterServiceSettings {
  const config = checkConfig(
    'router.yaml',
    `role: router
routerId: 10.0.0.1
interfaces:
  - { name: eth0, area: 0.0.0.0 }
services:
  - { address: "2001:db8:53::53", ${yaml} }
`,
    configSchema,
  );
  return config.services[0] as RouterServiceSettings;
}

describe('how the kernel spreads a service', () => {
  test('DNS lets buckets go in a moment, connections keep theirs', () => {
    expect(kernelServiceOf(service('by: groups'))).toMatchObject({
      idleTimerS: 1,
      unbalancedTimerS: 2,
    });
    expect(kernelServiceOf(service('traffic: connections'))).toMatchObject({
      idleTimerS: 120,
      unbalancedTimerS: 0,
    });
    expect(kernelServiceOf(service('traffic: connections, idleTimerS: 60'))).toMatchObject({
      idleTimerS: 60,
      unbalancedTimerS: 0,
    });
  });

  test.each([64, 128, 256, 512, 1024, 2048, 4096])('it may have %i buckets', (buckets) => {
    expect(kernelServiceOf(service(`buckets: ${buckets}`)).bucketCount).toBe(buckets);
  });

  test.each(['63', '100', '8192', '"64"', 'many'])('it cannot have %s', (buckets) => {
    expect(() => service(`buckets: ${buckets}`)).toThrow(
      `services.0.buckets: found ${buckets === 'many' ? '"many"' : buckets}, allowed is 64 | 128 | 256 | 512 | 1024 | 2048 | 4096`,
    );
  });

  test.each([
    ['boundedLoad: 0.25', 'services.0.boundedLoad', 'by: buckets'],
    ['flowSeed: 7', 'services.0.flowSeed', 'by: buckets'],
    ['by: buckets, traffic: connections', 'services.0.traffic', 'by: groups'],
    ['by: buckets, idleTimerS: 60', 'services.0.idleTimerS', 'by: groups'],
    ['by: buckets, unbalancedTimerS: 60', 'services.0.unbalancedTimerS', 'by: groups'],
  ])('%s would do nothing, and is refused', (yaml, key, allowed) => {
    let said = '';
    try {
      service(yaml);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      said = error.message;
    }
    expect(said).toContain('router.yaml:6');
    expect(said).toContain(key);
    expect(said).toContain(allowed);
  });
});
