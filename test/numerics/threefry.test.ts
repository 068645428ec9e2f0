import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { streamKey, threefry2x32 } from '../../src/numerics/threefry.js';

const word = fc.integer({ min: 0, max: 0xffffffff });

describe('Threefry-2x32-20', () => {
  // Random123, `kat_vectors`: counter, key, result. JAX tests its threefry2x32 with the same three.
  test.each([
    ['zeros', [0, 0], [0, 0], [0x6b200159, 0x99ba4efe]],
    ['ones', [0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x1cb996fc, 0xbb002be7]],
    ['digits of π', [0x243f6a88, 0x85a308d3], [0x13198a2e, 0x03707344], [0xc4923a9c, 0x483df7a0]],
  ] as const)('gives the known answer for %s', (_name, counter, key, answer) => {
    expect(threefry2x32(key, counter)).toEqual(answer);
  });

  test('gives unsigned words, and signed ones are read modulo 2^32', () => {
    fc.assert(
      fc.property(word, word, word, word, (k0, k1, c0, c1) => {
        const block = threefry2x32([k0, k1], [c0, c1]);
        for (const of of block) expect(of >>> 0).toBe(of);
        expect(threefry2x32([k0 | 0, k1 | 0], [c0 | 0, c1 | 0])).toEqual(block);
      }),
    );
  });

  test('is a bijection of counters: no two counters collide', () => {
    const seen = new Set<string>();
    for (let counter = 0; counter < 4096; counter++)
      seen.add(threefry2x32([5, 6], [counter & 63, counter >>> 6]).join());
    expect(seen.size).toBe(4096);
  });
});

describe('stream keys', () => {
  test('have known answers', () => {
    expect(streamKey(0, 0)).toEqual([0x926c4320, 0xfe712822]);
    expect(streamKey(42, 1)).toEqual([0xf2525b69, 0x4a7f0c47]);
    expect(streamKey(Number.MAX_SAFE_INTEGER, 0xffffffff)).toEqual([0x9ed5d044, 0x9a65773b]);
  });

  test('are the block of (stream, tag) under both words of the seed', () => {
    const seed = fc.maxSafeNat();
    fc.assert(
      fc.property(seed, word, (of, stream) => {
        const high = Number(BigInt(of) >> 32n);
        const low = Number(BigInt(of) & 0xffffffffn);
        expect(streamKey(of, stream)).toEqual(threefry2x32([low, high], [stream, 0x67656e73]));
      }),
    );
  });

  test.each([[-1], [0.5], [2 ** 53], [NaN]])('refuse the seed %p', (seed) => {
    expect(() => streamKey(seed, 0)).toThrow('seed');
  });

  test.each([[-1], [0.5], [2 ** 32]])('refuse the stream %p', (stream) => {
    expect(() => streamKey(0, stream)).toThrow('stream');
  });
});
