/**
 * A configuration file as a whole: one YAML document for each instance that the process runs, and
 * what two of them must not share.
 * @module
 */
import { readFileSync } from 'node:fs';
import { ConfigError, type ConfigProblem } from '../errors.ts';
import { type Config, configSchema } from './config.ts';
import { type CheckedDocument, checkDocuments } from './config-read.ts';

type ConfigDocument = CheckedDocument<Config>;

/**
 * Reads and checks a file.
 * @throws {ConfigError} with every problem; Node's error when the file cannot be read.
 */
export function readDocuments(file: string): Config[] {
  return checkFile(file, readFileSync(file, 'utf8'));
}

/**
 * Checks the text of a file.
 * @param file - named in errors only.
 * @throws {ConfigError} with every problem.
 */
export function checkFile(file: string, yaml: string): Config[] {
  const documents = checkDocuments(file, yaml, configSchema);
  const problems = CLAIMS.flatMap((claim) => doubles(file, documents, claim));
  if (problems.length > 0) throw new ConfigError(problems);
  return documents.map(({ config }) => config);
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

function doubles(
  file: string,
  documents: readonly ConfigDocument[],
  { allowed, of }: Claim,
): ConfigProblem[] {
  const claimed = new Set<string>();
  return documents.flatMap(({ config, lineOf }) => {
    const claims = of(config);
    const problems = claims
      .filter(({ what }) => claimed.has(what))
      .map(({ what, path }) => ({
        file,
        line: lineOf(path),
        key: path.join('.'),
        found: what,
        allowed,
      }));
    for (const { what } of claims) claimed.add(what);
    return problems;
  });
}
