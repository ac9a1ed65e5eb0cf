/** Servers that share a plain Linux router's single entry in time, with NSD behind it. */
import { expect } from '@jest/globals';
import { scenario } from './harness/scenario.ts';
import { LabFarm, pause, sharesOf } from './neighbor-discovery-farm.ts';

scenario(
  'rules 1, 6: measured shares within 10 % of the weights over a minute',
  async (lab) => {
    const farm = await LabFarm.build(lab, 3);
    const weights = [2, 1, 1];
    try {
      await Promise.all(farm.servers.map((server) => server.start()));
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
