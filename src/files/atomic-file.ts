/**
 * Files that exist whole or not at all: written under a temporary name beside their place, synced, renamed.
 *
 * The folder is synced after the rename, or a power cut could forget the new name. Every error of the file system that a
 * person can act on leaves as an error of the catalogue, from here and from nowhere else.
 */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fail } from '../errors/index.js';
import { type FileFailures, type RegularFile, withRegularFile } from './regular-file.js';
import { isRunning } from './running.js';
import { systemCode } from './system-code.js';

/** What is written: one piece, or pieces one after another, which need not be in memory at the same time. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array>;

/** Pieces in one system call; POSIX promises 16, Linux and macOS take 1024. */
const MAX_PIECES = 512;

/**
 * Writes a file so that a reader, at any moment and after any crash, sees the old content or the new one.
 *
 * @throws `run.disk-full`, `run.not-writable`, `run.not-a-folder`
 */
export async function writeFileAtomically(path: string, content: FileContent): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o644);
    try {
      await writeAll(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(cause, path);
  }
}

/** Where a file is written before it gets its name. Two processes that write the same file must not share one. */
export function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
}

/** Deletes the temporary files that processes which are gone left in a folder. @throws `run.not-writable` */
export async function removeTemporaries(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const pid = Number(/^\..+\.(\d{1,10})\.tmp(?:\.old)?$/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || (pid !== process.pid && isRunning(pid))) continue;
    const path = join(folder, name);
    await rm(path, { force: true }).catch((cause) => {
      throw writeError(cause, path);
    });
  }
}

/** Makes a folder and those above it. @throws `run.disk-full`, `run.not-writable`, `run.not-a-folder` */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw writeError(cause, path);
  }
}

/** Makes the names in a folder durable. Systems that cannot sync a folder (Windows) keep them durable by themselves. */
export async function syncFolder(path: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDONLY);
    await handle.sync();
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EINVAL', 'EACCES', 'ENOTSUP'].includes(systemCode(error))) throw error;
  } finally {
    await handle?.close();
  }
}

/**
 * Reads a file whose size is checked before anything is allocated.
 *
 * @param what - the kind of file, for messages: `trace`, `run manifest`
 * @throws `run.missing`, `run.too-large`, `run.not-readable`
 */
export async function readBoundedFile(path: string, what: string, maxBytes: number): Promise<Uint8Array> {
  return withBoundedFile(path, what, maxBytes, (file) => file.read(0, file.size));
}

/** Opens a file whose size is checked before anything is allocated. See {@link readBoundedFile}. */
export function withBoundedFile<Result>(
  path: string,
  what: string,
  maxBytes: number,
  use: (file: RegularFile) => Promise<Result>,
): Promise<Result> {
  const failures: FileFailures = {
    missing: (cause) => fail('run.missing', { path, what }, { cause }),
    notRegular: () => fail('run.not-readable', { path, reason: 'it is not a regular file' }),
    unreadable: (reason, cause) => fail('run.not-readable', { path, reason }, { cause }),
  };
  return withRegularFile(path, failures, async (file) => {
    if (file.size > maxBytes) throw fail('run.too-large', { path, bytes: file.size, what, limit: maxBytes });
    return use(file);
  });
}

/** The catalogue's error for what a system call said while a file was written. Other errors come back unchanged. */
export function writeError(error: unknown, path: string): unknown {
  const options = { cause: error };
  switch (systemCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return fail('run.disk-full', { path }, options);
    case 'ENOTDIR':
    case 'EEXIST':
      return fail('run.not-a-folder', { path }, options);
    case 'EROFS':
      return fail('run.not-writable', { path, reason: 'the file system is read-only' }, options);
    case 'EACCES':
    case 'EPERM':
      return fail('run.not-writable', { path, reason: 'permission denied' }, options);
    case 'ENOENT':
      return fail('run.not-writable', { path, reason: 'its folder does not exist' }, options);
    case '':
      return error;
    default:
      return fail('run.not-writable', { path, reason: (error as Error).message }, options);
  }
}

function isBytes(content: Iterable<unknown>): content is Uint8Array {
  return ArrayBuffer.isView(content);
}

async function writeAll(handle: FileHandle, content: FileContent): Promise<void> {
  if (typeof content === 'string' || isBytes(content)) return handle.writeFile(content);
  if (!Array.isArray(content)) {
    for (const piece of content) await handle.writeFile(piece);
    return;
  }
  // One call for as many pieces as the system takes: each return costs a turn of the main thread.
  let pieces = content as readonly Uint8Array[];
  while (pieces.length > 0) {
    const { bytesWritten } = await handle.writev(pieces.slice(0, MAX_PIECES));
    pieces = behind(pieces, bytesWritten);
  }
}

/** The pieces that are still to be written after `bytes` of them. */
function behind(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let [first, rest] = [0, bytes];
  while (first < pieces.length && rest >= pieces[first]!.length) rest -= pieces[first++]!.length;
  return pieces.slice(first).map((piece, at) => (at === 0 ? piece.subarray(rest) : piece));
}
