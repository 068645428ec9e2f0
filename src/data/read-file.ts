/** Data files: read only up to a cap, and decompressed only up to a cap. */
import { gunzipSync } from 'node:zlib';
import { fail } from '../errors/index.js';
import { type FileFailures, type RegularFile, withRegularFile } from '../files/regular-file.js';

/** The most bytes of data (also after decompression) that are taken into memory unless an option says otherwise: 2 GiB. */
export const DEFAULT_MAX_FILE_BYTES = 2 ** 31;

export interface ReadFileOptions {
  /** The most bytes of a file that are taken into memory. */
  readonly maxBytes?: number;
}

/**
 * Reads a whole regular file.
 *
 * @throws `data.file-missing`, `data.file-unreadable`, `data.not-a-file`, `data.file-too-large`
 */
export async function readBoundedFile(path: string, options: ReadFileOptions = {}): Promise<Uint8Array> {
  const { maxBytes = DEFAULT_MAX_FILE_BYTES } = options;
  return withDataFile(path, async (file) => {
    if (file.size > maxBytes) throw fail('data.file-too-large', { path, size: file.size, limit: maxBytes });
    return file.read(0, file.size);
  });
}

/**
 * Opens a data file of any size.
 *
 * @throws `data.file-missing`, `data.file-unreadable`, `data.not-a-file`
 */
export function withDataFile<Result>(path: string, use: (file: RegularFile) => Promise<Result>): Promise<Result> {
  const failures: FileFailures = {
    missing: (cause) => fail('data.file-missing', { path }, { cause }),
    notRegular: () => fail('data.not-a-file', { path }),
    unreadable: (reason, cause) => fail('data.file-unreadable', { path, reason }, { cause }),
  };
  return withRegularFile(path, failures, use);
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
