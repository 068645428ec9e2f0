import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { equalHashes, type Hash, zeroHash } from '../../src/commitments/hash.js';
import { keccak256 } from '../../src/commitments/keccak.js';
import { merkleBlocks, merkleNode, merkleRoot, openingOf, verifyOpening } from '../../src/commitments/merkle.js';
import { blockRange, blocksOf, combineLevel, fold, levelOf, opens, siblingsOf } from '../../src/commitments/tree.js';
import { isGensynError } from '../../src/errors/index.js';
import { cheapCombine, flipBit, sampleLeaves } from './samples.js';

const concat = (left: Hash, right: Hash): Uint8Array => Uint8Array.from([...left, ...right]);

describe('the shape of a tree', () => {
  test('the root of nothing is zero, of one leaf the leaf, and an odd last node moves up unchanged', () => {
    const [a, b, c, d, e] = sampleLeaves(5) as [Hash, Hash, Hash, Hash, Hash];
    const node = (left: Hash, right: Hash): Hash => keccak256(concat(left, right));
    expect(merkleRoot([])).toEqual(zeroHash());
    expect(merkleRoot([a])).toEqual(a);
    expect(merkleRoot([a, b])).toEqual(node(a, b));
    expect(merkleRoot([a, b, c])).toEqual(node(node(a, b), c));
    expect(merkleRoot([a, b, c, d, e])).toEqual(node(node(node(a, b), node(c, d)), e));
    expect(merkleNode(a, b)).toEqual(node(a, b));
  });

  test('it is the recursive definition of RFC 6962: the left part is the largest power of two below the count', () => {
    const recursive = (leaves: readonly Hash[]): Hash => {
      if (leaves.length === 1) return leaves[0]!;
      let left = 1;
      while (2 * left < leaves.length) left *= 2;
      return cheapCombine(recursive(leaves.slice(0, left)), recursive(leaves.slice(left)), false);
    };
    for (let count = 1; count <= 200; count++) {
      const leaves = sampleLeaves(count);
      expect(fold(leaves, cheapCombine)).toEqual(recursive(leaves));
    }
  });

  test('a parent changes if and only if a child below it does, at every level', () => {
    for (let count = 1; count <= 200; count++) {
      const leaves = sampleLeaves(count);
      for (const index of new Set([0, count >>> 1, count - 1])) {
        const changed = leaves.with(index, flipBit(leaves[index]!, index));
        let [before, after] = [leaves, changed];
        for (let level = 0; 2 ** level < 2 * count; level++) {
          const differing = [...before.keys()].filter((at) => !equalHashes(before[at]!, after[at]!));
          expect(differing).toEqual([index >>> level]);
          before = combineLevel(before, cheapCombine);
          after = combineLevel(after, cheapCombine);
        }
      }
    }
  });

  test('no two counts share a root: neither zero leaves nor repeated leaves pad a tree', () => {
    const seen = new Set<string>();
    const [first] = sampleLeaves(1) as [Hash];
    for (let count = 0; count <= 200; count++) {
      const repeated = new Array<Hash>(count).fill(first);
      seen.add(merkleRoot([first, first, first, ...repeated]).join());
      if (count > 0) seen.add(merkleRoot([first, first, first, ...new Array<Hash>(count).fill(zeroHash())]).join());
    }
    expect(seen.size).toBe(401);
  });
});

describe('openings', () => {
  test('every leaf of every tree of 1 … 200 leaves opens, and only as itself', () => {
    for (let count = 1; count <= 200; count++) {
      const leaves = sampleLeaves(count);
      const root = fold(leaves, cheapCombine);
      for (let index = 0; index < count; index += count < 40 ? 1 : 7) {
        const leaf = leaves[index]!;
        const siblings = siblingsOf(leaves, index, cheapCombine);
        const accepted: number[] = [];
        for (let at = 0; at < count; at += at === index || at + 1 === index || count < 40 ? 1 : 5) {
          if (opens(root, count, at, leaf, siblings, cheapCombine)) accepted.push(at);
        }
        const last = opens(root, count, index, leaf, siblings, cheapCombine);
        expect([last, accepted.filter((at) => at !== index)]).toEqual([true, []]);
      }
    }
  });

  test('every altered field of an opening is refused', () => {
    const arbitrary = fc
      .integer({ min: 1, max: 200 })
      .chain((count) => fc.tuple(fc.constant(count), fc.nat(count - 1), fc.nat(255)));
    fc.assert(
      fc.property(arbitrary, ([count, index, bit]) => {
        const leaves = sampleLeaves(count, bit);
        const root = merkleRoot(leaves);
        const { leaf, siblings } = openingOf(leaves, index);
        const verify = verifyOpening;
        expect(verify(root, count, index, leaf, siblings)).toBe(true);
        expect(verify(flipBit(root, bit), count, index, leaf, siblings)).toBe(false);
        expect(verify(root, count, index, flipBit(leaf, bit), siblings)).toBe(false);
        siblings.forEach((sibling, at) => {
          expect(verify(root, count, index, leaf, siblings.with(at, flipBit(sibling, bit)))).toBe(false);
          expect(verify(root, count, index, leaf, siblings.toSpliced(at, 1))).toBe(false);
          expect(verify(root, count, index, leaf, siblings.toSpliced(at, 0, sibling))).toBe(false);
        });
        expect(verify(root, count, index, leaf, [...siblings, zeroHash()])).toBe(false);
        for (const wrong of [index + 1, index - 1, index + count, -1, 0.5, Number.NaN, 2 ** 53]) {
          expect(verify(root, count, wrong, leaf, siblings)).toBe(false);
        }
        for (const wrong of [0, -1, index, Number.NaN, 2 ** 60]) {
          expect(verify(root, wrong, index, leaf, siblings)).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a count that asks for another number of siblings is refused', () => {
    for (let count = 1; count <= 64; count++) {
      const leaves = sampleLeaves(count);
      const root = merkleRoot(leaves);
      const { leaf, siblings } = openingOf(leaves, count - 1);
      for (const other of [count - 1, count + 1, 2 * count]) {
        // Where another count gives the last leaf the same path, it is the same statement about the same leaf.
        const accepted = verifyOpening(root, other, count - 1, leaf, siblings);
        if (accepted) expect(siblings.length).toBe(openingOf(sampleLeaves(other), count - 1).siblings.length);
      }
    }
  });

  test('what is not an opening is refused without an error', () => {
    const [root] = sampleLeaves(1) as [Hash];
    for (const siblings of [undefined, null, 7, 'x', {}, { length: 0 }, [undefined], [new Uint8Array(31)]]) {
      expect(verifyOpening(root, 2, 0, root, siblings as never)).toBe(false);
    }
    for (const leaf of [undefined, null, 'x', new Uint8Array(64), new Uint32Array(8), []]) {
      expect(verifyOpening(root, 1, 0, leaf as never, [])).toBe(false);
      expect(verifyOpening(leaf as never, 1, 0, root, [])).toBe(false);
    }
  });

  test('asking for a leaf that does not exist, or hashing what is no hash, is an error of the catalogue', () => {
    const code = (action: () => unknown): unknown => {
      try {
        return action();
      } catch (error) {
        return isGensynError(error) ? error.code : error;
      }
    };
    expect(code(() => openingOf(sampleLeaves(3), 3))).toBe('commitment.index-out-of-range');
    expect(code(() => openingOf([], 0))).toBe('commitment.index-out-of-range');
    expect(code(() => merkleRoot([new Uint8Array(33)]))).toBe('commitment.invalid-hash');
  });
});

describe('blocks', () => {
  const bitsOf = (count: number): number => (count === 1 ? 0 : (count - 1).toString(2).length);

  test('a range is cut into at most 32 blocks of a power of two, in as few rounds as that allows, all about as long', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 2 ** 32 + 1 })), (count) => {
        const blocks = blocksOf(count);
        expect(blocks.size).toBe(2 ** blocks.level);
        expect(blocks.count).toBeLessThanOrEqual(32);
        const rounds = [];
        for (let rest = count; rest > 1; rest = blocksOf(rest).size) rounds.push(bitsOf(rest) - blocksOf(rest).level);
        expect(rounds.length).toBe(Math.ceil(bitsOf(count) / 5));
        if (rounds.length > 0) expect(Math.max(...rounds) - Math.min(...rounds)).toBeLessThanOrEqual(1);
        expect(blocks.count * blocks.size).toBeGreaterThanOrEqual(count);
        expect((blocks.count - 1) * blocks.size).toBeLessThan(count);
        const last = blockRange(count, blocks.count - 1);
        expect(last.first + last.count).toBe(count);
      }),
    );
    for (const wrong of [-1, 0.5, Number.NaN, 2 ** 32 + 2]) expect(() => blocksOf(wrong)).toThrow(/at most/);
    for (const wrong of [-1, 0.5, Number.NaN, 17]) expect(() => blockRange(33, wrong)).toThrow(/block/);
    expect(blocksOf(32)).toEqual({ level: 0, count: 32, size: 1 });
    expect(blocksOf(33)).toEqual({ level: 3, count: 5, size: 8 });
    expect(blocksOf(64)).toEqual({ level: 3, count: 8, size: 8 });
    expect(blocksOf(1024)).toEqual({ level: 5, count: 32, size: 32 });
    expect(blocksOf(2 ** 32 + 1)).toEqual({ level: 28, count: 17, size: 2 ** 28 });
  });

  test('a tree cut at a level is the same tree over its blocks: 2,800 cuts', () => {
    let cuts = 0;
    for (let count = 1; count <= 400; count++) {
      const leaves = sampleLeaves(count);
      const root = fold(leaves, cheapCombine);
      for (let level = 0; level < 7; level++, cuts++) {
        const blocks = levelOf(leaves, level, cheapCombine);
        expect(fold(blocks, cheapCombine)).toEqual(root);
        const last = leaves.slice((blocks.length - 1) * 2 ** level);
        expect(blocks[blocks.length - 1]).toEqual(fold(last, cheapCombine));
      }
    }
    expect(cuts).toBe(2800);
  });

  test('a posted list gives its node', () => {
    for (const count of [1, 2, 31, 32, 33, 63, 64, 65, 100, 1000]) {
      const leaves = sampleLeaves(count);
      const list = merkleBlocks(leaves);
      expect(list.length).toBe(blocksOf(count).count);
      expect(merkleRoot(list)).toEqual(merkleRoot(leaves));
    }
  });
});
