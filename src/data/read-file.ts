/** Files of unknown size: measured before a byte is read, decompressed only up to a cap. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { fail } from '../errors/index.js';

/** The largest data file (also after decompression) that is read unless an option says otherwise: 2 GiB. */
export const DEFAULT_MAX_FILE_BYTES = 2 ** 31;

export interface ReadFileOptions {
  /** The largest file that is read, in bytes. */
  readonly maxBytes?: number;
}

/**
 * Reads a whole regular file.
 *
 * @throws `data.file-missing`, `data.file-unreadable`, `data.not-a-file`, `data.file-too-large`
 */
export async function readBoundedFile(path: string, options: ReadFileOptions = {}): Promise<Uint8Array> {
  const { maxBytes = DEFAULT_MAX_FILE_BYTES } = options;
  let handle: FileHandle | undefined;
  try {
    // Opening a pipe would wait for a writer, so its kind is asked for first.
    if (!(await stat(path)).isFile()) throw fail('data.not-a-file', { path });
    handle = await open(path, 'r');
    const { size } = await handle.stat();
    if (size > maxBytes) throw fail('data.file-too-large', { path, size, limit: maxBytes });
    return await readExactly(handle, size);
  } catch (cause) {
    throw asFileError(cause, path);
  } finally {
    await handle?.close();
  }
}

/** Reads `size` bytes, or fewer where the file has become shorter since it was measured. */
async function readExactly(handle: FileHandle, size: number): Promise<Uint8Array> {
  // One read call moves at most 2 GiB - 1.
  const largestRead = 2 ** 30;
  const bytes = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await handle.read(bytes, filled, Math.min(largestRead, size - filled), filled);
    if (bytesRead === 0) return bytes.subarray(0, filled);
    filled += bytesRead;
  }
  return bytes;
}

function asFileError(cause: unknown, path: string): unknown {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return fail('data.file-missing', { path }, { cause });
  if (code?.startsWith('E') === true) return fail('data.file-unreadable', { path, reason: message }, { cause });
  return cause;
}

/** True where the bytes begin like gzip (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Decompresses gzip, or returns the bytes as they are where they are not gzip.
 *
 * @throws `data.gzip`, `data.gzip-too-large`
 */
export function decompress(bytes: Uint8Array, path: string, options: ReadFileOptions = {}): Uint8Array {
  if (!isGzip(bytes)) return bytes;
  const { maxBytes = DEFAULT_MAX_FILE_BYTES } = options;
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw fail('data.gzip-too-large', { path, limit: maxBytes }, { cause });
    throw fail('data.gzip', { path, reason: message }, { cause });
  }
}
