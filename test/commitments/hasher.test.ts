import { describe, expect, test } from '@jest/globals';
import { blake3 as noble } from '@noble/hashes/blake3.js';
import * as npmBlake3 from 'blake3';
import fc from 'fast-check';
import { blake3Reference, chunkHash, parentHash } from '../../src/commitments/blake3.js';
import { bytesToHex } from '../../src/commitments/hash.js';
import { blake3, blake3Words, hashSubtree } from '../../src/commitments/hasher.js';
import { fold } from '../../src/commitments/tree.js';
import { addBlake3, MAX_SCRATCH_BYTES, planSubtrees, subtreeScratchBytes } from '../../src/wasm/blake3.js';
import { ModuleBuilder } from '../../src/wasm/module-builder.js';
import { sampleWords, vectorInput } from './samples.js';

/** Lengths of the official vectors, and both sides of every edge of blocks, chunks, lanes and windows. */
const LENGTHS = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 63, 64, 65, 127, 128, 129, 1023, 1024, 1025, 2048, 2049, 3072, 3073, 4095, 4096, 4097,
  5120, 5121, 6144, 6145, 7168, 7169, 8192, 8193, 16384, 31744, 102400, 262143, 262144, 262145, 263169, 524288, 786433,
];

const npmHash = (bytes: Uint8Array): Uint8Array => Uint8Array.from(npmBlake3.hash(Buffer.from(bytes)) as Buffer);

describe('BLAKE3 in TypeScript', () => {
  test('knows the official test vectors for 0 and 1 bytes', () => {
    expect(bytesToHex(blake3Reference(vectorInput(0)))).toBe(
      '0xaf1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262',
    );
    expect(bytesToHex(blake3Reference(vectorInput(1)))).toBe(
      '0x2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213',
    );
  });

  test('equals two other implementations around every edge', () => {
    for (const length of LENGTHS.filter((at) => at <= 102400)) {
      const input = vectorInput(length);
      const hash = bytesToHex(blake3Reference(input));
      expect([length, hash]).toEqual([length, bytesToHex(noble(input))]);
      expect([length, hash]).toEqual([length, bytesToHex(npmHash(input))]);
    }
  });

  test('a message of two chunks is the root over its two chunks', () => {
    const input = vectorInput(1500);
    const left = chunkHash(input.subarray(0, 1024), 0, false);
    const right = chunkHash(input.subarray(1024), 1, false);
    expect(parentHash(left, right, true)).toEqual(blake3Reference(input));
    expect(parentHash(left, right, false)).not.toEqual(blake3Reference(input));
  });
});

describe('BLAKE3 in WebAssembly', () => {
  test('equals two other implementations around every edge, whatever was hashed before', () => {
    for (const length of [...LENGTHS, ...LENGTHS.toReversed()]) {
      const input = vectorInput(length);
      const hash = bytesToHex(blake3(input));
      expect([length, hash]).toEqual([length, bytesToHex(npmHash(input))]);
      if (length < 10_000) expect(hash).toBe(bytesToHex(noble(input)));
    }
  });

  test('equals the definition for any length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), fc.nat(), (length, seed) => {
        const input = new Uint8Array(sampleWords(Math.ceil(length / 4), seed).buffer, 0, length);
        expect(blake3(input)).toEqual(blake3Reference(input));
      }),
      { numRuns: 60 },
    );
  });

  test('words are hashed as their little-endian bytes, wherever they lie', () => {
    const words = Uint32Array.of(9, 0x04030201, 0x08070605, 9);
    expect(blake3Words(words.subarray(1, 3))).toEqual(blake3(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)));
  });

  test('a subtree’s value is the definition’s, at any place in the message', () => {
    const input = vectorInput(200_000);
    const leaves = Array.from({ length: 196 }, (_, chunk) =>
      chunkHash(input.subarray(1024 * chunk, 1024 * (chunk + 1)), chunk, false),
    );
    for (const [first, count] of [
      [0, 1],
      [3, 1],
      [4, 4],
      [64, 64],
      [128, 64],
      [192, 4],
      [128, 68],
      [195, 1],
    ] as const) {
      const bytes = input.subarray(1024 * first, 1024 * (first + count));
      const expected = fold(leaves.slice(first, first + count), (l, r) => parentHash(l, r, false));
      expect(hashSubtree(bytes, first, false)).toEqual(expected);
    }
  });

  test('the number of a chunk is hashed with all its 32 bits', () => {
    for (const first of [4, 2 ** 24 - 4, 2 ** 26, 2 ** 31, 2 ** 32 - 4]) {
      const leaves = [0, 1, 2, 3].map((at) => chunkHash(vectorInput(1024), first + at, false));
      const input = Buffer.concat([0, 1, 2, 3].map(() => vectorInput(1024)));
      expect(hashSubtree(input, first, false)).toEqual(fold(leaves, (l, r) => parentHash(l, r, false)));
      expect(hashSubtree(vectorInput(1024), first, false)).toEqual(leaves[0]);
    }
  });
});

describe('the plan for several threads', () => {
  test('covers the message with pieces that are nodes of its tree, for any number of threads', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50_000_000 }), fc.integer({ min: 1, max: 64 }), (byteLength, threads) => {
        const plan = planSubtrees(byteLength, threads);
        let end = 0;
        for (const piece of plan) {
          expect(piece.offset).toBe(end);
          expect(piece.firstChunk * 1024).toBe(piece.offset);
          expect(subtreeScratchBytes(piece.byteLength)).toBeLessThanOrEqual(MAX_SCRATCH_BYTES);
          end += piece.byteLength;
        }
        expect(end).toBe(byteLength);
        const size = plan[0]!.byteLength / 1024;
        if (plan.length > 1) expect(Math.log2(size) % 1).toBe(0);
        expect(plan.slice(0, -1).every((piece) => piece.byteLength === plan[0]!.byteLength)).toBe(true);
      }),
    );
  });

  test('gives the same hash for any number of threads and any order of the pieces', () => {
    const input = vectorInput(700_001);
    const expected = blake3(input);
    for (const threads of [1, 2, 3, 8, 64]) {
      const plan = planSubtrees(input.length, threads);
      const nodes = new Array<Uint8Array>(plan.length);
      for (const [index, piece] of [...plan.entries()].reverse()) {
        const bytes = input.subarray(piece.offset, piece.offset + piece.byteLength);
        nodes[index] = hashSubtree(bytes, piece.firstChunk, plan.length === 1);
      }
      expect(plan.length === 1 ? nodes[0] : fold(nodes, parentHash)).toEqual(expected);
    }
  });

  test('the functions write only where they are told to', () => {
    const builder = new ModuleBuilder();
    builder.importMemory({ minimum: 4, maximum: 4, shared: true });
    const { subtree, merge } = addBlake3(builder);
    builder.exportFunction('subtree', subtree);
    builder.exportFunction('merge', merge);
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
    const module = new WebAssembly.Module(builder.encode());
    const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as Record<string, CallableFunction>;
    const view = new Uint8Array(memory.buffer);
    for (const byteLength of [0, 5, 1024, 1025, 9000, 50_000, 65_536]) {
      const [source, out, scratch] = [4, 100_000, 120_000];
      view.fill(0xa5);
      view.set(vectorInput(byteLength), source);
      const before = view.slice();
      kernels.subtree!(source, byteLength, 0, 8, out, scratch);
      expect(view.slice(out, out + 32)).toEqual(blake3(vectorInput(byteLength)));
      before.set(view.subarray(out, out + 32), out);
      const scratchEnd = scratch + subtreeScratchBytes(byteLength);
      before.set(view.subarray(scratch, scratchEnd), scratch);
      expect(Buffer.compare(before, view.slice())).toBe(0);
    }
  });
});
