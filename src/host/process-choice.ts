/**
 * Which process is meant: by its id, its pidfile or its systemd unit.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { runCommand } from './signal-command.ts';

/** Exactly one of them. */
export interface ProcessChoice {
  readonly pid?: number | undefined;
  readonly pidfile?: string | undefined;
  /** Name of a systemd unit; its main process is meant. */
  readonly unit?: string | undefined;
}

/**
 * The id of the process; 0 for a unit without one.
 * @throws Error when it cannot be told, Node's with ENOENT when the pidfile is not there.
 */
export async function pidOf(choice: ProcessChoice, timeoutMs: number): Promise<number> {
  const { pid, pidfile, unit } = choice;
  if (pid !== undefined) return pid;
  if (pidfile !== undefined) return numberIn(await readFile(pidfile, 'utf8'));
  const command = ['systemctl', 'show', '--property=MainPID', '--value', unit ?? ''];
  const { status, output, message } = await runCommand({ command, timeoutMs });
  if (status !== 0) throw new Error(`systemctl: ${message}`);
  return numberIn(output);
}

function numberIn(text: string): number {
  const pid = Number(text.trim());
  if (text.trim() === '' || !Number.isInteger(pid)) throw new Error('no process id in it');
  return pid;
}
