/**
 * A real interface of this machine as a link, for programs that embed the routing module. The daemon
 * follows its interfaces as they come and go; here the program opens a link once it is up.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { parseAddress } from '../wire/address.ts';
import type { Link } from './link.ts';
import { RawLink } from './link-raw.ts';

/** Which interface to use. */
export interface OpenRawLinkOptions {
  /** OSPF's number for the interface, 1..2^32-1; the kernel's by default. */
  readonly interfaceId?: number;
  /** The kernel's name, such as `eth0`. */
  readonly name: string;
}

/**
 * Opens OSPF on an interface that is up: raw IPv6 sockets of protocol 89, on Linux.
 * @throws {RangeError} when there is no such interface with a link-local address, and Node's error
 *   without CAP_NET_RAW (EPERM) or while the address is tentative (EADDRNOTAVAIL).
 */
export async function openRawLink({ interfaceId, name }: OpenRawLinkOptions): Promise<Link> {
  const ofName = networkInterfaces()[name] ?? [];
  const found = ofName.flatMap((one) => (one.family === 'IPv6' && one.scopeid > 0 ? [one] : []))[0];
  if (found === undefined) {
    throw new RangeError(`name: found ${name}, allowed is an interface with a link-local address`);
  }
  const mtu = Number(await readFile(`/sys/class/net/${name}/mtu`, 'utf8'));
  return new RawLink({
    interfaceId: interfaceId ?? found.scopeid,
    name,
    ifIndex: found.scopeid,
    mtu,
    linkLocalAddress: parseAddress(found.address),
  });
}
