/** Words in a file are the words that would be in memory: to read, to hash, to open. */
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { blake3Words } from '../../src/commitments/hasher.js';
import { CHUNK_WORDS, childNodes, chunkList, openWord, tensorHash } from '../../src/commitments/tensor-tree.js';
import { inMemory, isInMemory, piecesOf } from '../../src/commitments/word-source.js';
import { FileWords } from '../../src/files/file-words.js';
import { sampleWords } from '../commitments/samples.js';
import { errorCode } from '../data/helpers.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';

const folder = temporaryFolder();

function written(bytes: Uint8Array, start = 0, byteLength = bytes.length - start): { path: string; words: FileWords } {
  const path = folder.path('words');
  writeFileSync(path, bytes);
  return { path, words: new FileWords({ path, start, byteLength }) };
}

const bytesOf = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

describe('words of a file', () => {
  test('are its bytes from any place on, with zeros behind the last byte', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 60 }),
        fc.nat(70),
        fc.nat(20),
        fc.nat(20),
        (bytes, cut, a, b) => {
          const start = cut % bytes.length;
          const { words } = written(bytes, start);
          const padded = new Uint8Array(4 * words.length);
          padded.set(bytes.subarray(start));
          const expected = new Uint32Array(padded.buffer);
          expect(words.length).toBe(Math.ceil((bytes.length - start) / 4));
          expect([...inMemory(words)]).toEqual([...expected]);
          expect([...words.subarray(Math.min(a, b), Math.max(a, b))]).toEqual([
            ...expected.subarray(Math.min(a, b), Math.max(a, b)),
          ]);
          expect(words.at(a)).toBe(expected.at(a));
        },
      ),
      { numRuns: 50 },
    );
  });

  test.each([
    ['appended to', (path: string) => appendFileSync(path, 'x')],
    ['cut off', (path: string) => truncateSync(path, 10)],
  ])('are refused once the file was %s', (_, change) => {
    const { path, words } = written(bytesOf(sampleWords(100)));
    expect(words.at(99)).toBe(sampleWords(100)[99]);
    change(path);
    expect(errorCode(() => words.at(0))).toBe('data.changed');
  });

  test('come in pieces whose ends meet', () => {
    const expected = sampleWords(2 ** 18 + 77);
    const { words } = written(bytesOf(expected));
    let next = 0;
    for (const piece of piecesOf(words)) {
      expect(piece.first).toBe(next);
      expect(Buffer.compare(bytesOf(piece.words), bytesOf(expected.slice(next, next + piece.words.length)))).toBe(0);
      next += piece.words.length;
    }
    expect(next).toBe(expected.length);
  });
});

describe('a tensor in a file', () => {
  // Around one chunk, around what is hashed at once (1024 chunks), and uneven trees of several such pieces.
  const SIZES = [
    0,
    1,
    256,
    257,
    1024 * CHUNK_WORDS,
    1024 * CHUNK_WORDS + 1,
    2049 * CHUNK_WORDS + 3,
    5000 * CHUNK_WORDS,
  ];

  test.each(SIZES)('of %i words has the hash and the openings of the same words in memory', (size) => {
    const expected = sampleWords(size);
    const { words } = written(bytesOf(expected));
    expect(isInMemory(words)).toBe(false);
    expect(tensorHash(words)).toEqual(blake3Words(expected));
    const chunks = Math.ceil(size / CHUNK_WORDS);
    if (chunks > 1) expect(childNodes(words, 0, chunks)).toEqual(childNodes(expected, 0, chunks));
    for (const index of [0, Math.floor(size / 2), size - 1]) {
      if (size === 0) continue;
      const opening = openWord(words, index);
      expect(opening.siblings).toEqual(openWord(expected, index).siblings);
      expect([...opening.chunk]).toEqual([...openWord(expected, index).chunk]);
      const chunk = Math.floor(index / CHUNK_WORDS);
      expect(chunkList(words, chunk)).toEqual(chunkList(expected, chunk));
    }
  });
});
