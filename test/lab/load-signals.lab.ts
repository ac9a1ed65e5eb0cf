/** What is read of a real name server's load, on a machine that has some to spare. */
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { tidecastServer } from './harness/configs.ts';
import { ANYCAST, startNsd } from './harness/dns-farm.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'load is read of counters, CPU time and sockets of a name server that is asked',
  async (lab) => {
    const [other, server] = [await lab.node('r'), await lab.node('s1')];
    await lab.link([other, 'eth0'], [server, 'eth0']);
    await server.ip(`address add ${ANYCAST}/128 dev lo nodad`);
    await startNsd(server, 's1');
    await server.ip('link set lo up');
    const rules =
      'table inet tidecast { counter dns { } ; chain in { type filter hook input priority 0; ' +
      `ip6 daddr ${ANYCAST} udp dport 53 counter name dns; }; }`;
    await server.run('nft', rules);
    const tidecast = await server.tidecast(
      tidecastServer(
        '10.0.0.11',
        [{ name: 'eth0' }],
        `    loadEveryMs: 500
    load:
      - { counter: { table: tidecast, name: dns } }
      - { cpu: { pidfile: ${join(server.directory, 'nsd.pid')}, cpus: 1 } }
      - { sockets: { port: 53 } }
      - { latency: { dns: { server: '${ANYCAST}', name: www.example.test } } }
      - { pressure: { resource: cpu, hotRatio: 1 } }
`,
      ),
    );
    // 2,000 queries per second for 6 s, beside two of the latency probe.
    const ask = `
const { createSocket } = require('node:dgram');
const query = Buffer.from('000001000001000000000000' + '03777777076578616d706c65047465737400' + '001c0001', 'hex');
const socket = createSocket('udp6');
let sent = 0;
const start = performance.now();
const timer = setInterval(() => {
  for (const due = 2 * (performance.now() - start); sent < due; sent++) socket.send(query, 53, '${ANYCAST}');
  if (performance.now() - start > 6000) { clearInterval(timer); socket.close(); }
}, 5);`;
    const asking = server.run(process.execPath, '-e', ask);
    interface Signals {
      readonly signals: {
        readonly loads: readonly {
          readonly signal: string;
          readonly problem?: string;
          readonly reading?: {
            readonly queriesPerSecond?: number;
            readonly utilizationRatio?: number;
          };
        }[];
      };
    }
    const loads = async () => {
      const text = await tidecast.verb('explain', 'dns', '--json');
      return (JSON.parse(text) as Signals).signals.loads;
    };
    const seen = await until(
      'the counter shows 2,000 queries per second, and the CPU some use',
      async () => {
        const all = await loads();
        const rate = all[0]?.reading?.queriesPerSecond ?? 0;
        const busy = all[1]?.reading?.utilizationRatio ?? 0;
        return rate > 1800 && rate < 2200 && busy > 0 ? all : undefined;
      },
      6000,
    );
    await asking;
    console.log(
      seen
        .map(({ signal, reading, problem }) => `${signal}: ${JSON.stringify(reading ?? problem)}`)
        .join('\n'),
    );
    expect(seen.filter(({ problem }) => problem !== undefined)).toEqual([]);
    const lines = await tidecast.verb('explain', 'dns');
    expect(lines).toContain('state: UP');
  },
);
