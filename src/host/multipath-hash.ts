/**
 * Which fields the kernel hashes to choose a next hop: its `fib_multipath_hash_policy`. It is read
 * and explained, and set only when the user says so.
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises';

/** A policy as found, and what it means for a spread. */
interface MultipathHash {
  readonly policy: number;
  readonly meaning: string;
  /** Whether flows of one client to one service can go to different servers. */
  readonly spreadsPorts: boolean;
}

const MEANINGS: readonly string[] = [
  'source, destination and flow label: all queries of one client go to one server',
  'addresses, protocol and ports: each flow of a client is placed by itself',
  'addresses of the inner packet of a tunnel: as 0 for what is no tunnel',
  'the fields of fib_multipath_hash_fields',
];
/** Hashes the ports, too: a resolver behind one address is spread as well. */
const LAYER_4 = 1;

const nameOf = (family: string): string => `net.${family}.fib_multipath_hash_policy`;
const fileOf = (family: string): string => `/proc/sys/net/${family}/fib_multipath_hash_policy`;

/** What a policy of IPv6 means; that of IPv4 is nothing to a service, whose address is IPv6. */
export function explainMultipathHash(policy: number): MultipathHash {
  const meaning = MEANINGS[policy] ?? 'not known to this version';
  return { policy, meaning, spreadsPorts: policy === LAYER_4 };
}

/**
 * Groups spread what the kernel hashes; a policy that leaves ports out is told, or changed.
 * @param hashPorts - whether to change it, for all routes of the machine.
 */
export async function settleMultipathHash(
  hashPorts: boolean,
  say: (message: string) => void,
): Promise<void> {
  for (const family of hashPorts ? ['ipv6', 'ipv4'] : []) {
    await writeFile(fileOf(family), `${LAYER_4}\n`).catch((error: unknown) =>
      say(`${nameOf(family)}: ${String(error)}`),
    );
  }
  try {
    const found = Number((await readFile(fileOf('ipv6'), 'utf8')).trim());
    const { spreadsPorts, policy, meaning } = explainMultipathHash(found);
    if (!spreadsPorts) say(`${nameOf('ipv6')} is ${policy}: ${meaning}`);
  } catch (error) {
    say(`${nameOf('ipv6')}: ${String(error)}`);
  }
}
