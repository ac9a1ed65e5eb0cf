/** The authentication trailer (RFC 7166) with BIRD, and FRR 8.4's own digest by its switch. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { birdConfig, frrOspf6d, tidecastRouter } from './harness/configs.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';
import type { TidecastNode } from './harness/tidecast.ts';

const SECRET = 'secret-key-11';
const NONE = 'routeTable: none\n';
const DEAD_INTERVAL_MS = 4000;
/** Without an election, which nothing here is about. */
const ETH0 = [{ name: 'eth0', type: 'pointToPoint' }] as const;

const states = async (node: TidecastNode) =>
  (await node.show<{ routerId: string; state: string }[]>('neighbors')).map(
    ({ routerId, state }) => `${routerId} ${state}`,
  );

/** One interface with keys, each `{ id, algorithm, secret, … }` in YAML. */
const keyed = (routerId: string, ...keys: string[]) =>
  tidecastRouter(routerId, ETH0, NONE).replace(
    'deadIntervalS: 4',
    `deadIntervalS: 4, authentication: { keys: [${keys.join(', ')}] }`,
  );

/** A key as our configuration has it, in YAML; `more` are keys behind a comma. */
const key = (id: number, algorithm: string, secret = SECRET, more = '') =>
  `{ id: ${id}, algorithm: ${algorithm}, secret: ${secret}${more} }`;
/** A key as BIRD's configuration has it. */
const password = (id: number, algorithm: string) =>
  `password "${SECRET}" { id ${id}; algorithm ${algorithm}; };`;

/** A link of the two, with the keys of each. */
interface KeyedLink {
  readonly name: string;
  readonly ofBird: string;
  readonly ours: string;
}

/** When ours changes over; by then both have been Full with the old key for a while. */
const ROLL_OVER_AFTER_MS = 15_000;

/** Links at once: one for each digest, one whose key rolls over `at`, one where ours is wrong. */
const keyedLinks = (at: string): KeyedLink[] => [
  ...['1', '256', '384', '512'].map((bits, i) => ({
    name: `sha${bits}`,
    ofBird: password(11 + i, `hmac sha${bits}`),
    ours: key(11 + i, `HMAC-SHA-${bits}`),
  })),
  {
    name: 'rolled',
    ofBird: `${password(21, 'hmac sha256')} ${password(22, 'hmac sha256')}`,
    ours: `${key(21, 'HMAC-SHA-256')}, ${key(22, 'HMAC-SHA-256', SECRET, `, sendFrom: "${at}"`)}`,
  },
  {
    name: 'wrong',
    ofBird: password(31, 'hmac sha256'),
    ours: key(31, 'HMAC-SHA-256', 'another'),
  },
];

/** Both configurations. */
function keyedConfigs(links: readonly KeyedLink[]): { bird: string; tidecast: string } {
  const interfaces = links.map(({ name }) => ({ ...ETH0[0], name }));
  let [bird, tidecast] = [
    birdConfig('10.0.0.2', interfaces),
    tidecastRouter('10.0.0.3', interfaces, NONE),
  ];
  for (const { name, ofBird, ours } of links) {
    const ofLink = `interface "${name}" {`;
    bird = bird.replace(ofLink, `${ofLink} authentication cryptographic; ${ofBird}`);
    const named = `name: ${name},`;
    tidecast = tidecast.replace(named, `${named} authentication: { keys: [${ours}] },`);
  }
  return { bird, tidecast };
}

scenario(
  'with BIRD: each digest, a key rolled over, a wrong key',
  async (lab) => {
    const [b, t] = [await lab.node('b'), await lab.node('t')];
    const atMs = Date.now() + ROLL_OVER_AFTER_MS;
    const links = keyedLinks(new Date(atMs).toISOString());
    for (const { name } of links) await lab.link([b, name], [t, name]);
    const configs = keyedConfigs(links);
    let [bird, tide] = await Promise.all([b.bird(configs.bird), t.tidecast(configs.tidecast)]);
    const right = links.map(({ name }) => name).filter((name) => name !== 'wrong');
    /** The links on which both are Full, in the words of both. */
    const full = async () => {
      const ofBird = await bird.birdc('show ospf neighbors');
      const ours =
        await tide.show<{ routerId: string; state: string; interface: string }[]>('neighbors');
      return links
        .map(({ name }) => name)
        .filter(
          (name) =>
            new RegExp(`^10\\.0\\.0\\.3\\s+\\d+\\s+Full.*\\s${name}\\s`, 'm').test(ofBird) &&
            ours.some((one) => one.interface === name && one.state === 'Full'),
        );
    };
    const allFull = async () => (await full()).join() === right.join();
    await until('Full with each digest, and with the old key', allFull);
    expect(Date.now()).toBeLessThan(atMs);

    const ours = await t.linkLocal('rolled');
    const captured = lab.captures[links.findIndex(({ name }) => name === 'rolled')]!;
    const sentWith = async (id: number) => {
      const filter = `ospf.msg == 1 && ipv6.src == ${ours} && ospf.at.sa_id == ${id}`;
      return (await captured.fields(filter, 'frame.number')).length;
    };
    expect(await sentWith(21)).toBeGreaterThan(0);
    const overlappedMs = atMs + DEAD_INTERVAL_MS;
    await until('BIRD has heard the new key alone', () => Date.now() > overlappedMs, 25_000);
    expect(await sentWith(22)).toBeGreaterThan(2);
    expect(await allFull()).toBe(true);
    expect(tide.log()).not.toMatch(/"from":"Full"/);

    await until('the wrong key is counted', async () => {
      const drops = await tide.show<{ reason?: string }>('drops');
      return Object.entries(drops).some(
        ([reason, count]) => /^Authentication/.test(reason) && Number(count) > 1,
      );
    });
    expect(tide.log()).toMatch(/"interface":"wrong"[^\n]*"reason":"Authentication/);
    // Refused as we refuse: neither has seen a neighbor, through many Hellos of each.
    expect(await states(tide)).toHaveLength(right.length);
    expect(await bird.birdc('show ospf neighbors')).not.toMatch(/\swrong\s/);
    expect(readFileSync(join(b.directory, 'bird.log'), 'utf8')).toMatch(/[Aa]uthentication failed/);

    // A farewell is believed, and so is what comes after a restart: its sequence numbers go on.
    await tide.stop();
    await until(
      'BIRD has lost them',
      async () => {
        return !/10\.0\.0\.3\s+\d+\s+Full/.test(await bird.birdc('show ospf neighbors'));
      },
      2000,
    );
    tide = await t.tidecast(configs.tidecast);
    await until('Full again with each digest, and with the new key', allFull);
  },
  { timeoutS: 90 },
);

scenario('with FRR 8.4 by its own digest, and not without the switch', async (lab) => {
  const [f, t] = [await lab.node('f'), await lab.node('t')];
  await lab.link([f, 'eth0'], [t, 'eth0']);
  const ospf6d = frrOspf6d('10.0.0.1', ETH0).replace(
    'interface eth0',
    `interface eth0\n ipv6 ospf6 authentication key-id 11 hash-algo hmac-sha-256 key ${SECRET}`,
  );
  const frr = await f.frr({ ospf6d });
  const version = /FRRouting (\d+)\.(\d+)/.exec(await frr.vtysh('show version'));
  const old = Number(version?.[1]) < 9 || (version?.[1] === '9' && version[2] === '0');
  const key = (frrUpTo9: boolean) => `{ id: 11, secret: ${SECRET}, frrUpTo9: ${frrUpTo9} }`;
  const wrong = await t.tidecast(keyed('10.0.0.3', key(!old)));
  await until('the other digest is refused and counted', async () => {
    const drops = await wrong.show<Record<string, number>>('drops');
    return Object.entries(drops).some(
      ([reason, count]) => /^Authentication/.test(reason) && count > 1,
    );
  });
  expect(await states(wrong)).toEqual([]);
  expect(await frr.vtysh('show ipv6 ospf6 neighbor')).not.toContain('10.0.0.3');
  await wrong.stop();
  const another = await t.tidecast(
    keyed('10.0.0.3', `{ id: 11, secret: another, frrUpTo9: ${old} }`),
  );
  await until('a wrong key is refused and counted', async () => {
    const { AuthenticationDigest = 0 } = await another.show<Record<string, number>>('drops');
    return AuthenticationDigest > 1;
  });
  expect(await states(another)).toEqual([]);
  expect(await frr.vtysh('show ipv6 ospf6 neighbor')).not.toContain('10.0.0.3');
  await another.stop();
  const right = await t.tidecast(keyed('10.0.0.3', key(old)));
  await until('Full', async () => (await frr.vtysh('show ipv6 ospf6 neighbor')).includes('Full'));
  await until('Full for us too', async () => (await states(right)).join() === '10.0.0.1 Full');
});
