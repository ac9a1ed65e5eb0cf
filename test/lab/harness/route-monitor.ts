/** When a kernel changed its routes, by its own clock: `ip -timestamp monitor`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabNode } from './node.ts';

export class RouteMonitor {
  readonly #log: string;

  /** Listens from now on. */
  constructor(node: LabNode) {
    this.#log = join(node.directory, 'routes.log');
    const words = ['TZ=UTC', 'ip', '-ts', 'monitor', 'route', 'nexthop'];
    node.daemon('routes.log', 'env', ...words);
  }

  /**
   * When a destination's route, or a group of next hops, changed first since a moment.
   * @param sinceMs - milliseconds since the epoch, as is what is given back.
   */
  firstChange(destination: string, sinceMs: number): number | undefined {
    if (!existsSync(this.#log)) return undefined;
    return readFileSync(this.#log, 'utf8')
      .split('\n')
      .filter((line) => line.includes(` ${destination} `) || / group /.test(line))
      .map((line) => Date.parse(`${/^\[([^\]]+)\]/.exec(line)?.[1]}Z`))
      .find((atMs) => atMs >= sinceMs);
  }
}
