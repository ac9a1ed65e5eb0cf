/** FRR in a namespace: zebra, ospf6d and what else is asked for, with a run directory of its own. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabNode } from './node.ts';
import { type Daemon, run, until } from './process.ts';

const LIBRARY = '/usr/lib/frr';

export interface FrrConfig {
  /** ospf6d's configuration, interface commands included. */
  readonly ospf6d: string;
  readonly zebra?: string;
  /** Starts staticd, with this configuration. */
  readonly staticd?: string;
  /** Starts bfdd, with this configuration. */
  readonly bfdd?: string;
}

export interface FrrRouter {
  /** The text that vtysh prints. */
  vtysh(...commands: string[]): Promise<string>;
  json<T = unknown>(command: string): Promise<T>;
  /** Commands in configuration mode, one after the other. */
  configure(...commands: string[]): Promise<void>;
  /** Ends all daemons: SIGTERM flushes, SIGKILL does not. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  readonly daemons: readonly Daemon[];
}

export async function startFrr(node: LabNode, config: FrrConfig): Promise<FrrRouter> {
  const directory = join(node.directory, 'frr');
  mkdirSync(directory, { recursive: true });
  const { zebra = '', staticd, ospf6d, bfdd } = config;
  const files = { zebra, staticd, ospf6d, bfdd };
  const daemons: Daemon[] = [];
  for (const [name, text] of Object.entries(files)) {
    if (text === undefined) continue;
    writeFileSync(join(directory, `${name}.conf`), `hostname ${node.name}\n${text}\n`);
  }
  execFileSync('chown', ['-R', 'frr:frr', directory]);
  for (const [name, text] of Object.entries(files)) {
    if (text === undefined) continue;
    const words = [
      `${LIBRARY}/${name}`,
      ...['-u', 'frr', '-g', 'frr', '--vty_socket', directory, '-z', `${directory}/zserv.api`],
      ...['-i', `${directory}/${name}.pid`, '-f', `${directory}/${name}.conf`],
      ...(name === 'bfdd' ? ['--bfdctl', `${directory}/bfdd.sock`] : []),
      ...['--log', 'stdout'],
    ];
    // State that all ospf6d of a machine would share lies in /run/frr: each gets its own.
    const script = `mount --bind ${directory} /run/frr && exec ${words.join(' ')}`;
    daemons.push(node.daemon(`${name}.log`, 'sh', '-c', script));
    const socket = join(directory, `${name}.vty`);
    await until(`${node.name}: ${name} is up`, () => existsSync(socket), 10_000, 20);
  }
  const vtysh = (...commands: string[]) => {
    const words = commands.flatMap((command) => ['-c', command]);
    return run('vtysh', '--vty_socket', directory, ...words);
  };
  return {
    daemons,
    vtysh,
    json: async <T>(command: string) => JSON.parse(await vtysh(`${command} json`)) as T,
    configure: async (...commands) => void (await vtysh('configure terminal', ...commands)),
    stop: async (signal = 'SIGTERM') => {
      // zebra last: it takes the routes of the others away as they go.
      for (const daemon of [...daemons].reverse()) await daemon.stop(signal);
    },
  };
}
