/**
 * Which edges are the two ends of one link (RFC 2328 16.1 step 2b): of a point-to-point link those
 * that name each other's Interface IDs, of a network any there and back.
 * @module
 */
import type { Graph } from './graph.ts';
import {
  COUNT,
  END_WORDS,
  INTERFACE_ID,
  NEIGHBOR_INTERFACE_ID,
  START,
  VERTEX_WORDS,
} from './graph-rows.ts';
import { newWords } from './words.ts';

/** The edges of a vertex that has no more than these are looked through one after the other. */
const FEW_EDGES = 64;

/** Where more vertices than this have changed, all edges are looked at. */
const FEW_CHANGED = 64;

/** Matches edges with those back, of all vertices that changed since the last time. */
export function pairEdges(graph: Graph): void {
  const { unpaired, vertexCount } = graph;
  const many = unpaired.size > FEW_CHANGED && unpaired.size > vertexCount >>> 3;
  if (unpaired.all || many) pairAll(graph);
  else for (let i = 0; i < unpaired.size; i++) pairEdgesOf(graph, unpaired.at(i));
  unpaired.clear();
}

/** Looks for the twins of a vertex's edges that have none. */
function pairEdgesOf(graph: Graph, vertex: number): void {
  const { twin } = graph;
  const first = graph.firstEdge(vertex);
  for (let e = first; e < first + graph.edgeCount(vertex); e++) {
    if (twin[e]! < 0) lookThrough(graph, e, vertex);
  }
}

/** The same for every vertex at once, in time linear in the number of edges. */
function pairAll(graph: Graph): void {
  const { vertices, neighbor, twin, vertexCount } = graph;
  let left = false;
  for (let v = 0; v < vertexCount; v++) {
    const row = VERTEX_WORDS * v;
    const count = vertices[row + COUNT]!;
    const first = vertices[row + START]!;
    for (let e = first; e < first + count; e++) {
      if (twin[e]! >= 0) continue;
      const edges = vertices[VERTEX_WORDS * neighbor[e]! + COUNT]!;
      if (edges <= FEW_EDGES) lookThrough(graph, e, v);
      // The other end has many edges and finds ours, unless those are many, too.
      else if (count > FEW_EDGES) left = true;
    }
  }
  if (left) pairByNeighbor(graph);
}

/** Looks for the twin of an edge among those of the vertex that it names. */
function lookThrough(graph: Graph, edge: number, source: number): void {
  const { vertices, neighbor, twin } = graph;
  const row = VERTEX_WORDS * neighbor[edge]!;
  const first = vertices[row + START]!;
  const behind = first + vertices[row + COUNT]!;
  for (let f = first; f < behind; f++) {
    if (neighbor[f] !== source || twin[f]! >= 0 || !match(graph, edge, f)) continue;
    graph.join(edge, f);
    return;
  }
}

/** For vertices of many edges: lists the edges that lead to one, then takes them by their sources. */
function pairByNeighbor(graph: Graph): void {
  const { vertexCount, neighbor, twin, edgesEnd } = graph;
  // Edges without a twin, listed by the vertex they lead to, the last one first.
  const head = newWords(vertexCount, -1);
  const next = newWords(edgesEnd);
  const source = newWords(edgesEnd);
  eachUnpaired(graph, (e, v) => {
    const to = neighbor[e]!;
    source[e] = v;
    next[e] = head[to]!;
    head[to] = e;
  });
  // Per source, the edges from there to the vertex in hand, now the first one first.
  const inward = newWords(vertexCount, -1);
  const chain = newWords(edgesEnd);
  let inHand = -1;
  const take = (v: number): void => {
    if (inHand >= 0) {
      for (let f = head[inHand]!; f >= 0; f = next[f]!) inward[source[f]!] = -1;
    }
    inHand = v;
    for (let f = head[v]!; f >= 0; f = next[f]!) {
      chain[f] = inward[source[f]!]!;
      inward[source[f]!] = f;
    }
  };
  eachUnpaired(graph, (e, v) => {
    if (v !== inHand) take(v);
    for (let f = inward[neighbor[e]!]!; f >= 0; f = chain[f]!) {
      if (twin[f]! >= 0 || !match(graph, e, f)) continue;
      graph.join(e, f);
      return;
    }
  });
}

/** Every edge without a twin, by its source. */
function eachUnpaired(graph: Graph, tell: (edge: number, source: number) => void): void {
  const { twin } = graph;
  for (let v = 0; v < graph.vertexCount; v++) {
    const first = graph.firstEdge(v);
    for (let e = first; e < first + graph.edgeCount(v); e++) {
      if (twin[e]! < 0) tell(e, v);
    }
  }
}

/** Whether two edges between the same vertices are the two ends of one link. */
function match(graph: Graph, e: number, f: number): boolean {
  const { ends, neighbor, virtual } = graph;
  const [here, there] = [END_WORDS * e, END_WORDS * f];
  // Parallel links are told apart by their Interface IDs.
  if (
    ends[here + INTERFACE_ID] === ends[there + NEIGHBOR_INTERFACE_ID] &&
    ends[there + INTERFACE_ID] === ends[here + NEIGHBOR_INTERFACE_ID] &&
    virtual[e] === virtual[f] &&
    e !== f
  ) {
    return true;
  }
  return graph.isNetwork(neighbor[e]!) || graph.isNetwork(neighbor[f]!);
}
