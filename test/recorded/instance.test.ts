import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { InstanceConfig } from '../../src/instance/config.ts';
import type { InstanceInput } from '../../src/instance/input.ts';
import { Instance } from '../../src/instance/instance.ts';
import type { InstanceOutput } from '../../src/instance/output.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { decodePacket } from '../../src/packet/decode.ts';
import { Prng } from '../../src/prng.ts';

const { UPDATE } = process.env;

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');

/** JSON with octets as `{"hex": …}`. */
const read = (line: string): unknown =>
  JSON.parse(line, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && 'hex' in value
      ? Uint8Array.from(Buffer.from(String(value.hex), 'hex'))
      : value,
  );

const write = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => {
    if (part instanceof Uint8Array) return { hex: hex(part) };
    return part instanceof Lsa ? { ...part.header, octets: part.octets.length } : part;
  });

function shown(atMs: number, output: InstanceOutput): unknown {
  if (output.kind !== 'transmit') return { atMs, ...output };
  return { atMs, ...output, packet: decodePacket(output.octets).kind };
}

/** Replays a recording. */
function replay(folder: string): {
  lines: string[];
  outputs: InstanceOutput[];
  instance: Instance;
} {
  const file = join('test/recorded', folder, '01-input.jsonl');
  const [first = '', ...rest] = readFileSync(file, 'utf8').trim().split('\n');
  const { config } = read(first) as { config: InstanceConfig };
  const instance = new Instance(config, new Prng(1));
  const lines: string[] = [];
  const outputs: InstanceOutput[] = [];
  for (const line of rest) {
    const input = read(line) as InstanceInput;
    instance.handle(input);
    for (let output = instance.poll(); output; output = instance.poll()) {
      outputs.push(output);
      lines.push(write(shown(input.nowMs, output)));
    }
  }
  return { lines, outputs, instance };
}

const states = (outputs: readonly InstanceOutput[]): string[] =>
  outputs.flatMap((output) =>
    output.kind === 'event' && output.event.name === 'neighborState' ? [output.event.to] : [],
  );

describe.each(['frr-broadcast', 'bird-broadcast'])('%s', (folder) => {
  const { lines, outputs, instance } = replay(folder);

  test('what was heard then makes the instance do now what it did then', () => {
    const file = join('test/recorded', folder, '01-output.jsonl');
    const text = `${lines.join('\n')}\n`;
    if (UPDATE) writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, 'utf8'));
  });

  test('the adjacency goes through every state up to Full, once', () => {
    const up = ['Init', 'TwoWay', 'ExStart', 'Exchange', 'Loading', 'Full'];
    expect(states(outputs).slice(0, 6)).toEqual(up);
    expect(states(outputs).filter((state) => state === 'Full')).toHaveLength(1);
  });

  test('no packet of the other router is refused, but for a Database Description that came early', () => {
    expect(Object.fromEntries(instance.drops)).toEqual({ NeighborState: 1 });
    expect([...instance.illegalTransitions]).toEqual([]);
  });
});

test('FRR says good-bye by MaxAge, so that its LSAs leave the database before it is dead', () => {
  const { outputs } = replay('frr-broadcast');
  const removed = outputs.findIndex((o) => o.kind === 'lsa' && o.change === 'removed');
  const dead = outputs.findIndex(
    (o) => o.kind === 'event' && o.event.name === 'neighborState' && o.event.to === 'Down',
  );
  expect(removed).toBeGreaterThan(0);
  expect(removed).toBeLessThan(dead);
});

test('BIRD says good-bye by a Hello that names nobody: the adjacency ends at once', () => {
  expect(states(replay('bird-broadcast').outputs).slice(6)).toEqual(['Init', 'Down']);
});
