/**
 * Building blocks of the configuration schema. Each says in words what it allows; those words are
 * what an error shows and what the reference in docs/operating.md prints.
 * @module
 */
import * as z from 'zod';
import {
  type Address,
  isLinkLocal,
  isMulticast,
  parseAddress,
  parseDottedQuad,
} from '../wire/address.ts';
import { type AddressPrefix, parsePrefix } from '../wire/prefix.ts';

/** A mapping of known keys; any other key is an error that lists them. */
export function mapping<S extends z.core.$ZodLooseShape>(shape: S) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? keys : `a mapping of ${keys}`),
  });
}

/** An integer, bounds included. */
export function integer(low: number, high: number) {
  const error = `an integer, ${low}..${high}`;
  return z.int({ error }).min(low, { error }).max(high, { error }).meta({ allowed: error });
}

/** A number, bounds included. */
export function decimal(low: number, high: number) {
  const error = `a number, ${low}..${high}`;
  return z.number({ error }).min(low, { error }).max(high, { error }).meta({ allowed: error });
}

export function oneOf<const T extends readonly [string, ...string[]]>(...values: T) {
  const error = values.join(' | ');
  return z.enum(values, { error }).meta({ allowed: error });
}

export function oneOfNumbers<const T extends readonly [number, ...number[]]>(...values: T) {
  const error = values.join(' | ');
  return z.literal(values, { error }).meta({ allowed: error });
}

export function flag() {
  const error = 'true | false';
  return z.boolean({ error }).meta({ allowed: error });
}

/** Text of at least one character. */
export function text(error = 'a text that is not empty') {
  return z.string({ error }).min(1, { error }).meta({ allowed: error });
}

export function httpUrl() {
  const error = 'an http or https URL';
  return text(error)
    .refine((value) => /^https?:\/\/[^/]/.test(value) && URL.canParse(value), { error })
    .meta({ allowed: error });
}

export function list<T extends z.ZodType>(of: T, least = 0) {
  const error = least > 0 ? `a list of at least ${least}` : 'a list';
  return z.array(of, { error }).min(least, { error });
}

/** Text that a parser accepts; what it throws means that the text is refused. */
function parsed<T>(parse: (text: string) => T, error: string) {
  return z
    .string({ error })
    .transform((value, context): T => {
      try {
        return parse(value);
      } catch {
        context.addIssue({ code: 'custom', message: error, input: value });
        return z.NEVER;
      }
    })
    .meta({ allowed: error });
}

/** A 32-bit identifier other than 0, written as a dotted quad. */
export const routerId = () =>
  parsed((value) => {
    const id = parseDottedQuad(value);
    if (id === 0) throw new RangeError('Router ID 0 is reserved');
    return id;
  }, 'a dotted quad other than 0.0.0.0');

/** An Area ID as a dotted quad. */
export const areaId = () => parsed(parseDottedQuad, 'a dotted quad such as 0.0.0.0');

/** A unicast IPv6 address without a zone. */
export const unicastAddress = () =>
  parsed((value): Address => {
    const address = parseAddress(value);
    if (isMulticast(address)) throw new RangeError('multicast');
    return address;
  }, 'an IPv6 unicast address');

/** An address that may stand in LSAs: other routers can reach it (RFC 5340 2.5, A.4.7). */
export const globalAddress = () =>
  parsed((value): Address => {
    const address = parseAddress(value);
    if (hasLinkScope(address)) throw new RangeError('not reached from other links');
    return address;
  }, 'an IPv6 unicast address that other links can reach');

/** Not only link-local: `::` and `::1` have no more scope than that. */
const hasLinkScope = (address: Address): boolean =>
  isMulticast(address) ||
  isLinkLocal(address) ||
  (address.subarray(0, 15).every((octet) => octet === 0) && address[15]! <= 1);

/** A prefix that may stand in LSAs: not one of link-local or multicast addresses (RFC 5340 2.5). */
export const globalPrefix = () =>
  parsed((value): AddressPrefix => {
    const found = parsePrefix(value);
    if (isLinkLocal(found.address) || isMulticast(found.address)) {
      throw new RangeError('not reached from other links');
    }
    return found;
  }, 'an IPv6 prefix such as 2001:db8::/32, not of link-local or multicast addresses');

export const prefix = () =>
  parsed((value): AddressPrefix => parsePrefix(value), 'an IPv6 prefix such as 2001:db8::/32');
