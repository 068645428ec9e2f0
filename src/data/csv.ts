/** Tables with a header line, RFC 4180. A number is a decimal rounded to binary64 and then to binary32. */
import { CsvError, parse } from 'csv-parse/sync';
import { fail } from '../errors/index.js';
import type { DataTensor } from './data-tensor.js';

/** The largest CSV file that is read, in bytes: every field becomes a string in memory. */
export const MAX_CSV_BYTES = 2 ** 28;
const MAX_COLUMNS = 100_000;
const MAX_ROW_CHARACTERS = 2 ** 24;

export interface CsvTable {
  readonly path: string;
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

export interface CsvRow {
  /** The line on which the row ends, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * Reads a CSV file: the first line names the columns, every row has as many fields. Empty lines are skipped.
 *
 * @param path - the file's name, for messages
 * @throws `data.file-too-large`, `data.csv`, `data.csv-header`
 */
export function parseCsv(bytes: Uint8Array, path: string, maxBytes = MAX_CSV_BYTES): CsvTable {
  if (bytes.length > maxBytes) throw fail('data.file-too-large', { path, size: bytes.length, limit: maxBytes });
  const [header, ...rows] = parseRows(decodeText(bytes, path), path);
  return { path, columns: checkHeader(header?.fields ?? [], path), rows };
}

function decodeText(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw fail('data.csv', { path, line: 1, reason: 'the file is not UTF-8' }, { cause });
  }
}

function parseRows(text: string, path: string): CsvRow[] {
  try {
    const rows = parse(text, {
      info: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: MAX_ROW_CHARACTERS,
    }) as unknown as readonly { info: { lines: number }; record: string[] }[];
    return rows.map(({ info, record }) => ({ line: info.lines, fields: record }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw fail('data.csv', { path, line: Number(cause['lines'] ?? 1), reason: describe(cause) }, { cause });
  }
}

function describe(error: CsvError): string {
  const record: unknown = error['record'];
  if (error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH' && Array.isArray(record)) {
    return `the row has ${record.length} fields, the rows before it have another number`;
  }
  return error.message.replace(/\.$/, '');
}

function checkHeader(columns: readonly string[], path: string): readonly string[] {
  const refuse = (reason: string): Error => fail('data.csv-header', { path, reason });
  if (columns.length === 0) throw refuse('the file is empty');
  if (columns.length > MAX_COLUMNS) throw refuse(`it names ${columns.length} columns, at most ${MAX_COLUMNS} are read`);
  const empty = columns.indexOf('');
  if (empty >= 0) throw refuse(`column ${empty + 1} has no name`);
  const seen = new Set<string>();
  for (const column of columns) {
    if (seen.has(column)) throw refuse(`"${column}" is named twice`);
    seen.add(column);
  }
  return columns;
}

/**
 * The named columns as an f32 tensor [rows, columns].
 *
 * @throws `data.csv-column`, `data.csv-value`
 */
export function csvNumbers(table: CsvTable, columns: readonly string[]): DataTensor {
  const positions = columns.map((column) => positionOf(table, column));
  const values = new Float32Array(table.rows.length * columns.length);
  let element = 0;
  for (const { line, fields } of table.rows) {
    for (const [at, position] of positions.entries()) {
      values[element++] = parseDecimal(fields[position]!, { path: table.path, line, column: columns[at]! });
    }
  }
  return { dtype: 'f32', shape: [table.rows.length, columns.length], values };
}

/**
 * One column of class names as their numbers, an i32 tensor [rows].
 *
 * @throws `data.csv-column`, `data.class-name`
 */
export function csvClassNames(table: CsvTable, column: string, classes: readonly string[]): DataTensor {
  const position = positionOf(table, column);
  const numbers = new Map(classes.map((name, at) => [name, at]));
  const values = Int32Array.from(table.rows, ({ line, fields }) => {
    const text = fields[position]!;
    const number = numbers.get(text);
    if (number !== undefined) return number;
    throw fail('data.class-name', {
      path: table.path,
      line,
      column,
      text: shortened(text),
      classes: shortened(classes.join(', ')),
    });
  });
  return { dtype: 'i32', shape: [table.rows.length], values };
}

function positionOf(table: CsvTable, column: string): number {
  const position = table.columns.indexOf(column);
  if (position >= 0) return position;
  throw fail('data.csv-column', { path: table.path, column, columns: shortened(table.columns.join(', ')) });
}

function parseDecimal(text: string, at: { path: string; line: number; column: string }): number {
  // `Number` alone would take '', '0x10' and 'Infinity'.
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Math.fround(Number(text)) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw fail('data.csv-value', { ...at, text: shortened(text) });
}

function shortened(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}
