/**
 * `metrics.jsonl`: what each training step reported (loss, accuracy, …), for people and plots. It decides no verdict.
 *
 * Each number stands there twice: as a decimal, and as the bits that the training step computed.
 */
import { parseJsonStrict } from '../data/strict-json.js';
import { fail } from '../errors/index.js';
import { readBoundedFile } from '../files/atomic-file.js';
import { valueOf } from '../numerics/float32.js';
import { AppendLog, splitLines } from './append-log.js';

/** A value JSON can hold: infinities, NaN and −0 are texts. */
export type MetricValue = number | string;

/** One line: `{"step":1,"loss":2.3,"lossBits":"0x40133333"}`. */
export interface MetricsRecord {
  /** Training steps done, this one included: from 1. */
  readonly step: number;
  readonly [name: string]: MetricValue;
}

const MAX_METRICS_BYTES = 2 ** 28;
const MAX_LINE_BYTES = 2 ** 14;

/**
 * The record of a training step.
 *
 * @param results - the bits of each result (binary32), by name
 */
export function metricsRecord(step: number, results: Readonly<Record<string, number>>): MetricsRecord {
  const entries = Object.entries(results).flatMap(([name, bits]): [string, MetricValue][] => [
    [name, decimal(bits)],
    [`${name}Bits`, `0x${(bits >>> 0).toString(16).padStart(8, '0')}`],
  ]);
  return { step, ...Object.fromEntries(entries) };
}

/** Reads the bytes of a metrics file. `path` is only for messages. @throws `run.metrics-invalid` naming the line */
export function parseMetrics(bytes: Uint8Array, path: string): MetricsRecord[] {
  const records: MetricsRecord[] = [];
  for (const [index, line] of splitLines(bytes).lines.entries()) {
    const record = parseRecord(line, index + 1, path);
    const previous = records.at(-1)?.step ?? 0;
    if (record.step <= previous) {
      throw invalid(path, index + 1, `the record is of step ${record.step}, after one of step ${previous}`);
    }
    records.push(record);
  }
  return records;
}

/** Reads a metrics file. @throws `run.missing`, `run.too-large`, `run.not-readable`, `run.metrics-invalid` */
export async function readMetrics(path: string): Promise<MetricsRecord[]> {
  return parseMetrics(await readBoundedFile(path, 'metrics file', MAX_METRICS_BYTES), path);
}

/** A metrics file that is being written. Lines are queued; {@link MetricsLog.flush} at every checkpoint. Close it. */
export class MetricsLog {
  readonly #log: AppendLog;

  private constructor(log: AppendLog) {
    this.#log = log;
  }

  /** Begins a new file, replacing one of that name. */
  static async create(path: string): Promise<MetricsLog> {
    return new MetricsLog(await AppendLog.open(path, 0));
  }

  /** Continues a file: cuts a torn line and every record after `keepThrough` training steps. */
  static async resume(path: string, keepThrough: number): Promise<MetricsLog> {
    const bytes = await readBoundedFile(path, 'metrics file', MAX_METRICS_BYTES);
    const kept = parseMetrics(bytes, path).filter(({ step }) => step <= keepThrough).length;
    return new MetricsLog(await AppendLog.open(path, endOfLine(bytes, kept)));
  }

  append(record: MetricsRecord): void {
    this.#log.add(JSON.stringify(record));
  }

  flush(): Promise<void> {
    return this.#log.flush({ durable: false });
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}

/** The number as JSON can hold it; every binary32 value is a binary64 value, so the decimal is exact. */
function decimal(bits: number): MetricValue {
  const value = valueOf(bits);
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

/** The byte after the first `count` lines. */
function endOfLine(bytes: Uint8Array, count: number): number {
  let end = 0;
  for (let line = 0; line < count; line++) end = bytes.indexOf(0x0a, end) + 1;
  return end;
}

function parseRecord(line: string, number: number, path: string): MetricsRecord {
  const document = parseLine(line, number, path);
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw invalid(path, number, 'this is not a record');
  }
  const record = document as Record<string, unknown>;
  const step = record['step'];
  if (typeof step !== 'number' || !Number.isInteger(step) || step < 1 || step > 0xffffffff) {
    throw invalid(path, number, '"step" must be a whole number from 1 to 4294967295');
  }
  for (const [name, value] of Object.entries(record)) {
    // JSON has no infinity, but a number too large for binary64 becomes one.
    if (!Number.isFinite(value) && typeof value !== 'string') {
      throw invalid(path, number, `${JSON.stringify(name)} must be a number or a text`);
    }
  }
  return record as unknown as MetricsRecord;
}

function parseLine(line: string, number: number, path: string): unknown {
  try {
    return parseJsonStrict(line, { maxBytes: MAX_LINE_BYTES, maxDepth: 1, name: path });
  } catch (cause) {
    throw fail('run.metrics-invalid', { path, line: number, reason: (cause as Error).message }, { cause });
  }
}

function invalid(path: string, line: number, reason: string) {
  return fail('run.metrics-invalid', { path, line, reason });
}
