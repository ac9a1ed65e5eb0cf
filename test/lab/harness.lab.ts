/** The lab itself: without Tidecast, FRR and BIRD must find each other in it. */
import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { BIRD_KERNEL } from './harness/bird.ts';
import { Lab } from './harness/lab.ts';
import { obstacle } from './harness/obstacle.ts';
import { run, until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

scenario('FRR and BIRD reach Full on a switch and route to each other', async (lab) => {
  const [a, b] = [await lab.node('a'), await lab.node('b')];
  await lab.bridge('sw', [
    [a, 'eth0'],
    [b, 'eth0'],
  ]);
  await b.ip('address add 2001:db8:b::1/128 dev lo');
  const frr = await a.frr({
    ospf6d: `
interface eth0
 ipv6 ospf6 area 0.0.0.0
 ipv6 ospf6 hello-interval 1
 ipv6 ospf6 dead-interval 4
router ospf6
 ospf6 router-id 10.0.0.1
`,
  });
  const bird = await b.bird(`
router id 10.0.0.2;
${BIRD_KERNEL}
protocol ospf v3 o6 {
  ipv6 { import all; export all; };
  area 0.0.0.0 {
    interface "eth0" { hello 1; dead 4; };
    stubnet 2001:db8:b::1/128;
  };
}
`);
  await until('Full', async () => (await bird.birdc('show ospf neighbors')).includes('Full'));
  const neighbors = await frr.json<{ neighbors: { state: string }[] }>('show ipv6 ospf6 neighbor');
  expect(neighbors.neighbors.map(({ state }) => state)).toEqual(['Full']);
  const gateways = await until('the kernel route', async () => {
    const found = await a.gateways('2001:db8:b::1');
    return found.length > 0 && found;
  });
  expect(gateways).toEqual([await b.linkLocal('eth0')]);
  expect((await lab.captures[0]!.fields('ospf.msg == 1', 'ipv6.src')).length).toBeGreaterThan(1);
});

const here = obstacle() === undefined ? test : test.skip;
here('a lab that fails half-way leaves nothing behind', async () => {
  const lab = new Lab('torn');
  const node = await lab.node('a');
  const sleeper = node.daemon('sleep.log', 'sleep', '600');
  await expect(lab.link([node, 'eth0'], [node, 'eth0'])).rejects.toThrow();
  await lab.close();
  lab.discard();
  expect(sleeper.running).toBe(false);
  expect(await run('ip', 'netns', 'list')).not.toContain(node.namespace);
  expect(existsSync(lab.directory)).toBe(false);
});
