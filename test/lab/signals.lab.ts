/** Signals of servers on a real link: what is on the wire when one ends, and reports by HTTP. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { frrOspf6d, SERVICE, tidecastRouter, tidecastServer } from './harness/configs.ts';
import { ANYCAST, startNsd } from './harness/dns-farm.ts';
import type { LabNode } from './harness/node.ts';
import { pause, until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

/** LS Updates that flush the service's Intra-Area-Prefix-LSA (function code 9, age 3600). */
const FLUSH = 'ospf.msg == 4 && ospf.v3.lsa.fc == 9 && ospf.lsa.age == 3600';

const pidIn = (node: LabNode): number =>
  Number(readFileSync(join(node.directory, 'nsd.pid'), 'utf8'));

scenario(
  'a name server that ends is withdrawn at once, and advertised when it is back',
  async (lab) => {
    const [router, server] = [await lab.node('r'), await lab.node('s1')];
    await lab.link([router, 'eth0'], [server, 'eth0']);
    await server.ip(`address add ${ANYCAST}/128 dev lo nodad`);
    const nsd = await startNsd(server, 's1');
    await router.frr({ ospf6d: frrOspf6d('10.0.0.1', [{ name: 'eth0', type: 'pointToPoint' }]) });
    // A look takes two seconds: what happens sooner was told, not seen.
    await server.tidecast(
      tidecastServer(
        '10.0.0.11',
        [{ name: 'eth0', type: 'pointToPoint' }],
        `    liveness:
      - { process: { pidfile: ${join(server.directory, 'nsd.pid')} }, everyMs: 2000, rise: 1, fall: 2 }
      - { dns: { server: '${ANYCAST}', name: www.example.test }, everyMs: 2000, rise: 1, fall: 2 }
`,
      ),
    );
    const routed = async () => (await router.gateways(SERVICE)).length > 0;
    await until('FRR routes to the service', routed, 30_000);
    // At least a second passes between two instances of an LSA (MinLSArrival), a flush included.
    await pause(1500);
    const killedMs = Date.now();
    process.kill(pidIn(server), 'SIGKILL');
    await until('FRR has no route any more', async () => !(await routed()), 5000, 10);
    const goneMs = Date.now() - killedMs;
    await nsd.stop('SIGKILL', 2000);
    await startNsd(server, 's1');
    await until('FRR routes to the service again', routed, 30_000);
    const times = await lab.captures[0]!.fields(FLUSH, 'frame.time_epoch');
    const flushMs = 1000 * Number(times[0]?.[0]) - killedMs;
    console.log(
      `killed: flushed on the wire after ${flushMs.toFixed(1)} ms, seen gone after ${goneMs} ms`,
    );
    expect(flushMs).toBeGreaterThan(0);
    expect(flushMs).toBeLessThan(1000);
  },
);

scenario('a router asks FRR servers for their load over HTTP and spreads by it', async (lab) => {
  const router = await lab.node('r');
  const servers = [await lab.node('s1'), await lab.node('s2')];
  await lab.bridge('switch', [
    [router, 'east'],
    ...servers.map((node): [LabNode, string] => [node, 'eth0']),
  ]);
  await router.ip('address add 2001:db8:1::1/64 dev east nodad');
  for (const [i, node] of servers.entries()) {
    await node.ip(`address add 2001:db8:1::1${i + 1}/64 dev eth0 nodad`);
    await node.ip(`address add ${ANYCAST}/128 dev lo nodad`);
    const interfaces = [
      { name: 'eth0', priority: 0 },
      { name: 'lo', cost: 10 },
    ];
    await node.frr({ ospf6d: frrOspf6d(`10.0.0.1${i + 1}`, interfaces) });
    // 100 and 50 queries per second at half of what they can do: 200 and 100, 10 to one unit.
    const rate = 100 / (i + 1);
    const report = JSON.stringify({ application_utilization: 0.5, rps_fractional: rate });
    const script = `require('node:http').createServer((_, r) => r.end('${report}')).listen(9100, '::')`;
    node.daemon('report.log', process.execPath, '-e', script);
  }
  const reports = servers.map(
    (_, i) => `      - { server: 10.0.0.1${i + 1}, url: "http://[2001:db8:1::1${i + 1}]:9100/" }`,
  );
  const tidecast = await router.tidecast(
    tidecastRouter(
      '10.0.0.1',
      [{ name: 'east', priority: 10 }],
      `routeTable: none
services:
  - address: ${SERVICE}
    reports:
${reports.join('\n')}
`,
    ),
  );
  interface Service {
    readonly nextHops: readonly { readonly wantedRatio: number }[];
    readonly servers: readonly { readonly routerId: string; readonly weight: number }[];
  }
  const known = await until(
    'both next hops have their shares',
    async () => {
      const [service] = await tidecast.show<Service[]>('services');
      const ratios = service?.nextHops.map(({ wantedRatio }) => wantedRatio).sort() ?? [];
      return ratios.length === 2 && Math.abs(ratios[1]! - 2 / 3) < 0.01 ? service : undefined;
    },
    30_000,
  );
  expect(known.servers.map(({ routerId, weight }) => [routerId, weight]).sort()).toEqual([
    ['10.0.0.11', 20],
    ['10.0.0.12', 10],
  ]);
});
