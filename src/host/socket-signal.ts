/**
 * Hears at once of what sockets have to read: the kernel sends the process a signal (F_SETOWN,
 * O_ASYNC), which wakes the event loop itself. To wait in poll(2) on the thread pool takes two
 * threads that have to be scheduled, one after the other, for every datagram.
 *
 * The signal is SIGURG: where nobody listens it is ignored, so that it can do no harm.
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
/** Sockets are looked at now and then without a signal, so that no lost one can last. */
const LOOK_MS = 1000;

const ready = new Map<number, () => void>();
let fds: readonly number[] = [];
let entries = Buffer.alloc(0);
let listening = false;
let looking: NodeJS.Timeout | undefined;

/**
 * Calls `onReadable` whenever the socket has got something to read, until {@link unwatchSocket}.
 * It is to read all there is, in one call or in later ones: what stays unread is not told again
 * before {@link LOOK_MS}.
 */
export function watchSocket(fd: number, onReadable: () => void): void {
  // Node tells the main thread alone of signals.
  if (!isMainThread) {
    poller.watch(fd, onReadable);
    return;
  }
  if (!listening) {
    listening = true;
    process.on('SIGURG', look);
  }
  // This also keeps the process alive while there are sockets.
  looking ??= setInterval(look, LOOK_MS);
  ready.set(fd, onReadable);
  list();
  const { fcntl } = libc();
  checked('fcntl', fcntl(fd, F_SETSIG, SIGURG));
  checked('fcntl', fcntl(fd, F_SETOWN, process.pid));
  checked('fcntl', fcntl(fd, F_SETFL, fcntl(fd, F_GETFL, 0) | O_ASYNC));
  setImmediate(look); // what came before there were signals
}

/** Forgets the socket; it may be closed after this. */
export function unwatchSocket(fd: number): void {
  if (!isMainThread) {
    poller.unwatch(fd);
    return;
  }
  ready.delete(fd);
  list();
  if (ready.size > 0) return;
  clearInterval(looking);
  looking = undefined;
}

function list(): void {
  fds = [...ready.keys()];
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
