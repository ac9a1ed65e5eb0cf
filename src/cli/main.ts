#!/usr/bin/env node
/**
 * The `tidecast` command: one verb per file, each registering itself here.
 * @module
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { registerDecode } from './decode.ts';
import { registerDemo } from './demo.ts';
import { registerNeighborDiscovery } from './neighbor-discovery.ts';
import { registerReplay } from './replay.ts';
import { registerRun } from './run.ts';
import { registerServiceCommands } from './service-commands.ts';
import { registerShow } from './show.ts';
import { registerSpf } from './spf.ts';

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string };

const program = new Command('tidecast')
  .description('Anycast load balancing by routing: OSPFv3 servers and routers.')
  .version(version)
  .showHelpAfterError();
registerDecode(program);
registerDemo(program);
registerNeighborDiscovery(program);
registerReplay(program);
registerRun(program);
registerServiceCommands(program);
registerShow(program);
registerSpf(program);

// A reader that has seen enough (`tidecast decode … | head`) closes the pipe; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

await program.parseAsync();
