/**
 * A process as a sign of life, by its id, its pidfile or its systemd unit. Its end is told the
 * moment it happens (pidfd_open(2), Linux 5.3), not at the next look.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { checked, libc, SystemCallError } from './libc.ts';
import type { LifeReading, LivenessSignal } from './load-signal.ts';
import { type ProcessChoice, pidOf } from './process-choice.ts';
import { unwatch, watch } from './socket-poller.ts';

export interface ProcessCheck extends ProcessChoice {
  readonly timeoutMs: number;
}

/**
 * Calls once when a process ends, at once when there is none.
 * @returns what ends the watch.
 * @throws {SystemCallError} when the kernel cannot watch it.
 */
export function watchProcessEnd(pid: number, onEnd: () => void): () => void {
  let fd: number;
  try {
    fd = checked('pidfd_open', libc().pidfdOpen(pid));
  } catch (error) {
    if (!(error instanceof SystemCallError) || error.code !== 'ESRCH') throw error;
    queueMicrotask(onEnd);
    return () => {};
  }
  const stop = (): void => {
    if (fd < 0) return;
    unwatch(fd);
    libc().close(fd);
    fd = -1;
  };
  watch(fd, () => {
    if (fd < 0) return;
    stop();
    onEnd();
  });
  return stop;
}

export class ProcessSignal implements LivenessSignal {
  readonly name: string;
  readonly #check: ProcessCheck;
  #onEnd: ((reason: string) => void) | undefined;
  #watched: { readonly pid: number; readonly stop: () => void } | undefined;

  constructor(check: ProcessCheck) {
    this.#check = check;
    const { pid, pidfile, unit } = check;
    this.name = `process ${unit ?? pidfile ?? pid}`;
  }

  async look(): Promise<LifeReading> {
    let pid: number;
    try {
      pid = await pidOf(this.#check, this.#check.timeoutMs);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return { life: 'dead', reason: 'no pidfile' };
      return { life: 'unknown', reason: (error as Error).message };
    }
    if (pid === 0) return { life: 'dead', reason: 'the unit has no main process' };
    if (!(await isRunning(pid))) return { life: 'dead', reason: `process ${pid} is gone` };
    this.#watchPid(pid);
    return { life: 'alive', reason: `process ${pid} runs` };
  }

  watch(onEnd: (reason: string) => void): () => void {
    this.#onEnd = onEnd;
    return () => {
      this.#onEnd = undefined;
      this.#watched?.stop();
      this.#watched = undefined;
    };
  }

  /** Watches the process that was found last. */
  #watchPid(pid: number): void {
    if (this.#onEnd === undefined || this.#watched?.pid === pid) return;
    this.#watched?.stop();
    this.#watched = undefined;
    try {
      const stop = watchProcessEnd(pid, () => {
        this.#watched = undefined;
        this.#onEnd?.(`process ${pid} ended`);
      });
      this.#watched = { pid, stop };
    } catch {
      // Without pidfd the looks go on; an end is then seen at the next of them.
    }
  }
}

/** A zombie has ended, though its id is still taken. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    try {
      process.kill(pid, 0);
      return process.platform !== 'linux';
    } catch {
      return false;
    }
  }
}
