/**
 * An emulated area behind one real adjacency. Two instances run here: the border router, which the
 * neighbor under test speaks to, and router 0 of the area, joined to it by a link of memory. All
 * other LSAs of the area come to the border router as if router 0 had flooded them, so what the
 * neighbor gets of them is an ordinary implementation's exchange and flooding.
 *
 * Sans-IO: interface 1 is the real link; the driver carries its datagrams and the time.
 * @module
 */
import { INTERFACE_DEFAULTS, type InterfaceConfig } from '../instance/config.ts';
import type { InstanceInput } from '../instance/input.ts';
import { Instance } from '../instance/instance.ts';
import type { InstanceOutput } from '../instance/output.ts';
import { MAX_AGE_S } from '../lsa/constants.ts';
import { identityKey, type LsaHeader } from '../lsa/header.ts';
import type { Lsa } from '../lsa/lsa.ts';
import { OutputQueue } from '../machine.ts';
import { decodePacket } from '../packet/decode.ts';
import { encodePacket } from '../packet/encode.ts';
import { type Packet, PacketType } from '../packet/packet.ts';
import type { Prng } from '../prng.ts';
import { type Address, parseAddress } from '../wire/address.ts';
import { type AcknowledgmentSummary, Acknowledgments } from './emulate-acknowledgments.ts';
import type { EmulatedArea } from './emulate-topology.ts';

export const REAL_INTERFACE = 1;
const INNER_INTERFACE = 2;
/** Beyond the Interface IDs that the routers of the area use. */
const AREA_INTERFACE = 0x10000;
const BORDER_ADDRESS = parseAddress('fe80::b');
const AREA_ADDRESS = parseAddress('fe80::a');
const INNER_MTU = 65_535;
/** Octets of LSAs in one update on the inner link. */
const UPDATE_OCTETS = 60_000;
const ACKNOWLEDGING: ReadonlySet<number> = new Set([
  PacketType.LinkStateUpdate,
  PacketType.LinkStateAcknowledgment,
]);
/** Within this every LSA is originated anew once (LSRefreshTime is 1800 s). */
const REFRESH_ROUND_MS = 1_500_000;
const MAXIMUM_COST = 100;
const MAXIMUM_ANYCAST_METRIC = 50;

export interface EmulateConfig {
  readonly routerId: number;
  readonly areaId: number;
  /** Of the real interface; its id must be 1. */
  readonly interface: InterfaceConfig;
  readonly area: EmulatedArea;
  /** Changes of LSAs a second once the neighbor is Full; 0 for none. */
  readonly churnPerS: number;
}

/** How far the emulation is. */
export type EmulatePhase = 'joining' | 'loaded' | 'full';

export interface EmulateSummary {
  readonly phase: EmulatePhase;
  /** LSAs of the area. */
  readonly lsas: number;
  /** Milliseconds from the first input until the neighbor was Full; `undefined` before. */
  readonly fullAfterMs: number | undefined;
  /** What the neighbor acknowledged of the area as it was, since the interface came up. */
  readonly load: AcknowledgmentSummary;
  /** What it acknowledged of the changes. */
  readonly churn: AcknowledgmentSummary;
}

export class EmulateMachine {
  readonly #config: EmulateConfig;
  readonly #prng: Prng;
  readonly #border: Instance;
  readonly #inner: Instance;
  readonly #outputs = new OutputQueue<InstanceOutput>();
  /** Datagrams on the inner link. */
  readonly #inside = new OutputQueue<{
    readonly to: 'border' | 'inner';
    readonly destination: Address;
    readonly octets: Uint8Array;
  }>();
  readonly #load = new Acknowledgments();
  readonly #churned = new Acknowledgments();
  #phase: EmulatePhase = 'joining';
  #startedMs: number | undefined;
  #fullAtMs: number | undefined;
  #nextChurnMs = Number.POSITIVE_INFINITY;
  #nextRefreshMs = Number.POSITIVE_INFINITY;
  #refreshAt = 0;
  /** The real interface comes up only when the area is there. */
  #waiting: InstanceInput[] = [];
  #lsaCount = 0;

  constructor(config: EmulateConfig, prng: Prng) {
    this.#config = config;
    this.#prng = prng;
    const { areaId, routerId, area } = config;
    const areas = [{ areaId, type: 'normal' as const }];
    const inner = {
      ...INTERFACE_DEFAULTS,
      areaId,
      type: 'pointToPoint',
      helloIntervalS: 1,
    } as const;
    const border = { ...inner, interfaceId: INNER_INTERFACE, name: 'area' };
    const zero = { ...inner, interfaceId: AREA_INTERFACE, name: 'border' };
    this.#border = new Instance(
      { routerId, areas, interfaces: [config.interface, border], forwards: true },
      prng.fork(),
    );
    this.#inner = new Instance(
      { routerId: area.routerId(0), areas, interfaces: [zero], forwards: true },
      prng.fork(),
    );
  }

  handle(input: InstanceInput): void {
    const { nowMs } = input;
    if (this.#startedMs === undefined) this.#start(nowMs);
    if (input.kind === 'datagram') this.#watch(input.octets, nowMs);
    if (input.kind === 'stop') this.#leave(input);
    const early = this.#phase === 'joining' && input.kind === 'interface';
    if (early) this.#waiting.push(input);
    else if (input.kind === 'deadline') {
      this.#inner.handle(input);
      this.#border.handle(input);
    } else this.#border.handle(input);
    this.#settle(nowMs);
    if (nowMs >= this.#nextChurnMs) this.#churn(nowMs);
    if (nowMs >= this.#nextRefreshMs) this.#refresh(nowMs);
    this.#settle(nowMs);
  }

  poll(): InstanceOutput | undefined {
    return this.#outputs.poll();
  }

  deadlineMs(): number {
    return Math.min(
      this.#border.deadlineMs(),
      this.#inner.deadlineMs(),
      this.#nextChurnMs,
      this.#nextRefreshMs,
    );
  }

  /** The border router, to read. */
  get border(): Pick<Instance, 'neighbors' | 'interfaces' | 'lsdbOf' | 'drops'> {
    return this.#border;
  }

  summary(): EmulateSummary {
    const from = this.#startedMs ?? 0;
    return {
      phase: this.#phase,
      lsas: this.#lsaCount,
      fullAfterMs: this.#fullAtMs === undefined ? undefined : this.#fullAtMs - from,
      load: this.#load.summary(),
      churn: this.#churned.summary(),
    };
  }

  #start(nowMs: number): void {
    this.#startedMs = nowMs;
    const up = { kind: 'interface', nowMs, up: true, mtu: INNER_MTU, prefixes: [] } as const;
    const ends = [
      [this.#border, INNER_INTERFACE, BORDER_ADDRESS],
      [this.#inner, AREA_INTERFACE, AREA_ADDRESS],
    ] as const;
    for (const [instance, interfaceId, linkLocalAddress] of ends) {
      instance.handle({ ...up, interfaceId, linkLocalAddress });
    }
  }

  /** Flushes the area (RFC 2328 14.1), and then the two routers' own LSAs. */
  #leave(input: InstanceInput): void {
    this.#nextChurnMs = Number.POSITIVE_INFINITY;
    this.#nextRefreshMs = Number.POSITIVE_INFINITY;
    if (this.#phase !== 'joining') {
      const gone = [...this.#config.area.lsas()].map((lsa) => lsa.withAge(MAX_AGE_S));
      this.#flood(gone, input.nowMs);
    }
    this.#inner.handle(input);
    this.#settle(input.nowMs);
  }

  /** Carries the inner link's datagrams to and fro until it is quiet; hands on all else. */
  #settle(nowMs: number): void {
    for (;;) {
      this.#drain(nowMs);
      const datagram = this.#inside.poll();
      if (datagram === undefined) break;
      const { to, destination, octets } = datagram;
      const [instance, interfaceId, source] =
        to === 'border'
          ? ([this.#border, INNER_INTERFACE, AREA_ADDRESS] as const)
          : ([this.#inner, AREA_INTERFACE, BORDER_ADDRESS] as const);
      instance.handle({ kind: 'datagram', nowMs, interfaceId, source, destination, octets });
    }
    if (this.#phase === 'joining' && this.#innerFull()) this.#fill(nowMs);
  }

  #drain(nowMs: number): void {
    for (let out = this.#inner.poll(); out !== undefined; out = this.#inner.poll()) {
      if (out.kind === 'transmit') this.#inside.put({ to: 'border', ...out });
    }
    for (let out = this.#border.poll(); out !== undefined; out = this.#border.poll()) {
      if (out.kind === 'transmit' && out.interfaceId === INNER_INTERFACE) {
        this.#inside.put({ to: 'inner', ...out });
      } else {
        this.#outputs.put(out);
        this.#noteFull(out, nowMs);
      }
    }
  }

  #innerFull(): boolean {
    const ofInner = this.#border.neighbors().filter((n) => n.interfaceId === INNER_INTERFACE);
    const ofBorder = this.#inner.neighbors();
    return [ofInner, ofBorder].every(
      (all) => all.length > 0 && all.every((n) => n.state === 'Full'),
    );
  }

  /** Floods the whole area into the border router, then lets the real interface come up. */
  #fill(nowMs: number): void {
    this.#phase = 'loaded';
    const lsas = [...this.#config.area.lsas()];
    this.#lsaCount = lsas.length;
    this.#flood(lsas, nowMs);
    for (const lsa of lsas) this.#load.expect(lsa, nowMs);
    this.#nextRefreshMs = nowMs + this.#refreshIntervalMs();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const input of waiting) this.#border.handle({ ...input, nowMs });
    this.#settle(nowMs);
  }

  /** As if router 0 had flooded them. */
  #flood(lsas: readonly Lsa[], nowMs: number): void {
    let batch: Lsa[] = [];
    let octets = 0;
    const send = (): void => {
      if (batch.length === 0) return;
      const { areaId, area } = this.#config;
      const packet = {
        kind: 'LinkStateUpdate',
        routerId: area.routerId(0),
        areaId,
        instanceId: 0,
        lsas: batch,
      } as const;
      const encoded = encodePacket(packet, AREA_ADDRESS, BORDER_ADDRESS);
      this.#inside.put({ to: 'border', destination: BORDER_ADDRESS, octets: encoded });
      this.#settle(nowMs);
      batch = [];
      octets = 0;
    };
    for (const lsa of lsas) {
      if (octets + lsa.header.length > UPDATE_OCTETS) send();
      batch.push(lsa);
      octets += lsa.header.length;
    }
    send();
  }

  #noteFull(out: InstanceOutput, nowMs: number): void {
    if (out.kind !== 'event' || out.event.name !== 'neighborState') return;
    if (out.event.interfaceId !== REAL_INTERFACE || out.event.to !== 'Full') return;
    this.#phase = 'full';
    this.#fullAtMs ??= nowMs;
    const { churnPerS } = this.#config;
    if (churnPerS > 0 && this.#nextChurnMs === Number.POSITIVE_INFINITY) {
      this.#nextChurnMs = nowMs + this.#churnIntervalMs();
    }
  }

  /** Changes one LSA: every second time an anycast metric, else the cost of a link. */
  #churn(nowMs: number): void {
    this.#nextChurnMs = Math.max(nowMs, this.#nextChurnMs + this.#churnIntervalMs());
    const { area } = this.#config;
    const originators = area.options.anycastOriginators;
    const metrics = originators > 0 && this.#prng.below(2) === 0;
    const lsa = metrics
      ? area.anycastLsa(
          area.anycastRouter(this.#prng.below(originators)),
          this.#prng.below(MAXIMUM_ANYCAST_METRIC),
        )
      : this.#changedRouter();
    this.#load.forget(lsa);
    this.#churned.expect(lsa, nowMs);
    this.#flood([lsa], nowMs);
  }

  #changedRouter(): Lsa {
    const { area } = this.#config;
    const router = this.#prng.below(area.topology.routers);
    const links = area.links[router]!;
    const place = this.#prng.below(links.length);
    const link = links[place]!;
    const metric = 1 + ((link.metric + this.#prng.below(MAXIMUM_COST - 1)) % MAXIMUM_COST);
    // The two ends of a link may differ; each says its own.
    links[place] = { ...link, metric };
    return area.routerLsa(router);
  }

  /** Whole milliseconds on the average, as times of the core are. */
  #churnIntervalMs(): number {
    const exact = 1000 / this.#config.churnPerS;
    const whole = Math.floor(exact);
    return whole + (this.#prng.unit() < exact - whole ? 1 : 0);
  }

  #refreshIntervalMs(): number {
    return Math.ceil(REFRESH_ROUND_MS / Math.max(1, this.#config.area.topology.routers));
  }

  /** One router after another says the same again, before its LSAs grow old. */
  #refresh(nowMs: number): void {
    const { area } = this.#config;
    const router = this.#refreshAt;
    this.#refreshAt = (router + 1) % area.topology.routers;
    this.#nextRefreshMs = nowMs + this.#refreshIntervalMs();
    this.#flood([...area.refreshed(router)], nowMs);
  }

  /**
   * Notes what the neighbor acknowledges, by saying so or by flooding it back (RFC 2328 13 (7) (a)).
   * Whether the packet is sound is the instance's affair.
   */
  #watch(octets: Uint8Array, nowMs: number): void {
    if (!ACKNOWLEDGING.has(octets[1] ?? 0)) return;
    try {
      for (const header of headersOf(decodePacket(octets))) {
        const key = identityKey(header);
        this.#load.acknowledged(key, header.sequenceNumber, nowMs);
        this.#churned.acknowledged(key, header.sequenceNumber, nowMs);
      }
    } catch {
      // The instance counts it.
    }
  }
}

/** The headers of the LSAs in an update or an acknowledgment. */
function headersOf(packet: Packet): readonly LsaHeader[] {
  if (packet.kind === 'LinkStateAcknowledgment') return packet.lsaHeaders;
  return packet.kind === 'LinkStateUpdate' ? packet.lsas.map(({ header }) => header) : [];
}
