/**
 * The Link state request list: LSAs that the neighbor has and we need (RFC 2328 10, 10.9). One
 * Link State Request is outstanding at a time, which also paces what the neighbor sends.
 * @module
 */
import { identityKey, type LsaHeader, type LsaIdentity } from '../lsa/header.ts';

export class RequestList {
  readonly #wanted = new Map<string, LsaHeader>();
  readonly #outstanding = new Set<string>();

  get size(): number {
    return this.#wanted.size;
  }

  /** Whether everything asked for last has come, so that more can be asked for. */
  get answered(): boolean {
    return this.#outstanding.size === 0;
  }

  add(header: LsaHeader): void {
    this.#wanted.set(identityKey(header), header);
  }

  get(identity: LsaIdentity): LsaHeader | undefined {
    return this.#wanted.size === 0 ? undefined : this.#wanted.get(identityKey(identity));
  }

  remove(identity: LsaIdentity): void {
    const key = identityKey(identity);
    this.#wanted.delete(key);
    this.#outstanding.delete(key);
  }

  /** The first `count` LSAs of the list, which are outstanding from now on. */
  next(count: number): LsaIdentity[] {
    const identities: LsaIdentity[] = [];
    this.#outstanding.clear();
    for (const [key, { lsType, linkStateId, advertisingRouter }] of this.#wanted) {
      if (identities.length === count) break;
      identities.push({ lsType, linkStateId, advertisingRouter });
      this.#outstanding.add(key);
    }
    return identities;
  }

  clear(): void {
    this.#wanted.clear();
    this.#outstanding.clear();
  }
}
