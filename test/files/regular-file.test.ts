import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type FileFailures, withRegularFile } from '../../src/files/regular-file.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';

const folder = temporaryFolder();
const failures: FileFailures = {
  missing: () => 'missing',
  notRegular: () => 'not regular',
  unreadable: (reason) => `unreadable: ${reason}`,
};

describe('a regular file', () => {
  test('gives any range of its bytes, and fewer at its end', async () => {
    const content = Uint8Array.from({ length: 300 }, (_, at) => at % 251);
    const path = folder.path('content');
    writeFileSync(path, content);
    await withRegularFile(path, failures, async (file) => {
      expect(file.size).toBe(300);
      await fc.assert(
        fc.asyncProperty(fc.nat(400), fc.nat(400), async (from, length) => {
          const expected = content.slice(from, from + length);
          expect(await file.read(from, length)).toEqual(expected);
          const target = new Uint8Array(length);
          expect(await file.fill(target, from)).toBe(expected.length === length);
          expect(target.subarray(0, expected.length)).toEqual(expected);
        }),
      );
    });
  });

  test('beyond what one system call moves or a 32-bit number counts is read where it is asked for', async () => {
    const path = folder.path('sparse');
    writeFileSync(path, 'first');
    truncateSync(path, 2 ** 40);
    await withRegularFile(path, failures, async (file) => {
      expect([file.size, await file.read(2 ** 40 - 3, 10)]).toEqual([2 ** 40, new Uint8Array(3)]);
      expect(Buffer.from(await file.read(0, 5)).toString()).toBe('first');
    });
  });

  test('that is none is named by whoever asked', async () => {
    const pipe = folder.path('pipe');
    execFileSync('mkfifo', [pipe]);
    const opened = (path: string) => withRegularFile(path, failures, async () => 'opened');
    await expect(opened(folder.path('none'))).rejects.toBe('missing');
    await expect(opened(pipe)).rejects.toBe('not regular');
    await expect(opened('/')).rejects.toBe('not regular');
    await expect(opened('/dev/zero')).rejects.toBe('not regular');
  });

  test('lets the errors of its reader through', async () => {
    const path = folder.path('used');
    writeFileSync(path, '');
    const use = async () => {
      throw new Error('of the reader');
    };
    await expect(withRegularFile(path, failures, use)).rejects.toThrow('of the reader');
  });
});
