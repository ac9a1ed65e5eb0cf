/** The authentication trailer (RFC 7166) with BIRD, and FRR 8.4's own digest by its switch. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { birdConfig, frrOspf6d, tidecastRouter } from './harness/configs.ts';
import { pause, until } from './harness/process.ts';
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

const birdKeyed = (passwords: string) =>
  birdConfig('10.0.0.2', ETH0).replace(
    'hello 1; dead 4;',
    `hello 1; dead 4; authentication cryptographic; ${passwords}`,
  );

scenario(
  'with BIRD: each digest, a key rolled over, a wrong key',
  async (lab) => {
    const [b, t] = [await lab.node('b'), await lab.node('t')];
    await lab.link([b, 'eth0'], [t, 'eth0']);
    const key = (id: number, algorithm: string, secret = SECRET) =>
      `{ id: ${id}, algorithm: ${algorithm}, secret: ${secret} }`;
    const password = (id: number, algorithm: string) =>
      `password "${SECRET}" { id ${id}; algorithm ${algorithm}; };`;
    const bird = await b.bird(birdKeyed(password(11, 'hmac sha1')));
    let tide = await t.tidecast(keyed('10.0.0.3', key(11, 'HMAC-SHA-1')));
    const full = async () =>
      /10\.0\.0\.3\s+\d+\s+Full/.test(await bird.birdc('show ospf neighbors')) &&
      (await states(tide)).join() === '10.0.0.2 Full';
    await until('Full with SHA-1', full);
    await tide.stop();
    for (const bits of ['256', '384', '512']) {
      await bird.configure(birdKeyed(password(12, `hmac sha${bits}`)));
      tide = await t.tidecast(keyed('10.0.0.3', key(12, `HMAC-SHA-${bits}`)));
      await until(`Full with SHA-${bits}`, full);
      await tide.stop();
    }

    // Both know the old and the new key; ours is due to change in the middle of a second or two.
    const at = new Date(Date.now() + 6000).toISOString();
    await bird.configure(
      birdKeyed(`${password(21, 'hmac sha256')} ${password(22, 'hmac sha256')}`),
    );
    tide = await t.tidecast(
      keyed(
        '10.0.0.3',
        key(21, 'HMAC-SHA-256'),
        `{ id: 22, secret: ${SECRET}, sendFrom: "${at}" }`,
      ),
    );
    await until('Full with the old key', full);
    const ours = await t.linkLocal('eth0');
    const sentWith = async (key: number) => {
      const filter = `ospf.msg == 1 && ipv6.src == ${ours} && ospf.at.sa_id == ${key}`;
      return (await lab.captures[0]!.fields(filter, 'frame.number')).length;
    };
    expect(await sentWith(21)).toBeGreaterThan(0);
    const overlappedMs = Date.parse(at) + DEAD_INTERVAL_MS;
    await until('BIRD has heard the new key alone', () => Date.now() > overlappedMs, 15_000);
    expect(await sentWith(22)).toBeGreaterThan(2);
    expect(await full()).toBe(true);
    expect(tide.log()).not.toMatch(/"from":"Full"/);
    await tide.stop();
    const listed = async () => /10\.0\.0\.3\s/.test(await bird.birdc('show ospf neighbors'));
    await until('BIRD has no neighbor any more', async () => !(await listed()));

    tide = await t.tidecast(keyed('10.0.0.3', key(22, 'HMAC-SHA-256', 'another')));
    await until('a wrong key is counted', async () => {
      const drops = await tide.show<{ reason?: string }>('drops');
      return Object.entries(drops).some(
        ([reason, count]) => /^Authentication/.test(reason) && Number(count) > 1,
      );
    });
    // Refused as we refuse: neither sees a neighbor, through two Hellos of each and more.
    await pause(2500);
    expect(await states(tide)).toEqual([]);
    expect(await listed()).toBe(false);
    expect(readFileSync(join(b.directory, 'bird.log'), 'utf8')).toMatch(/[Aa]uthentication failed/);
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
