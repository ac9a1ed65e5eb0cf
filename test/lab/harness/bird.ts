/** BIRD 2 in a namespace. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabNode } from './node.ts';
import { type Daemon, run, until } from './process.ts';

export interface BirdRouter {
  birdc(command: string): Promise<string>;
  /** Takes another configuration. */
  configure(config: string): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  readonly daemon: Daemon;
}

/** What every BIRD of the lab needs: devices, and routes to the kernel. */
export const BIRD_KERNEL = `
log stderr all;
protocol device { scan time 1; }
protocol kernel { ipv6 { export all; }; merge paths on; }
`;

export async function startBird(node: LabNode, config: string): Promise<BirdRouter> {
  const file = join(node.directory, 'bird.conf');
  const socket = join(node.directory, 'bird.ctl');
  writeFileSync(file, config);
  const words = ['-f', '-c', file, '-s', socket, '-P', join(node.directory, 'bird.pid')];
  const daemon = node.daemon('bird.log', 'bird', ...words);
  await until(`${node.name}: bird is up`, () => existsSync(socket), 10_000, 20);
  const birdc = (command: string) => run('birdc', '-s', socket, ...command.split(' '));
  return {
    birdc,
    configure: async (text) => {
      writeFileSync(file, text);
      await birdc('configure');
    },
    stop: (signal = 'SIGTERM') => daemon.stop(signal),
    daemon,
  };
}
