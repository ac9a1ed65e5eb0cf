/** Two hundred changes in a breath: paced, the last one wins, and nobody stalls. */

import { request } from 'node:http';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { frrOspf6d, SERVICE, tidecastServer } from './harness/configs.ts';
import { pause, until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

const CHANGES = 200;

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
    const [f, s, other] = [await lab.node('f'), await lab.node('s'), await lab.node('o')];
    await lab.bridge(
      'sw',
      [f, s, other].map((node) => [node, 'eth0'] as const),
    );
    await Promise.all([
      f.frr({ ospf6d: frrOspf6d('10.0.0.1', [{ name: 'eth0', priority: 10 }]) }),
      s.tidecast(tidecastServer('10.0.0.11')),
      other.tidecast(tidecastServer('10.0.0.12')),
    ]);
    const [mine, others] = await Promise.all([s.linkLocal('eth0'), other.linkLocal('eth0')]);
    const both = [mine, others].sort().join();
    const gateways = async () => (await f.gateways(SERVICE)).join();
    await until('both are next hops', async () => (await gateways()) === both);
    await pause(6000); // MinLSInterval of the bring-up is over

    const socket = join(s.directory, 'tidecast.sock');
    const startedMs = performance.now();
    for (let change = 0; change < CHANGES; change++) {
      const verb = change % 2 === 0 ? 'drain' : 'undrain';
      expect(await post(socket, `/v1/services/dns/${verb}`)).toBe(200);
    }
    expect(await post(socket, '/v1/services/dns/drain')).toBe(200);
    const changingMs = performance.now() - startedMs;
    // The last value is drained: told within MinLSInterval of the first, however many came between.
    await until('the last value wins', async () => (await gateways()) === others, 8000, 50);
    expect(performance.now() - startedMs).toBeLessThan(changingMs + 6500);
    await pause(6000);
    expect(await gateways()).toBe(others);

    const filter = `ospf.msg == 4 && ospf.v3.lsa.fc == 9 && ipv6.src == ${mine}`;
    const updates = await lab.captures[0]!.fields(filter, 'frame.time_relative');
    // One at once, then at most one each 5 s; retransmissions and the bring-up included.
    expect(updates.length).toBeLessThan(20);
  },
);
