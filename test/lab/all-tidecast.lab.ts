/** A farm of Tidecast alone: weights in the kernel as the servers advertise them. */
import { expect } from '@jest/globals';
import { SERVICE, tidecastRouter, tidecastServer } from './harness/configs.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'weights of three servers reach the router’s kernel, a drained one leaves',
  async (lab) => {
    const r = await lab.node('r');
    const nodes = [await lab.node('s1'), await lab.node('s2'), await lab.node('s3')];
    await lab.bridge(
      'sw',
      [r, ...nodes].map((node) => [node, 'eth0'] as const),
    );
    const weights = [100, 100, 50];
    const [router, ...servers] = await Promise.all([
      r.tidecast(tidecastRouter('10.0.0.1', [{ name: 'eth0', priority: 10 }])),
      ...nodes.map((node, i) =>
        node.tidecast(
          tidecastServer(
            `10.0.0.${11 + i}`,
            undefined,
            `    weight: ${weights[i]}\n    cost: { rampWindowS: 0 }\n`,
          ),
        ),
      ),
    ] as const);
    const linkLocals = await Promise.all(nodes.map((node) => node.linkLocal('eth0')));
    const shares = async () => {
      const group = await r.kernelNextHops(SERVICE);
      const sum = group.reduce((all, { weight }) => all + weight, 0);
      return nodes.map((_, i) => {
        const found = group.find(({ gateway }) => gateway === linkLocals[i]);
        return Math.round((100 * (found?.weight ?? 0)) / sum);
      });
    };
    await until(
      'shares are 40, 40 and 20 percent',
      async () => (await shares()).join() === '40,40,20',
    );
    await servers[0]!.verb('drain', 'dns');
    await until('the drained one has none', async () => (await shares()).join() === '0,67,33');
    expect((await router.show<{ service: string }[]>('services'))[0]!.service).toBe(
      `${SERVICE}/128`,
    );
  },
);
