/**
 * A farm in which anything may happen at any time: servers drain, are disabled, killed, stopped,
 * frozen and cut off, and the router and its kernel state are disturbed, in an order that a seed
 * draws. Whenever it has been quiet for a while, the next hops are those of the servers that are
 * there, in the kernel under our router and in FRR.
 */
import { expect } from '@jest/globals';
import { Prng } from '../../src/prng.ts';
import { phase } from './harness/farm-phases.ts';
import { pause } from './harness/process.ts';
import { EVENTS, RandomFarm } from './harness/random-farm.ts';
import { scenario } from './harness/scenario.ts';

const { TIDECAST_LAB_SEED = '2' } = process.env;
const EVENTS_BETWEEN_LOOKS = 5;
/** Milliseconds between two events. */
const PACE = [200, 700] as const;

scenario(
  'whatever happens to a farm, in an order drawn by a seed, both routers follow what is there',
  async (lab) => {
    console.log(`TIDECAST_LAB_SEED=${TIDECAST_LAB_SEED}`);
    const prng = new Prng(Number(TIDECAST_LAB_SEED));
    const farm = await phase('the farm is built', () => RandomFarm.build(lab, prng));
    const deck = [...EVENTS];
    while (deck.length > 0) {
      const happened: string[] = [];
      while (happened.length < EVENTS_BETWEEN_LOOKS) {
        const possible = deck.filter((event) => farm.mayHappen(event));
        if (possible.length === 0) break;
        const event = possible[prng.below(possible.length)]!;
        deck.splice(deck.indexOf(event), 1);
        happened.push(await farm.happen(event));
        farm.expectAllRunning();
        await pause(prng.between(...PACE));
      }
      // What is left cannot happen any more, such as an undrain when nobody drains.
      if (happened.length === 0) break;
      await phase(happened.join(', '), () => farm.followed());
    }
    await phase('all are back', async () => {
      await farm.restore();
      await farm.followed();
    });
    await farm.end();
    const { router } = farm;
    expect(await router.ip('-6 route show table all proto 177')).toBe('');
    expect(await router.ip('nexthop show')).toBe('');
    expect(await router.run('nft', 'list', 'ruleset')).toBe('');
    expect(farm.complaints()).toEqual([]);
  },
  { timeoutS: 240 },
);
