/**
 * Link State Updates read by code written for the purpose, with offsets in the code: nothing is
 * checked, nothing is copied but addresses, nothing is kept of the octets. It makes the objects
 * that ours makes, and so shows how much of the time of `bench/codec.ts` those take by themselves.
 * For right octets only.
 */

interface Prefix {
  readonly prefixLength: number;
  readonly prefixOptions: number;
  readonly address: Uint8Array;
  readonly metric: number;
}

/** Reads the update at `at` of a view that may hold others too. */
export function decodeUpdateByHand(view: DataView, at: number): unknown {
  const lsas = new Array<unknown>(view.getUint32(at + 16));
  let next = at + 20;
  for (let i = 0; i < lsas.length; i++) {
    const header = {
      ageS: view.getUint16(next),
      lsType: view.getUint16(next + 2),
      linkStateId: view.getUint32(next + 4),
      advertisingRouter: view.getUint32(next + 8),
      sequenceNumber: view.getInt32(next + 12),
      checksum: view.getUint16(next + 16),
      length: view.getUint16(next + 18),
    };
    lsas[i] = { header, body: bodyOf(header.lsType, view, next + 20, next + header.length) };
    next += header.length;
  }
  return {
    kind: 'LinkStateUpdate',
    routerId: view.getUint32(at + 4),
    areaId: view.getUint32(at + 8),
    instanceId: view.getUint8(at + 14),
    lsas,
  };
}

function addressOf(view: DataView, at: number, octets: number): Uint8Array {
  const address = new Uint8Array(16);
  for (let i = 0; i < octets; i++) address[i] = view.getUint8(at + i);
  return address;
}

function prefixOf(view: DataView, at: number): Prefix {
  const prefixLength = view.getUint8(at);
  return {
    prefixLength,
    prefixOptions: view.getUint8(at + 1),
    address: addressOf(view, at + 4, 4 * ((prefixLength + 31) >>> 5)),
    metric: view.getUint16(at + 2),
  };
}

function prefixesOf(view: DataView, at: number, count: number): Prefix[] {
  const prefixes = new Array<Prefix>(count);
  let next = at;
  for (let i = 0; i < count; i++) {
    const prefix = prefixOf(view, next);
    prefixes[i] = prefix;
    next += 4 + 4 * ((prefix.prefixLength + 31) >>> 5);
  }
  return prefixes;
}

function linksOf(view: DataView, at: number, end: number): unknown[] {
  const links = new Array<unknown>((end - at) >>> 4);
  for (let i = 0, next = at; i < links.length; i++, next += 16) {
    links[i] = {
      type: view.getUint8(next),
      metric: view.getUint16(next + 2),
      interfaceId: view.getUint32(next + 4),
      neighborInterfaceId: view.getUint32(next + 8),
      neighborRouterId: view.getUint32(next + 12),
    };
  }
  return links;
}

function bodyOf(lsType: number, view: DataView, at: number, end: number): unknown {
  const flags = view.getUint8(at);
  const low = view.getUint32(at) & 0xffffff;
  switch (lsType) {
    case 0x2001:
      return { kind: 'Router', flags, options: low, links: linksOf(view, at + 4, end) };
    case 0x2002: {
      const attachedRouters = new Array<number>((end - at - 4) >>> 2);
      for (let i = 0; i < attachedRouters.length; i++) {
        attachedRouters[i] = view.getUint32(at + 4 + 4 * i);
      }
      return { kind: 'Network', options: low, attachedRouters };
    }
    case 0x2003:
      return { kind: 'InterAreaPrefix', metric: low, prefix: prefixOf(view, at + 4) };
    case 0x2004: {
      const metric = view.getUint32(at + 4) & 0xffffff;
      const destinationRouterId = view.getUint32(at + 8);
      return { kind: 'InterAreaRouter', options: low, metric, destinationRouterId };
    }
    case 0x4005:
    case 0x2007:
      return { kind: 'AsExternal', flags, metric: low, prefix: prefixOf(view, at + 4) };
    case 0x0008:
      return {
        kind: 'Link',
        routerPriority: flags,
        options: low,
        linkLocalAddress: addressOf(view, at + 4, 16),
        prefixes: prefixesOf(view, at + 24, view.getUint32(at + 20)),
      };
    case 0x2009:
      return {
        kind: 'IntraAreaPrefix',
        referencedLsType: view.getUint16(at + 2),
        referencedLinkStateId: view.getUint32(at + 4),
        referencedAdvertisingRouter: view.getUint32(at + 8),
        prefixes: prefixesOf(view, at + 12, view.getUint16(at)),
      };
  }
  return { kind: 'Unknown' };
}
