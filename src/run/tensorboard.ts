/**
 * TensorBoard event files: TFRecord frames around `Event` messages (tensorflow/core/util/event.proto,
 * framework/summary.proto), with scalars only. `tensorboard --logdir <run>` reads them. Nothing here is ever hashed, so
 * the wall time may come from a clock.
 */

import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeError } from '../files/atomic-file.js';
import { maskedCrc32c } from './crc32c.js';

/** Field numbers of the messages. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const SUMMARY = { value: 1 } as const;
const SUMMARY_VALUE = { tag: 1, simpleValue: 2 } as const;
const SESSION_LOG = { status: 1 } as const;
const SESSION_START = 1;
const FILE_VERSION = 'brain.Event:2';

/** Wire types of protocol buffers. */
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export interface ScalarEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  /** Values by tag. */
  readonly scalars: Readonly<Record<string, number>>;
}

/** One frame of a TFRecord file: length, masked checksum of the length, data, masked checksum of the data. */
export function frameRecord(data: Uint8Array): Uint8Array {
  const frame = new Uint8Array(data.length + 16);
  const view = new DataView(frame.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(frame.subarray(0, 8)), true);
  frame.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return frame;
}

/** The event that every file begins with. */
export function fileVersionEvent(wallTime: number): Uint8Array {
  return message([fixed64(EVENT.wallTime, wallTime), text(EVENT.fileVersion, FILE_VERSION)]);
}

/** Tells TensorBoard that a run continues here: points of later steps from earlier files are dropped. */
function sessionStartEvent(wallTime: number, step: number): Uint8Array {
  const status = message([varint(SESSION_LOG.status, SESSION_START)]);
  return message([fixed64(EVENT.wallTime, wallTime), varint(EVENT.step, step), bytes(EVENT.sessionLog, status)]);
}

/** Scalars of one training step. */
export function scalarEvent({ wallTime, step, scalars }: ScalarEvent): Uint8Array {
  const values = Object.entries(scalars).map(([tag, value]) =>
    bytes(SUMMARY.value, message([text(SUMMARY_VALUE.tag, tag), fixed32(SUMMARY_VALUE.simpleValue, value)])),
  );
  return message([fixed64(EVENT.wallTime, wallTime), varint(EVENT.step, step), bytes(EVENT.summary, message(values))]);
}

/** An event file that is being written. Close it. */
export class EventWriter {
  readonly path: string;
  readonly #handle: FileHandle;
  #pending: Uint8Array[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /**
   * Opens a new event file in a folder. A continued run gets a file of its own, which TensorBoard joins to the others.
   *
   * @param startStep - training steps done before the first event
   * @param wallTime - seconds since 1970; also names the file
   */
  static async open(folder: string, startStep: number, wallTime: number): Promise<EventWriter> {
    await makeFolder(folder);
    const stamp = `${Math.floor(wallTime).toString().padStart(10, '0')}.gensyn.${process.pid}.${startStep}`;
    const path = join(folder, `events.out.tfevents.${stamp}`);
    try {
      const writer = new EventWriter(path, await open(path, 'w', 0o644));
      writer.#add(fileVersionEvent(wallTime));
      writer.#add(sessionStartEvent(wallTime, startStep + 1));
      await writer.flush();
      return writer;
    } catch (cause) {
      throw writeError(cause, path);
    }
  }

  /** Queues the scalars of a step. */
  append(event: ScalarEvent): void {
    this.#add(scalarEvent(event));
  }

  /** Writes the events queued so far, after those of earlier calls. */
  flush(): Promise<void> {
    const events = Buffer.concat(this.#pending);
    this.#pending = [];
    const written = this.#writing.then(() => this.#write(events));
    // Whoever called gets the failure; a later call must not fail for it again.
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#handle.close();
    }
  }

  async #write(events: Uint8Array): Promise<void> {
    try {
      if (events.length > 0) await this.#handle.appendFile(events);
    } catch (cause) {
      throw writeError(cause, this.path);
    }
  }

  #add(event: Uint8Array): void {
    this.#pending.push(frameRecord(event));
  }
}

function message(fields: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(fields));
}

function key(field: number, wire: number): number[] {
  return varintBytes(field * 8 + wire);
}

function varint(field: number, value: number): Uint8Array {
  return Uint8Array.from([...key(field, WIRE.varint), ...varintBytes(value)]);
}

function fixed64(field: number, value: number): Uint8Array {
  const encoded = new Uint8Array(Float64Array.of(value).buffer);
  return Uint8Array.from([...key(field, WIRE.fixed64), ...encoded]);
}

function fixed32(field: number, value: number): Uint8Array {
  const encoded = new Uint8Array(Float32Array.of(value).buffer);
  return Uint8Array.from([...key(field, WIRE.fixed32), ...encoded]);
}

function text(field: number, value: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(value));
}

function bytes(field: number, value: Uint8Array): Uint8Array {
  return Uint8Array.from([...key(field, WIRE.bytes), ...varintBytes(value.length), ...value]);
}

/** Seven bits at a time, the lowest first. Division, because step numbers may pass 2^31. */
function varintBytes(value: number): number[] {
  const encoded: number[] = [];
  let rest = value;
  while (rest >= 128) {
    encoded.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...encoded, rest];
}
