/**
 * The farm with a spectator: a live table, redrawn in place, and keys; without a terminal, a line
 * per event.
 * @module
 */
import type { Farm } from './farm.ts';
import { drawScreen } from './screen.ts';

const REDRAW_INTERVAL_MS = 250;
const EVENT_LINES = 10;

/** How the terminal is used; the caller owns it. */
export interface Terminal {
  /** Redraws in place. */
  draw(text: string): void;
  /** Calls for every key pressed until the program ends. */
  onKey(pressed: (key: string) => void): void;
}

/** Runs until the spectator quits, or until `ended` says so. */
export function runAttended(
  farm: Farm,
  events: readonly string[],
  terminal: Terminal,
  ended: AbortSignal,
): Promise<void> {
  let chosen = farm.servers[0];
  const draw = (): void => {
    const { answered, lost } = farm.load.counts();
    terminal.draw(
      drawScreen({
        rows: farm.rows(chosen),
        loadQueriesPerSecond: farm.load.queriesPerSecond,
        answered,
        lost,
        listening: `[::1]:${farm.router.port}`,
        events: events.slice(-EVENT_LINES),
      }),
    );
  };
  farm.load.start();
  const timer = setInterval(draw, REDRAW_INTERVAL_MS);
  return new Promise((resolve) => {
    const end = (): void => {
      clearInterval(timer);
      resolve();
    };
    ended.addEventListener('abort', end, { once: true });
    terminal.onKey((key) => {
      const number = Number(key);
      if (number >= 1 && number <= farm.servers.length) chosen = farm.servers[number - 1];
      else if (key === '+') farm.changeLoad(1);
      else if (key === '-') farm.changeLoad(-1);
      else if (key === 'q' || key === '\u0003') end();
      else if (chosen !== undefined) {
        if (key === 'c') farm.congest(chosen);
        else if (key === 'k') farm.kill(chosen);
        else if (key === 'd') farm.drain(chosen);
        else if (key === 'r') void farm.revive(chosen);
      }
      draw();
    });
  });
}
