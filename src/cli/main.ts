#!/usr/bin/env node
/**
 * The `tidecast` command: one verb per file, each registering itself here.
 * @module
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { usageStatus } from './exit-status.ts';

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string };

const VERSION_FLAGS = ['-V', '--version'];

const program = new Command('tidecast')
  .description('Anycast load balancing by routing: OSPFv3 servers and routers.')
  .version(version, VERSION_FLAGS.join(', '))
  .showHelpAfterError()
  .exitOverride((ended) => process.exit(usageStatus(ended)));

/** Only the verb that is asked for is loaded, for the help all of them, in this order. */
const VERBS: readonly (readonly [
  group: string,
  verbs: readonly string[],
  register: () => Promise<(program: Command) => void>,
])[] = [
  ['Try it:', ['demo'], async () => (await import('./demo.ts')).registerDemo],
  ['Run it:', ['run'], async () => (await import('./run.ts')).registerRun],
  ['Run it:', ['show'], async () => (await import('./show.ts')).registerShow],
  ['Run it:', ['explain'], async () => (await import('./explain.ts')).registerExplain],
  [
    'Run it:',
    ['drain', 'undrain', 'disable', 'enable'],
    async () => (await import('./service-commands.ts')).registerServiceCommands,
  ],
  [
    'Run it:',
    ['advertise', 'neighbor-discovery'],
    async () => (await import('./neighbor-discovery.ts')).registerNeighborDiscovery,
  ],
  ['Run it:', ['stub-router'], async () => (await import('./stub-router.ts')).registerStubRouter],
  ['Run it:', ['cleanup'], async () => (await import('./cleanup.ts')).registerCleanup],
  ['Plan it:', ['tune'], async () => (await import('./tune.ts')).registerTune],
  ['Look into it:', ['decode'], async () => (await import('./decode.ts')).registerDecode],
  ['Look into it:', ['replay'], async () => (await import('./replay.ts')).registerReplay],
  ['Look into it:', ['spf'], async () => (await import('./spf.ts')).registerSpf],
  ['Test others:', ['emulate'], async () => (await import('./emulate.ts')).registerEmulate],
];
const [, , first = ''] = process.argv;
const asked = VERBS.filter(([, verbs]) => verbs.includes(first));
const forHelp = VERSION_FLAGS.includes(first) ? [] : VERBS;
for (const [group, , register] of asked.length > 0 ? asked : forHelp) {
  program.commandsGroup(group);
  (await register())(program);
}

// A reader that has seen enough (`tidecast decode … | head`) closes the pipe; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

await program.parseAsync();
