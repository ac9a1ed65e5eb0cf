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
  const problems: ConfigProblem[] = [];
  for (const document of configDocuments(file, yaml)) {
    try {
      checked.push({ document, config: await checkDocument(document) });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  problems.push(...CLAIMS.flatMap((claim) => doubles(checked, claim)));
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
      return checkWithoutRole(document);
  }
}

/** Beside the role, what is wrong whichever of them was meant. */
async function checkWithoutRole(document: ConfigDocument): Promise<Config> {
  const { configSchema } = await import('./config.ts');
  const problems = problemsOf(() => document.check(configSchema));
  if (problems.length === 0) return document.check(configSchema);
  if (problems[0]?.key !== 'role') throw new ConfigError(problems);
  const { routerSchema } = await import('./config-router.ts');
  const { serverSchema } = await import('./config-server.ts');
  const asRouter = problemsOf(() => document.check(routerSchema));
  const asServer = problemsOf(() => document.check(serverSchema));
  const others = asServer.flatMap((one) => {
    const same = asRouter.find(({ key, found }) => key === one.key && found === one.found);
    if (same === undefined || one.key === 'role') return [];
    return [{ ...one, allowed: same.allowed === one.allowed ? one.allowed : 'a key of a role' }];
  });
  throw new ConfigError([...problems, ...others]);
}

function problemsOf(check: () => unknown): readonly ConfigProblem[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
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
