/**
 * LS types: the U-bit, the flooding scope and the function code in 16 bits (RFC 5340 A.4.2.1).
 * @module
 */

/** LS types by name (RFC 5340 A.4.2.1, RFC 7770, RFC 5187, RFC 8362). */
export const LsType = {
  Router: 0x2001,
  Network: 0x2002,
  InterAreaPrefix: 0x2003,
  InterAreaRouter: 0x2004,
  AsExternal: 0x4005,
  Nssa: 0x2007,
  Link: 0x0008,
  IntraAreaPrefix: 0x2009,
  Grace: 0x000b,
  /** Router Information of area scope: function code 12 with the U-bit (RFC 7770). */
  RouterInformation: 0xa00c,
  // The extended forms, all with the U-bit (RFC 8362 4).
  ExtendedRouter: 0xa021,
  ExtendedNetwork: 0xa022,
  ExtendedInterAreaPrefix: 0xa023,
  ExtendedInterAreaRouter: 0xa024,
  ExtendedAsExternal: 0xc025,
  ExtendedNssa: 0xa027,
  ExtendedLink: 0x8028,
  ExtendedIntraAreaPrefix: 0xa029,
} as const;

/** How far an LSA is flooded: its link, its area, or the whole autonomous system. */
export type Scope = 'link' | 'area' | 'as';

const SCOPES: readonly (Scope | undefined)[] = ['link', 'area', 'as', undefined];

/** The flooding scope, or `undefined` for the reserved one, whose LSAs are refused (RFC 5340 4.5.1). */
export const scopeOf = (lsType: number): Scope | undefined => SCOPES[(lsType >>> 13) & 3];

/** Whether routers that do not know the function code flood it all the same (RFC 5340 A.4.2.1). */
export const uBitOf = (lsType: number): boolean => (lsType & 0x8000) !== 0;

/** The function code, which with the scope says what an LSA is. */
export const functionCodeOf = (lsType: number): number => lsType & 0x1fff;

const KNOWN = new Set<number>(Object.values(LsType));

/** Whether this implementation decodes the type; of Router Information, every scope is known. */
export function isKnown(lsType: number): boolean {
  return KNOWN.has(lsType) || functionCodeOf(lsType) === functionCodeOf(LsType.RouterInformation);
}

/**
 * How far an LSA is flooded here: an unknown type without the U-bit stays on its link, as if it
 * had link-local scope (RFC 5340 4.5.2).
 */
export function floodingScopeOf(lsType: number): Scope | undefined {
  const scope = scopeOf(lsType);
  return scope !== undefined && !isKnown(lsType) && !uBitOf(lsType) ? 'link' : scope;
}
