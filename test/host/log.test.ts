/** What an operator is warned of: mistakes in somebody's configuration, once per neighbor. */
import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { EventLog } from '../../src/host/log.ts';
import type { DropReason } from '../../src/instance/output.ts';
import { parseAddress } from '../../src/wire/address.ts';

const WARN = 40;

interface Line {
  readonly level: number;
  readonly reason: string;
}

/** The lines written about a datagram dropped as often as sources are named. */
function linesOf(reason: DropReason, sources: readonly string[]): Line[] {
  const lines: Line[] = [];
  const into = { write: (line: string) => void lines.push(JSON.parse(line) as Line) };
  const log = new EventLog(pino({ level: 'debug' }, into), () => 'eth0');
  for (const source of sources) {
    const detail = 'in words';
    const from = parseAddress(source);
    log.write({ name: 'datagramDropped', interfaceId: 1, source: from, reason, detail });
  }
  return lines;
}

const MISTAKES: readonly DropReason[] = [
  'AreaMismatch',
  'HelloIntervalMismatch',
  'RouterDeadIntervalMismatch',
  'OptionsMismatch',
  'MtuMismatch',
  'DuplicateRouterId',
  'AuthenticationMissing',
  'AuthenticationTrailer',
  'AuthenticationKey',
  'AuthenticationDigest',
  'AuthenticationReplay',
  'AuthenticationUnexpected',
];

describe('a datagram that is not used', () => {
  test.each(MISTAKES)('%s is a warning, once per neighbor', (reason) => {
    const lines = linesOf(reason, ['fe80::2', 'fe80::2', 'fe80::3']);
    const warned = lines.filter(({ level }) => level === WARN);
    expect(warned.map((line) => line.reason)).toEqual([reason, reason]);
    expect(lines).toHaveLength(3);
  });

  test('another instance on the link is no mistake', () => {
    const lines = linesOf('InstanceIdMismatch', ['fe80::2']);
    expect(lines.filter(({ level }) => level === WARN)).toEqual([]);
  });
});
