/**
 * A service's load for balancers that do not speak OSPF: HAProxy's agent-check, one line of text
 * per TCP connection, and a JSON report after ORCA (xds.data.orca.v3) over HTTP. Each answer holds
 * the complete state: a receiver that missed others loses nothing.
 * @module
 */
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { ServiceStatus } from '../server/service-speaker.ts';
import { formatAddress } from '../wire/address.ts';

export interface AgentCheckConfig {
  readonly host: string;
  /** TCP port of agent-check; no such listener when left out, any free port when 0. */
  readonly agentCheckPort?: number | undefined;
  /** TCP port of the JSON report; likewise. */
  readonly reportPort?: number | undefined;
}

/** What is asked for at each answer. */
export interface AgentCheckSource {
  status(): ServiceStatus;
  /** Weight that counts as 100 % for a receiver of percentages. */
  readonly configuredWeight: number;
}

/** HAProxy's own bound of an agent's percentage. */
const GREATEST_PERCENT = 256;
/** A connection that lives longer is of somebody who does not read. */
const CONNECTION_MS = 2000;
const RETRY_MS = 1000;
/** Reasons on one line, without what HAProxy would take for the end of it. */
const oneLine = (text: string): string => text.replace(/[\r\n#]+/g, ' ').slice(0, 120);

/**
 * One line of agent-check (HAProxy configuration manual 5.2, `agent-check`): operational state,
 * administrative state and weight together, so that nothing of an earlier answer stays behind. The
 * weight is a percentage of the configured one.
 */
export function agentCheckLine(status: ServiceStatus, configuredWeight: number): string {
  const { advertisement, controller } = status;
  const reason = oneLine(controller.stateReason);
  switch (controller.state) {
    case 'UP':
    case 'CONGESTED':
    case 'FALLING': {
      const ratio = (advertisement?.weight ?? configuredWeight) / configuredWeight;
      const percent = Math.min(GREATEST_PERCENT, Math.max(1, Math.round(100 * ratio)));
      return `up ready ${percent}%\n`;
    }
    case 'DRAINING':
    case 'STANDBY':
      return 'up drain\n';
    case 'DRAINED':
    case 'DISABLED':
      return `maint #${reason}\n`;
    case 'INIT':
    case 'RISING':
    case 'DOWN':
      return `down ready #${reason}\n`;
  }
}

/**
 * The report: ORCA's fields by their names in the protocol buffer, and under `tidecast` what an LSA
 * would say. `serving` is false while the service is not advertised.
 */
export function loadReport(status: ServiceStatus) {
  const { advertisement, controller } = status;
  const offered = controller.offeredQueriesPerSecond;
  const errors = offered * controller.errorRatio;
  const capacity = controller.capacityQueriesPerSecond;
  return {
    application_utilization: controller.utilizationRatio,
    rps_fractional: Math.max(0, offered - errors),
    eps: errors,
    named_metrics: {
      in_flight: controller.inFlight,
      ...(capacity === undefined ? {} : { capacity_queries_per_second: capacity }),
      ...(advertisement ? { weight: advertisement.weight, metric: advertisement.metric } : {}),
    },
    tidecast: {
      service: status.name,
      address: formatAddress(status.address),
      serving: advertisement !== undefined,
      state: controller.state,
      reason: status.reason,
      ...(advertisement ? { weight: advertisement.weight, ...advertisement.load } : {}),
    },
  };
}

/** Serves one service's load until it is closed. */
export class AgentCheck {
  readonly #config: AgentCheckConfig;
  readonly #source: AgentCheckSource;
  readonly #sockets = new Set<Socket>();
  #agent: Server | undefined;
  #report: HttpServer | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failing = false;
  #ended = false;

  constructor(config: AgentCheckConfig, source: AgentCheckSource) {
    this.#config = config;
    this.#source = source;
  }

  /** @throws Node's error when a port cannot be had. */
  async open(): Promise<void> {
    const { host, agentCheckPort, reportPort } = this.#config;
    if (agentCheckPort !== undefined) {
      this.#agent = createServer((socket) => this.#answer(socket));
      await listening(this.#agent, host, agentCheckPort);
    }
    if (reportPort === undefined) return;
    this.#report = createHttpServer({ requestTimeout: CONNECTION_MS }, (_, response) => {
      const report = loadReport(this.#source.status());
      response.writeHead(report.tidecast.serving ? 200 : 503, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
      });
      response.end(JSON.stringify(report));
    });
    await listening(this.#report, host, reportPort);
  }

  /**
   * Opens now or, while a port cannot be had, tries again every second: a port in use must not keep
   * a service from being advertised.
   * @param onProblem - told once, until it works.
   */
  async begin(onProblem: (reason: string) => void): Promise<void> {
    try {
      await this.open();
    } catch (error) {
      this.#shut();
      if (!this.#failing) onProblem((error as Error).message);
      this.#failing = true;
      if (!this.#ended) this.#retry = setTimeout(() => void this.begin(onProblem), RETRY_MS);
    }
  }

  /** The ports in use. */
  get ports(): { readonly agentCheck: number | undefined; readonly report: number | undefined } {
    return { agentCheck: portOf(this.#agent), report: portOf(this.#report) };
  }

  close(): void {
    this.#ended = true;
    clearTimeout(this.#retry);
    this.#shut();
  }

  #shut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#agent?.close();
    this.#report?.closeAllConnections();
    this.#report?.close();
    this.#agent = undefined;
    this.#report = undefined;
  }

  /** What is sent to us (`agent-send`) is of no use: one port is one service. */
  #answer(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setTimeout(CONNECTION_MS, () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {}); // the other side went away: it asks again
    socket.resume();
    const { configuredWeight } = this.#source;
    socket.end(agentCheckLine(this.#source.status(), configuredWeight));
  }
}

function portOf(server: Server | HttpServer | undefined): number | undefined {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

function listening(server: Server | HttpServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
