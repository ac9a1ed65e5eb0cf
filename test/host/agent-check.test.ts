import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AgentCheck, agentCheckLine, loadReport } from '../../src/host/agent-check.ts';
import { ManualClock, systemClock } from '../../src/host/clock.ts';
import { LoadPoller, parseReport } from '../../src/host/load-poller.ts';
import { fetchText } from '../../src/host/signal-tcp.ts';
import type { ServiceLoad } from '../../src/lsa/service-load.ts';
import { Prng } from '../../src/prng.ts';
import type { ServiceStatus } from '../../src/server/service-speaker.ts';
import { COST_DEFAULTS } from '../../src/server-cost/config.ts';
import { ServiceController } from '../../src/server-cost/service-controller.ts';
import { parseAddress } from '../../src/wire/address.ts';

const address = parseAddress('2001:db8:53::53');

/** A service whose controller is real: 60 queries per second at a quarter of what it can do. */
class Service {
  readonly controller = new ServiceController(
    { ...COST_DEFAULTS, weight: 100, queriesPerSecondPerWeight: 2 },
    { routerId: 1 },
    new Prng(1),
  );
  live(): this {
    this.controller.handle({ kind: 'liveness', nowMs: 0, alive: true, reason: 'answers' });
    for (let s = 1; s <= 20; s++) {
      const sample = {
        atMs: 1000 * s,
        queriesPerSecond: 60,
        utilizationRatio: 0.25,
        inFlight: 2,
        errorsPerSecond: 0,
      };
      this.controller.handle({ kind: 'sample', nowMs: sample.atMs, sample });
    }
    return this;
  }
  command(command: 'drain' | 'disable'): this {
    this.controller.handle({ kind: 'command', nowMs: 21_000, command });
    return this;
  }
  die(): this {
    const reason = 'no answer #1\nin 500 ms';
    this.controller.handle({ kind: 'liveness', nowMs: 21_000, alive: false, reason });
    return this;
  }
  status(): ServiceStatus {
    const controller = this.controller.status();
    const { advertisement, stateReason: reason } = controller;
    return { name: 'dns', address, advertiseBy: 'ospfv3', advertisement, reason, controller };
  }
}

describe('a line of agent-check', () => {
  const line = (service: Service) => agentCheckLine(service.status(), 100);

  it('says operational state, administrative state and weight at once', () => {
    expect(line(new Service().live())).toBe('up ready 120%\n');
  });

  it('says drain, maint and down, with the reason on the same line', () => {
    expect(line(new Service().live().command('drain'))).toBe('up drain\n');
    expect(line(new Service().live().command('disable'))).toBe('maint #told to disable\n');
    expect(line(new Service())).toBe('down ready #nothing is known yet\n');
    expect(line(new Service().live().die())).toBe('down ready #no answer  1 in 500 ms\n');
  });
});

describe('a report', () => {
  it('has ORCA’s fields, and what an LSA would say', () => {
    expect(loadReport(new Service().live().status())).toMatchObject({
      application_utilization: expect.closeTo(0.25),
      rps_fractional: expect.closeTo(60),
      eps: 0,
      named_metrics: { weight: 120, metric: 10 },
      tidecast: { service: 'dns', address: '2001:db8:53::53', serving: true, state: 'up' },
    });
  });

  const rule = { queriesPerSecondPerWeight: 2, weight: 77 };

  it('is read back as the load it was made of', () => {
    const report = JSON.stringify(loadReport(new Service().live().status()));
    const load = parseReport(report, address, rule);
    expect(load).toMatchObject({ state: 'up', weight: 120, rampWindowS: 30 });
    expect(load.capacityQueriesPerSecond).toBeCloseTo(240);
  });

  it('of a server that does not serve is read as draining', () => {
    const report = JSON.stringify(loadReport(new Service().live().die().status()));
    expect(parseReport(report, address, rule).state).toBe('draining');
  });

  it('without a weight has the one that Envoy makes of ORCA, or keeps the last when idle', () => {
    const orca = (used: number, rps: number, eps = 0) =>
      parseReport(
        JSON.stringify({ application_utilization: used, rps_fractional: rps, eps }),
        address,
        rule,
      ).weight;
    expect(orca(0.5, 100)).toBe(100);
    expect(orca(0.25, 60, 20)).toBe(60); // 60 / (0.25 + 20/80) / 2
    expect(orca(0.01, 3)).toBe(77);
  });

  it.each([
    ['no JSON', 'OK'],
    ['no utilization', '{"rps_fractional":1}'],
    ['negative', '{"application_utilization":-1,"rps_fractional":1}'],
    [
      'a weight of 0',
      '{"application_utilization":1,"rps_fractional":1,"named_metrics":{"weight":0}}',
    ],
  ])('that cannot be is refused: %s', (_, text) => {
    expect(() => parseReport(text, address, rule)).toThrow();
  });
});

describe('over the network', () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  const serve = async (service: Service) => {
    const agent = new AgentCheck(
      { host: '127.0.0.1', agentCheckPort: 0, reportPort: 0 },
      { status: () => service.status(), configuredWeight: 100 },
    );
    await agent.open();
    closing.push(() => agent.close());
    const { agentCheck = 0, report = 0 } = agent.ports;
    return { agentCheck, url: `http://127.0.0.1:${report}/` };
  };

  it('agent-check answers a connection with its line and closes it, whatever is sent', async () => {
    const { agentCheck } = await serve(new Service().live());
    const socket = connect(agentCheck, '127.0.0.1');
    socket.write('dns/alfa\n');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    await once(socket, 'close');
    expect(text).toBe('up ready 120%\n');
  });

  it('the report is 200 while the service serves, 503 otherwise', async () => {
    const service = new Service();
    const { url } = await serve(service);
    expect((await fetchText(url, 1000)).status).toBe(503);
    service.live();
    expect((await fetchText(url, 1000)).status).toBe(200);
  });

  it('a port in use is said once and waited for', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const service = new Service();
    const agent = new AgentCheck(
      { host: '127.0.0.1', agentCheckPort: 0, reportPort: port },
      { status: () => service.status(), configuredWeight: 100 },
    );
    closing.push(() => agent.close());
    const said: string[] = [];
    await agent.begin((reason) => said.push(reason));
    expect(agent.ports).toEqual({ agentCheck: undefined, report: undefined });
    taken.close();
    while (agent.ports.report === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(agent.ports.report).toBe(port);
    expect(said).toHaveLength(1);
  });

  it('a router’s poller hears the load, and that the server drains', async () => {
    const service = new Service().live();
    const { url } = await serve(service);
    const heard: (ServiceLoad | undefined)[] = [];
    const config = { address, url, everyMs: 20, expiryMs: 100, weight: 100 };
    const done = new Promise<void>((resolve) => {
      const onLoad = (load: ServiceLoad | undefined): void => {
        heard.push(load);
        if (heard.length === 1) service.command('drain');
        else if (load?.state === 'draining') resolve();
      };
      const poller = new LoadPoller(
        { ...config, queriesPerSecondPerWeight: 2 },
        { onLoad, onProblem: () => {} },
        systemClock,
      );
      poller.begin();
      closing.push(() => poller.end());
    });
    await done;
    expect(heard[0]).toMatchObject({ weight: 120, state: 'up' });
  });

  it('a poller forgets what it heard when nothing comes any more, and says the problem once', async () => {
    let up = true;
    const server = createServer((_, response) => {
      if (!up) response.statusCode = 500;
      response.end('{"application_utilization":0.5,"rps_fractional":100}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => {
      server.close();
      server.closeAllConnections();
    });
    const { port } = server.address() as AddressInfo;
    const clock = new ManualClock();
    const said: string[] = [];
    const poller = new LoadPoller(
      {
        address,
        url: `http://127.0.0.1:${port}/`,
        everyMs: 1000,
        expiryMs: 2500,
        queriesPerSecondPerWeight: 2,
        weight: 100,
      },
      {
        onLoad: (load) => said.push(load ? `weight ${load.weight}` : 'forgotten'),
        onProblem: (reason) => said.push(reason.replace(/^.*: /, '')),
      },
      clock,
    );
    poller.begin();
    closing.push(() => poller.end());
    for (let asked = 0; asked < 6; asked++) {
      while (clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
      up = false;
      clock.advance(1000);
    }
    expect(said).toEqual(['weight 100', 'status 500', 'forgotten']);
  });
});
