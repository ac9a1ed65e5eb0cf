/** Two border routers of an NSSA, BIRD and Tidecast: one of them translates (RFC 3101 3.1). */
import { expect } from '@jest/globals';
import { birdConfig, type LabInterface, tidecastRouter } from './harness/configs.ts';
import type { LabNode } from './harness/node.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

const OUTSIDE = '2001:db8:e::/48';
const NSSA = '0.0.0.1';
const LINKS: readonly LabInterface[] = [
  { name: 'bb' },
  { name: 'nssa', area: NSSA, type: 'pointToPoint' },
];

/** BIRD with area 1 as NSSA. */
const birdInNssa = (routerId: string, interfaces: readonly LabInterface[]) =>
  birdConfig(routerId, interfaces).replace(`area ${NSSA} {`, `area ${NSSA} { nssa; summary;`);

scenario('the higher Router ID translates, and the other when it has died', async (lab) => {
  const [b, t] = [await lab.node('b'), await lab.node('t')];
  const [x, a] = [await lab.node('x'), await lab.node('a')];
  await lab.bridge(
    'switch',
    [b, t, x].map((node) => [node, 'bb'] as const),
  );
  for (const [i, border] of [b, t].entries()) {
    await lab.link([border, 'nssa'], [a, `eth${i}`]);
    await border.ip(`address add 2001:db8:a${i}::1/64 dev nssa nodad`);
    await a.ip(`address add 2001:db8:a${i}::2/64 dev eth${i} nodad`);
  }
  await t.ip('link set nssa down');
  const links = ['eth0', 'eth1'].map((name): LabInterface => ({ ...LINKS[1]!, name }));
  const accept = 'if source = RTS_STATIC then { ospf_metric2 = 20; accept; } reject;';
  const inside = birdInNssa('10.0.0.5', links).replace(
    'export none',
    `export filter { ${accept} }`,
  );
  const [border, backbone] = await Promise.all([
    b.bird(birdInNssa('10.0.0.9', LINKS)),
    x.bird(birdConfig('10.0.0.4', [{ name: 'bb' }])),
    a.bird(`${inside}protocol static { ipv6; route ${OUTSIDE} blackhole; }\n`),
    t.tidecast(tidecastRouter('10.0.0.2', LINKS, `areas: [{ id: ${NSSA}, type: nssa }]\n`)),
  ]);
  /** Who says the destination in AS-External-LSAs, in the words of BIRD in the backbone. */
  const translators = async () => {
    const lsas = await backbone.birdc('show ospf lsadb');
    return [...lsas.matchAll(/^ *4005 +\S+ +(\S+) /gm)].map(([, by]) => by).sort();
  };
  const goesTo = async (node: LabNode, gateway: Promise<string>) =>
    (await node.gateways(OUTSIDE)).join() === (await gateway);
  await until('BIRD translates', async () => (await translators()).includes('10.0.0.9'));
  await until('we are there in the backbone', async () => {
    return /10\.0\.0\.2\s+\d+\s+Full/.test(await backbone.birdc('show ospf neighbors'));
  });
  // Only now are we border router of the NSSA, which the other is already.
  await t.ip('link set nssa up');
  await until('we route to the boundary router inside', () => goesTo(t, a.linkLocal('eth1')));
  expect(await translators()).toEqual(['10.0.0.9']);

  await border.stop('SIGKILL');
  await until('we translate', async () => (await translators()).includes('10.0.0.2'));
  await until('the backbone sends there by us', () => goesTo(x, t.linkLocal('bb')));
});
