import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { Option } from '../../src/lsa/options.ts';
import { RouterLinkType } from '../../src/lsa/router-lsa.ts';
import type { LsdbScope } from '../../src/lsdb/lsdb.ts';
import { Calculation } from '../../src/spf/calculation.ts';

const AREA: LsdbScope = { kind: 'area', areaId: 0 };
const OWN = 1;
const CHANGING = 2;
const ROUTERS = [OWN, CHANGING, 3, 4];

interface Link {
  readonly type: number;
  readonly metric: number;
  readonly interfaceId: number;
  readonly neighborInterfaceId: number;
  readonly neighborRouterId: number;
}

interface Instance {
  readonly linkStateId: number;
  readonly head: number;
  readonly links: readonly Link[];
  /** Octets behind the last link. */
  readonly surplus: number;
}

function routerLsa(by: number, { linkStateId, head, links, surplus }: Instance): Lsa {
  const octets = new Uint8Array(4 + 16 * links.length + surplus);
  const view = new DataView(octets.buffer);
  view.setUint32(0, head);
  links.forEach((link, i) => {
    const at = 4 + 16 * i;
    view.setUint8(at, link.type);
    view.setUint16(at + 2, link.metric);
    view.setUint32(at + 4, link.interfaceId);
    view.setUint32(at + 8, link.neighborInterfaceId);
    view.setUint32(at + 12, link.neighborRouterId);
  });
  const identity = { lsType: LsType.Router, linkStateId, advertisingRouter: by };
  // Octets as they may come, well formed or not.
  return Lsa.originate(identity, 1, { kind: 'Unknown', octets });
}

/** Everybody is joined to everybody, by the Interface IDs that are the other's Router ID. */
const full = (by: number): Instance => ({
  linkStateId: 0,
  head: Option.V6 | Option.R,
  surplus: 0,
  links: ROUTERS.filter((to) => to !== by).map((to) => ({
    type: RouterLinkType.PointToPoint,
    metric: 10,
    interfaceId: to,
    neighborInterfaceId: by,
    neighborRouterId: to,
  })),
});

const distances = ({ graph, tree }: Calculation): (number | undefined)[] =>
  ROUTERS.map((router) => tree.distance[graph.names.findRouter(router, 0)]);

/** What may be changed of an instance: mostly costs, or any other field. */
const change = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('metric'), value: fc.nat(30) }) },
  fc.record({ what: fc.constant('type'), value: fc.nat(5) }),
  fc.record({
    what: fc.constantFrom('interfaceId', 'neighborInterfaceId', 'neighborRouterId'),
    value: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    what: fc.constant('head'),
    value: fc.constantFrom(
      Option.V6 | Option.R,
      Option.R,
      Option.V6,
      Option.AF | Option.R,
      0x01000013,
    ),
  }),
  fc.record({ what: fc.constant('linkStateId'), value: fc.nat(1) }),
  fc.record({ what: fc.constant('surplus'), value: fc.nat(3) }),
  fc.record({ what: fc.constant('drop'), value: fc.constant(0) }),
);

function changed(instance: Instance, place: number, what: string, value: number): Instance {
  if (what in instance) return { ...instance, [what]: value };
  const at = place % Math.max(1, instance.links.length);
  if (what === 'drop') return { ...instance, links: instance.links.toSpliced(at, 1) };
  const links = instance.links.map((link, i) => (i === at ? { ...link, [what]: value } : link));
  return { ...instance, links };
}

test('whatever a Router-LSA says after another, the tree is that of a new calculation', () => {
  const steps = fc.array(fc.tuple(fc.nat(2), change), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(steps, (all) => {
      const others = ROUTERS.map((by) => ({ scope: AREA, lsa: routerLsa(by, full(by)) }));
      const kept = new Calculation(OWN);
      kept.load(others);
      kept.runFull();
      const latest = new Map([[0, routerLsa(CHANGING, full(CHANGING))]]);
      let instance = full(CHANGING);
      for (const [place, { what, value }] of all) {
        instance = changed(instance, place, what, value);
        const lsa = routerLsa(CHANGING, instance);
        latest.set(instance.linkStateId, lsa);
        kept.change(AREA, lsa, true);
        kept.runIncremental();
        const fresh = new Calculation(OWN);
        fresh.load([
          ...others.filter(({ lsa: other }) => other.header.advertisingRouter !== CHANGING),
          ...[...latest.values()].map((of) => ({ scope: AREA, lsa: of })),
        ]);
        fresh.runFull();
        expect(distances(kept)).toEqual(distances(fresh));
      }
    }),
  );
});
