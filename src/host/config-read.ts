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
} from 'yaml';
import type { z } from 'zod';
import { ConfigError, type ConfigProblem } from '../errors.ts';

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
    if (document.errors.length > 0) {
      throw new ConfigError(
        document.errors.map(({ message, pos }) => ({
          file,
          line: lines.linePos(pos[0]).line,
          key: '(syntax)',
          found: message,
          allowed: 'YAML 1.2',
        })),
      );
    }
    const result = schema.safeParse(document.toJS());
    if (result.success) return result.data;
    const problems = result.error.issues.flatMap((issue) =>
      problemsOf(issue, file, document, lines),
    );
    throw new ConfigError(problems.sort((a, b) => a.line - b.line));
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
      allowed: issue.message,
    }));
  }
  const found = document.getIn(path);
  return [
    {
      file,
      line: lineOf(document, lines, path),
      key: path.join('.') || '(file)',
      found: found === undefined ? 'nothing' : shown(found),
      allowed: issue.message,
    },
  ];
}

const SHOWN_CHARACTERS = 60;

function shown(value: unknown): string {
  const text = JSON.stringify(isNode(value) ? value.toJSON() : value) ?? String(value);
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
