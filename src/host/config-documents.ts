/**
 * A configuration file as a whole: one YAML document for each instance that the process runs, and
 * what two of them must not share.
 * @module
 */
import { readFileSync } from 'node:fs';
import { ConfigError, type ConfigProblem } from '../errors.ts';
import type { Config } from './config.ts';
import { type ConfigDocument, configDocuments } from './config-read.ts';

/**
 * Reads and checks a file.
 * @throws {ConfigError} with every problem; Node's error when the file cannot be read.
 */
export function readDocuments(file: string): Promise<Config[]> {
  return checkFile(file, readFileSync(file, 'utf8'));
}

interface Checked {
  readonly document: ConfigDocument;
  readonly config: Config;
}

/**
 * Checks the text of a file.
 * @param file - named in errors only.
 * @throws {ConfigError} with every problem.
 */
export async function checkFile(file: string, yaml: string): Promise<Config[]> {
  const checked: Checked[] = [];
  for (const document of configDocuments(file, yaml)) {
    checked.push({ document, config: await checkDocument(document) });
  }
  const problems = CLAIMS.flatMap((claim) => doubles(checked, claim));
  if (problems.length > 0) throw new ConfigError(problems);
  return checked.map(({ config }) => config);
}

/** Loads the schema of the role alone: the other's takes a tenth of a second to build. */
async function checkDocument(document: ConfigDocument): Promise<Config> {
  switch (document.get('role')) {
    case 'router':
      return document.check((await import('./config-router.ts')).routerSchema);
    case 'server':
      return document.check((await import('./config-server.ts')).serverSchema);
    default:
      return document.check((await import('./config.ts')).configSchema);
  }
}

/** Something that one instance of a process can have. */
interface Claim {
  readonly allowed: string;
  /** What a document claims: two must not give the same. */
  readonly of: (config: Config) => readonly { what: string; path: readonly (string | number)[] }[];
}

const CLAIMS: readonly Claim[] = [
  {
    allowed: 'a socket of its own for each document',
    of: ({ socket }) => [{ what: socket ?? 'that of --socket', path: ['socket'] }],
  },
  {
    allowed: 'an Instance ID that no other document has on this interface',
    of: ({ interfaces }) =>
      interfaces.flatMap(({ name, instanceId, type, passive }, i) => {
        if (type === 'loopback' || passive) return [];
        return [{ what: `${instanceId} on ${name}`, path: ['interfaces', i, 'instanceId'] }];
      }),
  },
  {
    allowed: 'BFD in one document alone on this interface: its port is one',
    of: ({ interfaces }) =>
      interfaces.flatMap(({ name, bfd }, i) =>
        bfd ? [{ what: `BFD on ${name}`, path: ['interfaces', i, 'bfd'] }] : [],
      ),
  },
  {
    allowed: 'a file that no other interface records to',
    of: ({ interfaces }) =>
      interfaces.flatMap(({ record }, i) =>
        record ? [{ what: record.file, path: ['interfaces', i, 'record', 'file'] }] : [],
      ),
  },
  {
    allowed: 'none, as another document has the kernel',
    of: (config) => {
      const claims = config.role === 'router' && config.routeTable === 'kernel';
      return claims ? [{ what: 'kernel', path: ['routeTable'] }] : [];
    },
  },
];

function doubles(checked: readonly Checked[], { allowed, of }: Claim): ConfigProblem[] {
  const claimed = new Set<string>();
  return checked.flatMap(({ document, config }) => {
    const claims = of(config);
    const problems = claims
      .filter(({ what }) => claimed.has(what))
      .map(({ what, path }) => ({
        file: document.file,
        line: document.lineOf(path),
        key: path.join('.'),
        found: what,
        allowed,
      }));
    for (const { what } of claims) claimed.add(what);
    return problems;
  });
}
