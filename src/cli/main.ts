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

const program = new Command('tidecast')
  .description('Anycast load balancing by routing: OSPFv3 servers and routers.')
  .version(version)
  .showHelpAfterError()
  .exitOverride((ended) => process.exit(usageStatus(ended)));

/** Only the verb that is asked for is loaded; all of them for the help. */
const VERBS: readonly (readonly [
  verbs: readonly string[],
  register: () => Promise<(program: Command) => void>,
])[] = [
  [['cleanup'], async () => (await import('./cleanup.ts')).registerCleanup],
  [['decode'], async () => (await import('./decode.ts')).registerDecode],
  [['explain'], async () => (await import('./explain.ts')).registerExplain],
  [['demo'], async () => (await import('./demo.ts')).registerDemo],
  [['emulate'], async () => (await import('./emulate.ts')).registerEmulate],
  [['tune'], async () => (await import('./tune.ts')).registerTune],
  [
    ['advertise', 'neighbor-discovery'],
    async () => (await import('./neighbor-discovery.ts')).registerNeighborDiscovery,
  ],
  [['replay'], async () => (await import('./replay.ts')).registerReplay],
  [['run'], async () => (await import('./run.ts')).registerRun],
  [
    ['drain', 'undrain', 'disable', 'enable'],
    async () => (await import('./service-commands.ts')).registerServiceCommands,
  ],
  [['show'], async () => (await import('./show.ts')).registerShow],
  [['stub-router'], async () => (await import('./stub-router.ts')).registerStubRouter],
  [['spf'], async () => (await import('./spf.ts')).registerSpf],
];
const asked = VERBS.filter(([verbs]) => verbs.includes(process.argv[2] ?? ''));
for (const [, register] of asked.length > 0 ? asked : VERBS) (await register())(program);

// A reader that has seen enough (`tidecast decode … | head`) closes the pipe; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

await program.parseAsync();
