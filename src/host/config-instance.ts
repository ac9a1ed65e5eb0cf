/**
 * From a checked configuration to what an instance is built from.
 * @module
 */
import type { AreaConfig, InstanceConfig, InterfaceConfig } from '../instance/config.ts';
import type { AreaSettings, InterfaceSettings } from './config-interface.ts';

/** The keys of a configuration file that concern the instance. */
export interface InstanceSettings {
  readonly routerId: number;
  readonly interfaces: readonly InterfaceSettings[];
  readonly areas: readonly AreaSettings[];
  readonly minLsIntervalMs: number;
}

/** @param forwards - whether we forward for others: false for a server. */
export function instanceConfig(settings: InstanceSettings, forwards: boolean): InstanceConfig {
  return {
    routerId: settings.routerId,
    areas: areasOf(settings),
    interfaces: settings.interfaces.map((one, i) => interfaceConfig(one, i + 1, forwards)),
    forwards,
    minLsIntervalMs: settings.minLsIntervalMs,
  };
}

/** Areas that are named, and normal ones for those that only interfaces name. */
function areasOf({ areas, interfaces }: InstanceSettings): AreaConfig[] {
  const types = new Map<number, AreaConfig['type']>();
  for (const { area } of interfaces) types.set(area, 'normal');
  for (const { id, type } of areas) types.set(id, type);
  return [...types].map(([areaId, type]) => ({ areaId, type }));
}

function interfaceConfig(
  settings: InterfaceSettings,
  interfaceId: number,
  forwards: boolean,
): InterfaceConfig {
  return {
    interfaceId,
    name: settings.name,
    areaId: settings.area,
    type: settings.type,
    passive: settings.passive,
    cost: settings.cost,
    priority: settings.priority ?? (forwards ? 1 : 0),
    helloIntervalS: settings.helloIntervalS,
    routerDeadIntervalS: settings.deadIntervalS,
    rxmtIntervalS: settings.retransmitIntervalS,
    infTransDelayS: settings.transmitDelayS,
    instanceId: settings.instanceId,
    mtuIgnore: settings.mtuIgnore,
  };
}
