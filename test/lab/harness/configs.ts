/** Configurations that scenarios share: OSPFv3 with Hello 1 s, dead 4 s on every interface. */
import { BIRD_KERNEL } from './bird.ts';

/** How one interface is configured. */
export interface LabInterface {
  readonly name: string;
  /** `0.0.0.0` by default. */
  readonly area?: string;
  readonly type?: 'broadcast' | 'pointToPoint';
  readonly priority?: number;
  readonly cost?: number;
  readonly passive?: boolean;
  /** Of Tidecast: its key `record`, as YAML on one line. */
  readonly record?: string;
}

const AREA = '0.0.0.0';

/** Lets FRR run SPF at once after every change; its own timers wait for up to 5 s. */
export const FRR_AT_ONCE = ' timers throttle spf 0 0 0';

/** ospf6d's configuration, under its own timers. */
export function frrOspf6d(
  routerId: string,
  interfaces: readonly LabInterface[],
  more = '',
): string {
  const parts = interfaces.map(({ name, area = AREA, type, priority, cost, passive }) =>
    [
      `interface ${name}`,
      ` ipv6 ospf6 area ${area}`,
      ' ipv6 ospf6 hello-interval 1',
      ' ipv6 ospf6 dead-interval 4',
      type === 'pointToPoint' ? ' ipv6 ospf6 network point-to-point' : '',
      priority === undefined ? '' : ` ipv6 ospf6 priority ${priority}`,
      cost === undefined ? '' : ` ipv6 ospf6 cost ${cost}`,
      passive ? ' ipv6 ospf6 passive' : '',
    ]
      .filter(Boolean)
      .join('\n'),
  );
  return [...parts, 'router ospf6', ` ospf6 router-id ${routerId}`, more].join('\n');
}

/** A BIRD configuration; stubnets and the like go into the area of the first interface. */
export function birdConfig(
  routerId: string,
  interfaces: readonly LabInterface[],
  inFirstArea = '',
  inProtocol = '',
): string {
  const areas = new Map<string, string[]>();
  for (const { name, area = AREA, type, priority, cost, passive } of interfaces) {
    const words = [
      'hello 1; dead 4;',
      type === 'pointToPoint' ? 'type ptp;' : '',
      priority === undefined ? '' : `priority ${priority};`,
      cost === undefined ? '' : `cost ${cost};`,
      passive ? 'stub yes;' : '',
    ];
    const lines = areas.get(area) ?? [];
    lines.push(`interface "${name}" { ${words.join(' ')} };`);
    areas.set(area, lines);
  }
  const [first] = areas.keys();
  const blocks = [...areas].map(([area, lines]) => {
    const body = [...lines, area === first ? inFirstArea : ''].join('\n    ');
    return `  area ${area} {\n    ${body}\n  };`;
  });
  return `router id ${routerId};
${BIRD_KERNEL}
protocol ospf v3 o6 {
  ipv6 { import all; export none; };
  ecmp yes;
${inProtocol}
${blocks.join('\n')}
}
`;
}

/** Tidecast as a router. */
export function tidecastRouter(
  routerId: string,
  interfaces: readonly LabInterface[],
  more = '',
): string {
  return `role: router
routerId: ${routerId}
logLevel: debug
interfaces:
${interfaceLines(interfaces)}
${more}`;
}

/** Lines of a list of interfaces in a Tidecast configuration. */
export function interfaceLines(interfaces: readonly LabInterface[]): string {
  const lines = interfaces.map(({ area = AREA, ...rest }) => {
    const keys = { ...rest, area, helloIntervalS: 1, deadIntervalS: 4 };
    const given = Object.entries(keys).filter(([, value]) => value !== undefined);
    return `  - { ${given.map(([key, value]) => `${key}: ${value}`).join(', ')} }`;
  });
  return lines.join('\n');
}

/** The anycast service of most scenarios. */
export const SERVICE = '2001:db8:53::53';

/**
 * Tidecast as a server of {@link SERVICE}.
 * @param more - keys of the service, as lines indented by four.
 */
export function tidecastServer(
  routerId: string,
  interfaces: readonly LabInterface[] = [{ name: 'eth0' }],
  more = '',
): string {
  return `role: server
routerId: ${routerId}
logLevel: debug
interfaces:
${interfaceLines(interfaces)}
services:
  - name: dns
    address: ${SERVICE}
${more}`;
}
