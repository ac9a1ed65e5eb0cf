import { expect, test } from '@jest/globals';
import { shownRun } from '../../src/control/views.ts';
import { area, SmallArea } from '../spf/small-area.ts';

test('a run is shown with its age, its kind, why it took place and the LSAs that asked for it', () => {
  let readMs = 0;
  const stopwatch = () => {
    readMs += 1.23456;
    return readMs;
  };
  const net = new SmallArea(1, { stopwatch });
  net.router(area(0), 1, [{ to: 2, cost: 10 }]);
  net.router(area(0), 2, [{ to: 1, cost: 10 }]);
  net.settle();
  net.prefix(area(0), 2, '2001:db8:53::53/128', 5);
  expect(net.table.runs().map((run) => shownRun(run, 5000))).toEqual([
    {
      agoMs: 3000,
      kind: 'full',
      reason: 'first',
      durationMs: 1.235,
      vertices: 2,
      prefixes: 0,
      changes: 0,
      triggerCount: 2,
      triggers: ['0x2001 0.0.0.0 0.0.0.1', '0x2001 0.0.0.0 0.0.0.2'],
    },
    {
      agoMs: 3000,
      kind: 'partial',
      reason: 'prefixes',
      durationMs: 1.235,
      vertices: 0,
      prefixes: 1,
      changes: 0,
      triggerCount: 1,
      triggers: ['0x2009 0.0.0.0 0.0.0.2'],
    },
  ]);
});
