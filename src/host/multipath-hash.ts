/**
 * Which fields the kernel hashes to choose a next hop: its `fib_multipath_hash_policy`. It is read
 * and explained, and set only when the user says so.
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises';

export type IpFamily = 'ipv6' | 'ipv4';

/** A policy as found, and what it means for a spread. */
export interface MultipathHash {
  readonly family: IpFamily;
  readonly policy: number;
  readonly meaning: string;
  /** Whether flows of one client to one service can go to different servers. */
  readonly spreadsPorts: boolean;
}

const MEANINGS: Readonly<Record<IpFamily, readonly string[]>> = {
  ipv6: [
    'source, destination and flow label: all queries of one client go to one server',
    'addresses, protocol and ports: each flow of a client is placed by itself',
    'addresses of the inner packet of a tunnel: as 0 for what is no tunnel',
    'the fields of fib_multipath_hash_fields',
  ],
  ipv4: [
    'source and destination: all queries of one client go to one server',
    'addresses, protocol and ports: each flow of a client is placed by itself',
    'addresses of the inner packet of a tunnel: as 0 for what is no tunnel',
    'the fields of fib_multipath_hash_fields',
  ],
};
/** Hashes the ports, too: a resolver behind one address is spread as well. */
export const LAYER_4 = 1;

const fileOf = (family: IpFamily): string => `/proc/sys/net/${family}/fib_multipath_hash_policy`;

/** The kernel's present policy. Rejects with Node's error where there is no such kernel. */
export async function readMultipathHash(family: IpFamily): Promise<MultipathHash> {
  const policy = Number((await readFile(fileOf(family), 'utf8')).trim());
  return explainMultipathHash(family, policy);
}

/** What a policy means. */
export function explainMultipathHash(family: IpFamily, policy: number): MultipathHash {
  const meaning = MEANINGS[family][policy] ?? 'not known to this version';
  return { family, policy, meaning, spreadsPorts: policy === LAYER_4 };
}

/** Sets the policy, for all routes of the machine. Rejects with Node's error without the right. */
export async function setMultipathHash(family: IpFamily, policy: number): Promise<void> {
  await writeFile(fileOf(family), `${policy}\n`);
}
