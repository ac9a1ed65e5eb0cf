/** Two hundred changes in a breath: paced, the last one wins, and nobody stalls. */

import { request } from 'node:http';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { birdConfig, frrOspf6d, SERVICE, tidecastServer } from './harness/configs.ts';
import { pause, until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

const CHANGES = 200;
const MIN_LS_INTERVAL_S = 5;

function post(socketPath: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, method: 'POST' }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
    });
    asked.on('error', reject);
    asked.end();
  });
}

scenario(
  '200 rapid cost changes of one server are few LSAs, and the last value wins',
  async (lab) => {
    const [f, b] = [await lab.node('f'), await lab.node('b')];
    const [s, other] = [await lab.node('s'), await lab.node('o')];
    await lab.bridge(
      'sw',
      [f, b, s, other].map((node) => [node, 'eth0'] as const),
    );
    await Promise.all([
      f.frr({ ospf6d: frrOspf6d('10.0.0.1', [{ name: 'eth0', priority: 10 }]) }),
      b.bird(birdConfig('10.0.0.2', [{ name: 'eth0', priority: 5 }])),
      s.tidecast(tidecastServer('10.0.0.11')),
      other.tidecast(tidecastServer('10.0.0.12')),
    ]);
    const [mine, others] = await Promise.all([s.linkLocal('eth0'), other.linkLocal('eth0')]);
    const both = [mine, others].sort().join();
    /** Whether the kernels of FRR and of BIRD have exactly these next hops. */
    const routed = async (via: string) =>
      `${await f.gateways(SERVICE)}` === via && `${await b.gateways(SERVICE)}` === via;
    await until('both are next hops', () => routed(both));
    await pause(6000); // MinLSInterval of the bring-up is over

    const socket = join(s.directory, 'tidecast.sock');
    const startedEpochS = Date.now() / 1000;
    const startedMs = performance.now();
    for (let change = 0; change < CHANGES; change++) {
      const verb = change % 2 === 0 ? 'drain' : 'undrain';
      expect(await post(socket, `/v1/services/dns/${verb}`)).toBe(200);
      if (change === 0) await until('the first is told at once', () => routed(others), 3000, 20);
    }
    const changingMs = performance.now() - startedMs;
    // The first change, drained, is told at once; the last, undrained, when MinLSInterval is over.
    await until('the last value wins', () => routed(both), 8000, 50);
    expect(performance.now() - startedMs).toBeLessThan(changingMs + 6500);
    await pause(6000);
    expect(await routed(both)).toBe(true);

    // One instance at once, then at most one in each MinLSInterval.
    const since = `ospf.msg == 4 && ospf.v3.lsa.fc == 9 && ipv6.src == ${mine}`;
    const filter = `${since} && frame.time_epoch >= ${startedEpochS}`;
    const updates = await lab.captures[0]!.fields(filter, 'frame.time_epoch', 'ospf.lsa.seqnum');
    const instances = new Set(updates.map(([, sequence]) => sequence));
    const lastS = Number(updates.at(-1)?.[0]) - startedEpochS;
    expect(instances.size).toBeGreaterThan(1);
    expect(instances.size).toBeLessThanOrEqual(1 + Math.floor(lastS / MIN_LS_INTERVAL_S));
  },
);
