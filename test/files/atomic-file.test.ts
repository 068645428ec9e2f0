import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { describe, expect, test } from '@jest/globals';
import { isGensynError } from '../../src/errors/index.js';
import { makeFolder, readBoundedFile, writeError, writeFileAtomically } from '../../src/files/atomic-file.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';

const folder = temporaryFolder();

/** The code of the error that a promise rejects with. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return isGensynError(error) ? error.code : String(error);
}

describe('a file that is written atomically', () => {
  test('has the new content, and leaves nothing beside it', async () => {
    const path = join(folder.path('new'), 'file');
    await makeFolder(dirname(path));
    await writeFileAtomically(path, 'first');
    await writeFileAtomically(path, [Uint8Array.of(104, 105), new Uint8Array(0), Uint8Array.of(33)]);
    expect(readFileSync(path, 'utf8')).toBe('hi!');
    expect(readdirSync(dirname(path))).toEqual(['file']);
  });

  test('keeps its old content where writing fails', async () => {
    const path = folder.path('kept');
    await writeFileAtomically(path, 'old');
    const broken = [Uint8Array.of(1), { length: 1 } as unknown as Uint8Array];
    await expect(writeFileAtomically(path, broken)).rejects.toThrow();
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(dirname(path)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('does not replace a folder', async () => {
    const path = folder.path('folder');
    mkdirSync(path);
    await expect(writeFileAtomically(path, 'text')).rejects.toThrow();
    expect(existsSync(path)).toBe(true);
  });

  test('needs a folder to lie in', async () => {
    const file = folder.path('plain');
    writeFileSync(file, '');
    expect(await codeOf(writeFileAtomically(join(file, 'inside'), 'x'))).toBe('run.not-a-folder');
    expect(await codeOf(writeFileAtomically(join(folder.path('missing'), 'x'), 'x'))).toBe('run.not-writable');
    expect(await codeOf(makeFolder(join(file, 'inside')))).toBe('run.not-a-folder');
  });

  // Root may write everywhere.
  (process.getuid?.() === 0 ? test.skip : test)('needs the permission', async () => {
    const path = folder.path('forbidden');
    mkdirSync(path);
    chmodSync(path, 0o500);
    expect(await codeOf(writeFileAtomically(join(path, 'x'), 'x'))).toBe('run.not-writable');
  });
});

describe('errors of the file system', () => {
  test.each([
    ['ENOSPC', 'run.disk-full'],
    ['EDQUOT', 'run.disk-full'],
    ['EROFS', 'run.not-writable'],
    ['EACCES', 'run.not-writable'],
    ['EPERM', 'run.not-writable'],
    ['ENOENT', 'run.not-writable'],
    ['ENOTDIR', 'run.not-a-folder'],
    ['EIO', 'run.not-writable'],
  ])('%s is %s', (code, expected) => {
    const cause = Object.assign(new Error(code), { code, syscall: 'write' });
    expect(writeError(cause, 'some/path')).toMatchObject({ code: expected, cause });
  });

  test('mistakes of our own stay what they are', () => {
    const error = new TypeError('mine');
    expect(writeError(error, 'x')).toBe(error);
  });
});

describe('a bounded read', () => {
  test('gives the bytes', async () => {
    const path = folder.path('data');
    writeFileSync(path, 'abc');
    expect(Buffer.from(await readBoundedFile(path, 'trace', 3)).toString()).toBe('abc');
  });

  test('refuses before it reads', async () => {
    const path = folder.path('large');
    writeFileSync(path, 'abcd');
    expect(await codeOf(readBoundedFile(path, 'trace', 3))).toBe('run.too-large');
    expect(await codeOf(readBoundedFile(folder.path('none'), 'trace', 3))).toBe('run.missing');
    expect(await codeOf(readBoundedFile('/dev/zero', 'trace', 3))).toBe('run.not-readable');
    expect(await codeOf(readBoundedFile(dirname(path), 'trace', 3))).toBe('run.not-readable');
  });
});
