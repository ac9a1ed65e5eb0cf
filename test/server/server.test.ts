import { describe, expect, it } from '@jest/globals';
import { SERVICE_KEY } from '../../src/demo/settings.ts';
import { MAX_AGE_S } from '../../src/lsa/constants.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import type { Lsa } from '../../src/lsa/lsa.ts';
import { Option } from '../../src/lsa/options.ts';
import { serviceLoadsOf } from '../../src/lsa/service-load.ts';
import { decodePacket } from '../../src/packet/decode.ts';
import { Prng } from '../../src/prng.ts';
import type { Router } from '../../src/router/router.ts';
import { ServiceSpeaker } from '../../src/server/service-speaker.ts';
import { COST_DEFAULTS } from '../../src/server-cost/config.ts';
import type { SimulatedFarm } from '../../src/sim/farm.ts';
import { parseAddress, parseDottedQuad } from '../../src/wire/address.ts';
import { formatPrefix } from '../../src/wire/prefix.ts';
import { demoFarm, steadyDemand } from '../sim/demo-farm.ts';

const AREA = { kind: 'area', areaId: 0 } as const;

/** A farm of servers with one service, brought together in virtual time. */
function farmOf(count: number): SimulatedFarm {
  const servers = Array.from({ length: count }, (_, i) => ({
    name: `s${i}`,
    capacityQueriesPerSecond: 100,
    routerId: parseDottedQuad(`10.0.0.${11 + i}`),
  }));
  const farm = demoFarm(1, servers);
  farm.world.run(20_000);
  return farm;
}

/** The one router of the farm. */
const routerOf = (farm: SimulatedFarm): Router => farm.routers[0]!;

const lsasOf = (farm: SimulatedFarm, lsType: number, routerId: string): Lsa[] =>
  [...routerOf(farm).instance.lsdbOf(AREA).ofType(lsType)]
    .map(({ lsa }) => lsa)
    .filter(
      ({ header }) =>
        header.advertisingRouter === parseDottedQuad(routerId) && header.ageS < MAX_AGE_S,
    );

const nextHopsOf = (farm: SimulatedFarm): number =>
  [...routerOf(farm).routes()].find(({ key }) => key === SERVICE_KEY)?.nextHops.length ?? 0;

describe('a server advertises its anycast service', () => {
  it('as a host: R-bit clear, and never designated router (RFC 5340 2.7)', () => {
    const farm = farmOf(2);
    const [own] = lsasOf(farm, LsType.Router, '10.0.0.11');
    if (own?.body.kind !== 'Router') throw new Error('no Router-LSA');
    expect(own.body.options & Option.R).toBe(0);
    expect(own.body.options & Option.V6).toBe(Option.V6);
    const networks = [...routerOf(farm).instance.lsdbOf(AREA).ofType(LsType.Network)];
    expect(networks.map(({ lsa }) => lsa.header.advertisingRouter)).toEqual([
      parseDottedQuad('10.0.0.1'),
    ]);
  });

  it('in an Intra-Area-Prefix-LSA of its own that refers to its Router-LSA, without the LA-bit', () => {
    const farm = farmOf(1);
    const [lsa, ...others] = lsasOf(farm, LsType.IntraAreaPrefix, '10.0.0.11');
    expect(others).toEqual([]);
    if (lsa?.body.kind !== 'IntraAreaPrefix') throw new Error('no Intra-Area-Prefix-LSA');
    expect(lsa.body.referencedLsType).toBe(LsType.Router);
    expect(lsa.body.referencedAdvertisingRouter).toBe(parseDottedQuad('10.0.0.11'));
    expect(lsa.body.prefixes).toHaveLength(1);
    expect(formatPrefix(lsa.body.prefixes[0]!)).toBe(SERVICE_KEY);
    expect(lsa.body.prefixes[0]!.prefixOptions).toBe(0);
  });

  it('with weight and load in a Router Information LSA that others flood and ignore (RFC 7770)', () => {
    const farm = farmOf(1);
    const [lsa] = lsasOf(farm, LsType.RouterInformation, '10.0.0.11');
    const [load] = lsa === undefined ? [] : serviceLoadsOf(lsa);
    expect(load).toMatchObject({ state: 'up', weight: 100 });
    expect(lsa!.header.lsType & 0x8000).toBe(0x8000);
  });
});

describe('when the service process ends', () => {
  it('the flush is on the wire in the same tick', () => {
    const farm = farmOf(2);
    const server = farm.servers[0]!;
    const sent: Uint8Array[] = [];
    const { world } = farm;
    server.role.handle({
      kind: 'liveness',
      nowMs: world.nowMs,
      service: 'dns',
      alive: false,
      reason: 'the process has ended',
    });
    for (let out = server.role.poll(); out !== undefined; out = server.role.poll()) {
      if (out.kind === 'transmit') sent.push(out.octets);
    }
    const flushed = sent
      .map(decodePacket)
      .flatMap((packet) => (packet.kind === 'LinkStateUpdate' ? packet.lsas : []))
      .filter(({ header }) => header.ageS === MAX_AGE_S)
      .map(({ header }) => header.lsType);
    expect(flushed).toContain(LsType.IntraAreaPrefix);
  });

  it('the router sends to the others only, and to all again when it is back', () => {
    const farm = farmOf(2);
    const { world } = farm;
    const tell = (alive: boolean): void => {
      farm.servers[0]!.life.input((nowMs) => ({
        kind: 'liveness',
        nowMs,
        service: 'dns',
        alive,
        reason: 'checked',
      }));
    };
    expect(nextHopsOf(farm)).toBe(2);
    tell(false);
    world.run(world.nowMs + 50);
    expect(nextHopsOf(farm)).toBe(1);
    tell(true);
    world.run(world.nowMs + 20_000);
    expect(nextHopsOf(farm)).toBe(2);
  });
});

describe('why nothing is advertised', () => {
  const address = parseAddress('2001:db8:53::53');
  const service = { name: 'dns', address, cost: COST_DEFAULTS };

  it('of a service whose first check failed: what the check saw', () => {
    const speaker = new ServiceSpeaker(service, 0, 1, new Prng(1));
    const reason = 'connection refused';
    speaker.controller.handle({ kind: 'liveness', nowMs: 0, alive: false, reason });
    for (let out = speaker.controller.poll(); out; out = speaker.controller.poll()) {
      speaker.take(out);
    }
    expect(speaker.status()).toMatchObject({ advertisement: undefined, reason });
  });
});

describe('an operator', () => {
  it('changes cost and load of a service: one Link State Update says both', () => {
    const farm = farmOf(2);
    const { role } = farm.servers[0]!;
    const { nowMs } = farm.world;
    role.handle({ kind: 'command', nowMs, service: 'dns', command: 'drain' });
    const updates: number[][] = [];
    for (let out = role.poll(); out !== undefined; out = role.poll()) {
      const packet = out.kind === 'transmit' ? decodePacket(out.octets) : undefined;
      if (packet?.kind !== 'LinkStateUpdate') continue;
      updates.push(packet.lsas.map(({ header }) => header.lsType));
    }
    expect(updates).toEqual([[LsType.IntraAreaPrefix, LsType.RouterInformation]]);
  });

  it('drains a server: no new flows, then no route', () => {
    const farm = farmOf(2);
    const { world } = farm;
    farm.startDemand(steadyDemand(10, 1));
    world.run(world.nowMs + 5000);
    const server = farm.servers[0]!;
    server.life.input((nowMs) => ({ kind: 'command', nowMs, service: 'dns', command: 'drain' }));
    world.run(world.nowMs + 6000);
    const { sent } = server;
    world.run(world.nowMs + 30_000);
    expect(server.sent).toBe(sent);
    expect(farm.lost).toBe(0);
    expect(lsasOf(farm, LsType.IntraAreaPrefix, '10.0.0.11')).toEqual([]);
  });

  it('is told when he names a service that is not there', () => {
    const farm = farmOf(1);
    expect(() =>
      farm.servers[0]!.role.handle({
        kind: 'command',
        nowMs: farm.world.nowMs,
        service: 'ntp',
        command: 'drain',
      }),
    ).toThrow(RangeError);
  });
});

describe('a server that is told to stop', () => {
  it('flushes all that it originated before it leaves', () => {
    const farm = farmOf(2);
    const { world } = farm;
    farm.servers[0]!.life.input((nowMs) => ({ kind: 'stop', nowMs }));
    world.run(world.nowMs + 100);
    for (const lsType of [LsType.Router, LsType.IntraAreaPrefix, LsType.RouterInformation]) {
      expect(lsasOf(farm, lsType, '10.0.0.11')).toEqual([]);
    }
    expect(nextHopsOf(farm)).toBe(1);
  });
});
