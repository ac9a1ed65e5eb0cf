/**
 * Why a service says what it says: what its signals see, and what its controller makes of it. As a
 * value for programs, and in `lines` for people.
 * @module
 */
import type { FastifyInstance } from 'fastify';
import type { Daemon } from '../host/daemon.ts';
import type { CheckStatus } from '../host/liveness-check.ts';
import { ServerRole } from '../host/server-role.ts';
import type { LoadStatus, ServiceWatchStatus } from '../host/service-watch.ts';
import type { DrainProgress } from '../server-cost/drain.ts';
import { explainLines } from '../server-cost/explanation.ts';
import type { SetForecast } from '../server-cost/farm-plan.ts';
import { formatDottedQuad } from '../wire/address.ts';

/** Why a router answers nothing that concerns a service of a server. */
export const NOT_A_SERVER =
  'this is a router: ask the daemons of the servers; `show services` names them';

/** Answers `GET /v1/services/NAME/explain`. */
export function registerExplain(app: FastifyInstance, daemon: Daemon): void {
  app.get<{ Params: { name: string } }>('/v1/services/:name/explain', async (request, reply) => {
    const { role } = daemon;
    const { name } = request.params;
    if (!(role instanceof ServerRole)) {
      return reply.code(404).send({ error: NOT_A_SERVER });
    }
    const names = role.services().map((service) => service.name);
    if (!names.includes(name)) {
      const known = names.join(', ') || 'none';
      return reply.code(404).send({ error: `no service ${name}; there are: ${known}` });
    }
    return explainView(role, name, daemon.nowMs());
  });
}

function explainView(role: ServerRole, service: string, nowMs: number) {
  const explanation = role.explain(service);
  const signals = role.signals().get(service);
  const lines = [
    ...explainLines(explanation, nowMs, formatDottedQuad),
    ...(signals ? signalLines(signals) : []),
  ];
  const { drain, farm, plan } = explanation;
  return {
    service,
    nowMs,
    ...explanation,
    drain: drain && drainView(drain),
    farm: farm.map((member) => ({ ...member, routerId: formatDottedQuad(member.routerId) })),
    plan: plan && { ...plan, best: setView(plan.best), present: setView(plan.present) },
    signals,
    lines,
  };
}

/** A drain with the Router ID as people write it. */
export const drainView = ({ behindRouterId, ...drain }: DrainProgress) => ({
  ...drain,
  behindRouterId: behindRouterId === undefined ? null : formatDottedQuad(behindRouterId),
});

const setView = (set: SetForecast | undefined) =>
  set && { ...set, routerIds: set.routerIds.map(formatDottedQuad) };

function signalLines({ checks, loads, sampleProblem }: ServiceWatchStatus): string[] {
  const lines = checks.map(checkLine);
  lines.push(...loads.map(loadLine));
  if (sampleProblem !== undefined) lines.push(`load is not known: ${sampleProblem}`);
  return lines;
}

type CheckLook = Pick<
  CheckStatus,
  'signal' | 'life' | 'reason' | 'lastLife' | 'lastReason' | 'inARow'
>;

/** What the last look saw; while it disagrees with what the check says, what that rests on as well. */
export function checkLine(check: CheckLook): string {
  const { signal, life, lastLife, inARow, reason, lastReason } = check;
  if (lastLife === life) return `check ${signal}: ${life}: ${lastReason}`;
  const doubt = `last look ${lastLife} (${inARow} in a row): ${lastReason}`;
  return `check ${signal}: ${life}: ${reason}; ${doubt}`;
}

function loadLine({ signal, reading, problem }: LoadStatus): string {
  if (reading === undefined) return `signal ${signal}: unknown: ${problem}`;
  const figures = Object.entries(reading).map(([name, value]) =>
    typeof value === 'number' ? `${name} ${Number(value.toPrecision(4))}` : `${name} ${value}`,
  );
  return `signal ${signal}: ${figures.join(', ') || 'nothing yet'}`;
}
