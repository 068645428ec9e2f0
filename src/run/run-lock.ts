/** Keeps two processes from training into one folder: a file with the owner's process number. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../errors/index.js';
import { temporaryPath, writeError } from '../files/atomic-file.js';
import { isRunning } from '../files/running.js';

/** Locks that this process holds: one that names it and is not among them is of an earlier process with its number. */
const held = new Set<string>();

const MAX_ATTEMPTS = 4;

/**
 * Takes the lock of a run folder and returns the function that gives it back. A lock whose process is gone (killed, or
 * another boot of the machine) is taken over.
 *
 * @throws `run.in-use`, `run.disk-full`, `run.not-writable`
 */
export function lockRun(directory: string): () => void {
  const path = join(directory, 'run.lock');
  const mine = temporaryPath(path);
  try {
    writeFileSync(mine, `${process.pid}\n`);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (claim(mine, path)) return release(path);
      const owner = ownerOf(path);
      if (isHeld(owner, path) || !takeAway(path, owner)) throw fail('run.in-use', { path: directory, pid: owner ?? 0 });
    }
    throw fail('run.in-use', { path: directory, pid: ownerOf(path) ?? 0 });
  } catch (error) {
    throw writeError(error, path);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** A link appears whole, with its content, and only where nothing is; a file could be seen before it has its number. */
function claim(mine: string, path: string): boolean {
  try {
    try {
      linkSync(mine, path);
    } catch (error) {
      // Some file systems know no links.
      if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? ''))
        throw error;
      writeFileSync(path, `${process.pid}\n`, { flag: 'wx' });
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function release(path: string): () => void {
  held.add(path);
  return () => {
    held.delete(path);
    rmSync(path, { force: true });
  };
}

function isHeld(owner: number | null, path: string): boolean {
  if (owner === null) return false;
  return owner === process.pid ? held.has(path) : isRunning(owner);
}

/** Removes a lock that was left behind. False where another process was quicker and holds it by now. */
function takeAway(path: string, owner: number | null): boolean {
  const aside = `${temporaryPath(path)}.old`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
  const left = ownerOf(aside) === owner;
  if (!left) claim(aside, path);
  rmSync(aside, { force: true });
  return left;
}

function ownerOf(path: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8').slice(0, 20), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}
