import { describe, expect, test } from '@jest/globals';
import { INTERFACE_DEFAULTS, type InstanceConfig } from '../../src/instance/config.ts';
import { Instance } from '../../src/instance/instance.ts';
import { Prng } from '../../src/prng.ts';

const link = {
  ...INTERFACE_DEFAULTS,
  interfaceId: 1,
  name: 'eth0',
  areaId: 0,
  type: 'broadcast',
} as const;
const config: InstanceConfig = {
  routerId: 1,
  areas: [{ areaId: 0, type: 'normal' }],
  interfaces: [link],
  forwards: true,
};
const start = (changed: Partial<InstanceConfig>): Instance =>
  new Instance({ ...config, ...changed }, new Prng(1));

describe('Configurable parameters (RFC 5340 C)', () => {
  test('the defaults are within their ranges', () => {
    expect(() => start({})).not.toThrow();
  });

  test('the Router ID 0.0.0.0 is reserved (C.1)', () => {
    expect(() => start({ routerId: 0 })).toThrow('routerId cannot be 0');
  });

  test('an area has at most 4,095 interfaces, as many as there are Link State IDs for', () => {
    const interfaces = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ ...link, interfaceId: at + 1 }));
    expect(() => start({ interfaces: interfaces(4095) })).not.toThrow();
    expect(() => start({ interfaces: interfaces(4096) })).toThrow(
      'interfaces of area 0 cannot be 4096',
    );
  });

  test.each([
    ['cost', 0, 'the interface output cost must be greater than 0'],
    ['infTransDelayS', 0, 'InfTransDelay must be greater than 0'],
    ['priority', 256, 'Router Priority has 8 bits'],
    ['helloIntervalS', 0, 'HelloInterval is sent as a number of seconds'],
    ['instanceId', 256, 'the Instance ID has 8 bits'],
  ])('%s cannot be %d: %s (C.3)', (field, value) => {
    expect(() => start({ interfaces: [{ ...link, [field]: value }] })).toThrow(
      `${field} cannot be ${value}`,
    );
  });
});
