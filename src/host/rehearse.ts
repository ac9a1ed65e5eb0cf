/**
 * When a daemon rehearses (`rehearsal.ts`): a while after its start, in slices, once.
 * @module
 */
import { setFlagsFromString } from 'node:v8';

/** After so many changes little is gained by more. */
const CHANGES = 1000;
/** Neighbors come first: on links with short Hellos a cold start is over by then. */
const BEGIN_AFTER_MS = 8000;
/** Work and rest: packets are never kept waiting for long, nor are the other daemons of a machine. */
const SLICE_MS = 3;
const REST_MS = 27;

/**
 * Rehearses the way of a change, without holding the process.
 * @param say - told once, when it is over or could not be.
 * @returns ends it early.
 */
export function rehearse(say: (message: string) => void): () => void {
  // V8 throws away what has not run for a while; a daemon that waits for a change would lose it.
  setFlagsFromString('--no-flush-bytecode');
  let ended = false;
  const begin = async (): Promise<void> => {
    const { Rehearsal } = await import('./rehearsal.ts');
    const rehearsal = new Rehearsal();
    while (!ended && rehearsal.changes < CHANGES) {
      const untilMs = performance.now() + SLICE_MS;
      while (performance.now() < untilMs && rehearsal.changes < CHANGES) rehearsal.step();
      await new Promise<void>((resolve) => setTimeout(resolve, REST_MS).unref());
    }
    if (!ended) say('the way of a change was rehearsed');
  };
  const timer = setTimeout(() => {
    begin().catch((error: unknown) => say(`no rehearsal: ${String(error)}`));
  }, BEGIN_AFTER_MS).unref();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
