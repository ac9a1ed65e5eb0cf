import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pairEdges } from '../../src/spf/edge-pairs.ts';
import { Graph } from '../../src/spf/graph.ts';
import { IndexSet } from '../../src/spf/index-set.ts';
import { VertexKind } from '../../src/spf/vertex-names.ts';
import {
  grownCosts,
  grownOctets,
  grownWords,
  newCosts,
  newOctets,
  newWords,
} from '../../src/spf/words.ts';

interface Edge {
  readonly neighbor: number;
  readonly cost: number;
  readonly interfaceId: number;
  readonly neighborInterfaceId: number;
  readonly virtual: number;
}

/** What a graph holds, as it was told. */
type Told = Map<number, readonly Edge[]>;

/** Whether two edges are the two ends of one link (RFC 2328 16.1 step 2b), in plain words. */
function match(a: number, ab: Edge, b: number, ba: Edge, networks: ReadonlySet<number>): boolean {
  if (ab.neighbor !== b || ba.neighbor !== a) return false;
  if (networks.has(a) || networks.has(b)) return true;
  return (
    ab.interfaceId === ba.neighborInterfaceId &&
    ba.interfaceId === ab.neighborInterfaceId &&
    ab.virtual === ba.virtual
  );
}

/** What is not as it was told, of everything that can be asked of edges. */
function faults(graph: Graph, told: Told, networks: ReadonlySet<number>): string[] {
  const found: string[] = [];
  const alone: { readonly v: number; readonly edge: Edge }[] = [];
  const said = (e: number): unknown[] => [
    graph.costOf(e),
    graph.interfaceIdOf(e),
    graph.neighborInterfaceIdOf(e),
    graph.isVirtual(e),
  ];
  for (const [v, edges] of told) {
    if (graph.edgeCount(v) !== edges.length) found.push(`${v} has ${graph.edgeCount(v)} edges`);
    edges.forEach((edge, i) => {
      const e = graph.firstEdge(v) + i;
      const { cost, interfaceId, neighborInterfaceId, virtual, neighbor } = edge;
      if (`${said(e)}` !== `${[cost, interfaceId, neighborInterfaceId, virtual === 1]}`) {
        found.push(`${v} ${i}: ${said(e)}`);
      }
      const twin = graph.twinOf(e);
      if (twin < 0) alone.push({ v, edge });
      if (graph.targetOf(e) !== (twin < 0 ? v : neighbor)) found.push(`${v} ${i}: target`);
      const back = told.get(neighbor)?.[twin - graph.firstEdge(neighbor)];
      const joined = back !== undefined && match(v, edge, neighbor, back, networks);
      if (twin >= 0 && !(joined && graph.twinOf(twin) === e)) found.push(`${v} ${i}: twin`);
    });
  }
  for (const a of alone) {
    for (const b of alone) {
      if (a !== b && match(a.v, a.edge, b.v, b.edge, networks)) found.push(`${a.v} ${b.v}: alone`);
    }
  }
  return found;
}

const ROUTERS = 6;
const NETWORKS = 2;

function smallGraph(): { graph: Graph; networks: ReadonlySet<number>; vertices: number } {
  const graph = new Graph();
  for (let i = 0; i < ROUTERS; i++) graph.router(100 + i, 0);
  const networks = new Set<number>();
  for (let i = 0; i < NETWORKS; i++) networks.add(graph.network(i, 7));
  return { graph, networks, vertices: ROUTERS + NETWORKS };
}

function set(graph: Graph, told: Told, v: number, edges: readonly Edge[]): void {
  for (const { neighbor, cost, interfaceId, neighborInterfaceId, virtual } of edges) {
    graph.list(v, neighbor, cost, interfaceId, neighborInterfaceId, virtual);
  }
  graph.setEdges(v);
  told.set(v, edges);
}

const edge = fc.record({
  neighbor: fc.nat(ROUTERS + NETWORKS - 1),
  cost: fc.nat(3),
  interfaceId: fc.integer({ min: 1, max: 2 }),
  neighborInterfaceId: fc.integer({ min: 1, max: 2 }),
  virtual: fc.constantFrom(0, 0, 0, 1),
});
const edgesOfRouters = fc.tuple(fc.nat(ROUTERS - 1), fc.array(edge, { maxLength: 8 }));
/** A network's edges lead to routers. */
const edgesOfNetworks = fc.tuple(
  fc.integer({ min: ROUTERS, max: ROUTERS + NETWORKS - 1 }),
  fc.array(
    edge.map((of) => ({ ...of, neighbor: of.neighbor % ROUTERS, cost: 0, virtual: 0 })),
    { maxLength: 8 },
  ),
);
/** Networks are no neighbors of networks, and routers have no virtual links to them. */
const changes = fc.array(fc.oneof(edgesOfRouters, edgesOfNetworks), { maxLength: 30 });
const free = (told: Told): number =>
  [...told].flatMap(([v, edges]) => (v < ROUTERS ? edges.filter(({ cost }) => cost === 0) : []))
    .length;

describe('the graph, told the edges of one vertex after another', () => {
  test('has those, and joins what are the two ends of one link', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const { graph, networks } = smallGraph();
        const told: Told = new Map();
        for (const [v, edges] of all) {
          set(graph, told, v, edges);
          pairEdges(graph);
          expect(faults(graph, told, networks)).toEqual([]);
          expect(graph.freeRouterEdges).toBe(free(told));
        }
      }),
    );
  });

  test('joins the same when everything is told at once', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const { graph, networks } = smallGraph();
        // Room for so many more that all edges are looked at together.
        graph.reserve(1000, 10);
        const told: Told = new Map();
        for (const [v, edges] of all) set(graph, told, v, edges);
        pairEdges(graph);
        expect(faults(graph, told, networks)).toEqual([]);
      }),
    );
  });

  test('joins the links of vertices with very many edges', () => {
    const graph = new Graph();
    const told: Told = new Map();
    const hubs = 3;
    const links = 200;
    for (let v = 0; v < hubs; v++) graph.router(v, 0);
    graph.reserve(1000, 10);
    for (let v = 0; v < hubs; v++) {
      const edges = Array.from({ length: links }, (_, i) => ({
        neighbor: (v + 1 + (i % (hubs - 1))) % hubs,
        cost: 1 + (i % 9),
        interfaceId: i,
        neighborInterfaceId: i % 2 === 0 ? i + 1 : i - 1,
        virtual: 0,
      }));
      set(graph, told, v, edges);
    }
    pairEdges(graph);
    expect(faults(graph, told, new Set())).toEqual([]);
    expect(graph.linksVersion).toBeGreaterThan(hubs * (links / 2));
  });

  test('keeps all of them when runs of edges move together', () => {
    const { graph, networks, vertices } = smallGraph();
    const told: Told = new Map();
    let longest = 0;
    // Every list is longer than the last one of its vertex, and finds no room where that was.
    for (let round = 1; round <= 40; round++) {
      for (let v = 0; v < vertices; v++) {
        const edges = Array.from({ length: round }, (_, i) => ({
          neighbor: (v + 1 + i) % ROUTERS,
          cost: v < ROUTERS ? 1 + i : 0,
          interfaceId: i,
          neighborInterfaceId: i,
          virtual: 0,
        }));
        set(graph, told, v, edges);
      }
      pairEdges(graph);
      longest = Math.max(longest, graph.edgesEnd);
    }
    expect(faults(graph, told, networks)).toEqual([]);
    // Of 6560 edges that were told, 320 are there.
    expect(longest).toBeLessThan(2000);
  });
});

test('names of vertices say what they were given for', () => {
  const { graph } = smallGraph();
  const far = graph.router(0xffffffff, 3);
  const network = graph.network(far, 0xfffffff0);
  const standIn = graph.standIn(VertexKind.BoundaryRouter, 100);
  expect(graph.router(0xffffffff, 3)).toBe(far);
  expect(graph.network(far, 0xfffffff0)).toBe(network);
  const { names } = graph;
  expect([far, network].map((v) => names.routerIdOf(v))).toEqual([0xffffffff, 0xffffffff]);
  expect([far, network].map((v) => names.areaOf(v))).toEqual([3, 3]);
  expect(names.networkInterfaceIdOf(network)).toBe(0xfffffff0);
  expect(names.findRouter(100, 0)).toBe(0);
  expect(names.findRouter(100, 1)).toBe(-1);
  expect([standIn, far, network].map((v) => names.kindOf(v))).toEqual([
    VertexKind.BoundaryRouter,
    VertexKind.Router,
    VertexKind.Network,
  ]);
  expect(names.standInNameOf(standIn)).toBe(100);
});

test('an index set has what was added since it was cleared, or everything', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.nat(100) },
    fc.constant('clear' as const),
    fc.constant('all' as const),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const indices = new IndexSet();
      let twin = new Set<number>();
      let all = false;
      for (const what of steps) {
        if (what === 'clear') {
          indices.clear();
          twin = new Set();
          all = false;
        } else if (what === 'all') {
          indices.addAll();
          twin = new Set();
          all = true;
        } else {
          indices.add(what);
          if (!all) twin.add(what);
        }
        expect(indices.all).toBe(all);
        expect(indices.has(5)).toBe(all || twin.has(5));
        const members = Array.from({ length: indices.size }, (_, i) => indices.at(i));
        expect(members).toEqual([...twin]);
      }
    }),
  );
});

test('arrays of words and octets are apart from each other, zero at first, and keep their content', () => {
  const length = fc.oneof(fc.nat(40), fc.nat(5000));
  fc.assert(
    fc.property(fc.array(length, { maxLength: 20 }), (lengths) => {
      const made = lengths.map((of, i) => {
        const words = newWords(of);
        const octets = newOctets(of);
        expect(words.some((word) => word !== 0)).toBe(false);
        expect(octets.some((octet) => octet !== 0)).toBe(false);
        return { words: words.fill(i + 1), octets: octets.fill(i + 1), of };
      });
      made.forEach(({ words, octets, of }, i) => {
        expect(words.every((word) => word === i + 1)).toBe(true);
        expect(octets.every((octet) => octet === i + 1)).toBe(true);
        const longer = grownWords(words, of + 3, -1);
        expect([...longer.subarray(of)]).toEqual([-1, -1, -1]);
        expect(longer.subarray(0, of).some((word) => word !== i + 1)).toBe(false);
        expect([...grownOctets(octets, of + 1).subarray(of)]).toEqual([0]);
        const costs = newCosts(of).fill(0xffff);
        expect(grownCosts(costs, of + 1).subarray(0, of)).toEqual(costs);
      });
    }),
  );
});
