/**
 * Reads configuration files: YAML, checked by a schema, every problem with file, line, key, what
 * was found and what is allowed.
 * @module
 */
import { readFileSync } from 'node:fs';
import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  parseAllDocuments,
  parseDocument,
  visit,
} from 'yaml';
import type * as z from 'zod';
import { ConfigError, type ConfigProblem } from '../errors.ts';
import { nearest } from './config-nearest.ts';

/**
 * Reads and checks a file.
 * @throws {ConfigError} with every problem; Node's error when the file cannot be read.
 */
export function readConfig<S extends z.ZodType>(file: string, schema: S): z.output<S> {
  return checkConfig(file, readFileSync(file, 'utf8'), schema);
}

/**
 * Checks the text of a file that holds one YAML document.
 * @param file - named in errors only.
 * @throws {ConfigError} with every problem.
 */
export function checkConfig<S extends z.ZodType>(
  file: string,
  yaml: string,
  schema: S,
): z.output<S> {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false });
  return new ConfigDocument(file, document, lines).check(schema);
}

/**
 * Takes the text of a file apart into its YAML documents, one at least.
 * @param file - named in errors only.
 */
export function configDocuments(file: string, yaml: string): ConfigDocument[] {
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false };
  const found: Document[] = [...parseAllDocuments(yaml, options)];
  if (found.length === 0) found.push(parseDocument(yaml, options));
  return found.map((document) => new ConfigDocument(file, document, lines));
}

/** A YAML document that knows its file and its lines. */
export class ConfigDocument {
  readonly file: string;
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(file: string, document: Document, lines: LineCounter) {
    this.file = file;
    this.#document = document;
    this.#lines = lines;
  }

  /** What stands under a key of the outermost mapping, unchecked. */
  get(key: string): unknown {
    return isMap(this.#document.contents) ? this.#document.contents.get(key) : undefined;
  }

  /** Line of a key; of what should hold it where it is missing. */
  lineOf(path: readonly (string | number)[]): number {
    return lineOf(this.#document, this.#lines, path);
  }

  /** @throws {ConfigError} with every problem. */
  check<S extends z.ZodType>(schema: S): z.output<S> {
    const { file } = this;
    const document = this.#document;
    const lines = this.#lines;
    const syntax = (pos: number, found: string): ConfigProblem => ({
      file,
      line: lines.linePos(pos).line,
      key: '(syntax)',
      found,
      allowed: 'YAML 1.2',
    });
    if (document.errors.length > 0) {
      throw new ConfigError(document.errors.map(({ pos, message }) => syntax(pos[0], message)));
    }
    const result = schema.safeParse(plainValue(document, syntax));
    if (result.success) return result.data;
    const problems = result.error.issues.flatMap((issue) =>
      problemsOf(issue, file, document, lines),
    );
    throw new ConfigError(once(problems).sort((a, b) => a.line - b.line));
  }
}

/** What a document says, its aliases resolved. */
function plainValue(
  document: Document,
  syntax: (pos: number, found: string) => ConfigProblem,
): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // An alias of nothing, or aliases that multiply beyond measure.
    let at = 0;
    visit(document, {
      Alias: (_, alias) => {
        at = alias.range?.[0] ?? 0;
        return alias.resolve(document) === undefined ? visit.BREAK : undefined;
      },
    });
    throw new ConfigError([syntax(at, (error as Error).message)]);
  }
}

function problemsOf(
  issue: z.core.$ZodIssue,
  file: string,
  document: Document,
  lines: LineCounter,
): ConfigProblem[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      file,
      line: lineOf(document, lines, [...path, key]),
      key: [...path, key].join('.'),
      found: 'an unknown key',
      allowed: withNearest(key, issue.message),
    }));
  }
  const found = document.getIn(path);
  return [
    {
      file,
      line: lineOf(document, lines, path),
      key: path.join('.') || '(file)',
      found: found === undefined ? 'nothing' : shown(found, path.at(-1)),
      allowed: issue.message,
    },
  ];
}

function withNearest(key: string, allowed: string): string {
  const meant = nearest(key, allowed.split(', '));
  return meant === undefined ? allowed : `${allowed}; the nearest is ${meant}`;
}

/** Of problems that read alike one: two rules may refuse one value. */
function once(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return [...new Map(problems.map((one) => [JSON.stringify(one), one])).values()];
}

const SHOWN_CHARACTERS = 60;
/** What stands under these keys is nobody's to read on a terminal or in a log. */
const SECRET_KEYS: ReadonlySet<unknown> = new Set(['secret', 'token']);

function shown(node: unknown, key: string | number | undefined): string {
  const value: unknown = isNode(node) ? node.toJSON() : node;
  if (SECRET_KEYS.has(key)) return `a ${typeof value} that is not shown`;
  if (typeof value === 'number') return String(value); // JSON knows no NaN
  const hide = (name: string, inner: unknown) => (SECRET_KEYS.has(name) ? '…' : inner);
  const text = JSON.stringify(value, hide) ?? String(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

/** Line of the key that the path names; where it is missing, that of what should hold it. */
function lineOf(
  document: Document,
  lines: LineCounter,
  path: readonly (string | number)[],
): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true) ?? document.contents;
    const holder = depth === 1 ? document.contents : parent;
    const last = path[depth - 1];
    if (isMap(holder)) {
      const pair = holder.items.find(({ key }) => isScalar(key) && key.value === last);
      if (isPair(pair) && isScalar(pair.key) && pair.key.range) {
        return lines.linePos(pair.key.range[0]).line;
      }
    }
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
