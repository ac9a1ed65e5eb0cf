/** Servers that share a plain Linux router's single entry in time, with NSD behind it. */
import { expect } from '@jest/globals';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';
import {
  LabFarm,
  type LabServer,
  longestGapMs,
  pause,
  sharesOf,
} from './neighbor-discovery-farm.ts';

scenario(
  'rules 1, 6: measured shares within 10 % of the weights over a minute',
  async (lab) => {
    const farm = await LabFarm.build(lab, 3);
    const weights = [2, 1, 1];
    try {
      for (const server of farm.servers) await server.start();
      farm.servers.forEach((server, index) => {
        server.hosted.load({ weight: weights[index]! });
        server.hosted.serving(true);
      });
      await pause(2_000);
      const answers = await farm.ask(60_000, 200);
      const shares = sharesOf(answers);
      const lost = answers.filter(([, server]) => server === null).length;
      console.log(`turns: shares ${JSON.stringify(shares)}, ${lost} of ${answers.length} lost`);
      for (const [index, weight] of weights.entries()) {
        expect(Math.abs(shares[`server${index + 1}`]! / (weight / 4) - 1)).toBeLessThan(0.1);
      }
      expect(lost).toBeLessThan(answers.length / 1_000);
    } finally {
      farm.close();
    }
  },
  { timeoutS: 100 },
);

scenario(
  'rule 9: the service ends, and the others have taken over before the next query',
  async (lab) => {
    const farm = await LabFarm.build(lab, 3);
    try {
      for (const server of farm.servers) {
        await server.start();
        server.hosted.serving(true);
      }
      await pause(3_000);
      const asked = farm.ask(6_000, 500);
      await pause(2_000);
      const holder = farm.servers.find(({ hosted }) => hosted.advertiser.state === 'Holding')!;
      const endedAtMs = Date.now();
      holder.hosted.serving(false); // the monitor saw the process end …
      await holder.stopNsd(); // … and nothing would answer any more
      const answers = await asked;
      const after = answers.filter(([atMs]) => atMs > endedAtMs + 5);
      expect(after.some(([, server]) => server === holder.name)).toBe(false);
      const lost = answers.filter(([, server]) => server === null).length;
      console.log(
        `service end: ${lost} of ${answers.length} lost, gap ${longestGapMs(answers)} ms`,
      );
      expect(lost).toBeLessThanOrEqual(5); // those on their way when the process ended
    } finally {
      farm.close();
    }
  },
);

scenario('a killed holder is replaced after two missed refreshes', async (lab) => {
  const farm = await LabFarm.build(lab, 3);
  try {
    for (const server of farm.servers) {
      await server.start();
      server.hosted.serving(true);
    }
    await pause(3_000);
    const asked = farm.ask(6_000, 500);
    await pause(2_000);
    // In the beginning of its turn, where it hurts most.
    const turnOf = (): LabServer | undefined =>
      farm.servers.find(({ hosted }) => hosted.advertiser.state === 'Holding');
    const before = turnOf();
    const holder = await until(
      'the next turn',
      () => (turnOf() === before ? undefined : turnOf()),
      3_000,
      1,
    );
    holder.hosted.abandon();
    await holder.stopNsd();
    const answers = await asked;
    const gapMs = longestGapMs(answers);
    console.log(`kill: gap ${gapMs} ms`);
    expect(gapMs).toBeLessThan(900); // two refreshes of 200 ms, a take-over delay, and a busy machine
    const last = answers.slice(-1_000).filter(([, server]) => server === null).length;
    expect(last).toBe(0);
  } finally {
    farm.close();
  }
});
