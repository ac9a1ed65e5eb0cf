/**
 * Reads BIRD's `show ospf state all` back into LSAs: a section per area, in it routers and transit
 * networks, under each its links and prefixes. Interface IDs of point-to-point links are not
 * printed; links between two routers are matched in the order in which they stand.
 * @module
 */
import type { LsaBody } from '../lsa/body.ts';
import { INITIAL_SEQUENCE_NUMBER } from '../lsa/constants.ts';
import { LsType } from '../lsa/ls-type.ts';
import { Lsa } from '../lsa/lsa.ts';
import { Option } from '../lsa/options.ts';
import { RouterFlag, type RouterLink, RouterLinkType } from '../lsa/router-lsa.ts';
import { parseDottedQuad } from '../wire/address.ts';
import { type AddressPrefix, parsePrefix } from '../wire/prefix.ts';
import type { FoundLsa } from './spf-found-lsa.ts';

/** What the vertex in hand says. */
interface Section {
  readonly area: string;
  readonly kind: 'router' | 'network';
  readonly routerId: number;
  /** Of a network: its designated router's Interface ID. */
  readonly interfaceId: number;
  readonly links: RouterLink[];
  readonly attached: number[];
  readonly prefixes: (AddressPrefix & { readonly metric: number })[];
  /** What a border or boundary router says of elsewhere. */
  readonly others: { readonly lsType: number; readonly body: LsaBody }[];
  reachable: boolean;
}

const OPTIONS = Option.V6 | Option.E | Option.R;

/** @returns `undefined` when the text is something else. */
export function readBirdState(text: string): FoundLsa[] | undefined {
  if (!/^\s*area \d+\.\d+\.\d+\.\d+\s*$/m.test(text)) return undefined;
  const sections: Section[] = [];
  let area = '';
  for (const line of text.split('\n')) {
    const [word = '', name = '', ...rest] = line.trim().split(/\s+/);
    if (word === 'area') area = name;
    else if (/^\t(router|network) /.test(line)) sections.push(sectionOf(area, word, name));
    else if (/^\t\t/.test(line)) read(sections.at(-1), word, name, rest);
  }
  const used = new Map<string, number>();
  return sections.filter(({ reachable }) => reachable).flatMap((section) => lsasOf(section, used));
}

/** `[10.0.0.1-2]`: the designated router and its Interface ID. */
function networkName(name: string): [number, number] {
  const parts = /^\[([\d.]+)-(\d+)\]$/.exec(name);
  if (!parts) throw new RangeError(`not a network of BIRD's: ${name}`);
  return [parseDottedQuad(parts[1]!), Number(parts[2])];
}

function sectionOf(area: string, word: string, name: string): Section {
  const [routerId, interfaceId] =
    word === 'network' ? networkName(name) : [parseDottedQuad(name), 0];
  const kind = word === 'network' ? 'network' : 'router';
  const empty = { links: [], attached: [], prefixes: [], others: [] };
  return { area, kind, routerId, interfaceId, ...empty, reachable: true };
}

function read(
  section: Section | undefined,
  word: string,
  name: string,
  rest: readonly string[],
): void {
  if (section === undefined) return;
  const metricAt = rest.findIndex((said) => said === 'metric' || said === 'metric2');
  const metric = metricAt < 0 ? 0 : Number(rest[metricAt + 1]);
  switch (word) {
    case 'unreachable':
      section.reachable = false;
      return;
    case 'router': {
      const neighborRouterId = parseDottedQuad(name);
      if (section.kind === 'network') section.attached.push(neighborRouterId);
      else {
        const ids = { interfaceId: 0, neighborInterfaceId: 0, neighborRouterId };
        section.links.push({ type: RouterLinkType.PointToPoint, metric, ...ids });
      }
      return;
    }
    case 'network': {
      const [neighborRouterId, neighborInterfaceId] = networkName(name);
      const ids = { interfaceId: 0, neighborInterfaceId, neighborRouterId };
      section.links.push({ type: RouterLinkType.Transit, metric, ...ids });
      return;
    }
    case 'stubnet':
    case 'address':
      section.prefixes.push({ ...parsePrefix(name), metric });
      return;
    case 'xnetwork':
      section.others.push({
        lsType: LsType.InterAreaPrefix,
        body: { kind: 'InterAreaPrefix', metric, prefix: parsePrefix(name) },
      });
      return;
    case 'xrouter':
      section.others.push({
        lsType: LsType.InterAreaRouter,
        body: {
          kind: 'InterAreaRouter',
          options: OPTIONS,
          metric,
          destinationRouterId: parseDottedQuad(name),
        },
      });
      return;
    case 'external':
      section.others.push({
        lsType: LsType.AsExternal,
        body: {
          kind: 'AsExternal',
          flags: rest.includes('metric2') ? 4 : 0,
          metric,
          prefix: parsePrefix(name),
          referencedLsType: 0,
        },
      });
  }
}

/** @param used - how many links from one router to another were numbered already. */
function lsasOf(section: Section, used: Map<string, number>): FoundLsa[] {
  const { area, kind, routerId, interfaceId, prefixes, others } = section;
  const found: FoundLsa[] = [];
  const put = (scope: FoundLsa['kind'], lsType: number, linkStateId: number, body: LsaBody) => {
    const identity = { lsType, linkStateId, advertisingRouter: routerId };
    const lsa = Lsa.originate(identity, INITIAL_SEQUENCE_NUMBER, body);
    found.push({ kind: scope, name: scope === 'area' ? area : '', lsa });
  };
  const lsType = kind === 'network' ? LsType.Network : LsType.Router;
  if (kind === 'network') {
    const attachedRouters = section.attached;
    put('area', lsType, interfaceId, { kind: 'Network', options: OPTIONS, attachedRouters });
  } else {
    const border = others.some((other) => other.lsType !== LsType.AsExternal);
    const boundary = others.some((other) => other.lsType === LsType.AsExternal);
    const flags = (border ? RouterFlag.B : 0) | (boundary ? RouterFlag.E : 0);
    const links = section.links.map((link) => numbered(area, routerId, link, used));
    put('area', lsType, 0, { kind: 'Router', flags, options: OPTIONS, links });
  }
  put('area', LsType.IntraAreaPrefix, kind === 'network' ? interfaceId : 0, {
    kind: 'IntraAreaPrefix',
    referencedLsType: lsType,
    referencedLinkStateId: interfaceId,
    referencedAdvertisingRouter: routerId,
    prefixes,
  });
  others.forEach((other, i) => {
    put(other.lsType === LsType.AsExternal ? 'as' : 'area', other.lsType, i + 1, other.body);
  });
  return found;
}

/** The nth link from one router to another and the nth back have one number. */
function numbered(
  area: string,
  routerId: number,
  link: RouterLink,
  used: Map<string, number>,
): RouterLink {
  if (link.type !== RouterLinkType.PointToPoint) return { ...link, interfaceId: 0x8000_0000 };
  const key = `${area} ${routerId} ${link.neighborRouterId}`;
  const nth = (used.get(key) ?? 0) + 1;
  used.set(key, nth);
  // Interface IDs need only differ on a router; the neighbor's Router ID makes them.
  const end = (neighbor: number): number => (Math.imul(nth, 0x0100_0193) ^ neighbor) >>> 0;
  return {
    ...link,
    interfaceId: end(link.neighborRouterId),
    neighborInterfaceId: end(routerId),
  };
}
