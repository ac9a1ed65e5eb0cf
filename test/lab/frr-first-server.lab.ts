/**
 * FRR 8.4 keeps the next hop of the first server that announced a prefix
 * until its next SPF (FRR's issue 13579). A server prompts one some seconds after it announced.
 */
import { frrOspf6d, SERVICE, tidecastServer } from './harness/configs.ts';
import type { FrrRouter } from './harness/frr.ts';
import type { Lab } from './harness/lab.ts';
import type { LabNode } from './harness/node.ts';
import { pause, until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';
import type { TidecastNode } from './harness/tidecast.ts';

const FRR = { ospf6d: frrOspf6d('10.0.0.1', [{ name: 'eth0', priority: 10 }]) };
/** The latest prompt, and FRR's longest hold time after it. */
const PROMPTED_MS = 15_000 + 6000;

interface Farm {
  readonly router: LabNode;
  readonly frr: FrrRouter;
  readonly servers: readonly TidecastNode[];
  /** Whether the router's kernel has exactly these servers as next hops. */
  served(...of: number[]): Promise<boolean>;
}

/** All start together, as after a power cut. */
async function farmOf(lab: Lab): Promise<Farm> {
  const router = await lab.node('f');
  const nodes = [await lab.node('s1'), await lab.node('s2')];
  await lab.bridge(
    'sw',
    [router, ...nodes].map((node) => [node, 'eth0'] as const),
  );
  const [frr, ...servers] = await Promise.all([
    router.frr(FRR),
    ...nodes.map((node, i) => node.tidecast(tidecastServer(`10.0.0.${11 + i}`))),
  ] as const);
  const linkLocals = await Promise.all(nodes.map((node) => node.linkLocal('eth0')));
  const served = async (...of: number[]) => {
    const want = of.map((i) => linkLocals[i]).sort();
    return (await router.gateways(SERVICE)).join() === want.join();
  };
  await until('both are served', () => served(0, 1));
  return { router, frr, servers, served };
}

/** Every server's first change is taken, and its second. */
async function everyServerMayLeave({ servers, served }: Farm): Promise<void> {
  for (const [i, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    await servers[i]!.verb('drain', 'dns');
    await until(`server ${i} leaves when its cost goes up`, () => served(other));
    await servers[i]!.verb('undrain', 'dns');
    await until('and comes back', () => served(0, 1), 15_000);
  }
}

scenario(
  'FRR 8.4 lets every server leave after a common start, and after services were announced anew',
  async (lab) => {
    const farm = await farmOf(lab);
    await pause(PROMPTED_MS);
    await everyServerMayLeave(farm);

    for (const server of farm.servers) await server.verb('disable', 'dns');
    await until('the service is gone', async () => {
      return (await farm.router.gateways(SERVICE)).length === 0;
    });
    await pause(6000);
    for (const server of farm.servers) await server.verb('enable', 'dns');
    await until('both are served again', () => farm.served(0, 1), 15_000);
    await pause(PROMPTED_MS);
    await everyServerMayLeave(farm);
  },
  { timeoutS: 150 },
);

scenario(
  'FRR 8.4 lets every server leave after it was killed and came back',
  async (lab) => {
    const farm = await farmOf(lab);
    await pause(PROMPTED_MS);
    await farm.frr.stop('SIGKILL');
    await pause(5000);
    const frr = await farm.router.frr(FRR);
    await until('both are served again', () => farm.served(0, 1), 20_000);
    await pause(PROMPTED_MS);
    await everyServerMayLeave({ ...farm, frr });
  },
  { timeoutS: 150 },
);
