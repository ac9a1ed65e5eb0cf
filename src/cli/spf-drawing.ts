/**
 * Draws a topology with its shortest-path tree for Graphviz.
 * @module
 */
import { instance } from '@viz-js/viz';
import type { SpfResult, TreeEdge } from './spf-run.ts';

const quoted = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;

/**
 * The topology in the DOT language: routers as boxes, networks as ellipses, the tree in bold,
 * equal-cost branches in colour.
 */
export function dotOf({ root, vertices, edges }: SpfResult): string {
  const branches = new Set(
    vertices.filter(({ parents }) => parents.length > 1).map(({ name }) => name),
  );
  const areas = [...new Set(vertices.map(({ area }) => area))];
  const node = (area: string, name: string): string => quoted(`${area} ${name}`);
  const lines = ['graph spf {', '  node [fontname="sans-serif"]; edge [fontname="sans-serif"];'];
  for (const area of areas) {
    lines.push(`  subgraph ${quoted(`cluster ${area}`)} { label=${quoted(`area ${area}`)};`);
    for (const vertex of vertices) {
      if (vertex.area !== area) continue;
      const shape = vertex.kind === 'network' ? 'ellipse' : 'box';
      const style = vertex.name === root ? ' style=filled fillcolor=lightgrey' : '';
      const label = quoted(`${vertex.name}\n${vertex.distance}`).replaceAll('\n', '\\n');
      lines.push(`    ${node(area, vertex.name)} [shape=${shape} label=${label}${style}];`);
    }
    lines.push('  }');
  }
  for (const { a, b } of linksOf(edges)) {
    const onTree = a.onTree ? a : b?.onTree ? b : undefined;
    const equal = onTree !== undefined && branches.has(onTree.to);
    const style = onTree === undefined ? 'style=dashed color=grey' : 'penwidth=3';
    const colour = equal ? ' color=crimson' : '';
    const label = b === undefined || a.cost === b.cost ? `${a.cost}` : `${a.cost} / ${b.cost}`;
    // Towards what is farther, so that the root is on top.
    const [from, to] = onTree === undefined ? [a.from, a.to] : [onTree.from, onTree.to];
    const ends = `${node(a.area, from)} -- ${node(a.area, to)}`;
    lines.push(`  ${ends} [label=${quoted(label)} ${style}${colour}];`);
  }
  return [...lines, '}', ''].join('\n');
}

/** The drawing as SVG. */
export async function svgOf(result: SpfResult): Promise<string> {
  const graphviz = await instance();
  return graphviz.renderString(dotOf(result), { format: 'svg', engine: 'dot' });
}

/** Both directions of a link together. */
function linksOf(edges: readonly TreeEdge[]): { a: TreeEdge; b: TreeEdge | undefined }[] {
  const waiting = new Map<string, { a: TreeEdge; b: TreeEdge | undefined }[]>();
  const links: { a: TreeEdge; b: TreeEdge | undefined }[] = [];
  for (const edge of edges) {
    const back = waiting.get(`${edge.area} ${edge.to} ${edge.from}`)?.find(({ b }) => !b);
    if (back !== undefined) {
      back.b = edge;
      continue;
    }
    const link = { a: edge, b: undefined };
    links.push(link);
    const key = `${edge.area} ${edge.from} ${edge.to}`;
    waiting.set(key, [...(waiting.get(key) ?? []), link]);
  }
  return links;
}
