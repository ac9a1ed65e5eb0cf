/** What the entry of a plain Linux router does with advertisements: rules 1 to 5 against a kernel. */
import { expect } from '@jest/globals';
import { QueryCounter } from '../../src/host/query-counter.ts';
import { RawSocket } from '../../src/host/raw-socket.ts';
import { ALL_NODES } from '../../src/neighbor-discovery/constants.ts';
import { encodeMessage } from '../../src/neighbor-discovery/message.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';
import { insideNamespace } from './inside-namespace.ts';
import { LabFarm, openLink, pause, SERVICE, serviceAddress } from './neighbor-discovery-farm.ts';

/** A server that says what it is told to, and does nothing by itself. */
async function mouthpiece(farm: LabFarm, index: number) {
  const { node } = farm.servers[index - 1]!;
  const [link, linkLayerAddress] = await openLink(node);
  const mac = Array.from(linkLayerAddress, (o) => o.toString(16).padStart(2, '0')).join(':');
  const octetsOf = (flags: { solicited?: boolean; override?: boolean }): Uint8Array =>
    encodeMessage(
      {
        kind: 'NeighborAdvertisement',
        router: false,
        solicited: flags.solicited ?? false,
        override: flags.override ?? true,
        target: serviceAddress,
        options: [{ type: 2, value: linkLayerAddress }],
      },
      link.linkLocalAddress,
      ALL_NODES,
    );
  return {
    mac,
    link,
    advertise: async (flags: { solicited?: boolean; override?: boolean } = {}) => {
      link.send(ALL_NODES, octetsOf(flags));
      await pause(20);
    },
    advertiseWithHopLimit: async (hopLimit: number) => {
      const ifIndex = link.interfaceId;
      const socket = insideNamespace(node.namespace, () => {
        const options = { interfaceName: 'eth0', ifIndex, protocol: 58, hopLimit };
        return new RawSocket(options, () => undefined);
      });
      socket.send(ALL_NODES, octetsOf({}));
      await pause(20);
      socket.close();
    },
  };
}

scenario('which states accept an unsolicited advertisement with Override set', async (lab) => {
  const farm = await LabFarm.build(lab, 2);
  const [first, second] = [await mouthpiece(farm, 1), await mouthpiece(farm, 2)];
  const after = async (state: string): Promise<string> => {
    await farm.setEntry(state, first.mac);
    await second.advertise();
    const entry = await farm.entry();
    const whose = entry.lladdr === second.mac ? 'moved' : entry.lladdr ? 'kept' : 'without address';
    return `${whose}, ${entry.state}`;
  };
  expect(await after('none')).toBe('without address, none');
  expect(await after('failed')).toBe('without address, FAILED');
  expect(await after('permanent')).toBe('kept, PERMANENT');
  for (const state of ['reachable', 'stale', 'delay', 'probe']) {
    expect([state, await after(state)]).toEqual([state, 'moved, STALE']);
  }
  await farm.router.run('sysctl', '-qw', 'net.ipv6.conf.eth0.accept_untracked_na=1');
  expect(await after('none')).toBe('moved, STALE'); // RFC 9131
  first.link.close();
  second.link.close();
});

scenario('while the entry is incomplete: taken, and the queued query goes out', async (lab) => {
  const farm = await LabFarm.build(lab, 1);
  const [server] = farm.servers;
  await server!.start({ activate: 'solicited' });
  server!.hosted.abandon(); // the address and NSD are there, nobody advertises
  await farm.setEntry('none', '');
  const asked = farm.ask(1_000, 1); // one query, at once
  await until('incomplete', async () => (await farm.entry()).state === 'INCOMPLETE', 3_000, 10);
  const voice = await mouthpiece(farm, 1);
  await voice.advertise();
  expect((await farm.entry()).lladdr).toBe(voice.mac);
  expect((await asked).map(([, name]) => name)).toEqual(['server1']);
  voice.link.close();
});

scenario(
  'what a kernel refuses: Override clear, S=1 to a group, a hop limit of 64',
  async (lab) => {
    const farm = await LabFarm.build(lab, 2);
    const [first, second] = [await mouthpiece(farm, 1), await mouthpiece(farm, 2)];
    const entryAfter = async (say: () => Promise<void>) => {
      await farm.setEntry('reachable', first.mac);
      await say();
      return farm.entry();
    };
    expect(await entryAfter(() => second.advertise({ override: false }))).toEqual({
      lladdr: first.mac,
      state: 'STALE', // RFC 4861 7.2.5: kept, but no longer certain
    });
    const untouched = { lladdr: first.mac, state: 'REACHABLE' };
    expect(await entryAfter(() => second.advertise({ solicited: true }))).toEqual(untouched);
    expect(await entryAfter(() => second.advertiseWithHopLimit(64))).toEqual(untouched);
    first.link.close();
    second.link.close();
  },
);

scenario('rules 3 and 4: the very next query follows the advertisement', async (lab) => {
  const farm = await LabFarm.build(lab, 2);
  await Promise.all(farm.servers.map((server) => server.start()));
  for (const { hosted } of farm.servers) hosted.abandon();
  const voices = [await mouthpiece(farm, 1), await mouthpiece(farm, 2)];
  await farm.setEntry('stale', voices[1]!.mac);
  for (let turn = 0; turn < 6; turn++) {
    await voices[turn % 2]!.advertise();
    const answers = await farm.ask(40, 100);
    expect(new Set(answers.map(([, name]) => name))).toEqual(new Set([`server${(turn % 2) + 1}`]));
  }
  for (const { link } of voices) link.close();
});

scenario("rule 2: the router's solicitation switches advertising on", async (lab) => {
  const farm = await LabFarm.build(lab, 2);
  try {
    await Promise.all(farm.servers.map((server) => server.start({ activate: 'solicited' })));
    for (const { hosted } of farm.servers) hosted.serving(true);
    await pause(1_000);
    expect(farm.servers.map(({ hosted }) => hosted.advertiser.state)).toEqual([
      'Waiting',
      'Waiting',
    ]);
    expect((await farm.entry()).state).toBe('none');
    const answers = await farm.ask(3_000, 100);
    expect(answers.filter(([, name]) => name === null)).toHaveLength(0);
    expect(new Set(answers.map(([, name]) => name))).toEqual(new Set(['server1', 'server2']));
  } finally {
    farm.close();
  }
});

scenario('rules 7 and 8: no queries, standby; the router asks again, back', async (lab) => {
  const farm = await LabFarm.build(lab, 1);
  const [server] = farm.servers;
  try {
    await server!.start({ cycleMs: 200, maxCycleMs: 500, idleMs: 1_000 });
    server!.hosted.serving(true);
    await until('standby', () => server!.hosted.advertiser.state === 'Standby', 5_000, 20);
    await farm.setEntry('none', ''); // the router has forgotten
    const answers = await farm.ask(500, 100);
    expect(answers.filter(([, name]) => name === null)).toHaveLength(0);
    expect(server!.events).toContainEqual(
      expect.objectContaining({ name: 'advertiserState', from: 'Standby', on: 'solicitation' }),
    );
  } finally {
    farm.close();
  }
});

scenario("rule 7: queries are counted, a probe of the server's own is none", async (lab) => {
  const farm = await LabFarm.build(lab, 1);
  const [server] = farm.servers;
  await server!.start();
  const counts: number[] = [];
  const total = (): number => counts.reduce((sum, count) => sum + count, 0);
  const counter = new QueryCounter({
    address: serviceAddress,
    everyMs: 100,
    onCount: (count) => counts.push(count),
    onError: (error) => {
      throw error;
    },
    commandPrefix: ['ip', 'netns', 'exec', server!.node.namespace],
  });
  try {
    server!.hosted.serving(true);
    await pause(1_000);
    await server!.node.run('dig', `@${SERVICE}`, '+short', 'CH', 'TXT', 'id.server');
    await pause(300);
    expect(total()).toBe(0);
    const answers = await farm.ask(500, 100);
    await pause(300);
    expect(total()).toBe(answers.length);
  } finally {
    farm.close();
    counter.close();
    await pause(200);
  }
  expect(await server!.node.run('nft', 'list', 'ruleset')).toBe('');
});

scenario(
  'answers: the holder first, Override clear, and a word that moves no entry',
  async (lab) => {
    const farm = await LabFarm.build(lab, 2);
    try {
      await Promise.all(farm.servers.map((server) => server.start()));
      for (const { hosted } of farm.servers) hosted.serving(true);
      await pause(2_000);
      await farm.router.ip(`-6 neigh flush to ${SERVICE} dev eth0`);
      const [capture] = [lab.captures.at(-1)!];
      const answers = await farm.ask(1_500, 50);
      expect(answers.filter(([, name]) => name === null)).toHaveLength(0);
      await pause(1_500);
      await capture.stop();
      const solicited = 'icmpv6.type == 136 && icmpv6.nd.na.flag.s == 1';
      const rows = await capture.fields(
        `${solicited} && icmpv6.nd.na.target_address == ${SERVICE}`,
        'icmpv6.nd.na.flag.o',
        'icmpv6.nd.na.flag.r',
        'ipv6.hlim',
      );
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(row).toEqual(['0', '0', '255']);
    } finally {
      farm.close();
    }
  },
);

scenario('the anycast address: added without detection, taken away again', async (lab) => {
  const farm = await LabFarm.build(lab, 2);
  try {
    await Promise.all(farm.servers.map((server) => server.start({}, 'link'))); // both on one link
    for (const { node, hosted } of farm.servers) {
      expect(await node.ip('-6 address show dev eth0')).toContain(`${SERVICE}/128`);
      expect(await node.ip('-6 address show dev eth0')).not.toContain('dadfailed');
      hosted.serving(true);
    }
    await pause(2_000);
    const answers = await farm.ask(2_000, 100);
    expect(new Set(answers.map(([, name]) => name))).toEqual(new Set(['server1', 'server2']));
    // The service ends on both; the kernel has the address still, but must not answer for it.
    for (const { hosted } of farm.servers) hosted.serving(false);
    await farm.router.ip(`-6 neigh flush to ${SERVICE} dev eth0`);
    const unanswered = await farm.ask(200, 20);
    expect(unanswered.every(([, name]) => name === null)).toBe(true);
    expect(['INCOMPLETE', 'FAILED']).toContain((await farm.entry()).state);
    for (const { node, hosted } of farm.servers) {
      hosted.stop();
      expect(await node.ip('-6 address show dev eth0')).not.toContain(SERVICE);
      expect(await node.run('nft', 'list', 'ruleset')).toBe('');
    }
  } finally {
    farm.close();
  }
});

/** Of scenarios about addresses alone, which are over before anything is said on the link. */
const SILENT = { captures: false };

scenario(
  'an address that was there before stays when we go',
  async (lab) => {
    const farm = await LabFarm.build(lab, 1);
    const [server] = farm.servers;
    await server!.node.ip(`address add ${SERVICE}/128 dev lo`);
    await server!.start();
    expect(server!.address.present).toBe(true);
    server!.hosted.stop();
    expect(await server!.node.ip('-6 address show dev lo')).toContain(SERVICE);
  },
  SILENT,
);

scenario(
  'an address that a killed run left is taken over, and goes when we go',
  async (lab) => {
    const farm = await LabFarm.build(lab, 1);
    const [server] = farm.servers;
    await server!.start();
    server!.hosted.abandon(); // killed: nothing is taken away
    await server!.stopNsd();
    expect(await server!.node.ip('-6 address show dev lo')).toContain(SERVICE);
    await server!.start();
    server!.hosted.stop();
    expect(await server!.node.ip('-6 address show dev lo')).not.toContain(SERVICE);
  },
  SILENT,
);
