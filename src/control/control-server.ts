/**
 * The control API: HTTP on a Unix socket, where file permissions decide who may ask, and on TCP
 * when that is configured, where a token does. The command line, scripts and metrics all use it.
 * @module
 */
import { timingSafeEqual } from 'node:crypto';
import type { RequestListener, Server } from 'node:http';
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import type { Daemon } from '../host/daemon.ts';
import { isServiceCommand, SERVICE_COMMANDS, ServerRole } from '../host/server-role.ts';
import { NOT_A_SERVER, registerExplain } from './explain.ts';
import type { HeldControl, HeldServer } from './held-server.ts';
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

/** Names of services may be long, encoded even more so. */
const MAX_NAME_CHARACTERS = 4096;

/** Answers from now on, as long as the places are held where it is asked. */
export async function openControl(daemon: Daemon, { local, remote }: HeldControl): Promise<void> {
  await serve(application(daemon, local), local);
  if (remote) await serve(application(daemon, remote, daemon.config.control?.token), remote);
}

async function serve(app: FastifyInstance, held: HeldServer): Promise<void> {
  await app.ready();
  held.answer();
}

function application(daemon: Daemon, held: HeldServer, token?: string): FastifyInstance {
  const serverFactory = (listener: RequestListener): Server => {
    held.use(listener);
    return held.server;
  };
  const refuse = (error: FastifyError, _: unknown, reply: FastifyReply): void => {
    const { statusCode = 500, message, stack } = error;
    if (statusCode >= 500) daemon.log.error(`control API: ${stack ?? message}`);
    void reply.code(statusCode).send({ error: message });
  };
  const routerOptions = { maxParamLength: MAX_NAME_CHARACTERS };
  const app = fastify({ logger: false, serverFactory, routerOptions, frameworkErrors: refuse });
  app.setErrorHandler(refuse);
  app.setNotFoundHandler(async ({ method, url }, reply) =>
    reply.code(404).send({ error: `nothing here by ${method} ${url}` }),
  );
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
      if (refused === undefined) return { service: name, command, state: stateOf(daemon, name) };
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
  if (!(role instanceof ServerRole)) return { status: 404, error: NOT_A_SERVER };
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

/** What a service is now, by which a command that changed nothing is told from one that did. */
function stateOf({ role }: Daemon, name: string): string | undefined {
  if (!(role instanceof ServerRole)) return undefined;
  return role.services().find((one) => one.name === name)?.controller.state;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
