/**
 * A TCP connection that is taken, and an HTTP request that is answered, as signs of life.
 * @module
 */
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect, isIPv6 } from 'node:net';
import type { LifeReading, LivenessSignal } from './load-signal.ts';

export interface TcpCheck {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

const alive = (what: string, startMs: number): LifeReading => {
  const latencyMs = performance.now() - startMs;
  return { life: 'alive', reason: `${what} in ${latencyMs.toFixed(1)} ms`, latencyMs };
};
const dead = (reason: string): LifeReading => ({ life: 'dead', reason });

export class TcpSignal implements LivenessSignal {
  readonly name: string;
  readonly #check: TcpCheck;

  constructor(check: TcpCheck) {
    this.#check = check;
    this.name = `tcp ${isIPv6(check.host) ? `[${check.host}]` : check.host}:${check.port}`;
  }

  look(): Promise<LifeReading> {
    const { host, port, timeoutMs } = this.#check;
    const startMs = performance.now();
    return new Promise((resolve) => {
      const socket = connect({ host, port });
      const end = (result: LifeReading): void => {
        clearTimeout(timer);
        socket.destroy();
        resolve(result);
      };
      const timer = setTimeout(() => end(dead(`not connected in ${timeoutMs} ms`)), timeoutMs);
      socket.once('connect', () => end(alive('connected', startMs)));
      socket.once('error', (error) => end(dead(error.message)));
    });
  }
}

export interface HttpCheck {
  readonly url: string;
  /** Status of a live service; any 2xx when left out. */
  readonly status?: number | undefined;
  /** Text that the body must contain. */
  readonly contains?: string | undefined;
  readonly timeoutMs: number;
}

/** A body is looked at so far. */
const MAX_BODY_CHARACTERS = 1 << 20;

/** A URL as it may be shown: without the name and password that may be in it. */
export const shownUrl = (url: string): string => url.replace(/^(https?:\/\/)[^/?#]*@/, '$1');

/** Fetches a text. @throws Error when it cannot be had in time. */
export function fetchText(
  url: string,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? httpsGet : httpGet;
    const request = get(url, { timeout: timeoutMs, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        if (body.length < MAX_BODY_CHARACTERS) body += text;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer in ${timeoutMs} ms`)),
      timeoutMs,
    );
    request.on('close', () => clearTimeout(timer));
    request.on('error', reject);
  });
}

export class HttpSignal implements LivenessSignal {
  readonly name: string;
  readonly #check: HttpCheck;

  constructor(check: HttpCheck) {
    this.#check = check;
    this.name = `http ${shownUrl(check.url)}`;
  }

  async look(): Promise<LifeReading> {
    const { url, status: wanted, contains, timeoutMs } = this.#check;
    const startMs = performance.now();
    try {
      const { status, body } = await fetchText(url, timeoutMs);
      const right = wanted === undefined ? status >= 200 && status < 300 : status === wanted;
      if (!right) return dead(`status ${status}`);
      if (contains !== undefined && !body.includes(contains)) {
        return dead(`the answer does not contain ${JSON.stringify(contains)}`);
      }
      return alive(`status ${status}`, startMs);
    } catch (error) {
      return dead((error as Error).message);
    }
  }
}
