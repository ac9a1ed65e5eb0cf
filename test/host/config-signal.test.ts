import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/errors.ts';
import { configSchema } from '../../src/host/config.ts';
import { checkConfig } from '../../src/host/config-read.ts';
import { serviceWatchConfig } from '../../src/host/config-signal.ts';

const file = (lines: string): string => `role: server
routerId: 10.0.0.11
interfaces:
  - { name: eth0, area: 0.0.0.0, helloIntervalS: 1, deadIntervalS: 4, priority: 0 }
services:
  - name: dns
    address: 2001:db8:53::53
    advertise: ospfv3
${lines}
    cost: { base: 10 }
    weight: 100
`;
const watchOf = (lines: string) => {
  const config = checkConfig('server.yaml', file(lines), configSchema);
  if (config.role !== 'server') throw new Error('not a server');
  return serviceWatchConfig(config.services[0]!);
};
const problems = (lines: string): string => {
  try {
    checkConfig('server.yaml', file(lines), configSchema);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
};

describe('liveness of a service', () => {
  it('is checked as configured', () => {
    const { checks } = watchOf(`    liveness:
      - { dns: { server: "::1", port: 53, name: www.example.test, type: AAAA }, everyMs: 500, rise: 2, fall: 2 }
      - { process: { pidfile: /run/nsd.pid }, fall: 1 }`);
    expect(checks.map(({ signal }) => signal.name)).toEqual([
      'dns [::1]:53 www.example.test AAAA',
      'process /run/nsd.pid',
    ]);
    expect(checks.map(({ schedule }) => schedule)).toEqual([
      { everyMs: 500, rise: 2, fall: 2 },
      { everyMs: 1000, rise: 2, fall: 1 },
    ]);
  });

  it('needs exactly one way to look in each check', () => {
    expect(problems('    liveness:\n      - { everyMs: 500 }')).toBe(
      'server.yaml:10: services.0.liveness.0: found {"everyMs":500}, ' +
        'allowed is exactly one of dns, tcp, http, command, process',
    );
    expect(problems('    liveness:\n      - { process: {} }')).toContain(
      'exactly one of pid, pidfile, unit',
    );
    expect(problems('    liveness:\n      - { http: { url: "ftp://a" } }')).toContain(
      'services.0.liveness.0.http.url: found "ftp://a", allowed is an http or https URL',
    );
  });
});

describe('load of a service', () => {
  it('is read as configured', () => {
    const { loads, loadEveryMs } = watchOf(`    loadEveryMs: 500
    load:
      - { command: [/usr/local/bin/load, dns] }
      - { cpu: { cgroup: /system.slice/nsd.service, cpus: 1 } }
      - { pressure: { resource: cpu } }
      - { sockets: { port: 53 } }
      - { latency: { dns: { name: example.test, type: SOA } } }
      - { statistics: { kind: nsd } }
      - { statistics: { kind: prometheus, url: "http://[::1]:9100/metrics", roles: { queries: [q_total] } } }
      - { counter: { table: tidecast, name: dns } }
      - { file: /run/load.json, maxAgeS: 5 }`);
    expect(loads.map(({ name }) => name)).toEqual([
      'command /usr/local/bin/load dns',
      'cpu of cgroup /system.slice/nsd.service',
      'pressure /proc/pressure/cpu',
      'sockets of port 53',
      'latency of dns [::1]:53 example.test SOA',
      'statistics of nsd',
      'statistics of prometheus at http://[::1]:9100/metrics',
      'counter inet tidecast dns',
      'file /run/load.json',
    ]);
    expect(loadEveryMs).toBe(500);
  });

  it('needs exactly one way to look, and one process or group', () => {
    expect(problems('    load:\n      - { timeoutMs: 50 }')).toContain(
      'exactly one of cpu, pressure, sockets, latency, statistics, counter, command, file',
    );
    expect(problems('    load:\n      - { cpu: { pid: 7, unit: nsd.service } }')).toContain(
      'exactly one of cgroup, pid, pidfile, unit',
    );
  });
});

describe('the examples of docs/signals.md', () => {
  const blocks = [
    ...readFileSync('docs/signals.md', 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g),
  ].map(([, yaml]) => yaml!);
  const head = (role: string): string =>
    `role: ${role}\nrouterId: 10.0.0.1\ninterfaces: [{ name: eth0, area: 0.0.0.0 }]\n`;
  /** A whole file of an example that shows a part of one. */
  const whole = (yaml: string): string => {
    if (yaml.startsWith('role: router\n')) return head('router') + yaml.replace(/^.*\n/, '');
    if (yaml.startsWith('services:')) return head('server') + yaml;
    return `${head('server')}services:\n  - name: dns\n    address: 2001:db8:53::53\n${yaml}`;
  };

  it.each(blocks)('can be used as they stand: %#', (yaml) => {
    expect(() => checkConfig('docs/signals.md', whole(yaml), configSchema)).not.toThrow();
  });
});

describe('what could never be asked is refused in the file', () => {
  const liveness = (check: string) => problems(`    liveness: [{ ${check} }]`);
  it.each([
    ['http: { url: "http://[::1:80/" }', 'http.url', 'an http or https URL'],
    ['http: { url: "http://" }', 'http.url', 'an http or https URL'],
    ['dns: { name: www.example.test, type: FOO }', 'dns.type', 'a type of DNS records'],
    ['dns: { name: www..test }', 'dns.name', 'a domain name'],
    [`dns: { name: ${'x'.repeat(64)}.test }`, 'dns.name', 'a domain name'],
    [`dns: { name: ${'x.'.repeat(127)}yz }`, 'dns.name', 'a domain name'],
  ])('%s', (check, key, allowed) => {
    expect(liveness(check)).toMatch(`services.0.liveness.0.${key}: found `);
    expect(liveness(check)).toMatch(`allowed is ${allowed}`);
  });

  it.each(['.', 'test', 'www.example.test.', '_dmarc.example.test', '1.0.0.127.in-addr.arpa'])(
    '%s can be asked for',
    (name) => expect(liveness(`dns: { name: "${name}", type: soa }`)).toBe(''),
  );
});
