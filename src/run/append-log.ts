/**
 * An append-only file of lines that survives a crash: what a crash tears is at most the line it was writing, and a line
 * without its line feed does not count.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder, writeError } from '../files/atomic-file.js';

/** The whole lines of a file, and the bytes of a torn one behind them. */
export interface SplitLines {
  readonly lines: readonly string[];
  /** Bytes up to and including the last line feed. */
  readonly wholeBytes: number;
  readonly tornBytes: number;
}

const LINE_FEED = 0x0a;

/** Cuts bytes into lines. Bytes that are not UTF-8 become U+FFFD, which no line of ours contains. */
export function splitLines(bytes: Uint8Array): SplitLines {
  const wholeBytes = bytes.lastIndexOf(LINE_FEED) + 1;
  const text = new TextDecoder().decode(bytes.subarray(0, wholeBytes));
  return {
    lines: wholeBytes === 0 ? [] : text.slice(0, -1).split('\n'),
    wholeBytes,
    tornBytes: bytes.length - wholeBytes,
  };
}

/** A file of lines, open for appending. Lines may be added while others are being written. Close it. */
export class AppendLog {
  readonly path: string;
  readonly #handle: FileHandle;
  #queued: string[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /**
   * Opens (or makes) a file and drops everything in it after its first `keepBytes` bytes.
   *
   * @throws `run.disk-full`, `run.not-writable`, `run.not-a-folder`
   */
  static async open(path: string, keepBytes: number): Promise<AppendLog> {
    try {
      const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o644);
      await handle.truncate(keepBytes);
      await handle.sync();
      await syncFolder(dirname(path));
      return new AppendLog(path, handle);
    } catch (cause) {
      throw writeError(cause, path);
    }
  }

  /** Queues a line; it reaches the file with the next {@link flush}. */
  add(line: string): void {
    this.#queued.push(`${line}\n`);
  }

  /** Writes the lines queued so far, after those of earlier calls; `durable` waits until the disk has them. */
  flush({ durable }: { readonly durable: boolean }): Promise<void> {
    const text = this.#queued.join('');
    this.#queued = [];
    const written = this.#writing.then(() => this.#write(text, durable));
    // Whoever called gets the failure; a later call must not fail for it again.
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async close(): Promise<void> {
    try {
      await this.flush({ durable: true });
    } finally {
      await this.#handle.close();
    }
  }

  async #write(text: string, durable: boolean): Promise<void> {
    try {
      if (text !== '') await this.#handle.appendFile(text);
      if (durable) await this.#handle.sync();
    } catch (cause) {
      throw writeError(cause, this.path);
    }
  }
}
