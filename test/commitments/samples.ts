import { keccak256 } from '../../src/commitments/keccak.js';
import type { Combine } from '../../src/commitments/tree.js';

const cache = new Map<number, Uint8Array[]>();

/** `count` different leaves; the same for the same seed. */
export function sampleLeaves(count: number, seed = 0): Uint8Array[] {
  const leaves = cache.get(seed) ?? [];
  cache.set(seed, leaves);
  while (leaves.length < count) leaves.push(keccak256(new Uint8Array(Uint32Array.of(leaves.length, seed).buffer)));
  return leaves.slice(0, count);
}

/** `count` words without structure; the same for the same seed. */
export function sampleWords(count: number, seed = 1): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state ^ (state >>> 15)) >>> 0;
  });
}

/** The input of the official BLAKE3 test vectors. */
export function vectorInput(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

// Looking up a global is slow in the context a test runs in.
const { imul } = Math;

/** A cheap stand-in for a hash (it depends on order and on every byte), for exhaustive tests of the shape. */
export const cheapCombine: Combine = (left, right) => {
  const mixed = new Uint8Array(32);
  let state = 0x811c9dc5;
  for (let at = 0; at < 64; at++) {
    state = imul(state ^ (at < 32 ? left[at]! : right[at - 32]!), 0x01000193);
    state ^= state >>> 13;
    mixed[at & 31] = mixed[at & 31]! ^ state;
  }
  return mixed;
};

/** The same bytes with one bit flipped. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  const at = (bit >>> 3) % bytes.length;
  flipped[at] = flipped[at]! ^ (1 << (bit & 7));
  return flipped;
}
