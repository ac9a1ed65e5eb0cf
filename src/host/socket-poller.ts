/**
 * Waits for all raw sockets of the process with one poll(2) on the thread pool at a time. An
 * eventfd among them interrupts the wait when sockets come or go.
 * @module
 */
import { checked, LITTLE_ENDIAN, libc } from './libc.ts';

/** Octets of a `struct pollfd`: fd, events, revents. */
const ENTRY_OCTETS = 8;
const POLLIN = 1;
const EFD_NONBLOCK = 0o4000;
/** A wait ends by itself now and then, so that no lost interruption can last. */
const LONGEST_WAIT_MS = 1000;

const ready = new Map<number, () => void>();
let interruptFd = -1;
let waiting = false;

/** Calls `onReadable` whenever the socket has something to read, until {@link unwatch}. */
export function watch(fd: number, onReadable: () => void): void {
  if (interruptFd < 0) {
    interruptFd = checked('eventfd', libc().eventfd(0, EFD_NONBLOCK));
    // The thread pool is joined at exit: a wait still going on would hold the process.
    process.once('exit', interrupt);
  }
  ready.set(fd, onReadable);
  if (waiting) interrupt();
  else wait();
}

/** Forgets the socket; it may be closed after this. */
export function unwatch(fd: number): void {
  ready.delete(fd);
  if (waiting) interrupt();
}

const ONE = new Uint8Array(8);
new DataView(ONE.buffer).setBigUint64(0, 1n, LITTLE_ENDIAN);

function interrupt(): void {
  libc().write(interruptFd, ONE, ONE.length);
}

function wait(): void {
  if (ready.size === 0) return; // nothing to wait for: the process may end
  const fds = [interruptFd, ...ready.keys()];
  const entries = Buffer.alloc(fds.length * ENTRY_OCTETS);
  const view = new DataView(entries.buffer, entries.byteOffset, entries.length);
  for (const [i, fd] of fds.entries()) {
    view.setInt32(i * ENTRY_OCTETS, fd, LITTLE_ENDIAN);
    view.setInt16(i * ENTRY_OCTETS + 4, POLLIN, LITTLE_ENDIAN);
  }
  waiting = true;
  libc().pollAsync(entries, fds.length, LONGEST_WAIT_MS, () => {
    waiting = false;
    try {
      for (const [i, fd] of fds.entries()) {
        if (view.getInt16(i * ENTRY_OCTETS + 6, LITTLE_ENDIAN) === 0) continue;
        if (fd === interruptFd) libc().read(interruptFd, new Uint8Array(8), 8);
        else ready.get(fd)?.();
      }
    } finally {
      wait();
    }
  });
}
