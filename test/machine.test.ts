import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OutputQueue } from '../src/machine.ts';

test('outputs come in the order in which they were put, each once', () => {
  const wanted = fc.array(fc.option(fc.integer(), { nil: undefined }), { maxLength: 50 });
  fc.assert(
    fc.property(wanted, (steps) => {
      const queue = new OutputQueue<number>();
      const twin: number[] = [];
      // A number is put, `undefined` asks.
      for (const step of steps) {
        if (step === undefined) expect(queue.poll()).toBe(twin.shift());
        else {
          queue.put(step);
          twin.push(step);
        }
      }
      while (twin.length > 0) expect(queue.poll()).toBe(twin.shift());
      expect(queue.poll()).toBeUndefined();
    }),
  );
});
