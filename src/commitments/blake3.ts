/**
 * BLAKE3 in plain TypeScript, with its inner nodes exposed: the living definition. Bulk data is hashed by the
 * WebAssembly kernels (`src/wasm/blake3.ts`), which are checked against this file.
 *
 * Source: O'Connor, Aumasson, Neves, Wilcox-O'Hearn, "BLAKE3: one function, fast everywhere", 2020; hash mode only.
 */
import {
  BLAKE3_FLAGS,
  BLAKE3_IV,
  BLAKE3_QUARTERS,
  BLAKE3_SCHEDULE,
  BLOCK_BYTES,
  CHUNK_BYTES,
} from '../wasm/blake3-tables.js';
import { HASH_BYTES, type Hash } from './hash.js';
import { type Combine, fold } from './tree.js';

/** Number of chunks of a message; an empty message is one empty chunk. */
function chunkCount(byteLength: number): number {
  return Math.max(1, Math.ceil(byteLength / CHUNK_BYTES));
}

/**
 * The chaining value of one chunk (at most 1,024 bytes).
 *
 * @param counter - the chunk's number in the message
 * @param isRoot - the chunk is the whole message
 */
export function chunkHash(bytes: Uint8Array, counter: number, isRoot: boolean): Hash {
  if (bytes.length > CHUNK_BYTES) throw new Error(`a chunk of ${bytes.length} bytes`);
  const blockCount = Math.max(1, Math.ceil(bytes.length / BLOCK_BYTES));
  const chainingValue = Uint32Array.from(BLAKE3_IV);
  for (let block = 0; block < blockCount; block++) {
    const part = bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
    let flags = block === 0 ? BLAKE3_FLAGS.chunkStart : 0;
    if (block === blockCount - 1) flags |= BLAKE3_FLAGS.chunkEnd | (isRoot ? BLAKE3_FLAGS.root : 0);
    compress(chainingValue, blockWords(part), counter, part.length, flags);
  }
  return toBytes(chainingValue);
}

/** The chaining value of two neighbours; `isRoot` where they are the two halves of the whole message. */
export const parentHash: Combine = (left, right, isRoot) => {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(left, 0);
  block.set(right, HASH_BYTES);
  const chainingValue = Uint32Array.from(BLAKE3_IV);
  const flags = BLAKE3_FLAGS.parent | (isRoot ? BLAKE3_FLAGS.root : 0);
  compress(chainingValue, blockWords(block), 0, BLOCK_BYTES, flags);
  return toBytes(chainingValue);
};

/** BLAKE3 of a message. Slow; for small messages and as the definition. */
export function blake3Reference(bytes: Uint8Array): Hash {
  const chunks = chunkCount(bytes.length);
  const leaves = Array.from({ length: chunks }, (_, chunk) =>
    chunkHash(bytes.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES), chunk, chunks === 1),
  );
  return fold(leaves, parentHash);
}

const state = new Uint32Array(16);

/** The compression function, in place: `chainingValue` (8 words) becomes the next one. */
function compress(
  chainingValue: Uint32Array,
  message: Uint32Array,
  counter: number,
  blockLength: number,
  flags: number,
): void {
  state.set(chainingValue, 0);
  for (let index = 0; index < 4; index++) state[8 + index] = BLAKE3_IV[index]!;
  state[12] = counter % 2 ** 32;
  state[13] = Math.floor(counter / 2 ** 32);
  state[14] = blockLength;
  state[15] = flags;
  for (const order of BLAKE3_SCHEDULE) {
    for (let quarter = 0; quarter < 8; quarter++) {
      const [a, b, c, d] = BLAKE3_QUARTERS[quarter]!;
      mix(a, b, c, d, message[order[2 * quarter]!]!, message[order[2 * quarter + 1]!]!);
    }
  }
  for (let index = 0; index < 8; index++) chainingValue[index] = state[index]! ^ state[index + 8]!;
}

/** The quarter-round `G` on four words of the state. */
function mix(a: number, b: number, c: number, d: number, first: number, second: number): void {
  state[a] = state[a]! + state[b]! + first;
  state[d] = rotateRight(state[d]! ^ state[a]!, 16);
  state[c] = state[c]! + state[d]!;
  state[b] = rotateRight(state[b]! ^ state[c]!, 12);
  state[a] = state[a]! + state[b]! + second;
  state[d] = rotateRight(state[d]! ^ state[a]!, 8);
  state[c] = state[c]! + state[d]!;
  state[b] = rotateRight(state[b]! ^ state[c]!, 7);
}

function rotateRight(value: number, count: number): number {
  return (value >>> count) | (value << (32 - count));
}

/** The 16 little-endian words of a block, zero behind its end. */
function blockWords(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(16);
  for (let index = 0; index < bytes.length; index++) words[index >>> 2]! |= bytes[index]! << (8 * (index & 3));
  return words;
}

function toBytes(chainingValue: Uint32Array): Hash {
  const bytes = new Uint8Array(HASH_BYTES);
  for (let index = 0; index < HASH_BYTES; index++) bytes[index] = chainingValue[index >>> 2]! >>> (8 * (index & 3));
  return bytes;
}
