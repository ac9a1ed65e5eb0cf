/**
 * Discard routes of a border router in the kernel (RFC 2328 11.1): an `unreachable` route for each
 * range that it says as one. They carry our protocol number and a metric that every real route to
 * the same prefix goes before.
 * @module
 */
import * as z from 'zod';
import { IpBatch } from './ip-batch.ts';
import { ROUTE_PROTOCOL } from './route-table-kernel.ts';

const METRIC = 65_535;
const MAIN_TABLE = 254;

const Listing = z.array(z.object({ dst: z.string() }));

export class DiscardRoutes {
  readonly #ip = new IpBatch();
  readonly #onFailure: (message: string) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(onFailure: (message: string) => void) {
    this.#onFailure = onFailure;
  }

  /** Removes what an earlier run left: which ranges stand for something is not known yet. */
  begin(): Promise<void> {
    return this.#removeAll();
  }

  /** Puts one in or takes it out. */
  change(change: 'added' | 'removed', prefix: string): void {
    const verb = change === 'added' ? 'replace' : 'del';
    this.#run(() => [`route ${verb} ${words(prefix)}`]);
  }

  /** @param keep - leaves them, as the routes are. */
  async end(keep: boolean): Promise<void> {
    if (!keep) await this.#removeAll();
    await this.#last;
    this.#ip.close();
  }

  #removeAll(): Promise<void> {
    return this.#run(async () => {
      const filter = ['table', `${MAIN_TABLE}`, 'protocol', `${ROUTE_PROTOCOL}`];
      const found = await this.#ip.show(['-6', 'route', 'show', 'type', 'unreachable', ...filter]);
      return Listing.parse(found).map(({ dst }) => `route del ${words(dst)}`);
    });
  }

  /** Commands of one call after those of the calls before. */
  #run(commands: () => readonly string[] | Promise<readonly string[]>): Promise<void> {
    this.#last = this.#last.then(async () => {
      try {
        const due = await commands();
        const refused = due.length === 0 ? [] : await this.#ip.run(due);
        for (const { command, message } of refused) this.#onFailure(`${command}: ${message}`);
      } catch (error) {
        this.#onFailure(String(error));
      }
    });
    return this.#last;
  }
}

const words = (prefix: string): string =>
  `unreachable ${prefix} table ${MAIN_TABLE} metric ${METRIC} protocol ${ROUTE_PROTOCOL}`;
