/** BFD beside OSPFv3, with FRR's bfdd and with BIRD (RFC 5880, 5881, 5882). */
import { expect } from '@jest/globals';
import { BIRD_KERNEL } from './harness/bird.ts';
import { frrOspf6d, SERVICE, tidecastServer } from './harness/configs.ts';
import { pause, until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

const BFD = '{ transmitIntervalMs: 50, receiveIntervalMs: 50, multiplier: 3 }';
/** What the lab's own asking may add to what it measures. */
const ASKING_MS = 50;

const server = (routerId: string) =>
  tidecastServer(routerId).replace('deadIntervalS: 4', `deadIntervalS: 4, bfd: ${BFD}`);

const BIRD = `router id 10.0.0.2;
${BIRD_KERNEL}
protocol bfd { interface "eth0" { min rx interval 50 ms; min tx interval 50 ms; multiplier 3; }; }
protocol ospf v3 o6 {
  ipv6 { import all; export none; };
  ecmp yes;
  area 0.0.0.0 { interface "eth0" { hello 1; dead 4; priority 10; bfd yes; }; };
}
`;

scenario(
  'a server killed leaves the kernel within 200 ms at 50 ms x 3, under FRR and BIRD',
  async (lab) => {
    const [f, b] = [await lab.node('f'), await lab.node('b')];
    const nodes = [await lab.node('s1'), await lab.node('s2')];
    await lab.bridge(
      'sw',
      [f, b, ...nodes].map((node) => [node, 'eth0'] as const),
    );
    const ospf6d = frrOspf6d('10.0.0.1', [{ name: 'eth0', priority: 20 }]).replace(
      'interface eth0',
      'interface eth0\n ipv6 ospf6 bfd profile fast',
    );
    const bfdd =
      'bfd\n profile fast\n  detect-multiplier 3\n  receive-interval 50\n  transmit-interval 50';
    const [frr, bird, survivor, victim] = await Promise.all([
      f.frr({ ospf6d, bfdd }),
      b.bird(BIRD),
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

    await pause(2000); // a Network-LSA that changes twice within MinLSArrival costs BIRD 5 s
    const killedAtMs = performance.now();
    const killed = victim.stop('SIGKILL');
    const gone = async (of: typeof f) => {
      await until(
        'the next hop is gone',
        async () => (await of.gateways(SERVICE)).join() === first,
        3000,
        5,
      );
      return performance.now() - killedAtMs;
    };
    const [frrMs, birdMs] = await Promise.all([gone(f), gone(b)]);
    await killed;
    console.log(
      `BFD 50 ms x 3: out of the kernel after ${frrMs.toFixed(0)} ms (FRR), ${birdMs.toFixed(0)} ms (BIRD)`,
    );
    expect(frrMs).toBeLessThan(200 + ASKING_MS);
    // BIRD computes routes on its own tick of a second.
    expect(birdMs).toBeLessThan(1500 + ASKING_MS);

    // And the other way: a router that dies is noticed by us as fast.
    const deadAtMs = performance.now();
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
    expect(performance.now() - deadAtMs).toBeLessThan(3000);
    await dying;
  },
);
