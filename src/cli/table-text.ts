/**
 * Values as tables for people: a row for each, or where that is wider than the terminal, a table for
 * each with a row per key. What goes into a pipe keeps its rows, for grep and the like.
 * @module
 */
import Table from 'cli-table3';

/** Columns that only a program can use. */
const NOT_FOR_PEOPLE = new Set(['octets', 'body', 'signals']);
const PLAIN = { head: [], border: [], compact: true };
/** Between two cells and around them. */
const BORDERS_CHARACTERS = 7;
const LEAST_VALUE_CHARACTERS = 20;
/** Of figures below a hundred; JSON has all as they are. */
const DECIMALS = 4;

/**
 * @param answer - a list of values of one shape, or one value.
 * @param columns - width of the terminal; undefined where there is none.
 */
export function tableText(answer: unknown, columns?: number): string {
  if (!Array.isArray(answer)) return keysAndValues(answer as Record<string, unknown>, columns);
  const rows = answer as Record<string, unknown>[];
  if (rows.length === 0) return 'none';
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(
    (name) => !NOT_FOR_PEOPLE.has(name),
  );
  const table = new Table({ head: names, style: PLAIN });
  for (const row of rows) table.push(names.map((name) => cell(row[name])));
  const text = table.toString();
  if (columns === undefined || text.indexOf('\n') <= columns) return text;
  return rows
    .map((row) => keysAndValues(Object.fromEntries(names.map((n) => [n, row[n]])), columns))
    .join('\n');
}

function keysAndValues(answer: Record<string, unknown>, columns?: number): string {
  const entries = Object.entries(answer);
  if (entries.length === 0) return 'none';
  const keyCharacters = Math.max(...entries.map(([key]) => key.length));
  const room = (columns ?? Number.POSITIVE_INFINITY) - keyCharacters - BORDERS_CHARACTERS;
  const table = new Table({ style: PLAIN });
  for (const [key, value] of entries) {
    table.push([key, folded(cell(value), Math.max(LEAST_VALUE_CHARACTERS, room))]);
  }
  return table.toString();
}

/** Lines no longer than that, broken behind a comma or a space where there is one. */
function folded(text: string, characters: number): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const parts: string[] = [];
      let rest = line;
      while (rest.length > characters) {
        const space = rest.lastIndexOf(' ', characters);
        const at = space > 0 ? space : characters;
        parts.push(rest.slice(0, at));
        rest = rest.slice(at).trimStart();
      }
      return [...parts, rest];
    })
    .join('\n');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'number') return figure(value);
  if (Array.isArray(value)) return value.map(cell).join('\n');
  if (typeof value === 'object') {
    const entries = Object.entries(value);
    if (entries.length === 0) return '-';
    return entries.map(([key, inner]) => `${key} ${cell(inner)}`).join(', ');
  }
  return String(value);
}

const figure = (value: number): string =>
  String(Number(value.toFixed(Math.abs(value) < 100 ? DECIMALS : 0)));
