/**
 * Neighbor Discovery in the control API: what advertisers and caches know, how a service is
 * advertised, how a link's servers are used, and load told by whoever measures it (rule 17).
 * @module
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import * as z from 'zod';
import { unicastAddress } from '../host/config-field.ts';
import type { Daemon } from '../host/daemon.ts';
import { RouterRole } from '../host/router-role.ts';
import { ServerRole } from '../host/server-role.ts';
import { formatAddress } from '../wire/address.ts';
import { NOT_A_SERVER } from './explain.ts';

/** Of a server its advertisers, of a router the caches of its links. */
export function neighborDiscoveryView(daemon: Daemon) {
  const { role } = daemon;
  if (role instanceof ServerRole) return role.neighborDiscovery.summaries();
  if (role instanceof RouterRole) return role.neighborDiscovery?.summaries() ?? [];
  return [];
}

const WAYS = { ospfv3: 'ospfv3', 'neighbor-discovery': 'neighborDiscovery' } as const;
const isWay = (way: string): way is keyof typeof WAYS => Object.hasOwn(WAYS, way);

const usageSchema = z.strictObject({
  mode: z.enum(['single', 'multiple']).optional(),
  delivery: z.enum(['weighted', 'hash', 'leastLoad', 'roundRobin']).optional(),
});

const loadSchema = z.strictObject({
  /** The anycast address. */
  service: unicastAddress(),
  /** The server's link-local address. */
  server: unicastAddress(),
  weight: z.int().min(1).max(255),
  utilizationRatio: z.number().min(0).optional(),
});

export function registerNeighborDiscovery(app: FastifyInstance, daemon: Daemon): void {
  app.post<{ Params: { name: string; way: string } }>(
    '/v1/services/:name/advertise/:way',
    async (request, reply) => {
      const { name, way } = request.params;
      const { role } = daemon;
      if (!(role instanceof ServerRole)) return refuse(reply, 404, NOT_A_SERVER);
      if (!isWay(way)) return refuse(reply, 400, `allowed is ${Object.keys(WAYS).join(' | ')}`);
      return attempt(reply, () => role.advertise(name, WAYS[way]));
    },
  );
  app.post<{ Params: { name: string } }>('/v1/neighbor-discovery/:name', async (request, reply) => {
    const found = cachesOf(daemon);
    const usage = usageSchema.safeParse(request.body);
    if (!found) return refuse(reply, 404, 'no interface here has neighborDiscovery');
    if (!usage.success) return refuse(reply, 400, z.prettifyError(usage.error));
    const { mode, delivery } = usage.data;
    const changes = { ...(mode && { mode }), ...(delivery && { delivery }) };
    return attempt(reply, () => found.reconfigure(request.params.name, changes));
  });
  app.post('/v1/load', async (request, reply) => {
    const found = cachesOf(daemon);
    const load = loadSchema.safeParse(request.body);
    if (!found) return refuse(reply, 404, 'no interface here has neighborDiscovery');
    if (!load.success) return refuse(reply, 400, z.prettifyError(load.error));
    const { service, server, weight, utilizationRatio } = load.data;
    const servers = found.serversOf(service);
    if (!servers.includes(formatAddress(server))) {
      const there = servers.join(', ') || 'none';
      return refuse(
        reply,
        404,
        `no server ${formatAddress(server)} of ${formatAddress(service)}; there are: ${there}`,
      );
    }
    const ratio = utilizationRatio === undefined ? {} : { utilizationRatio };
    return attempt(reply, () => found.load(service, server, { weight, ...ratio }));
  });
}

const cachesOf = ({ role }: Daemon) =>
  role instanceof RouterRole ? role.neighborDiscovery : undefined;

async function attempt(reply: FastifyReply, act: () => void) {
  try {
    act();
    return { done: true };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refuse(reply, 404, error.message);
  }
}

const refuse = (reply: FastifyReply, status: number, error: string) =>
  reply.code(status).send({ error });
