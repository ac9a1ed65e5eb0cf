/** What goes wrong on real links, and that it is said and mended. */
import { expect } from '@jest/globals';
import { birdConfig, frrOspf6d, tidecastRouter } from './harness/configs.ts';
import { pause, until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';
import type { TidecastNode } from './harness/tidecast.ts';

const ADDRESS = '2001:db8:7::1';
const ETH0 = [{ name: 'eth0' }];
const ETH0_AND_LO = `routeTable: none\n`;

const dropsOf = async (node: TidecastNode) =>
  new Map(Object.entries(await node.show<Record<string, number>>('drops')));

/** Whether all of this many neighbors are Full. */
async function allFull(node: TidecastNode, count: number): Promise<boolean> {
  const neighbors = await node.show<{ state: string }[]>('neighbors');
  return neighbors.length === count && neighbors.every(({ state }) => state === 'Full');
}

/** A Tidecast that announces a loopback address too. */
const withLoopback = (routerId: string) =>
  tidecastRouter(routerId, ETH0, ETH0_AND_LO).replace(
    'routeTable',
    '  - { name: lo, area: 0.0.0.0, type: loopback }\nrouteTable',
  );

scenario(
  'a restart without state, and an interface that flaps, between FRR and BIRD',
  async (lab) => {
    const [f, b, t] = [await lab.node('f'), await lab.node('b'), await lab.node('t')];
    const sw = await lab.bridge('sw', [
      [f, 'eth0'],
      [b, 'eth0'],
      [t, 'eth0'],
    ]);
    await t.ip(`address add ${ADDRESS}/128 dev lo`);
    const [frr, bird, before] = await Promise.all([
      f.frr({ ospf6d: frrOspf6d('10.0.0.1', ETH0) }),
      b.bird(birdConfig('10.0.0.2', ETH0)),
      t.tidecast(withLoopback('10.0.0.3')),
    ]);
    const linkLocal = await t.linkLocal('eth0');
    const routed = async () => {
      const both = await Promise.all([f.gateways(ADDRESS), b.gateways(ADDRESS)]);
      return both.every((gateways) => gateways.join() === linkLocal);
    };
    await until('FRR and BIRD route to the loopback address', routed);

    // Its LSAs are still in the others' databases, with higher sequence numbers than a fresh start.
    await before.stop('SIGKILL');
    const after = await t.tidecast(withLoopback('10.0.0.3'));
    await until('it is Full again with both', () => allFull(after, 2));
    await until('it fought back', () => after.log().includes('lsaFoughtBack'));
    await until('both route to it as before', routed);
    await pause(6000); // past the dead interval and MinLSArrival: nothing old may win in the end
    expect(await routed()).toBe(true);

    await t.ip('link set eth0 down');
    await until('the route goes with the interface', async () => {
      return (await f.gateways(ADDRESS)).length === 0 && (await b.gateways(ADDRESS)).length === 0;
    });
    await t.ip('link set eth0 up');
    await until('and comes back with it', routed);
    await sw.ip('link set port2 down');
    await pause(300);
    await sw.ip('link set port2 up');
    await until('it is Full again after the carrier was lost', async () => {
      return (
        (await allFull(after, 2)) &&
        (await frr.vtysh('show ipv6 ospf6 neighbor')).includes('10.0.0.3')
      );
    });
    await until('a carrier lost for a moment does no lasting harm', routed);
    await pause(1200);

    await after.stop('SIGTERM');
    const database = await frr.vtysh('show ipv6 ospf6 database');
    const left = database.split('\n').filter((line) => /\s10\.0\.0\.3\s/.test(line));
    expect(left.filter((line) => !/\s3600\s/.test(line))).toEqual([]);
    await until(
      'a farewell takes the route away at once',
      async () => {
        return (await f.gateways(ADDRESS)).length === 0 && (await b.gateways(ADDRESS)).length === 0;
      },
      2000,
    );
    expect(await bird.birdc('show ospf neighbors')).toMatch(/10\.0\.0\.3\s+\d+\s+Init/);
  },
  { timeoutS: 90 },
);

scenario('an MTU mismatch is counted, said, and mended live', async (lab) => {
  const [f, b, t] = [await lab.node('f'), await lab.node('b'), await lab.node('t')];
  await lab.bridge(
    'sw',
    [f, b, t].map((node) => [node, 'eth0'] as const),
  );
  await t.ip('link set eth0 mtu 1400');
  const [frr, bird, tide] = await Promise.all([
    f.frr({ ospf6d: frrOspf6d('10.0.0.1', ETH0) }),
    b.bird(birdConfig('10.0.0.2', ETH0)),
    t.tidecast(tidecastRouter('10.0.0.3', ETH0, ETH0_AND_LO)),
  ]);
  /** Our state, in the words of FRR and of BIRD. */
  const states = async () => {
    const ofFrr = /^10\.0\.0\.3 +\d+ +\S+ +(\w+)/m.exec(
      await frr.vtysh('show ipv6 ospf6 neighbor'),
    );
    const ofBird = /^10\.0\.0\.3\s+\d+\s+(\w+)/m.exec(await bird.birdc('show ospf neighbors'));
    return [ofFrr?.[1], ofBird?.[1]].join();
  };
  await until('both refuse what we say, and we what they say', async () => {
    const mismatches = (await dropsOf(tide)).get('MtuMismatch') ?? 0;
    return mismatches > 1 && /^(ExStart|Exchange),ExStart$/.test(await states());
  });
  expect(tide.log()).toMatch(/MtuMismatch/);
  await t.ip('link set eth0 mtu 1500');
  await until('Full once the MTUs agree', async () => (await states()) === 'Full,Full', 30_000);
});

scenario('a Router ID used twice is reported in clear words', async (lab) => {
  const nodes = [await lab.node('f'), await lab.node('t'), await lab.node('u')] as const;
  const [f, t, u] = nodes;
  await lab.bridge(
    'sw',
    nodes.map((node) => [node, 'eth0'] as const),
  );
  await f.frr({ ospf6d: frrOspf6d('10.0.0.3', ETH0) });
  const [twin, other] = await Promise.all([
    t.tidecast(tidecastRouter('10.0.0.3', ETH0, ETH0_AND_LO)),
    u.tidecast(tidecastRouter('10.0.0.9', ETH0, ETH0_AND_LO)),
  ]);
  const linkLocal = await f.linkLocal('eth0');
  await until('it is said', () =>
    twin.log().includes(`duplicate router id 10.0.0.3: ${linkLocal}`),
  );
  expect((await dropsOf(twin)).get('DuplicateRouterId')).toBeGreaterThan(0);
  expect(other.daemon.running && twin.daemon.running).toBe(true);
});

scenario('what is missing is waited for: the interface, its address, its carrier', async (lab) => {
  const [f, t] = [await lab.node('f'), await lab.node('t')];
  const tide = await t.tidecast(tidecastRouter('10.0.0.3', ETH0, ETH0_AND_LO));
  await until('the interface is missed', () => tide.log().includes('there is no such interface'));
  await t.run('sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1');
  await lab.link([f, 'eth0'], [t, 'eth0']);
  await until('its address is missed', () => tide.log().includes('has no link-local address'));
  const frr = await f.frr({ ospf6d: frrOspf6d('10.0.0.1', ETH0) });
  await t.run('sysctl', '-qw', 'net.ipv6.conf.eth0.disable_ipv6=0');
  const full = async () => (await frr.vtysh('show ipv6 ospf6 neighbor')).includes('Full');
  await until('Full once all is there', full);
});

scenario('two capabilities suffice, and none are said to be missing', async (lab) => {
  const [f, t] = [await lab.node('f'), await lab.node('t')];
  await lab.link([f, 'eth0'], [t, 'eth0']);
  const frr = await f.frr({ ospf6d: frrOspf6d('10.0.0.1', ETH0) });
  const full = async () => (await frr.vtysh('show ipv6 ospf6 neighbor')).includes('Full');
  const all = [
    '--inh-caps',
    '-all,+net_raw,+net_admin',
    '--bounding-set',
    '-all,+net_raw,+net_admin',
  ];
  const without = ['--inh-caps', '-all', '--bounding-set', '-all'];

  const bare = await t.tidecast(tidecastRouter('10.0.0.3', ETH0), ['setpriv', ...without]);
  await until('it says what it lacks', () => bare.log().includes('needs CAP_NET_RAW'));
  expect(bare.daemon.running).toBe(true);
  await bare.stop();
  const said = bare.log().length;

  const capable = await t.tidecast(tidecastRouter('10.0.0.3', ETH0), ['setpriv', ...all]);
  await until('Full', full);
  await f.ip(`address add ${ADDRESS}/128 dev lo`);
  await frr.configure('interface lo', 'ipv6 ospf6 area 0.0.0.0');
  const gateway = await f.linkLocal('eth0');
  await until('its routes are in the kernel', async () => {
    return (await t.gateways(ADDRESS)).join() === gateway;
  });
  expect(capable.log().slice(said)).not.toMatch(/refused|needs CAP|not permitted/);
});
