/**
 * How the verbs reach a running daemon.
 * @module
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';

/** Where a daemon listens unless told otherwise. */
export const DEFAULT_SOCKET = '/run/tidecast.sock';

/** What sockets of daemons are called, wherever they are: `tidecast.sock`, `tidecast-5.sock`. */
const DAEMON_SOCKET = /\/tidecast[^/]*\.sock$/;
/** Of a socket that listens, in /proc/net/unix. */
const LISTENS = '00010000';

/**
 * Where daemons listen in this network namespace, by the usual names of their sockets.
 * @param table - as /proc/net/unix has it.
 */
export function daemonSockets(table = unixSockets()): string[] {
  const paths = table.split('\n').flatMap((line) => {
    // Num RefCount Protocol Flags Type St Inode Path
    const [, , , flags, , , , path = ''] = line.trim().split(/\s+/);
    return flags === LISTENS && DAEMON_SOCKET.test(path) ? [path] : [];
  });
  return [...new Set(paths)];
}

function unixSockets(): string {
  try {
    return readFileSync('/proc/net/unix', 'utf8');
  } catch {
    return ''; // another system
  }
}

/** The daemon could not be asked, in words for the user. */
export class DaemonUnreachable extends Error {
  override readonly name = 'DaemonUnreachable';
}

/**
 * Asks the daemon.
 * @returns the JSON it answers with.
 * @throws {DaemonUnreachable} when nobody listens or the answer is an error.
 */
export function askDaemon(
  socketPath: string,
  path: string,
  method: 'GET' | 'POST' = 'GET',
  body?: unknown,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const asked = request({ socketPath, path, method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('error', (error) => {
        reject(new DaemonUnreachable(`the daemon on ${socketPath} ended (${error.message})`));
      });
      answer.on('end', () => {
        const said = answer.statusCode === 200 ? jsonOf(text) : undefined;
        if (said === undefined) {
          reject(new DaemonUnreachable(refusalOf(text, answer.statusCode)));
        } else resolve(said);
      });
    });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EACCES'
          ? `the daemon on ${socketPath} answers its own user and group alone (${error.message})`
          : `no daemon answers on ${socketPath} (${error.message}); ${whereElse()}`;
      reject(new DaemonUnreachable(why));
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function whereElse(): string {
  const elsewhere = daemonSockets();
  if (elsewhere.length === 0) return 'is `tidecast run` running?';
  return `there is ${elsewhere.map((path) => `--socket ${path}`).join(' and ')}`;
}

/** Undefined when it is none: whoever answered is no daemon of ours. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the daemon says of what it does not do; its whole answer when that is in no known form. */
function refusalOf(text: string, status: number | undefined): string {
  const { error } = (jsonOf(text) ?? {}) as { error?: unknown };
  if (typeof error === 'string') return error;
  // Whoever answered is no daemon of ours, and its words may tell who it is.
  return `the daemon answers ${status}: ${text}`;
}

/** Carries a verb out; a daemon that cannot be asked is said on stderr, and the exit status is 1. */
export async function whenReachable(carryOut: () => Promise<void>): Promise<void> {
  try {
    await carryOut();
  } catch (error) {
    if (!(error instanceof DaemonUnreachable)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

/** Tells the daemon to do something; fails as `whenReachable` says. */
export async function tellDaemon(socketPath: string, path: string, body?: unknown): Promise<void> {
  await whenReachable(async () => {
    await askDaemon(socketPath, path, 'POST', body);
  });
}
