/**
 * Agent-check against the real HAProxy, where it is installed: what it makes of our lines.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { AgentCheck } from '../../src/host/agent-check.ts';
import { Prng } from '../../src/prng.ts';
import type { ServiceStatus } from '../../src/server/service-speaker.ts';
import { COST_DEFAULTS } from '../../src/server-cost/config.ts';
import { ServiceController } from '../../src/server-cost/service-controller.ts';
import { parseAddress } from '../../src/wire/address.ts';

const PROGRAM = 'haproxy';
const { PATH = '' } = process.env;
const env = { PATH: `${PATH}:/usr/sbin:/sbin` };
const installed = spawnSync(PROGRAM, ['-v'], { env }).status === 0;
if (!installed) console.log('haproxy is not installed: agent-check is not tested against it here');

const folder = mkdtempSync(join(tmpdir(), 'tidecast-'));
const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing.splice(0).reverse()) close();
  rmSync(folder, { recursive: true, force: true });
});

/** Asks HAProxy over its socket. */
async function say(command: string): Promise<string> {
  const socket = connect(join(folder, 'stats.sock'));
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.end(`${command}\n`);
  await once(socket, 'close');
  return text;
}

/** Columns of one server in `show servers state` (HAProxy management guide 9.3). */
async function serverState() {
  const line = (await say('show servers state')).split('\n').find((row) => / alfa /.test(row));
  const fields = line?.split(' ') ?? [];
  return {
    operational: Number(fields[5]),
    administrative: Number(fields[6]),
    userWeight: Number(fields[7]),
  };
}

type State = Awaited<ReturnType<typeof serverState>>;
async function until(is: (state: State) => boolean): Promise<State> {
  for (let tries = 0; ; tries++) {
    const state = await serverState();
    if (is(state) || tries > 100) return state;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** srv_op_state 2 is running; srv_admin_state 0x08 is forced drain, 0x01 forced maintenance. */
const RUNNING = 2;
const DRAIN = 0x08;
const MAINTENANCE = 0x01;

(installed ? describe : describe.skip)('HAProxy', () => {
  it('takes weight, drain, maintenance and the way back from agent-check', async () => {
    const controller = new ServiceController(
      { ...COST_DEFAULTS, queriesPerSecondPerWeight: 2 },
      { routerId: 1 },
      new Prng(1),
    );
    const status = (): ServiceStatus => {
      const known = controller.status();
      return {
        name: 'web',
        address: parseAddress('2001:db8::1'),
        advertiseBy: 'ospfv3',
        advertisement: known.advertisement,
        reason: known.stateReason,
        controller: known,
      };
    };
    const agent = new AgentCheck(
      { host: '127.0.0.1', agentCheckPort: 0 },
      { status, configuredWeight: COST_DEFAULTS.weight },
    );
    await agent.open();
    closing.push(() => agent.close());
    const web = createHttpServer((_, response) => response.end()).listen(0, '127.0.0.1');
    await once(web, 'listening');
    closing.push(() => {
      web.close();
      web.closeAllConnections();
    });
    const { port } = web.address() as AddressInfo;
    writeFileSync(
      join(folder, 'haproxy.cfg'),
      `global
  stats socket ${join(folder, 'stats.sock')} level admin
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
backend farm
  server alfa 127.0.0.1:${port} weight 100 check inter 200ms agent-check agent-port ${agent.ports.agentCheck} agent-inter 100ms
`,
    );
    const haproxy: ChildProcess = spawn(PROGRAM, ['-db', '-f', join(folder, 'haproxy.cfg')], {
      env,
      stdio: 'ignore',
    });
    closing.push(() => haproxy.kill('SIGKILL'));
    while (!existsSync(join(folder, 'stats.sock'))) {
      expect(haproxy.exitCode).toBeNull();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await until(({ operational }) => operational !== RUNNING)).toMatchObject({
      operational: 0, // nothing is known of the service yet
    });
    controller.handle({ kind: 'liveness', nowMs: 0, alive: true, reason: 'answers' });
    for (let s = 1; s <= 20; s++) {
      const sample = {
        atMs: 1000 * s,
        queriesPerSecond: 60,
        utilizationRatio: 0.25,
        inFlight: 1,
        errorsPerSecond: 0,
      };
      controller.handle({ kind: 'sample', nowMs: sample.atMs, sample });
    }
    // 240 queries per second at 2 per unit: 120, by agent-check 120 % of 100.
    expect(await until(({ userWeight }) => userWeight === 120)).toEqual({
      operational: RUNNING,
      administrative: 0,
      userWeight: 120,
    });
    controller.handle({ kind: 'command', nowMs: 21_000, command: 'drain' });
    const drained = await until(({ administrative }) => (administrative & DRAIN) !== 0);
    expect(drained.administrative & DRAIN).toBe(DRAIN);
    controller.handle({ kind: 'command', nowMs: 22_000, command: 'disable' });
    const disabled = await until(({ administrative }) => (administrative & MAINTENANCE) !== 0);
    expect(disabled.administrative & MAINTENANCE).toBe(MAINTENANCE);
    controller.handle({ kind: 'command', nowMs: 23_000, command: 'enable' });
    expect(await until(({ administrative }) => administrative === 0)).toMatchObject({
      operational: RUNNING,
      administrative: 0,
    });
  }, 30_000);
});
