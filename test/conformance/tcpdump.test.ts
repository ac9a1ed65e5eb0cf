import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { CAPTURES, datagramsOf } from '../fixtures/captures.ts';
import { tcpdumpText } from './tcpdump-text.ts';

/** Each packet's lines, from the payload length on: time and traffic class stand before. */
const packetsOf = (file: string): string[][] =>
  readFileSync(`test/fixtures/cisco/${file}`, 'utf8')
    .split(/\n(?= +\d+ {2})/)
    .map((text) => text.slice(text.indexOf('payload length')).trimEnd().split('\n'));

test.each([
  ['OSPFv3_broadcast_adjacency', 'ospf3_bc-vv.out'],
  ['OSPFv3_NBMA_adjacencies', 'ospf3_nbma-vv.out'],
])("tcpdump's text of %s follows from what is decoded, line for line", (name, file) => {
  const datagrams = datagramsOf(CAPTURES.find((capture) => capture.name === name)!);
  const expected = packetsOf(file);
  expect(datagrams).toHaveLength(expected.length);
  datagrams.forEach((datagram, i) => {
    expect(tcpdumpText(datagram)).toEqual(expected[i]);
  });
});
