import { expect, test } from '@jest/globals';
import { INTERFACE_DEFAULTS } from '../../src/instance/config.ts';
import { Prng } from '../../src/prng.ts';
import { Router, type RouterOutput } from '../../src/router/router.ts';
import { PERFECT, Segment } from '../../src/sim/segment.ts';
import { World } from '../../src/sim/world.ts';
import { parseAddress } from '../../src/wire/address.ts';
import { parsePrefix } from '../../src/wire/prefix.ts';
import { liveOnLinks } from './on-links.ts';

const RANGE = '2001:db8:1::/48';
const INSIDE = '2001:db8:1:7::/64';

/** Two border routers between the backbone and a link of area 1, both with the same range. */
function twoBorderRouters() {
  const world = new World();
  const links = [0, 1].map((areaId) => ({
    areaId,
    segment: new Segment(world, new Prng(areaId + 1), PERFECT),
    prefix: parsePrefix(areaId === 0 ? '2001:db8::/64' : INSIDE),
  }));
  const discards = new Map<number, RouterOutput[]>();
  const routers = [1, 2].map((routerId) => {
    const router = new Router(
      {
        instance: {
          routerId,
          areas: [
            { areaId: 0, type: 'normal' },
            {
              areaId: 1,
              type: 'normal',
              ranges: [{ prefix: parsePrefix(RANGE), advertise: true }],
            },
          ],
          interfaces: links.map(({ areaId }) => ({
            ...INTERFACE_DEFAULTS,
            interfaceId: areaId + 1,
            name: `eth${areaId}`,
            areaId,
            helloIntervalS: 1,
            routerDeadIntervalS: 4,
          })),
          forwards: true,
        },
      },
      new Prng(routerId),
    );
    const said: RouterOutput[] = [];
    discards.set(routerId, said);
    const linkLocalAddress = parseAddress(`fe80::${routerId}`);
    const at = links.map(({ areaId, segment, prefix }) => {
      return { interfaceId: areaId + 1, segment, linkLocalAddress, prefix };
    });
    liveOnLinks(world, router, at, (output) => {
      if (output.kind === 'discard') said.push(output);
    });
    return router;
  });
  world.run(60_000);
  return { routers, discards };
}

test('two border routers that say the same range send each other nothing that is in no network of it', () => {
  const { routers, discards } = twoBorderRouters();
  for (const [i, router] of routers.entries()) {
    const keys = [...router.routes()].map(({ key }) => key);
    expect(keys).toContain(INSIDE);
    // RFC 2328 16.2 (3): what the other says of the range is ignored, and 11.1: ours discards.
    expect(keys).not.toContain(RANGE);
    expect(discards.get(i + 1)).toEqual([{ kind: 'discard', change: 'added', prefix: RANGE }]);
    const lsas = [...router.instance.lsdbOf({ kind: 'area', areaId: 0 }).ofType(0x2003)];
    expect(lsas.map(({ lsa }) => lsa.header.advertisingRouter).sort()).toEqual([1, 2]);
  }
});
