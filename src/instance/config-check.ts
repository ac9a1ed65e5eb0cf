/**
 * Holds a configuration to the ranges of RFC 2328 appendix C and RFC 5340 appendix C, so that
 * nothing out of range is met later, while packets are handled.
 * @module
 */
import { hostnameTlv } from '../lsa/hostname.ts';
import type { InstanceConfig, InterfaceConfig } from './config.ts';
import { AREA_INTERFACES_MAX } from './link-state-id.ts';

const U32 = 0xffffffff;
/** The largest interval that BFD can say, in milliseconds. */
const BFD_INTERVAL_MAX_MS = U32 / 1000;

/** @throws {RangeError} naming the field, when it is not an integer in the range. */
export function checkRange(field: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${field} cannot be ${value}: allowed is ${least}..${most}`);
  }
}

/** @throws {RangeError} naming the first field that is out of range. */
export function checkConfig(config: InstanceConfig): void {
  checkRange('routerId', config.routerId, 1, U32);
  checkRange('minLsIntervalMs', config.minLsIntervalMs ?? 5000, 1000, 60_000);
  checkRange('minLsArrivalMs', config.minLsArrivalMs ?? 1000, 0, 60_000);
  checkRange('stubRouterOnStartMs', config.stubRouterOnStartMs ?? 0, 0, U32);
  if (config.hostname !== undefined) hostnameTlv(config.hostname);
  const areas = config.areas.map((area) => area.areaId);
  areas.forEach((areaId, at) => {
    checkRange('areas.areaId', areaId, 0, U32);
    if (areas.indexOf(areaId) !== at) throw new RangeError(`areas: ${areaId} is there twice`);
  });
  for (const { areaId, type, defaultCost } of config.areas) {
    checkRange('areas.defaultCost', defaultCost ?? 1, 0, 0xfffffe);
    if (areaId === 0 && type !== 'normal') {
      throw new RangeError(`areas: the backbone cannot be ${type} (RFC 2328 3.6)`);
    }
  }
  for (const areaId of areas) {
    const count = config.interfaces.filter((on) => on.areaId === areaId).length;
    checkRange(`interfaces of area ${areaId}`, count, 0, AREA_INTERFACES_MAX);
  }
  const interfaceIds = config.interfaces.map((on) => on.interfaceId);
  config.interfaces.forEach((on, at) => {
    checkInterface(on);
    if (!areas.includes(on.areaId)) {
      throw new RangeError(`interface ${on.name}: area ${on.areaId} is not configured`);
    }
    if (interfaceIds.indexOf(on.interfaceId) !== at) {
      throw new RangeError(`interfaces: interfaceId ${on.interfaceId} is there twice`);
    }
  });
}

function checkInterface(on: InterfaceConfig): void {
  const field = (name: string): string => `interface ${on.name}: ${name}`;
  checkRange(field('interfaceId'), on.interfaceId, 1, U32);
  checkRange(field('cost'), on.cost, 1, 0xffff);
  checkRange(field('priority'), on.priority, 0, 255);
  checkRange(field('helloIntervalS'), on.helloIntervalS, 1, 0xffff);
  checkRange(field('routerDeadIntervalS'), on.routerDeadIntervalS, 1, 0xffff);
  checkRange(field('rxmtIntervalS'), on.rxmtIntervalS, 1, 0xffff);
  checkRange(field('infTransDelayS'), on.infTransDelayS, 1, 3600);
  checkRange(field('instanceId'), on.instanceId, 0, 255);
  if (on.bfd === undefined) return;
  const { desiredMinTxIntervalMs, requiredMinRxIntervalMs, detectMultiplier } = on.bfd;
  checkRange(field('bfd.detectMultiplier'), detectMultiplier, 1, 255);
  const intervals = { desiredMinTxIntervalMs, requiredMinRxIntervalMs };
  for (const [name, value] of Object.entries(intervals)) {
    checkRange(field(`bfd.${name}`), value, 1, Math.floor(BFD_INTERVAL_MAX_MS));
  }
}
