/** Several instances in one process, on one interface and on several (RFC 5340 2.4). */

import { join } from 'node:path';
import { expect } from '@jest/globals';
import { birdConfig, frrOspf6d, tidecastRouter } from './harness/configs.ts';
import { run, until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';
import { PROGRAM } from './harness/tidecast.ts';

scenario(
  'one process is adjacent to FRR in one instance and to BIRD in another, on one link',
  async (lab) => {
    const [f, t, b] = [await lab.node('f'), await lab.node('t'), await lab.node('b')];
    await lab.bridge(
      'sw',
      [f, t, b].map((node) => [node, 'eth0'] as const),
    );
    const socket = join(t.directory, 'fifth.sock');
    const routeTable = 'routeTable: none\n';
    const zeroth = tidecastRouter('10.0.0.3', [{ name: 'eth0' }], routeTable);
    const fifth = tidecastRouter('10.0.0.5', [{ name: 'eth0' }], routeTable).replace(
      'deadIntervalS: 4',
      'deadIntervalS: 4, instanceId: 5',
    );
    const [frr, bird, tide] = await Promise.all([
      f.frr({ ospf6d: frrOspf6d('10.0.0.1', [{ name: 'eth0' }]) }),
      b.bird(birdConfig('10.0.0.2', [{ name: 'eth0' }]).replace('"eth0"', '"eth0" instance 5')),
      t.tidecast(`${zeroth}---\n${fifth}socket: ${socket}\n`),
    ]);
    const shown = async (at: string): Promise<string[]> => {
      const said = await run(
        process.execPath,
        PROGRAM,
        'show',
        'neighbors',
        '--json',
        '--socket',
        at,
      );
      const neighbors = JSON.parse(said) as { routerId: string; state: string }[];
      return neighbors.map(({ routerId, state }) => `${routerId} ${state}`);
    };
    await until('FRR is Full with the one alone', async () => {
      const seen = await frr.json<{ neighbors: { neighborId: string; state: string }[] }>(
        'show ipv6 ospf6 neighbor',
      );
      return (
        seen.neighbors.map((one) => `${one.neighborId} ${one.state}`).join() === '10.0.0.3 Full'
      );
    });
    await until('BIRD is Full with the other alone', async () => {
      const lines = (await bird.birdc('show ospf neighbors')).match(/^10\.0\.0\.\d+.*$/gm) ?? [];
      return lines.length === 1 && /^10\.0\.0\.5\s+\d+\s+Full/.test(lines[0]!);
    });
    expect(await tide.show<{ routerId: string; state: string }[]>('neighbors')).toMatchObject([
      { routerId: '10.0.0.1', state: 'Full' },
    ]);
    expect(await shown(socket)).toEqual(['10.0.0.2 Full']);

    // Each says goodbye: the others need no dead interval to know.
    await tide.stop();
    await until(
      'both have lost their neighbor',
      async () => {
        const seen = await frr.json<{ neighbors: { state: string }[] }>('show ipv6 ospf6 neighbor');
        const left = await bird.birdc('show ospf neighbors');
        return !seen.neighbors.some(({ state }) => state === 'Full') && !/Full/.test(left);
      },
      3000,
    );
  },
);
