import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { blake3Reference, chunkHash, parentHash } from '../../src/commitments/blake3.js';
import { equalHashes, type Hash } from '../../src/commitments/hash.js';
import {
  childNodes,
  chunkList,
  chunkNode,
  foldChildNodes,
  openWord,
  tensorChunks,
  tensorHash,
  verifyWordOpening,
  type WordOpening,
  wordsOfChunkList,
} from '../../src/commitments/tensor-tree.js';
import { blockRange, blocksOf, fold, siblingsOf } from '../../src/commitments/tree.js';
import { isGensynError } from '../../src/errors/index.js';
import { flipBit, sampleWords } from './samples.js';

const bytesOf = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

/** The chaining values of all chunks, from the definition. */
function leavesOf(words: Uint32Array): Hash[] {
  const count = tensorChunks(words.length);
  return Array.from({ length: count }, (_, chunk) =>
    chunkHash(bytesOf(words.subarray(256 * chunk, 256 * (chunk + 1))), chunk, count === 1),
  );
}

/** Lengths in words around the edges of entries, blocks, chunks and trees. */
const LENGTHS = [1, 7, 8, 9, 16, 255, 256, 257, 511, 512, 513, 768, 1000, 1025, 1280, 1793, 2304, 4096, 8449, 20000];

describe('a tensor as a tree', () => {
  test.each([0, ...LENGTHS])('the hash of %i words is plain BLAKE3 of their bytes', (length) => {
    const words = sampleWords(length);
    expect(tensorHash(words)).toEqual(blake3Reference(bytesOf(words)));
    expect(fold(leavesOf(words), parentHash)).toEqual(tensorHash(words));
  });

  test.each(LENGTHS)('words of a tensor of %i words open, with the siblings of the definition', (length) => {
    const words = sampleWords(length);
    const hash = tensorHash(words);
    const leaves = leavesOf(words);
    for (const index of new Set([0, 1, 255, 256, length >>> 1, length - 1].filter((at) => at < length))) {
      const opening = openWord(words, index);
      expect(opening.siblings).toEqual(siblingsOf(leaves, index >>> 8, parentHash));
      expect(verifyWordOpening(hash, length, index, words[index]!, opening)).toBe(true);
    }
  });

  test('every altered field of an opening is refused', () => {
    const arbitrary = fc
      .constantFrom(...LENGTHS)
      .chain((length) => fc.tuple(fc.constant(length), fc.nat(length - 1), fc.nat(255)));
    fc.assert(
      fc.property(arbitrary, ([length, index, bit]) => {
        const words = sampleWords(length, bit);
        const hash = tensorHash(words);
        const value = words[index]!;
        const opening = openWord(words, index);
        const { chunk, siblings } = opening;
        const verify = verifyWordOpening;
        expect(verify(hash, length, index, value, opening)).toBe(true);
        expect(verify(flipBit(hash, bit), length, index, value, opening)).toBe(false);
        expect(verify(hash, length, index, (value ^ 1) >>> 0, opening)).toBe(false);
        const other = (index + 1) % length;
        if (words[other] !== value) expect(verify(hash, length, other, value, opening)).toBe(false);
        expect(verify(hash, length, length, value, opening)).toBe(false);
        const flipped = chunk.slice();
        const at = bit % chunk.length;
        flipped[at] = (flipped[at]! ^ 0x80) >>> 0;
        expect(verify(hash, length, index, flipped[index % 256]!, { chunk: flipped, siblings })).toBe(false);
        expect(verify(hash, length, index, value, { chunk: chunk.subarray(0, chunk.length - 1), siblings })).toBe(
          false,
        );
        expect(verify(hash, length, index, value, { chunk: Uint32Array.from([...chunk, 0]), siblings })).toBe(false);
        siblings.forEach((sibling, level) => {
          const altered = siblings.with(level, flipBit(sibling, bit));
          expect(verify(hash, length, index, value, { chunk, siblings: altered })).toBe(false);
          expect(verify(hash, length, index, value, { chunk, siblings: siblings.toSpliced(level, 1) })).toBe(false);
        });
        expect(verify(hash, length, index, value, { chunk, siblings: [...siblings, hash] })).toBe(false);
      }),
      { numRuns: 80 },
    );
  });

  test('a tensor cannot be opened as one of another length', () => {
    for (const length of LENGTHS) {
      const words = sampleWords(length);
      const opening = openWord(words, length - 1);
      const verify = (count: number): boolean =>
        verifyWordOpening(tensorHash(words), count, length - 1, words[length - 1]!, opening);
      for (const other of [0, length - 1, length + 1, length + 256, 2 ** 32, -1, Number.NaN]) {
        expect(verify(other)).toBe(false);
      }
    }
  });

  test('what is not an opening is refused without an error, and a word that does not exist has none', () => {
    const words = sampleWords(10);
    const hash = tensorHash(words);
    for (const opening of [undefined, null, 5, {}, { chunk: [...words], siblings: [] }, { chunk: words }, []]) {
      expect(verifyWordOpening(hash, 10, 0, words[0]!, opening as unknown as WordOpening)).toBe(false);
    }
    for (const index of [-1, 10, 0.5, Number.NaN]) {
      let thrown: unknown;
      try {
        openWord(words, index);
      } catch (error) {
        thrown = error;
      }
      expect(isGensynError(thrown, 'commitment.index-out-of-range')).toBe(true);
    }
  });
});

describe('the way down a tensor', () => {
  test('from the hash to any chunk, every list has at most 32 nodes and folds to the node above it', () => {
    const arbitrary = fc
      .integer({ min: 257, max: 60_000 })
      .chain((length) => fc.tuple(fc.constant(length), fc.nat(length - 1)));
    fc.assert(
      fc.property(arbitrary, ([length, index]) => {
        const words = sampleWords(length);
        const target = index >>> 8;
        let node = tensorHash(words);
        let [first, count] = [0, tensorChunks(length)];
        for (let isRoot = true; count > 1; isRoot = false) {
          const list = childNodes(words, first, count);
          expect(list.length).toBe(blocksOf(count).count);
          expect(equalHashes(foldChildNodes(list, isRoot), node)).toBe(true);
          expect(equalHashes(foldChildNodes(list, !isRoot), node)).toBe(false);
          const block = Math.floor((target - first) / blocksOf(count).size);
          const range = blockRange(count, block);
          node = list[block]!;
          [first, count] = [first + range.first, range.count];
        }
        const posted = wordsOfChunkList(chunkList(words, first), length, first);
        expect(posted).toBeDefined();
        expect(chunkNode(posted!, length, first)).toEqual(node);
        expect(posted![index % 256]).toBe(words[index]);
      }),
      { numRuns: 40 },
    );
  });

  test('a posted chunk with padding that is not zero, or with another number of entries, is refused', () => {
    for (const length of LENGTHS) {
      const words = sampleWords(length);
      const chunk = tensorChunks(length) - 1;
      const list = chunkList(words, chunk);
      const inLast = length - 256 * chunk;
      expect(wordsOfChunkList(list, length, chunk)).toEqual(words.slice(256 * chunk));
      expect(wordsOfChunkList(list.slice(1), length, chunk)).toBeUndefined();
      expect(wordsOfChunkList([...list, new Uint8Array(32)], length, chunk)).toBeUndefined();
      for (let byte = 4 * inLast; byte < 32 * list.length; byte++) {
        const altered = list.with(-1, flipBit(list[list.length - 1]!, 8 * (byte % 32)));
        expect(wordsOfChunkList(altered, length, chunk)).toBeUndefined();
      }
    }
  });

  test('a tensor without words is one empty chunk and posts an empty list', () => {
    const words = new Uint32Array(0);
    expect(tensorChunks(0)).toBe(1);
    expect(chunkList(words, 0)).toEqual([]);
    expect(chunkNode(wordsOfChunkList([], 0, 0)!, 0, 0)).toEqual(tensorHash(words));
    expect(wordsOfChunkList([new Uint8Array(32)], 0, 0)).toBeUndefined();
  });

  test('only a node of more than one chunk has children', () => {
    const words = sampleWords(1000);
    for (const [first, count] of [
      [0, 1],
      [0, 5],
      [3, 2],
      [-1, 2],
      [0.5, 2],
      [0, Number.NaN],
    ] as const) {
      expect(() => childNodes(words, first, count)).toThrow(/chunk/);
    }
  });
});
