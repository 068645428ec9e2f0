import { describe, expect, test } from '@jest/globals';
import { readBoundedFile as readDataFile } from '../../src/data/read-file.js';
import { readBoundedFile } from '../../src/files/atomic-file.js';

describe('a path with a zero byte, which only a stranger writes', () => {
  test('is the path of a missing file', async () => {
    await expect(readBoundedFile('a\0b', 'trace', 10)).rejects.toMatchObject({ code: 'run.missing' });
    await expect(readDataFile('a\0b')).rejects.toMatchObject({ code: 'data.file-missing' });
  });
});
