/**
 * `trace.jsonl`: the state roots of a run at its checkpoints, one line each, appended as the run goes.
 *
 * The file has exactly one spelling: a header, then one record for checkpoint 0, 1, 2, … in the form that
 * {@link traceLine} writes. Checkpoint i is the state after min(i·E, S) training steps, so a reader knows every step
 * before he reads it, and a gap, a repetition or a number out of turn is a damaged file. A crash may tear the last line;
 * a line without its line feed does not count.
 */
import { checkpointCount, checkpointStep as stepOfLeaf } from '../commitments/roots.js';
import { fail } from '../errors/index.js';
import { readBoundedFile } from '../files/atomic-file.js';
import { AppendLog, splitLines } from './append-log.js';

export interface TraceHeader {
  /** `0x` and 64 lower-case digits. */
  readonly jobHash: string;
  /** E, training steps between checkpoints: a power of two. */
  readonly checkpointEvery: number;
  /** S, training steps of the job. */
  readonly steps: number;
}

export interface TraceRecord {
  /** Training steps done. */
  readonly step: number;
  /** `0x` and 64 lower-case digits. */
  readonly stateRoot: string;
}

export interface Trace {
  readonly header: TraceHeader;
  /** Records of checkpoints 0, 1, 2, …: all of them, or fewer in a run that has not ended. */
  readonly records: readonly TraceRecord[];
  /** True where the record of step S is there. */
  readonly complete: boolean;
  /** Bytes behind the last whole line. */
  readonly tornBytes: number;
}

const TRACE_SCHEMA = 'gensyn.trace/1';
/** The most records a trace may have. Larger jobs take a larger checkpoint interval. */
const MAX_TRACE_RECORDS = 2 ** 20;
/** 104 bytes is the longest record, with its line feed. */
const MAX_TRACE_BYTES = 1024 + MAX_TRACE_RECORDS * 104;
const MAX_STEPS = 0xffffffff;
const HEX = '0x[0-9a-f]{64}';
const COUNT = '0|[1-9][0-9]{0,9}';
const HEADER_LINE = new RegExp(
  `^\\{"schema":"gensyn\\.trace/1","jobHash":"(${HEX})","checkpointEvery":(${COUNT}),"steps":(${COUNT})\\}$`,
);
const RECORD_LINE = new RegExp(`^\\{"step":(${COUNT}),"stateRoot":"(${HEX})"\\}$`);

/** Number of records of a whole trace: checkpoints 0, E, 2E, …, S. */
export function traceRecordCount({ steps, checkpointEvery }: Pick<TraceHeader, 'steps' | 'checkpointEvery'>): number {
  return checkpointCount(steps, Math.log2(checkpointEvery));
}

/** Training steps done at checkpoint `index`. */
export function checkpointStep(
  { steps, checkpointEvery }: Pick<TraceHeader, 'steps' | 'checkpointEvery'>,
  index: number,
): number {
  return stepOfLeaf(steps, Math.log2(checkpointEvery), index);
}

/** The first line of a trace, without its line feed. */
export function traceHeaderLine({ jobHash, checkpointEvery, steps }: TraceHeader): string {
  return JSON.stringify({ schema: TRACE_SCHEMA, jobHash, checkpointEvery, steps });
}

/** The line of a record, without its line feed. */
export function traceLine({ step, stateRoot }: TraceRecord): string {
  return JSON.stringify({ step, stateRoot });
}

/**
 * Reads the bytes of a trace. `path` is only for messages.
 *
 * @throws `run.trace-invalid` naming the line
 */
export function parseTrace(bytes: Uint8Array, path: string): Trace {
  const { lines, tornBytes } = splitLines(bytes);
  const header = parseHeader(lines[0], path);
  const count = traceRecordCount(header);
  if (lines.length - 1 > count) throw invalid(path, count + 2, `there are more than the ${count} records of this job`);
  const records = lines.slice(1).map((line, index) => parseRecord(line, header, index, path));
  return { header, records, complete: records.length === count, tornBytes };
}

/** Reads a trace file. @throws `run.missing`, `run.too-large`, `run.not-readable`, `run.trace-invalid` */
export async function readTrace(path: string): Promise<Trace> {
  return parseTrace(await readBoundedFile(path, 'trace', MAX_TRACE_BYTES), path);
}

/** A trace that is being written. Close it. */
export class TraceLog {
  readonly header: TraceHeader;
  readonly #log: AppendLog;
  #records: TraceRecord[];

  private constructor(header: TraceHeader, log: AppendLog, records: readonly TraceRecord[]) {
    this.header = header;
    this.#log = log;
    this.#records = [...records];
  }

  /** Begins a new trace, replacing a file of that name. @throws `run.trace-invalid`, `run.disk-full`, `run.not-writable` */
  static async create(path: string, header: TraceHeader): Promise<TraceLog> {
    parseHeader(traceHeaderLine(header), path);
    const log = await AppendLog.open(path, 0);
    log.add(traceHeaderLine(header));
    await log.flush({ durable: true });
    return new TraceLog(header, log, []);
  }

  /**
   * Continues the trace of an interrupted run: cuts a torn line and every record after `keepThrough` training steps (the
   * last checkpoint that can be loaded; −1 keeps none). A file whose header was never written whole begins anew.
   *
   * @throws `run.trace-mismatch` where the header is another job's; `run.trace-invalid`
   */
  static async resume(path: string, header: TraceHeader, keepThrough: number): Promise<TraceLog> {
    const bytes = await readBoundedFile(path, 'trace', MAX_TRACE_BYTES);
    if (splitLines(bytes).lines.length === 0) return TraceLog.create(path, header);
    const found = parseTrace(bytes, path);
    requireSameHeader(found.header, header, path);
    const records = found.records.filter(({ step }) => step <= keepThrough);
    const kept = [traceHeaderLine(header), ...records.map(traceLine)].reduce(
      (total, line) => total + line.length + 1,
      0,
    );
    return new TraceLog(header, await AppendLog.open(path, kept), records);
  }

  /** The records written so far. */
  get records(): readonly TraceRecord[] {
    return this.#records;
  }

  /** Appends the next record and waits until the disk has it. Write the checkpoint itself first. */
  async append(record: TraceRecord): Promise<void> {
    const line = traceLine(record);
    parseRecord(line, this.header, this.#records.length, this.#log.path);
    if (this.#records.length >= traceRecordCount(this.header)) throw new Error('The trace has all its records.');
    this.#log.add(line);
    await this.#log.flush({ durable: true });
    this.#records.push(record);
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}

function parseHeader(line: string | undefined, path: string): TraceHeader {
  const match = line === undefined ? null : HEADER_LINE.exec(line);
  if (match === null) throw invalid(path, 1, `there is no header of schema ${TRACE_SCHEMA}`);
  const header = { jobHash: match[1]!, checkpointEvery: Number(match[2]), steps: Number(match[3]) };
  const { checkpointEvery, steps } = header;
  if (steps < 1 || steps > MAX_STEPS) throw invalid(path, 1, `steps is ${steps}, and must be from 1 to ${MAX_STEPS}`);
  if (checkpointEvery < 1 || checkpointEvery > 2 ** 31 || !Number.isInteger(Math.log2(checkpointEvery))) {
    throw invalid(path, 1, `checkpointEvery is ${checkpointEvery}, and must be a power of two up to 2^31`);
  }
  if (traceRecordCount(header) > MAX_TRACE_RECORDS) {
    throw invalid(
      path,
      1,
      `the job has ${traceRecordCount(header)} checkpoints; a trace has at most ${MAX_TRACE_RECORDS}`,
    );
  }
  return header;
}

function parseRecord(line: string, header: TraceHeader, index: number, path: string): TraceRecord {
  const match = RECORD_LINE.exec(line);
  if (match === null) throw invalid(path, index + 2, 'this is not a record');
  const step = Number(match[1]);
  const expected = checkpointStep(header, index);
  if (step !== expected) throw invalid(path, index + 2, `the record is of step ${step}, and step ${expected} is next`);
  return { step, stateRoot: match[2]! };
}

function requireSameHeader(found: TraceHeader, expected: TraceHeader, path: string): void {
  for (const field of ['jobHash', 'checkpointEvery', 'steps'] as const) {
    if (found[field] === expected[field]) continue;
    throw fail('run.trace-mismatch', { path, field, found: found[field], expected: expected[field] });
  }
}

function invalid(path: string, line: number, reason: string) {
  return fail('run.trace-invalid', { path, line, reason });
}
