/** Tidecast as the router over FRR and BIRD servers: next hops in the kernel, by link-local address. */
import { expect } from '@jest/globals';
import { birdConfig, frrOspf6d, SERVICE, tidecastRouter } from './harness/configs.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

const ETH0 = [{ name: 'eth0', priority: 0 }];

scenario('over FRR and BIRD servers: equal cost, cost up, withdrawn, killed', async (lab) => {
  const [r, f, b] = [await lab.node('r'), await lab.node('f'), await lab.node('b')];
  await lab.bridge('sw', [
    [r, 'eth0'],
    [f, 'eth0'],
    [b, 'eth0'],
  ]);
  await f.ip(`address add ${SERVICE}/128 dev lo`);
  const lo = { name: 'lo', cost: 10, passive: true };
  const server = (cost: number) =>
    birdConfig('10.0.0.2', ETH0, `stubnet ${SERVICE}/128 { cost ${cost}; };`, 'stub router yes;');
  const [router, frr, bird] = await Promise.all([
    r.tidecast(tidecastRouter('10.0.0.9', [{ name: 'eth0', priority: 10 }], 'spread: equal\n')),
    f.frr({ ospf6d: frrOspf6d('10.0.0.1', [...ETH0, lo]) }),
    b.bird(server(10)),
  ]);
  const [viaFrr, viaBird] = [await f.linkLocal('eth0'), await b.linkLocal('eth0')];
  const gateways = async () => (await r.gateways(SERVICE)).join();
  const both = [viaFrr, viaBird].sort().join();
  await until('both are next hops in the kernel', async () => (await gateways()) === both);

  await frr.configure('interface lo', 'ipv6 ospf6 cost 20');
  await until('the dearer one leaves, FRR', async () => (await gateways()) === viaBird);
  await frr.configure('interface lo', 'ipv6 ospf6 cost 10');
  await until('and comes back', async () => (await gateways()) === both);
  await bird.configure(server(20));
  await until('the dearer one leaves, BIRD', async () => (await gateways()) === viaFrr);
  await bird.configure(server(10));
  await until('and comes back', async () => (await gateways()) === both);

  await bird.configure(birdConfig('10.0.0.2', ETH0, '', 'stub router yes;'));
  await until('a withdrawn prefix is gone, BIRD’s', async () => (await gateways()) === viaFrr);
  await bird.configure(server(10));
  await until('and back', async () => (await gateways()) === both);
  await frr.configure('interface lo', 'no ipv6 ospf6 area');
  await until('a withdrawn prefix is gone, FRR’s', async () => (await gateways()) === viaBird);
  await frr.configure('interface lo', 'ipv6 ospf6 area 0.0.0.0');
  await until('and back', async () => (await gateways()) === both);

  const goneMs = async (one: typeof frr | typeof bird, left: string) => {
    const killedAtMs = performance.now();
    await one.stop('SIGKILL');
    await until('a dead server is gone', async () => (await gateways()) === left, 12_000, 20);
    return performance.now() - killedAtMs;
  };
  expect(await goneMs(bird, viaFrr)).toBeLessThan(6000);
  // The last has nobody to go to instead, and its route waits for SPF, which after two changes
  // within ten seconds is LONG_SPF_DELAY, 1 s (RFC 8405).
  expect(await goneMs(frr, '')).toBeLessThan(7000);
  await router.stop();
  expect(await r.ip('-6 route show proto 177')).toBe('');
});
