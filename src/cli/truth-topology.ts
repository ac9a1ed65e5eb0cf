/**
 * BIRD's `show ospf state all`: what each router and network of each area says. Both what was
 * printed and our databases are taken apart into statements, which are compared as sets.
 * @module
 */
import { ExternalFlag } from '../lsa/as-external-lsa.ts';
import { LsType } from '../lsa/ls-type.ts';
import type { Lsa } from '../lsa/lsa.ts';
import { RouterLinkType } from '../lsa/router-lsa.ts';
import { addressFamilyOf } from '../packet/address-family.ts';
import { type Address, formatAddress, formatDottedQuad as quad } from '../wire/address.ts';
import { type AddressPrefix, formatIpv4Prefix, formatPrefix } from '../wire/prefix.ts';
import type { CaptureListener } from './capture-listener.ts';
import type { Difference } from './database-diff.ts';

/** Whether the text is in this form. */
export const isPrintedTopology = (text: string): boolean =>
  /^area \S+$/m.test(text) && /^\t(router|network) \S+$/m.test(text);

/** The statements in what was printed, such as `area 0.0.0.0 router 10.0.0.1: stubnet …`. */
export function printedStatements(text: string): string[] {
  const statements: string[] = [];
  let area = '';
  let node = '';
  for (const line of text.split('\n')) {
    const said = line.trim();
    if (/^\S/.test(line)) area = said.startsWith('area') ? said : '';
    else if (/^\t\S/.test(line)) node = said;
    else if (said !== '' && !/^(distance|unreachable)/.test(said)) {
      // Routes from outside are the same wherever their originator is seen.
      const where = said.startsWith('external') ? '' : `${area} `;
      statements.push(`${where}${node}: ${said.replace(/ tag \S+$/, '')}`);
    }
  }
  return statements;
}

/** Differences between what a router printed and what the LSAs that were heard say. */
export function topologyDifferences(
  listener: CaptureListener,
  instanceId: number,
  text: string,
): Difference[] {
  const printed = new Set(printedStatements(text));
  const areas = new Set(text.match(/^area \S+$/gm));
  const isExternal = [...printed].some((statement) => statement.includes(': external'));
  const ours = new Set(
    [...statementsOf(listener, instanceId)].filter((statement) =>
      statement.startsWith('router') ? isExternal : areas.has(statement.split(' ', 2).join(' ')),
    ),
  );
  const absent = 'absent';
  const said = 'said';
  return [
    ...[...ours]
      .filter((statement) => !printed.has(statement))
      .map((what) => ({ what, ours: said, theirs: absent })),
    ...[...printed]
      .filter((statement) => !ours.has(statement))
      .map((what) => ({ what, ours: absent, theirs: said })),
  ];
}

function* statementsOf(listener: CaptureListener, instanceId: number): Generator<string> {
  const isIpv4 = addressFamilyOf(instanceId)?.startsWith('ipv4') ?? false;
  for (const { scope, lsa } of listener.lsas()) {
    const area = scope.kind === 'area' ? `area ${quad(scope.areaId)} ` : '';
    for (const statement of saidBy(lsa, isIpv4)) yield `${area}${statement}`;
  }
}

const prefixText = (prefix: AddressPrefix, isIpv4: boolean): string =>
  isIpv4 ? formatIpv4Prefix(prefix) : formatPrefix(prefix);
const addressText = (address: Address, isIpv4: boolean): string =>
  isIpv4 ? address.slice(0, 4).join('.') : formatAddress(address);

/** What one LSA says, with the node that it says it of. */
function saidBy({ header, body }: Lsa, isIpv4: boolean): string[] {
  const router = `router ${quad(header.advertisingRouter)}`;
  const network = (routerId: number, id: number): string => `network [${quad(routerId)}-${id}]`;
  switch (body.kind) {
    case 'Router':
      return body.links.map(({ type, metric, neighborRouterId, neighborInterfaceId }) => {
        const to =
          type === RouterLinkType.Transit
            ? network(neighborRouterId, neighborInterfaceId)
            : `router ${quad(neighborRouterId)}`;
        return `${router}: ${to} metric ${metric}`;
      });
    case 'Network': {
      const node = network(header.advertisingRouter, header.linkStateId);
      return body.attachedRouters.map((routerId) => `${node}: router ${quad(routerId)}`);
    }
    case 'IntraAreaPrefix': {
      const { referencedAdvertisingRouter, referencedLinkStateId, prefixes } = body;
      if (body.referencedLsType === LsType.Network) {
        const node = network(referencedAdvertisingRouter, referencedLinkStateId);
        return prefixes.map((prefix) => `${node}: address ${prefixText(prefix, isIpv4)}`);
      }
      return prefixes.map(
        (prefix) => `${router}: stubnet ${prefixText(prefix, isIpv4)} metric ${prefix.metric}`,
      );
    }
    case 'InterAreaPrefix':
      return [`${router}: xnetwork ${prefixText(body.prefix, isIpv4)} metric ${body.metric}`];
    case 'InterAreaRouter':
      return [`${router}: xrouter ${quad(body.destinationRouterId)} metric ${body.metric}`];
    case 'AsExternal':
    case 'Nssa': {
      const name = body.kind === 'Nssa' ? 'nssa-ext' : 'external';
      const metric = body.flags & ExternalFlag.E ? 'metric2' : 'metric';
      const via = body.forwardingAddress
        ? ` via ${addressText(body.forwardingAddress, isIpv4)}`
        : '';
      const prefix = prefixText(body.prefix, isIpv4);
      return [`${router}: ${name} ${prefix} ${metric} ${body.metric}${via}`];
    }
    default:
      return [];
  }
}
