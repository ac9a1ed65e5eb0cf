/** Twenty-six routers in a ring with chords, six of them Tidecast, the others FRR and BIRD. */
import { expect } from '@jest/globals';
import { Capture } from './harness/capture.ts';
import { birdConfig, frrOspf6d, type LabInterface, tidecastRouter } from './harness/configs.ts';
import type { LabNode } from './harness/node.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

const ROUTERS = 26;
const OURS = new Set([0, 4, 9, 13, 17, 22]);
/** Every fifth router and its opposite are joined beside the ring. */
const CHORDS = [0, 5, 10].map((from) => [from, from + ROUTERS / 2] as const);
const loopback = (n: number) => `2001:db8:ff::${(n + 1).toString(16)}`;

scenario(
  'all 26 kernels reach all loopbacks by the fewest hops',
  async (lab) => {
    const nodes: LabNode[] = [];
    for (let n = 0; n < ROUTERS; n++) nodes.push(await lab.node(`r${n}`));
    const interfaces: LabInterface[][] = nodes.map(() => []);
    const neighbors: number[][] = nodes.map(() => []);
    const join = async (a: number, b: number) => {
      const [first, second] = [`eth${interfaces[a]!.length}`, `eth${interfaces[b]!.length}`];
      await lab.link([nodes[a]!, first], [nodes[b]!, second]);
      interfaces[a]!.push({ name: first, type: 'pointToPoint' });
      interfaces[b]!.push({ name: second, type: 'pointToPoint' });
      neighbors[a]!.push(b);
      neighbors[b]!.push(a);
    };
    for (let n = 0; n < ROUTERS; n++) await join(n, (n + 1) % ROUTERS);
    for (const [a, b] of CHORDS) await join(a, b);
    for (const n of OURS) lab.captures.push(await Capture.start(lab, nodes[n]!, 'any'));
    await Promise.all(
      nodes.map(async (node, n) => {
        await node.ip(`address add ${loopback(n)}/128 dev lo`);
        const routerId = `10.255.0.${n + 1}`;
        const mine = interfaces[n]!.map((one) => ({ ...one, cost: 10 }));
        if (OURS.has(n)) {
          const lo = '  - { name: lo, area: 0.0.0.0, type: loopback }\n';
          const config = tidecastRouter(routerId, mine).replace(
            'logLevel: debug',
            'logLevel: info',
          );
          await node.tidecast(`${config}${lo}`);
        } else if (n % 2 === 0) {
          const lo = { name: 'lo', passive: true };
          await node.frr({ ospf6d: frrOspf6d(routerId, [...mine, lo]) });
        } else {
          await node.bird(birdConfig(routerId, mine, `stubnet ${loopback(n)}/128 { cost 1; };`));
        }
      }),
    );

    /** Hops between all routers, by breadth-first search over what was built. */
    const hops = nodes.map((_, from) => {
      const distance = new Map([[from, 0]]);
      const queue = [from];
      for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
        for (const next of neighbors[at]!) {
          if (distance.has(next)) continue;
          distance.set(next, distance.get(at)! + 1);
          queue.push(next);
        }
      }
      return distance;
    });
    const linkLocals = new Map<string, number>();
    for (const [n, node] of nodes.entries()) {
      for (const { name } of interfaces[n]!) linkLocals.set(await node.linkLocal(name), n);
    }
    /** The neighbors through which each kernel reaches a destination. */
    const via = async (from: number, to: number) =>
      (await nodes[from]!.gateways(loopback(to))).map((one) => linkLocals.get(one)).sort();
    const best = (from: number, to: number) =>
      neighbors[from]!.filter((next) => hops[next]!.get(to)! + 1 === hops[from]!.get(to)!).sort();

    await until(
      'every router has every loopback',
      async () => {
        const counts = await Promise.all(
          nodes.map(async (node) => {
            const routes = JSON.parse(await node.ip('-json -6 route show')) as { dst: string }[];
            return routes.filter(({ dst }) => dst.startsWith('2001:db8:ff::')).length;
          }),
        );
        const lacking = counts.findIndex((count) => count < ROUTERS - 1);
        if (lacking >= 0) throw new Error(`r${lacking} has ${counts[lacking]} of ${ROUTERS - 1}`);
        return true;
      },
      60_000,
      1000,
    );
    for (const from of OURS) {
      for (let to = 0; to < ROUTERS; to++) {
        if (to === from) continue;
        await until(
          `r${from} reaches r${to} through ${best(from, to)}`,
          async () => `${await via(from, to)}` === `${best(from, to)}`,
          10_000,
        );
      }
    }
    // And packets really pass, across the whole ring, through our routers and the others'.
    const echo = `require('node:dgram').createSocket('udp6')
      .on('message', function (m, from) { this.send(m, from.port, from.address); })
      .bind(7000, '${loopback(7)}');`;
    nodes[7]!.daemon('echo.log', process.execPath, '-e', echo);
    const ask = `const s = require('node:dgram').createSocket('udp6');
      s.on('message', (m) => { console.log(String(m)); s.close(); process.exit(); });
      s.bind(0, '${loopback(20)}', () => s.send('there and back', 7000, '${loopback(7)}'));
      setTimeout(() => process.exit(1), 1000);`;
    const answer = () => nodes[20]!.run(process.execPath, '-e', ask);
    expect(await until('a datagram comes back', answer, 10_000)).toBe('there and back\n');
  },
  // All links of ours are recorded, one capture for each of our routers.
  { timeoutS: 150, captures: false },
);
