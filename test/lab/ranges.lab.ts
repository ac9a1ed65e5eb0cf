/** Ranges of an area at a border router of ours: what others hear, and what its kernel discards. */
import { expect } from '@jest/globals';
import { birdConfig, tidecastRouter } from './harness/configs.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

const SAID = '2001:db8:51::/48';
const HIDDEN = '2001:db8:52::/48';
const HOSTS = ['2001:db8:51:1::1', '2001:db8:51:2::1', '2001:db8:52:1::1'];

scenario('a range is one prefix for BIRD, and what is not in it ends at us', async (lab) => {
  const [r, b, leaf] = [await lab.node('r'), await lab.node('b'), await lab.node('leaf')];
  await lab.link([r, 'eth0'], [b, 'eth0']);
  await lab.link([r, 'eth1'], [leaf, 'eth0']);
  for (const host of HOSTS) await r.ip(`address add ${host}/128 dev lo`);
  const type = 'pointToPoint';
  const config = tidecastRouter(
    '10.0.0.2',
    [
      { name: 'eth0', type },
      { name: 'eth1', type, area: '0.0.0.1' },
    ],
    `  - { name: lo, area: 0.0.0.1, type: loopback }
areas:
  - id: 0.0.0.1
    ranges: [{ prefix: "${SAID}" }, { prefix: "${HIDDEN}", advertise: false }]
`,
  );
  const [bird, first] = await Promise.all([
    b.bird(birdConfig('10.0.0.1', [{ name: 'eth0', type }])),
    r.tidecast(config),
  ]);
  const ours = await r.linkLocal('eth0');
  const routed = async () => (await b.gateways(SAID)).join() === ours;
  const discards = () => r.ip('-6 route show type unreachable proto 177');
  await until('BIRD has a route to the range', routed);
  expect(await discards()).toMatch(/^unreachable 2001:db8:51::\/48 dev lo metric 65535 [^\n]*\n$/);
  const table = await bird.birdc('show route');
  expect(table).toContain(SAID);
  expect(table).not.toMatch(/2001:db8:5[12]:[12]|2001:db8:52:/);
  // A default route leads back to where such a packet came from: it must not be used.
  const viaBird = await b.linkLocal('eth0');
  await r.ip(`-6 route add default via ${viaBird} dev eth0`);
  const way = (to: string) => r.ip(`-6 route get ${to}`).catch((error: Error) => error.message);
  expect(await way('2001:db8:51:9::9')).toContain('No route to host');
  expect(await way('2001:db8:99::9')).toContain(viaBird);

  // Killed, it leaves everything; the next run takes away what it has no use for.
  await first.stop('SIGKILL');
  expect(await discards()).toContain(SAID);
  const second = await r.tidecast(config.replace(`{ prefix: "${SAID}" }, `, ''));
  await until('a range that is none any more is gone', async () => (await discards()) === '');
  await second.stop();
  const third = await r.tidecast(config);
  await until('a range that is one again is back', async () => (await discards()).includes(SAID));
  await third.stop();
  expect(await r.ip('-6 route show proto 177')).toBe('');
});
