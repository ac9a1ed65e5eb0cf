import { describe, expect, test } from '@jest/globals';
import { EmulateMachine, REAL_INTERFACE } from '../../src/host/emulate-machine.ts';
import {
  drawTopology,
  EMULATED_ANYCAST,
  EmulatedArea,
  TOPOLOGY_SHAPES,
} from '../../src/host/emulate-topology.ts';
import { INTERFACE_DEFAULTS } from '../../src/instance/config.ts';
import { Instance } from '../../src/instance/instance.ts';
import { encodePacket } from '../../src/packet/encode.ts';
import { Prng } from '../../src/prng.ts';
import { RouteTable } from '../../src/spf/route-table.ts';
import { parseAddress, parseDottedQuad } from '../../src/wire/address.ts';
import { formatPrefix } from '../../src/wire/prefix.ts';

const HERE = parseAddress('fe80::1');
const THERE = parseAddress('fe80::2');
const AREA = { areaId: 0, type: 'normal' } as const;
const DELAY_MS = 1;
/** The type of a Link State Acknowledgment packet (RFC 5340 A.3.6). */
const ACKNOWLEDGMENT = 5;

/** The emulation on one end of a link, a router under test on the other, in virtual time. */
class Bench {
  nowMs = 0;
  readonly machine: EmulateMachine;
  readonly instance: Instance;
  readonly routes: RouteTable;
  /** Whether what the router under test acknowledges gets lost. */
  losesAcknowledgments = false;
  readonly #arriving: { atMs: number; deliver: () => void }[] = [];

  constructor(area: EmulatedArea, churnPerS: number) {
    const on = {
      ...INTERFACE_DEFAULTS,
      interfaceId: REAL_INTERFACE,
      name: 'test',
      areaId: 0,
      type: 'pointToPoint',
      helloIntervalS: 1,
    } as const;
    const routerId = parseDottedQuad('10.9.9.1');
    this.machine = new EmulateMachine(
      { routerId, areaId: 0, interface: on, area, churnPerS },
      new Prng(5),
    );
    const tested = parseDottedQuad('10.9.9.2');
    this.instance = new Instance(
      { routerId: tested, areas: [AREA], interfaces: [on], forwards: true },
      new Prng(6),
    );
    this.routes = new RouteTable({ routerId: tested });
    const up = { kind: 'interface', nowMs: 0, interfaceId: 1, up: true, mtu: 1500 } as const;
    this.machine.handle({ ...up, linkLocalAddress: HERE });
    this.instance.handle({ ...up, linkLocalAddress: THERE });
    this.#drain();
  }

  runUntil(untilMs: number): void {
    for (;;) {
      const arriving = this.#arriving[0]?.atMs ?? Number.POSITIVE_INFINITY;
      const next = Math.min(
        arriving,
        this.machine.deadlineMs(),
        this.instance.deadlineMs(),
        this.routes.deadlineMs(),
      );
      if (next > untilMs) break;
      this.nowMs = Math.max(this.nowMs, next);
      const { nowMs } = this;
      while (this.#arriving[0] && this.#arriving[0].atMs <= nowMs)
        this.#arriving.shift()?.deliver();
      this.machine.handle({ kind: 'deadline', nowMs });
      this.instance.handle({ kind: 'deadline', nowMs });
      this.routes.handle({ kind: 'deadline', nowMs });
      this.#drain();
    }
    this.nowMs = untilMs;
  }

  #drain(): void {
    const ends = [
      { from: this.machine, to: this.instance, source: HERE },
      { from: this.instance, to: this.machine, source: THERE },
    ];
    for (const { from, to, source } of ends) {
      for (let out = from.poll(); out !== undefined; out = from.poll()) {
        if (out.kind === 'lsa' && from === this.instance) {
          this.routes.handle({ ...out, nowMs: this.nowMs });
        }
        if (out.kind !== 'transmit') continue;
        const { destination, octets } = out;
        const isLost = this.losesAcknowledgments && octets[1] === ACKNOWLEDGMENT;
        if (isLost && from === this.instance) continue;
        const deliver = (): void =>
          to.handle({
            kind: 'datagram',
            nowMs: this.nowMs,
            interfaceId: 1,
            source,
            destination,
            octets,
          });
        this.#arriving.push({ atMs: this.nowMs + DELAY_MS, deliver });
      }
    }
  }
}

const areaOf = (shape: (typeof TOPOLOGY_SHAPES)[number], routers: number): EmulatedArea =>
  new EmulatedArea(drawTopology(shape, routers, new Prng(7)), {
    firstRouterId: parseDottedQuad('10.0.0.1'),
    anycastOriginators: 4,
    joined: true,
  });

describe('an emulated area behind one adjacency', () => {
  test.each(TOPOLOGY_SHAPES)(
    'the neighbor gets every LSA and a route to every prefix: %s',
    (shape) => {
      const area = areaOf(shape, 40);
      const bench = new Bench(area, 0);
      bench.runUntil(30_000);
      const { phase, load, lsas } = bench.machine.summary();
      expect(phase).toBe('full');
      expect(load).toMatchObject({ expected: lsas, acknowledged: lsas });
      expect(bench.routes.size).toBe(2 * area.topology.routers + 1);
      const anycast = bench.routes.route(formatPrefix(EMULATED_ANYCAST));
      expect(anycast?.candidates).toHaveLength(4);
      expect(anycast?.nextHops).toMatchObject([{ interfaceId: 1, address: HERE }]);
    },
  );

  test('with churn, the neighbor acknowledges every change', () => {
    const bench = new Bench(areaOf('random', 40), 5);
    bench.runUntil(30_000);
    const { churn, load } = bench.machine.summary();
    expect(churn.expected).toBeGreaterThan(80);
    // The last changes may be on their way; of an LSA changed twice meanwhile, one counts.
    expect(churn.acknowledged).toBeGreaterThan(0.8 * churn.expected);
    expect(load.expected).toBeLessThanOrEqual(2 * 40 + 4);
    expect(bench.routes.runs().some(({ kind }) => kind === 'incremental')).toBe(true);
  });

  test('a neighbor that floods an LSA back has acknowledged it (RFC 2328 13 (7) (a))', () => {
    const area = areaOf('grid', 9);
    const bench = new Bench(area, 0);
    bench.losesAcknowledgments = true;
    bench.runUntil(10_000);
    expect(bench.machine.summary().load.acknowledged).toBe(0);
    const [lsa] = area.lsas();
    const routerId = parseDottedQuad('10.9.9.2');
    const update = { kind: 'LinkStateUpdate', routerId, areaId: 0, instanceId: 0 } as const;
    const octets = encodePacket({ ...update, lsas: [lsa!] }, THERE, HERE);
    const datagram = {
      kind: 'datagram',
      interfaceId: 1,
      source: THERE,
      destination: HERE,
    } as const;
    bench.machine.handle({ ...datagram, nowMs: bench.nowMs, octets });
    expect(bench.machine.summary().load.acknowledged).toBe(1);
  });

  test('when it stops, the neighbor is left without any of its LSAs', () => {
    const bench = new Bench(areaOf('random', 20), 0);
    bench.runUntil(30_000);
    bench.machine.handle({ kind: 'stop', nowMs: bench.nowMs });
    bench.runUntil(40_000);
    expect(bench.routes.size).toBe(0);
  });

  test('LSAs are refreshed before they grow old', () => {
    const area = areaOf('grid', 9);
    const bench = new Bench(area, 0);
    bench.runUntil(4_000_000);
    expect(bench.routes.size).toBe(2 * 9 + 1);
  });
});
