import { expect, test } from '@jest/globals';
import { INTERFACE_DEFAULTS } from '../../src/instance/config.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Prng } from '../../src/prng.ts';
import { Router } from '../../src/router/router.ts';
import { PERFECT, Segment } from '../../src/sim/segment.ts';
import { World } from '../../src/sim/world.ts';
import { parseAddress, parseDottedQuad } from '../../src/wire/address.ts';
import { type AddressPrefix, formatPrefix, parsePrefix } from '../../src/wire/prefix.ts';
import { liveOnLinks } from './on-links.ts';

const PREFIXES = 1000;
/** Changes, each in an Intra-Area-Prefix-LSA of its own, a millisecond apart. */
const CHANGES = 15;

const area = (areaId: number) => ({ areaId, type: 'normal' as const });
const attached = (interfaceId: number, areaId: number) => ({
  ...INTERFACE_DEFAULTS,
  interfaceId,
  name: `eth${interfaceId}`,
  areaId,
  type: 'pointToPoint' as const,
});
const stubPrefix = (i: number, generation = 0): AddressPrefix =>
  parsePrefix(`2001:db8:${generation + 1}:${i.toString(16)}::/64`);

test('a border router of a thousand routes looks at them a few times while many change, and misses none', () => {
  const world = new World();
  const prng = new Prng(3);
  const [inner, outer, stub] = [0, 1, 2].map(() => new Segment(world, prng.fork(), PERFECT));
  const routerOf = (name: string, interfaces: ReturnType<typeof attached>[]) =>
    new Router(
      {
        instance: {
          routerId: parseDottedQuad(name),
          areas: [...new Set(interfaces.map(({ areaId }) => areaId))].map(area),
          interfaces,
          forwards: true,
        },
      },
      prng.fork(),
    );
  const at = (interfaceId: number, segment: Segment, address: string, text: string) => ({
    interfaceId,
    segment,
    linkLocalAddress: parseAddress(address),
    prefix: parsePrefix(text),
  });
  const inside = routerOf('10.0.0.1', [attached(1, 1), attached(2, 1)]);
  const border = routerOf('10.0.0.2', [attached(1, 1), attached(2, 0)]);
  const outside = routerOf('10.0.0.3', [attached(1, 0)]);
  const life = liveOnLinks(world, inside, [
    at(1, inner!, 'fe80::1:1', '2001:db8:f1::/64'),
    at(2, stub!, 'fe80::1:2', '2001:db8:f2::/64'),
  ]);
  const saidAtMs = new Set<number>();
  liveOnLinks(
    world,
    border,
    [
      at(1, inner!, 'fe80::2:1', '2001:db8:f1::/64'),
      at(2, outer!, 'fe80::2:2', '2001:db8:f0::/64'),
    ],
    (output) => {
      if (output.kind !== 'event' || output.event.name !== 'lsaOriginated') return;
      const { lsType } = output.event.lsa.header;
      if (lsType === LsType.InterAreaPrefix) saidAtMs.add(world.nowMs);
    },
  );
  liveOnLinks(world, outside, [at(1, outer!, 'fe80::3:1', '2001:db8:f0::/64')]);
  const prefixes = Array.from({ length: PREFIXES }, (_, i) => stubPrefix(i));
  const tell = () =>
    life.input((nowMs) => ({ kind: 'interface', nowMs, interfaceId: 2, up: true, prefixes }));
  tell();
  world.run(60_000);
  const heard = () => new Set([...outside.routes()].map(({ key }) => key));
  expect(heard().size).toBeGreaterThan(PREFIXES);

  saidAtMs.clear();
  for (let change = 0; change < CHANGES; change++) {
    const i = Math.floor((change * PREFIXES) / CHANGES);
    prefixes[i] = stubPrefix(i, 1);
    tell();
    world.run(world.nowMs + 1);
  }
  world.run(world.nowMs + 20_000);
  expect(saidAtMs.size).toBeGreaterThan(0);
  expect(saidAtMs.size).toBeLessThanOrEqual(CHANGES / 2);
  const now = heard();
  for (const prefix of prefixes) expect(now).toContain(formatPrefix(prefix));
  expect(now.size).toBe(PREFIXES + 2); // those of the two links beside
}, 30_000);
