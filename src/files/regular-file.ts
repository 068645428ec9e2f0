/** Regular files of any size: measured before a byte is read, and read from any place in pieces. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { systemCode } from './system-code.js';

/** What a file is called when it cannot be read; the words depend on who asks. */
export interface FileFailures {
  readonly missing: (cause: unknown) => unknown;
  readonly notRegular: () => unknown;
  readonly unreadable: (reason: string, cause: unknown) => unknown;
}

/** An open file. */
export interface RegularFile {
  /** In bytes, when it was opened. */
  readonly size: number;
  /** `length` bytes from `from` on, or fewer where the file ends before. */
  read(from: number, length: number): Promise<Uint8Array>;
  /** Fills `target` with the bytes from `from` on. False where the file ends before. */
  fill(target: Uint8Array, from: number): Promise<boolean>;
}

/** One read call moves at most 2 GiB − 1. */
const LARGEST_READ = 2 ** 30;

/**
 * Opens a regular file for the time of `use`.
 *
 * @throws what `failures` make of a file that is missing, is no regular file, or cannot be read; whatever `use` throws
 */
export async function withRegularFile<Result>(
  path: string,
  failures: FileFailures,
  use: (file: RegularFile) => Promise<Result>,
): Promise<Result> {
  let handle: FileHandle | undefined;
  try {
    // No system call takes such a name, and so no file has it.
    if (path.includes('\0')) throw failures.missing(new Error('the path holds a zero byte'));
    // Opening a pipe would wait for a writer, so its kind is asked for first.
    if (!(await stat(path)).isFile()) throw failures.notRegular();
    const opened = await open(path, 'r');
    handle = opened;
    const { size } = await opened.stat();
    return await use({
      size,
      read: async (from, length) => {
        const bytes = new Uint8Array(length);
        return bytes.subarray(0, await readPieces(opened, from, bytes));
      },
      fill: async (target, from) => (await readPieces(opened, from, target)) === target.length,
    });
  } catch (cause) {
    const code = systemCode(cause);
    if (code === '') throw cause;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw failures.missing(cause);
    throw failures.unreadable(code === 'EACCES' ? 'permission denied' : (cause as Error).message, cause);
  } finally {
    await handle?.close();
  }
}

/** Reads until the bytes are full or the file ends; gives how many were read. */
async function readPieces(handle: FileHandle, from: number, bytes: Uint8Array): Promise<number> {
  let filled = 0;
  while (filled < bytes.length) {
    const length = Math.min(LARGEST_READ, bytes.length - filled);
    const { bytesRead } = await handle.read(bytes, filled, length, from + filled);
    if (bytesRead === 0) return filled;
    filled += bytesRead;
  }
  return filled;
}
