/**
 * `tidecast cleanup`: takes everything of ours out of the kernel, when no daemon runs.
 * @module
 */
import type { Command } from 'commander';
import { type CleanUp, cleanUp } from '../host/kernel-cleanup.ts';
import { askDaemon, DaemonUnreachable, DEFAULT_SOCKET, daemonSockets } from './daemon-socket.ts';

export function registerCleanup(program: Command): void {
  program
    .command('cleanup')
    .description('remove what an earlier run left in the kernel, while no daemon runs')
    .option('--socket <path>', 'Unix socket on which a daemon would listen', DEFAULT_SOCKET)
    .action(async ({ socket }: { socket: string }) => {
      process.exitCode = await cleanup(socket);
    });
}

/** How Node tells of a program that failed; its first words are Node's own. */
interface ToolFailure extends Error {
  readonly cmd: string;
}

const isToolFailure = (error: unknown): error is ToolFailure =>
  error instanceof Error && typeof (error as { cmd?: unknown }).cmd === 'string';

/**
 * @returns the exit status: 0 when nothing of ours is left, 1 when something is or a daemon runs,
 *   2 when the kernel cannot be looked at.
 */
async function cleanup(socket: string): Promise<number> {
  const running = (await runs(socket)) ? socket : daemonSockets()[0];
  if (running !== undefined) {
    process.stderr.write(`a daemon runs on ${running}: stop it first, it cleans up by itself\n`);
    return 1;
  }
  let cleaned: CleanUp;
  try {
    cleaned = await cleanUp();
  } catch (error) {
    if (!isToolFailure(error)) throw error;
    const [said = ''] = error.message.replace(/^Command failed: .*\n/, '').split('\n');
    const what = `${error.cmd}: ${said}`;
    process.stderr.write(`the kernel cannot be looked at; CAP_NET_ADMIN is needed (${what})\n`);
    return 2;
  }
  const { removed, failures } = cleaned;
  for (const line of removed) process.stdout.write(`${line}\n`);
  for (const line of failures) process.stderr.write(`${line}\n`);
  if (removed.length + failures.length === 0) process.stdout.write('nothing to remove\n');
  return failures.length > 0 ? 1 : 0;
}

async function runs(socket: string): Promise<boolean> {
  try {
    await askDaemon(socket, '/v1/status');
    return true;
  } catch (error) {
    if (!(error instanceof DaemonUnreachable)) throw error;
    return false;
  }
}
