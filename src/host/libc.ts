/**
 * The few calls of the C library that Node does not offer, through koffi. Loaded on first use, so
 * that nothing here is needed where no raw socket is opened. Linux only.
 * @module
 */
import { constants, endianness } from 'node:os';
import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';

type Pointer = Uint8Array | null;
type Callback = (error: Error | null, result: number) => void;

export interface Libc {
  socket(family: number, type: number, protocol: number): number;
  close(fd: number): number;
  bind(fd: number, address: Pointer, octets: number): number;
  setsockopt(fd: number, level: number, name: number, value: Pointer, octets: number): number;
  sendto(
    fd: number,
    octets: Pointer,
    count: number,
    flags: number,
    address: Pointer,
    addressOctets: number,
  ): number;
  recvmsg(fd: number, message: Pointer, flags: number): number;
  /** The commands whose argument is a number. */
  fcntl(fd: number, command: number, argument: number): number;
  /** Looks without waiting when the time is 0; the answers are in the entries. */
  poll(entries: Uint8Array, count: number, timeoutMs: number): number;
  eventfd(initial: number, flags: number): number;
  /** A descriptor that becomes readable when the process ends. */
  pidfdOpen(pid: number): number;
  /** Fills in how this thread is scheduled (sched_getattr(2)); -1 where that cannot be asked for. */
  schedGetAttributes(attributes: Uint8Array, octets: number): number;
  schedSetAttributes(attributes: Uint8Array): number;
  read(fd: number, octets: Pointer, count: number): number;
  write(fd: number, octets: Pointer, count: number): number;
  /** Runs poll(2) on the thread pool; the buffer must live until the callback. */
  pollAsync(entries: Uint8Array, count: number, timeoutMs: number, callback: Callback): void;
}

/** The same number on every architecture. */
const SYS_PIDFD_OPEN = 434;
/** Older than that rule: sched_setattr and sched_getattr by architecture. */
const SYS_SCHED_ATTRIBUTES: Readonly<Record<string, readonly [set: number, get: number]>> = {
  x64: [314, 315],
  arm64: [274, 275],
};

/** Whether numbers in the kernel's structures are little-endian on this machine. */
export const LITTLE_ENDIAN = endianness() === 'LE';

let loaded: Libc | undefined;

/**
 * The C library of this machine.
 * @throws Error where it is not Linux's.
 */
export function libc(): Libc {
  loaded ??= load();
  return loaded;
}

function load(): Libc {
  if (process.platform !== 'linux') {
    throw new Error(`raw sockets are made for Linux, this is ${process.platform}`);
  }
  const library = koffi.load(null);
  const syscall = library.func('long syscall(long, int, unsigned int)');
  const schedule = library.func('long syscall(long, int, void *, unsigned int, unsigned int)');
  const [setAttributes, getAttributes] = SYS_SCHED_ATTRIBUTES[process.arch] ?? [];
  const poll = library.func('int poll(void *entries, unsigned long count, int timeoutMs)');
  return {
    socket: library.func('int socket(int, int, int)'),
    close: library.func('int close(int)'),
    bind: library.func('int bind(int, void *, unsigned int)'),
    setsockopt: library.func('int setsockopt(int, int, int, void *, unsigned int)'),
    sendto: library.func('long sendto(int, void *, size_t, int, void *, unsigned int)'),
    recvmsg: library.func('long recvmsg(int, void *, int)'),
    fcntl: library.func('int fcntl(int, int, long)'),
    poll,
    eventfd: library.func('int eventfd(unsigned int, int)'),
    pidfdOpen: (pid) => syscall(SYS_PIDFD_OPEN, pid, 0),
    schedGetAttributes: (attributes, octets) =>
      getAttributes === undefined ? -1 : schedule(getAttributes, 0, attributes, octets, 0),
    schedSetAttributes: (attributes) =>
      setAttributes === undefined ? -1 : schedule(setAttributes, 0, attributes, 0, 0),
    read: library.func('long read(int, void *, size_t)'),
    write: library.func('long write(int, void *, size_t)'),
    pollAsync: (entries, count, timeoutMs, callback) =>
      poll.async(entries, count, timeoutMs, callback),
  };
}

/** The address of a buffer's octets, for a pointer inside a structure. */
export const pointerTo = (octets: Uint8Array): bigint => BigInt(koffi.address(octets));

/** A failed call, with the code by which Node's own errors are known. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  /** Such as `EPERM`. */
  readonly code: string;
  readonly syscall: string;
  constructor(syscall: string, errno: number) {
    const code = getSystemErrorName(-errno);
    super(`${syscall}: ${code}`);
    this.code = code;
    this.syscall = syscall;
  }
}

/**
 * Passes on what a call returned.
 * @throws {SystemCallError} when it is negative.
 */
export function checked(syscall: string, result: number): number {
  if (result < 0) throw new SystemCallError(syscall, koffi.errno());
  return result;
}

/** Whether the call that failed last would have had to wait. */
export const wouldBlock = (): boolean => koffi.errno() === constants.errno.EAGAIN;
