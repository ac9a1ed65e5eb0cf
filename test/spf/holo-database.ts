/**
 * Reads the cases of test/fixtures/holo/spf-cases.json: databases in the RFCs' terms with the
 * routing tables that another implementation computed of them.
 */
import { readFileSync } from 'node:fs';
import type { LsaBody } from '../../src/lsa/body.ts';
import { INITIAL_SEQUENCE_NUMBER } from '../../src/lsa/constants.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { Option } from '../../src/lsa/options.ts';
import { RouterFlag } from '../../src/lsa/router-lsa.ts';
import type { LsdbScope } from '../../src/lsdb/lsdb.ts';
import { parseAddress, parseDottedQuad } from '../../src/wire/address.ts';
import { PrefixOption, parsePrefix } from '../../src/wire/prefix.ts';

interface LsaJson {
  readonly lsType: string;
  readonly linkStateId: string;
  readonly advertisingRouter: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape depends on the LS type
  readonly body: any;
  readonly interface?: string;
  readonly areaId?: string;
}

export interface HoloCase {
  readonly name: string;
  readonly routerId: string;
  readonly areas: readonly {
    readonly areaId: string;
    readonly interfaces: readonly { readonly name: string; readonly interfaceId: number }[];
  }[];
  readonly lsdb: {
    readonly as: readonly LsaJson[];
    readonly area: Readonly<Record<string, readonly LsaJson[]>>;
    readonly link: readonly LsaJson[];
  };
  readonly expectedRoutes: readonly {
    readonly prefix: string;
    readonly pathType: string;
    readonly metric: number;
    readonly nextHops: readonly { readonly interface: string; readonly address?: string }[];
  }[];
}

export const HOLO_CASES: readonly HoloCase[] = (
  JSON.parse(readFileSync(`${__dirname}/../fixtures/holo/spf-cases.json`, 'utf8')) as {
    cases: HoloCase[];
  }
).cases;

const bits = (names: readonly string[], table: Readonly<Record<string, number>>): number =>
  names.reduce((sum, name) => sum | (table[name] ?? 0), 0);

function bodyOf({ lsType, body }: LsaJson): LsaBody | undefined {
  const options = bits(body.optionBits ?? [], Option);
  switch (Number(lsType)) {
    case LsType.Router:
      return {
        kind: 'Router',
        flags: bits(body.flagBits, RouterFlag),
        options,
        links: body.links.map((link: { neighborRouterId: string }) => ({
          ...link,
          neighborRouterId: parseDottedQuad(link.neighborRouterId),
        })),
      };
    case LsType.Network:
      return {
        kind: 'Network',
        options,
        attachedRouters: body.attachedRouters.map(parseDottedQuad),
      };
    case LsType.InterAreaPrefix: {
      const prefix = parsePrefix(body.prefix, bits(body.prefixOptionBits, PrefixOption));
      return { kind: 'InterAreaPrefix', metric: body.metric, prefix };
    }
    case LsType.IntraAreaPrefix:
      return {
        kind: 'IntraAreaPrefix',
        referencedLsType: Number(body.referencedLsType),
        referencedLinkStateId: parseDottedQuad(body.referencedLinkStateId),
        referencedAdvertisingRouter: parseDottedQuad(body.referencedAdvertisingRouter),
        prefixes: body.prefixes.map(
          (said: { prefix: string; metric: number; prefixOptionBits: string[] }) => ({
            ...parsePrefix(said.prefix, bits(said.prefixOptionBits, PrefixOption)),
            metric: said.metric,
          }),
        ),
      };
    case LsType.Link:
      return {
        kind: 'Link',
        routerPriority: body.routerPriority,
        options,
        linkLocalAddress: parseAddress(body.linkLocalAddress),
        prefixes: [],
      };
  }
  return undefined;
}

/** Every LSA of a case with its scope. */
export function* lsasOf(of: HoloCase): Generator<{ scope: LsdbScope; lsa: Lsa }> {
  const scopes: [LsdbScope, readonly LsaJson[]][] = [
    [{ kind: 'as' }, of.lsdb.as],
    ...Object.entries(of.lsdb.area).map(([areaId, lsas]): [LsdbScope, readonly LsaJson[]] => [
      { kind: 'area', areaId: parseDottedQuad(areaId) },
      lsas,
    ]),
    ...of.lsdb.link.map((lsa): [LsdbScope, readonly LsaJson[]] => [
      { kind: 'link', interfaceId: interfaceIdOf(of, lsa.interface ?? '') },
      [lsa],
    ]),
  ];
  for (const [scope, lsas] of scopes) {
    for (const json of lsas) {
      const body = bodyOf(json);
      if (body === undefined) continue;
      const identity = {
        lsType: Number(json.lsType),
        linkStateId: parseDottedQuad(json.linkStateId),
        advertisingRouter: parseDottedQuad(json.advertisingRouter),
      };
      yield { scope, lsa: Lsa.originate(identity, INITIAL_SEQUENCE_NUMBER, body) };
    }
  }
}

export function interfaceIdOf(of: HoloCase, name: string): number {
  const found = of.areas.flatMap((area) => area.interfaces).find((on) => on.name === name);
  if (found === undefined) throw new Error(`${of.name} has no interface ${name}`);
  return found.interfaceId;
}
