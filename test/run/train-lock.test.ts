import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from '@jest/globals';
import { isGensynError } from '../../src/errors/index.js';
import { lockRun } from '../../src/run/run-lock.js';
import { temporaryFolder } from './support/temporary-folder.js';

const folder = temporaryFolder();

function newFolder(lock?: string): string {
  const path = folder.path('run');
  mkdirSync(path);
  if (lock !== undefined) writeFileSync(join(path, 'run.lock'), lock);
  return path;
}

/** The code of the error that locking ends with, or an empty text. */
function refusalOf(path: string): string {
  try {
    lockRun(path)();
    return '';
  } catch (error) {
    return isGensynError(error) ? error.code : String(error);
  }
}

test('a lock holds until it is given back, and leaves nothing behind', () => {
  const path = newFolder();
  const unlock = lockRun(path);
  expect(readFileSync(join(path, 'run.lock'), 'utf8')).toBe(`${process.pid}\n`);
  expect(refusalOf(path)).toBe('run.in-use');
  unlock();
  expect(refusalOf(path)).toBe('');
  expect(readdirSync(path)).toEqual([]);
});

test('a lock of a process that runs is respected', () => {
  expect(refusalOf(newFolder(`${process.ppid}\n`))).toBe('run.in-use');
});

test.each([
  ['a process that is gone', '4194303\n'],
  // In a container a restarted process often gets the number of the one that was killed.
  ['an earlier process with our number', `${process.pid}\n`],
  ['nobody', ''],
  ['nobody we know', 'garbage'],
])('a lock of %s is taken over', (_, content) => {
  const path = newFolder(content);
  expect(refusalOf(path)).toBe('');
  expect(readdirSync(path)).toEqual([]);
});

test('a folder that does not exist is told as one that cannot be written to', () => {
  expect(refusalOf(folder.path('none'))).toBe('run.not-writable');
});
