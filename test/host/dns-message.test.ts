import { describe, expect, test } from '@jest/globals';
import { encode } from 'dns-packet';
import fc from 'fast-check';
import { dnsId, isDnsResponse, questionHash, setDnsId } from '../../src/host/dns-message.ts';

const ask = (name: string): Buffer =>
  encode({ type: 'query', id: 0x1234, questions: [{ type: 'AAAA', name }] });

describe('what a relay reads of a DNS message (RFC 1035 4.1)', () => {
  test('id and response bit', () => {
    const message = ask('www.example.test');
    expect(dnsId(message)).toBe(0x1234);
    expect(isDnsResponse(message)).toBe(false);
    setDnsId(message, 0xfedc);
    expect(dnsId(message)).toBe(0xfedc);
    expect(isDnsResponse(encode({ type: 'response', id: 1 }))).toBe(true);
  });

  test('the question counts, in whatever case, and nothing behind it', () => {
    const hash = questionHash(ask('www.example.test'));
    expect(hash).toBeDefined();
    expect(questionHash(ask('WWW.exAmple.test'))).toBe(hash);
    expect(questionHash(ask('wwx.example.test'))).not.toBe(hash);
    expect(questionHash(Buffer.concat([ask('www.example.test'), Buffer.alloc(9)]))).toBe(hash);
  });

  test('a message without a whole question has no hash', () => {
    const message = ask('www.example.test');
    for (let length = 0; length < message.length; length++) {
      expect(questionHash(message.subarray(0, length))).toBeUndefined();
    }
    const compressed = Buffer.from(message);
    compressed[12] = 0xc0;
    expect(questionHash(compressed)).toBeUndefined();
    expect(questionHash(encode({ type: 'query', id: 1 }))).toBeUndefined();
  });

  test('any octets are read without fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (octets) => {
        const hash = questionHash(octets);
        expect(hash === undefined || Number.isInteger(hash)).toBe(true);
      }),
    );
  });
});
