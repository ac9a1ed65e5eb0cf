/** Servers that start together with FRR, as after a power cut, under FRR's own SPF timers. */
import { frrOspf6d, SERVICE, tidecastServer } from './harness/configs.ts';
import { pause, until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

/** FRR's defaults: it waits after a change, and takes what comes meanwhile in without SPF. */
const OWN_TIMERS = ' timers throttle spf 0 50 5000';
const STUB_S = 10;

scenario(
  'FRR 8.4 takes the first change of the first server after a common start, once there was an SPF',
  async (lab) => {
    const f = await lab.node('f');
    const nodes = [await lab.node('s1'), await lab.node('s2')];
    await lab.bridge(
      'sw',
      [f, ...nodes].map((node) => [node, 'eth0'] as const),
    );
    const [, ...servers] = await Promise.all([
      f.frr({ ospf6d: frrOspf6d('10.0.0.1', [{ name: 'eth0', priority: 10 }], OWN_TIMERS) }),
      ...nodes.map((node, i) =>
        node.tidecast(`${tidecastServer(`10.0.0.${11 + i}`)}\nstubRouterOnStartS: ${STUB_S}\n`),
      ),
    ] as const);
    const linkLocals = await Promise.all(nodes.map((node) => node.linkLocal('eth0')));
    const served = async (...of: number[]) => {
      const want = of.map((i) => linkLocals[i]).sort();
      return (await f.gateways(SERVICE)).join() === want.join();
    };
    await until('both are served from the start, stub routers as they are', () => served(0, 1));
    // The Router-LSAs change once more, and FRR's longest hold time passes.
    await pause(1000 * STUB_S + 6000);
    for (const [i, other] of [
      [0, 1],
      [1, 0],
    ] as const) {
      await servers[i]!.verb('drain', 'dns');
      await until(`server ${i} leaves when its cost goes up`, () => served(other));
      await servers[i]!.verb('undrain', 'dns');
      await until('and comes back', () => served(0, 1), 15_000);
    }
  },
  { timeoutS: 90 },
);
