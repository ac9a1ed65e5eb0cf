/**
 * The configuration reference of docs/operating.md, rendered from the schema itself.
 * @module
 */
import * as z from 'zod';
import { configSchema } from './config.ts';

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly allowed?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** Markdown: a table of keys for each role, nested mappings by dotted keys, lists by `[]`. */
export function configReference(): string {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
  }) as JsonSchema;
  const roles = schema.anyOf ?? schema.oneOf ?? [];
  return roles
    .map((role) => {
      const name = roleName(role);
      const rows = rowsOf(role, '');
      const head = '| key | allowed | default | meaning |\n|---|---|---|---|';
      return `### role: ${name}\n\n${head}\n${rows.join('\n')}`;
    })
    .join('\n\n');
}

function roleName({ properties = {} }: JsonSchema): string {
  const { role } = properties;
  return String(role?.const);
}

function rowsOf(schema: JsonSchema, path: string): string[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const key = path === '' ? name : `${path}.${name}`;
    const variants = value.anyOf ?? value.oneOf;
    const inner = value.items ?? value;
    const below = value.items ? `${key}[]` : key;
    const nested = inner.properties
      ? rowsOf(inner, below)
      : (inner.anyOf ?? variants ?? []).flatMap((one) => rowsOf(one, below));
    const fallback = required.has(name) ? 'required' : defaultText(value.default);
    const row = [`\`${below}\``, allowedText(inner), fallback, value.description ?? ''];
    return [`| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`, ...nested];
  });
}

function allowedText(schema: JsonSchema): string {
  if (schema.allowed !== undefined) return schema.allowed;
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum) return schema.enum.join(' | ');
  if (schema.properties) return 'a mapping';
  return schema.type ?? 'one of several mappings';
}

function defaultText(value: unknown): string {
  if (value === undefined) return '–';
  return typeof value === 'object' ? 'empty' : `\`${String(value)}\``;
}
