#!/usr/bin/env node
/**
 * The `tidecast` command: one verb per file, each registering itself here.
 * @module
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string };

const program = new Command('tidecast')
  .description('Anycast load balancing by routing: OSPFv3 servers and routers.')
  .version(version)
  .showHelpAfterError();

await program.parseAsync();
