import { describe, expect, test } from '@jest/globals';
import { MAX_AGE_S } from '../../src/lsa/constants.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Prng } from '../../src/prng.ts';
import { BACKBONE, contentsOf, type Link, Network, type Node } from './network.ts';

/**
 * A random connected network in which, for a minute or two, links lose and swap datagrams,
 * interfaces flap, routers die without a word and come back with nothing, and LSAs come and go.
 * Then it is left alone.
 */
function storm(seed: number): { network: Network; nodes: Node[] } {
  const prng = new Prng(seed);
  const network = new Network();
  const count = 6 + prng.below(4);
  const links: Link[] = [];
  const attached: Link[][] = Array.from({ length: count }, () => []);
  const join = (...members: number[]): void => {
    const link = network.link(`link${links.length}`);
    const jitterMs = prng.below(3) === 0 ? 40 : 1;
    const delayMs = 1 + prng.below(5);
    // What comes later may overtake.
    Object.defineProperty(link, 'delayMs', { get: () => delayMs + prng.below(jitterMs) });
    links.push(link);
    for (const member of members) attached[member]!.push(link);
  };
  for (let at = 1; at < count; at++) join(at, prng.below(at));
  join(0, 1, 2, 3);
  join(count - 1, count - 2, 0);
  const lossy = (): boolean => prng.unit() < 0.1;
  const start = (at: number): Node => {
    const node = network.node(`10.0.0.${at + 1}`, attached[at]!, { rxmtIntervalS: 2 });
    for (const interfaceId of node.links.keys()) node.up(interfaceId);
    return node;
  };
  const nodes = attached.map((_, at) => start(at));
  for (let step = 0; step < 40; step++) {
    const at = prng.below(count);
    const node = nodes[at]!;
    const [link] = [links[prng.below(links.length)]!];
    const scope = BACKBONE;
    const lsType = LsType.RouterInformation;
    const linkStateId = 1 + prng.below(3);
    switch (prng.below(6)) {
      case 0:
        link.loses = link.loses === lossy ? () => false : lossy;
        break;
      case 1:
        node.down(1);
        break;
      case 2:
        for (const interfaceId of node.links.keys()) node.up(interfaceId);
        break;
      case 3: {
        const tlvs = [{ type: 40000, value: Uint8Array.of(step) }];
        const body = { kind: 'RouterInformation' as const, tlvs };
        node.handle({ kind: 'originate', scope, lsType, linkStateId, body });
        break;
      }
      case 4:
        node.handle({ kind: 'flush', scope, lsType, linkStateId });
        break;
      case 5:
        node.dead = true;
        for (const on of node.links.values()) {
          on.nodes.splice(
            on.nodes.findIndex((member) => member.node === node),
            1,
          );
        }
        nodes[at] = start(at);
        break;
    }
    network.run(prng.below(4000));
  }
  for (const link of links) link.loses = () => false;
  for (const node of nodes) for (const interfaceId of node.links.keys()) node.up(interfaceId);
  network.run(40_000);
  return { network, nodes };
}

describe('after faults have stopped', () => {
  test.each([1, 2])('all databases are the same within a minute (seed %i)', (seed) => {
    const { nodes } = storm(seed);
    for (const node of nodes) {
      expect(contentsOf(node.lsdb())).toEqual(contentsOf(nodes[0]!.lsdb()));
      // No MaxAge LSA is left behind, and nothing waits for an acknowledgment.
      expect([...node.lsdb().entries()].filter((e) => e.lsa.header.ageS >= MAX_AGE_S)).toEqual([]);
      expect([...node.instance.illegalTransitions]).toEqual([]);
      for (const neighbor of node.instance.neighbors()) {
        expect(['Full', 'TwoWay']).toContain(neighbor.state);
        expect(neighbor.retransmissions).toBe(0);
        expect(neighbor.requests).toBe(0);
      }
    }
  });
});
