/**
 * From a checked configuration to what an instance is built from.
 * @module
 */
import type { AreaConfig, InstanceConfig, InterfaceConfig } from '../instance/config.ts';
import { authenticationConfig } from './config-authentication.ts';
import type { AreaSettings, InterfaceSettings } from './config-interface.ts';

/** The keys of a configuration file that concern the instance. */
export interface InstanceSettings {
  readonly routerId: number;
  readonly interfaces: readonly InterfaceSettings[];
  readonly areas: readonly AreaSettings[];
  readonly minLsIntervalMs: number;
  readonly minLsArrivalMs: number;
  readonly hostname?: string | undefined;
  readonly stubRouterOnStartS: number;
  readonly stubRouterMethod: 'maxLinkMetric' | 'rBit';
}

/** How this start of the process differs from others. */
export interface Start {
  /** Whether we forward for others: false for a server. */
  readonly forwards: boolean;
  /** Since the Unix epoch. */
  readonly startedAtMs: number;
}

export function instanceConfig(settings: InstanceSettings, start: Start): InstanceConfig {
  return {
    routerId: settings.routerId,
    areas: areasOf(settings),
    interfaces: settings.interfaces.map((one, i) => interfaceConfig(one, i + 1, start)),
    forwards: start.forwards,
    minLsIntervalMs: settings.minLsIntervalMs,
    minLsArrivalMs: settings.minLsArrivalMs,
    stubRouterOnStartMs: settings.stubRouterOnStartS * 1000,
    stubRouterMethod: settings.stubRouterMethod,
    ...(settings.hostname !== undefined && { hostname: settings.hostname }),
  };
}

/** Areas that are named, and normal ones for those that only interfaces name. */
function areasOf({ areas, interfaces }: InstanceSettings): AreaConfig[] {
  const configs = new Map<number, AreaConfig>();
  for (const { area } of interfaces) configs.set(area, { areaId: area, type: 'normal' });
  for (const { id, translator, ranges, ...rest } of areas) {
    configs.set(id, {
      areaId: id,
      ...rest,
      translatorRole: translator,
      ranges: ranges.map(({ prefix, advertise, cost }) => ({
        prefix,
        advertise,
        ...(cost !== undefined && { cost }),
      })),
    });
  }
  return [...configs.values()];
}

function interfaceConfig(
  settings: InterfaceSettings,
  interfaceId: number,
  { forwards, startedAtMs }: Start,
): InterfaceConfig {
  const { bfd, authentication } = settings;
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
    localAddressBit: settings.localAddressBit,
    ...(bfd && {
      bfd: {
        desiredMinTxIntervalMs: bfd.transmitIntervalMs,
        requiredMinRxIntervalMs: bfd.receiveIntervalMs,
        detectMultiplier: bfd.multiplier,
      },
    }),
    ...(authentication && { authentication: authenticationConfig(authentication, startedAtMs) }),
  };
}
