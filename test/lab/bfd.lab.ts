/** BFD beside OSPFv3, with FRR's bfdd and with BIRD (RFC 5880, 5881, 5882). */
import { expect } from '@jest/globals';
import { BIRD_KERNEL, type BirdRouter } from './harness/bird.ts';
import {
  FRR_AT_ONCE,
  frrOspf6d,
  type LabInterface,
  SERVICE,
  tidecastRouter,
  tidecastServer,
} from './harness/configs.ts';
import type { FrrRouter } from './harness/frr.ts';
import type { Lab } from './harness/lab.ts';
import type { LabNode } from './harness/node.ts';
import { pause, until } from './harness/process.ts';
import { RouteMonitor } from './harness/route-monitor.ts';
import { scenario } from './harness/scenario.ts';

const BFD = '{ transmitIntervalMs: 50, receiveIntervalMs: 50, multiplier: 3 }';
const MIN_LS_ARRIVAL_MS = 1000;

const server = (routerId: string) =>
  tidecastServer(routerId).replace('deadIntervalS: 4', `deadIntervalS: 4, bfd: ${BFD}`);

/** BIRD with BFD; `more` goes into its area. */
const birdBfd = (priority: number, more = '') => `router id 10.0.0.2;
${BIRD_KERNEL}
protocol bfd { interface "eth0" { min rx interval 50 ms; min tx interval 50 ms; multiplier 3; }; }
protocol ospf v3 o6 {
  ipv6 { import all; export none; };
  ecmp yes;
  area 0.0.0.0 { interface "eth0" { hello 1; dead 4; priority ${priority}; bfd yes; }; ${more} };
}
`;
const BFDD =
  'bfd\n profile fast\n  detect-multiplier 3\n  receive-interval 50\n  transmit-interval 50';
/** ospf6d with BFD on the link; its own timers would put SPF off by up to 5 s. */
const frrBfd = (priority: number, more: readonly LabInterface[] = []) =>
  frrOspf6d('10.0.0.1', [{ name: 'eth0', priority }, ...more], FRR_AT_ONCE).replace(
    'interface eth0',
    'interface eth0\n ipv6 ospf6 bfd profile fast',
  );

/**
 * Whether the next Network-LSA of FRR, the designated router, will be taken by BIRD at once. FRR
 * originates it as often as neighbors come, without regard to MinLSInterval (RFC 2328 12.4). BIRD
 * drops what comes within MinLSArrival of the instance it has (13 (5a)), and takes it when FRR
 * retransmits it, 5 s later. A server killed within a second of that is in FRR's next instance,
 * which BIRD drops again: captures of such runs show the death told after 150 ms, and BIRD's route
 * 5 s later. So: BIRD has FRR's instance, and none was on the wire for longer than MinLSArrival.
 */
async function settled(lab: Lab, frr: FrrRouter, bird: BirdRouter): Promise<boolean> {
  const sequence = (text: string) =>
    /^.*10\.0\.0\.1\s.*?(8[0-9a-f]{7})\s/m.exec(text)?.[1] ?? 'none';
  const ofFrr = sequence(await frr.vtysh('show ipv6 ospf6 database network'));
  const lsas = await bird.birdc('show ospf lsadb');
  if (sequence(lsas.match(/^ *2002 .*$/gm)?.join('\n') ?? '') !== ofFrr) return false;
  const updates = await lab.captures[0]!.fields(
    'ospf.msg == 4 && ospf.v3.lsa.fc == 2',
    'frame.time_epoch',
  );
  return Date.now() - 1000 * Number(updates.at(-1)?.[0]) > MIN_LS_ARRIVAL_MS + 50;
}

/**
 * Kills somebody and waits until the kernels route to the service by these gateways alone.
 * @returns how long after the kill each kernel changed.
 */
async function goneMs(
  victim: { stop(signal: NodeJS.Signals): Promise<void> },
  routers: readonly LabNode[],
  gateways: string,
): Promise<number[]> {
  const monitors = routers.map((node) => new RouteMonitor(node));
  await pause(200); // the monitors listen
  const killedAtMs = Date.now();
  const killed = victim.stop('SIGKILL');
  const left = async (node: LabNode) => (await node.gateways(SERVICE)).join() === gateways;
  for (const node of routers) await until('the next hop is gone', () => left(node), 3000, 50);
  await killed;
  return monitors.map((monitor) => monitor.firstChange(SERVICE, killedAtMs)! - killedAtMs);
}

scenario(
  'a server killed leaves the kernel within 200 ms at 50 ms x 3, under FRR and BIRD',
  async (lab) => {
    const [f, b] = [await lab.node('f'), await lab.node('b')];
    const nodes = [await lab.node('s1'), await lab.node('s2')];
    await lab.bridge(
      'sw',
      [f, b, ...nodes].map((node) => [node, 'eth0'] as const),
    );
    const [frr, bird, survivor, victim] = await Promise.all([
      f.frr({ ospf6d: frrBfd(20), bfdd: BFDD }),
      b.bird(birdBfd(10)),
      nodes[0]!.tidecast(server('10.0.0.11')),
      nodes[1]!.tidecast(server('10.0.0.12')),
    ]);
    const [first, second] = await Promise.all(nodes.map((node) => node.linkLocal('eth0')));
    const both = [first, second].sort().join();
    await until('both servers are next hops of both routers', async () => {
      return (
        (await f.gateways(SERVICE)).join() === both && (await b.gateways(SERVICE)).join() === both
      );
    });
    await until('every session is up, in the words of all', async () => {
      const peers = await frr.json<{ peer: string; status: string }[]>('show bfd peers');
      const up = (address: string) =>
        peers.some((one) => one.peer === address && one.status === 'up');
      const sessions = await bird.birdc('show bfd sessions');
      const ours = await survivor.show<{ routerId: string; bfd: string | null }[]>('neighbors');
      const routers = ours.filter(({ routerId }) => /^10\.0\.0\.[12]$/.test(routerId));
      return (
        up(first!) &&
        up(second!) &&
        [first, second].every((one) => new RegExp(`${one}\\s+eth0\\s+Up`).test(sessions)) &&
        routers.length === 2 &&
        routers.every(({ bfd }) => bfd === 'Up')
      );
    });

    await until('BIRD may take the next Network-LSA', () => settled(lab, frr, bird), 20_000);
    const [frrMs = NaN, birdMs = NaN] = await goneMs(victim, [f, b], first!);
    console.log(
      `BFD 50 ms x 3: out of the kernel after ${frrMs.toFixed(0)} ms (FRR), ${birdMs.toFixed(0)} ms (BIRD)`,
    );
    expect(frrMs).toBeLessThan(200);
    // BIRD computes routes on its own tick of a second.
    expect(birdMs).toBeLessThan(1500);

    // And the other way: a router that dies is noticed by us.
    const dying = frr.stop('SIGKILL');
    await until(
      'our neighbor is gone',
      async () => {
        const neighbors = await survivor.show<{ routerId: string }[]>('neighbors');
        return !neighbors.some(({ routerId }) => routerId === '10.0.0.1');
      },
      3000,
      10,
    );
    const noticed = survivor
      .log()
      .split('\n')
      .find(
        (line) =>
          line.includes('bfdState') && line.includes('"from":"Up"') && line.includes('10.0.0.1'),
      );
    expect(noticed).toBeDefined();
    await dying;
  },
);

scenario(
  'FRR and BIRD servers killed leave the kernel of our router within 200 ms at 50 ms x 3',
  async (lab) => {
    const nodes = [];
    for (const name of ['r', 'f', 'b', 's']) nodes.push(await lab.node(name));
    const [r, f, b, left] = nodes as [LabNode, LabNode, LabNode, LabNode];
    await lab.bridge(
      'sw',
      nodes.map((node) => [node, 'eth0'] as const),
    );
    await f.ip(`address add ${SERVICE}/128 dev lo`);
    const router = tidecastRouter('10.0.0.9', [{ name: 'eth0', priority: 10 }], 'spread: equal\n');
    const [frr, bird] = await Promise.all([
      f.frr({ ospf6d: frrBfd(0, [{ name: 'lo', cost: 10, passive: true }]), bfdd: BFDD }),
      b.bird(birdBfd(0, `stubnet ${SERVICE}/128 { cost 10; };`)),
      left.tidecast(server('10.0.0.11')),
      r.tidecast(router.replace('deadIntervalS: 4', `deadIntervalS: 4, bfd: ${BFD}`)),
    ]);
    const [ours, viaFrr, viaBird, viaOurs] = await Promise.all(
      nodes.map((node) => node.linkLocal('eth0')),
    );
    const all = [viaFrr, viaBird, viaOurs].sort().join();
    await until('all are next hops in the kernel', async () => {
      return (await r.gateways(SERVICE)).join() === all;
    });
    await until('both have their session with us up', async () => {
      const peers = await frr.json<{ peer: string; status: string }[]>('show bfd peers');
      const sessions = await bird.birdc('show bfd sessions');
      return (
        peers.some(({ peer, status }) => peer === ours && status === 'up') &&
        new RegExp(`${ours}\\s+eth0\\s+Up`).test(sessions)
      );
    });
    const [birdMs = NaN] = await goneMs(bird, [r], [viaFrr, viaOurs].sort().join());
    const [frrMs = NaN] = await goneMs(frr, [r], viaOurs!);
    console.log(
      `out of our kernel after ${birdMs.toFixed(0)} ms (BIRD), ${frrMs.toFixed(0)} ms (FRR)`,
    );
    expect(birdMs).toBeLessThan(200);
    expect(frrMs).toBeLessThan(200);
  },
);
