/**
 * Hears at once of what sockets have to read: the kernel sends the process a signal (F_SETOWN,
 * O_ASYNC), which wakes the event loop itself. To wait in poll(2) on the thread pool takes two
 * threads that have to be scheduled, one after the other, for every datagram.
 *
 * The signal is SIGURG: where nobody listens it is ignored, so that it can do no harm. Not every
 * program passes signals on, and worker threads hear of none: until one of our own has come, sockets
 * are waited for on the thread pool.
 * @module
 */
import { isMainThread } from 'node:worker_threads';
import { checked, LITTLE_ENDIAN, libc } from './libc.ts';
import * as poller from './socket-poller.ts';

const F_GETFL = 3;
const F_SETFL = 4;
const F_SETOWN = 8;
const F_SETSIG = 10;
const O_ASYNC = 0o20000;
const SIGURG = 23;
/** Octets of a `struct pollfd`: fd, events, revents. */
const ENTRY_OCTETS = 8;
const POLLIN = 1;
/**
 * Sockets are looked at now and then without a signal, so that no lost one can last, and so that the
 * next signal finds the process at hand: one that has slept for a second has lost its place in the
 * caches and, under a hypervisor, its page tables, and takes a millisecond for its first instruction
 * (measured; a fifth of that after 100 ms). It costs 0.3 % of a processor.
 */
const LOOK_MS = 100;

/** All that are watched, those that send signals among them. */
const ready = new Map<number, () => void>();
/** Those that send signals, and what poll(2) is asked of them. */
const signaling = new Set<number>();
let fds: readonly number[] = [];
let entries = Buffer.alloc(0);
let tried = false;
let heard = false;
let looking: NodeJS.Timeout | undefined;

/**
 * Calls `onReadable` whenever the socket has got something to read, until {@link unwatchSocket}.
 * It is to read all there is, in one call or in later ones: what stays unread is not told again
 * before {@link LOOK_MS}.
 */
export function watchSocket(fd: number, onReadable: () => void): void {
  ready.set(fd, onReadable);
  if (heard) letSignal([fd]);
  else poller.watch(fd, onReadable);
  if (tried || !isMainThread) return;
  tried = true;
  process.on('SIGURG', onSignal);
  process.kill(process.pid, 'SIGURG');
}

/** Forgets the socket; it may be closed after this. */
export function unwatchSocket(fd: number): void {
  ready.delete(fd);
  if (!signaling.delete(fd)) {
    poller.unwatch(fd);
    return;
  }
  list();
  if (signaling.size > 0) return;
  clearInterval(looking);
  looking = undefined;
}

function onSignal(): void {
  if (!heard) {
    heard = true;
    for (const fd of ready.keys()) poller.unwatch(fd);
    letSignal([...ready.keys()]);
  }
  look();
}

function letSignal(sockets: readonly number[]): void {
  const { fcntl } = libc();
  for (const fd of sockets) {
    signaling.add(fd);
    checked('fcntl', fcntl(fd, F_SETSIG, SIGURG));
    checked('fcntl', fcntl(fd, F_SETOWN, process.pid));
    checked('fcntl', fcntl(fd, F_SETFL, fcntl(fd, F_GETFL, 0) | O_ASYNC));
  }
  list();
  // This also keeps the process alive while there are sockets.
  if (signaling.size > 0) looking ??= setInterval(look, LOOK_MS);
  setImmediate(look); // what came before there were signals
}

function list(): void {
  fds = [...signaling];
  entries = Buffer.alloc(fds.length * ENTRY_OCTETS);
  for (const [i, fd] of fds.entries()) {
    if (LITTLE_ENDIAN) entries.writeInt32LE(fd, i * ENTRY_OCTETS);
    else entries.writeInt32BE(fd, i * ENTRY_OCTETS);
    if (LITTLE_ENDIAN) entries.writeInt16LE(POLLIN, i * ENTRY_OCTETS + 4);
    else entries.writeInt16BE(POLLIN, i * ENTRY_OCTETS + 4);
  }
}

/** Which sockets those are, of all. */
function look(): void {
  const asked = fds;
  const answers = entries;
  if (libc().poll(answers, asked.length, 0) <= 0) return;
  for (const [i, fd] of asked.entries()) {
    const at = i * ENTRY_OCTETS + 6;
    if (answers[at] === 0 && answers[at + 1] === 0) continue;
    answers[at] = 0;
    answers[at + 1] = 0;
    ready.get(fd)?.();
  }
}
