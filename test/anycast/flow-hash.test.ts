import { describe, expect, test } from '@jest/globals';
import { bucketOf, flowHash, flowHash4, textHash } from '../../src/anycast/flow-hash.ts';
import { Prng } from '../../src/prng.ts';
import { parseAddress } from '../../src/wire/address.ts';

describe('placing a flow', () => {
  test('buckets come from the high bits, as the kernel scales', () => {
    expect(bucketOf(0, 256)).toBe(0);
    expect(bucketOf(0x00ffffff, 256)).toBe(0);
    expect(bucketOf(0x01000000, 256)).toBe(1);
    expect(bucketOf(0xffffffff, 256)).toBe(255);
    expect(bucketOf(0xffffffff, 3)).toBe(2);
  });

  test('the flows of one client from port to port are spread evenly', () => {
    const source = parseAddress('2001:db8::1');
    const hits = new Array<number>(16).fill(0);
    for (let port = 1024; port < 65_536; port++) hits[bucketOf(flowHash(source, port), 16)]!++;
    const expected = (65_536 - 1024) / 16;
    for (const hit of hits) expect(Math.abs(hit - expected)).toBeLessThan(0.05 * expected);
  });

  test('clients with the same port are spread evenly, IPv6 and IPv4', () => {
    const prng = new Prng(1);
    const hits6 = new Array<number>(8).fill(0);
    const hits4 = new Array<number>(8).fill(0);
    for (let i = 0; i < 40_000; i++) {
      const source = Uint8Array.from({ length: 16 }, () => prng.below(256));
      hits6[bucketOf(flowHash(source, 53, 7), 8)]!++;
      hits4[bucketOf(flowHash4(source.subarray(0, 4), 53, 7), 8)]!++;
    }
    for (const hit of [...hits6, ...hits4]) expect(Math.abs(hit - 5000)).toBeLessThan(350);
  });

  test('another seed places otherwise', () => {
    const source = parseAddress('2001:db8::1');
    const same = Array.from({ length: 1000 }, (_, port) => port).filter(
      (port) => bucketOf(flowHash(source, port, 1), 8) === bucketOf(flowHash(source, port, 2), 8),
    );
    expect(same.length).toBeLessThan(200);
  });

  test('texts hash apart', () => {
    const hashes = new Set(Array.from({ length: 10_000 }, (_, i) => textHash(`fe80::${i}`, 1)));
    expect(hashes.size).toBeGreaterThan(9_990);
  });
});
