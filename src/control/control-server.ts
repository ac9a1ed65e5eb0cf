/**
 * The control API: HTTP on a Unix socket, where file permissions decide who may ask, and on TCP
 * when that is configured, where a token does. The command line, scripts and metrics all use it.
 * @module
 */
import { timingSafeEqual } from 'node:crypto';
import { chmodSync, existsSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { type FastifyInstance, fastify } from 'fastify';
import type { Daemon } from '../host/daemon.ts';
import { isServiceCommand, SERVICE_COMMANDS, ServerRole } from '../host/server-role.ts';
import { registerExplain } from './explain.ts';
import { metricsRegistry } from './metrics.ts';
import { neighborDiscoveryView, registerNeighborDiscovery } from './neighbor-discovery.ts';
import { sharesView } from './shares.ts';
import type { ViewName } from './view-names.ts';
import {
  databaseView,
  dropsView,
  interfacesView,
  neighborsView,
  routesView,
  runsView,
  servicesView,
  statusView,
} from './views.ts';

/** What can be asked for under `/v1/`, with what answers. */
const VIEWS = {
  status: statusView,
  neighbors: neighborsView,
  interfaces: interfacesView,
  database: databaseView,
  routes: routesView,
  runs: runsView,
  services: servicesView,
  shares: sharesView,
  drops: dropsView,
  'neighbor-discovery': neighborDiscoveryView,
} as const satisfies Record<ViewName, (daemon: Daemon) => unknown>;

export interface ControlOptions {
  readonly daemon: Daemon;
  /** Path of the Unix socket. */
  readonly socket: string;
}

export interface ControlServer {
  close(): Promise<void>;
}

/**
 * Opens the API.
 * @throws Error when another daemon listens on the socket already, or it cannot be made.
 */
export async function openControl({ daemon, socket }: ControlOptions): Promise<ControlServer> {
  await removeStale(socket);
  const local = application(daemon);
  await local.listen({ path: socket });
  chmodSync(socket, 0o660);
  const { control } = daemon.config;
  let remote: FastifyInstance | undefined;
  if (control) {
    remote = application(daemon, control.token);
    try {
      await remote.listen({ host: control.host, port: control.port });
    } catch (error) {
      await local.close();
      throw error;
    }
  }
  return {
    close: async () => {
      await Promise.all([local.close(), remote?.close()]);
    },
  };
}

function application(daemon: Daemon, token?: string): FastifyInstance {
  const app = fastify({ logger: false, forceCloseConnections: true });
  if (token !== undefined) {
    app.addHook('onRequest', async (request, reply) => {
      if (!sameText(request.headers.authorization ?? '', `Bearer ${token}`)) {
        await reply.code(401).send({ error: 'the token is missing or wrong' });
      }
    });
  }
  for (const [name, view] of Object.entries(VIEWS)) {
    app.get(`/v1/${name}`, async () => view(daemon));
  }
  app.post<{ Params: { name: string; command: string } }>(
    '/v1/services/:name/:command',
    async (request, reply) => {
      const { name, command } = request.params;
      const refused = commandService(daemon, name, command);
      if (refused === undefined) return { service: name, command };
      return reply.code(refused.status).send({ error: refused.error });
    },
  );
  app.post<{ Params: { wanted: string } }>('/v1/stub-router/:wanted', async (request, reply) => {
    const { wanted } = request.params;
    if (wanted !== 'on' && wanted !== 'off') {
      return reply.code(400).send({ error: `stub-router is on or off, not ${wanted}` });
    }
    daemon.input((nowMs) => ({ kind: 'stubRouter', nowMs, on: wanted === 'on' }));
    return { stubRouter: daemon.instance.isStubRouter };
  });
  registerExplain(app, daemon);
  registerNeighborDiscovery(app, daemon);
  const registry = metricsRegistry(daemon);
  app.get('/metrics', async (_request, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });
  return app;
}

/** Gives a command to a service; what is wrong with it otherwise. */
function commandService(
  daemon: Daemon,
  name: string,
  command: string,
): { readonly status: number; readonly error: string } | undefined {
  const { role } = daemon;
  if (!(role instanceof ServerRole)) return { status: 404, error: 'a router has no services' };
  const names =
    daemon.config.role === 'server' ? daemon.config.services.map((one) => one.name) : [];
  if (!names.includes(name)) {
    return { status: 404, error: `no service ${name}; there are: ${names.join(', ') || 'none'}` };
  }
  if (!isServiceCommand(command)) {
    return {
      status: 400,
      error: `no command ${command}; there are: ${SERVICE_COMMANDS.join(', ')}`,
    };
  }
  role.command(name, command);
  return undefined;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** A socket left behind by a daemon that was killed is removed; one in use is left alone. */
async function removeStale(socket: string): Promise<void> {
  if (!existsSync(socket)) return;
  const used = await new Promise<boolean>((resolve) => {
    const probe = connect(socket, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
  if (used) throw new Error(`another daemon listens on ${socket}`);
  unlinkSync(socket);
}
