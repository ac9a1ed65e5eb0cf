import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linksOf } from '../../src/cli/capture-links.ts';
import { CaptureListener } from '../../src/cli/capture-listener.ts';
import { hmacDigest } from '../../src/host/digest.ts';
import { CAPTURES, type Capture, datagramsOf } from '../fixtures/captures.ts';

/** What one router printed at one time. */
export interface Truth {
  readonly capture: Capture;
  /** `@before`, …; empty for the end. */
  readonly stage: string;
  readonly node: string;
  readonly folder: string;
  /** When it was printed at the latest, milliseconds since 1970; `Infinity` for the end. */
  readonly atMs: number;
}

const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
export const fileOf = (truth: Truth, name: string): string => read(join(truth.folder, name));

/**
 * Which event ended each stage: its number from 0 in the capture's `.events.txt`. A stage that is
 * not listed is that of the end.
 */
const STAGE_ENDS: Readonly<Record<string, (events: readonly string[]) => number>> = {
  '@full': (events) => events.findIndex((event) => event.includes('kill -9')),
  // `before` is before the first thing done once all were up.
  '@before': (events) => events.findIndex((event) => !/ start$/.test(event)),
  '@cost20': (events) => events.findIndex((event) => event.includes('cost -> 5')),
  '@cost5': (events) => events.findIndex((event) => event.includes('cost -> 10')),
  '@cost10': (events) => events.findIndex((event) => event.endsWith('end')),
  '@during': (events) => events.findIndex((event) => event.includes('ospf6d start')),
};

function truthsOf(capture: Capture): Truth[] {
  const folder = capture.path.replace(/\.pcap(ng)?$/, '.truth');
  if (!existsSync(folder)) return [];
  const events = read(capture.path.replace(/\.pcap(ng)?$/, '.events.txt'))
    .trim()
    .split('\n');
  return readdirSync(folder).flatMap((name) => {
    if (!name.startsWith('@')) {
      return [{ capture, stage: '', node: name, folder: join(folder, name), atMs: Infinity }];
    }
    const end = STAGE_ENDS[name];
    // A stage may be named by its time: `@1795465014.5`, seconds since 1970.
    const seconds = end === undefined ? name.slice(1) : events[end(events)];
    const atMs = Number.parseFloat(seconds ?? '') * 1000;
    if (Number.isNaN(atMs)) throw new Error(`${folder}: when was stage ${name}?`);
    return readdirSync(join(folder, name)).map((node) => ({
      capture,
      stage: name,
      node,
      folder: join(folder, name, node),
      atMs,
    }));
  });
}

/** Every truth of every capture. */
export const TRUTHS: readonly Truth[] = CAPTURES.flatMap(truthsOf);

/** A listener that has heard a capture up to a time. */
export function listen(capture: Capture, untilMs: number, instanceId = 0): CaptureListener {
  const listener = new CaptureListener({ instanceId, keys: [], digest: hmacDigest });
  const datagrams = datagramsOf(capture);
  const linkOf = linksOf(datagrams);
  for (const datagram of datagrams) {
    if (datagram.frame.atMs < untilMs) listener.hear(datagram, linkOf(datagram));
  }
  return listener;
}
