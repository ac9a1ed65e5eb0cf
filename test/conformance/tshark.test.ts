import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { CAPTURES, type Capture, datagramsOf } from '../fixtures/captures.ts';
import { TSHARK_FIELDS, type TsharkValues, tsharkValues } from './tshark-fields.ts';

const isInstalled = spawnSync('tshark', ['--version']).status === 0;
if (!isInstalled) console.log('tshark is not installed: its fields are not compared');

function seenByTshark(capture: Capture): TsharkValues[] {
  const fields = TSHARK_FIELDS.flatMap((field) => ['-e', field]);
  const options = ['-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=|'];
  const args = ['-r', capture.path, '-Y', 'ospf', ...options, ...fields];
  const { stdout } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 1e8 });
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const columns = line.split('\t').map((column) => (column ? column.split('|') : []));
      return Object.fromEntries(
        TSHARK_FIELDS.map((field, i) => [field, columns[i]!] as const).filter(
          ([, list]) => list.length,
        ),
      );
    });
}

(isInstalled ? describe : describe.skip)("tshark's fields equal all that we print", () => {
  test.each(CAPTURES)(
    '$name',
    (capture) => {
      const ours = datagramsOf(capture).map(tsharkValues);
      const theirs = seenByTshark(capture);
      expect(theirs).toHaveLength(ours.length);
      ours.forEach((values, i) => {
        expect({ packet: i, ...values }).toEqual({ packet: i, ...theirs[i] });
      });
    },
    60_000,
  );
});
