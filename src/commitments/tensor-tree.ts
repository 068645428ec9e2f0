/**
 * A tensor as a tree that can be opened down to one word.
 *
 * The hash of a tensor is the plain BLAKE3 hash of its words, 4 little-endian bytes each. BLAKE3 is a tree over chunks
 * of 1,024 bytes (256 words), so the hash can be opened without anything else being published. A tensor without words
 * is one empty chunk. The chunk's number is hashed with it, and so is "this is the root", which is why the functions
 * here take positions and not only data.
 */
import { fail } from '../errors/index.js';
import { chunkHash, parentHash } from './blake3.js';
import { concatenate } from './bytes.js';
import { HASH_BYTES, type Hash, isHash } from './hash.js';
import { blake3Words, hashSubtree, mergeNodes } from './hasher.js';
import { blocksOf, type Combine, fold, opens } from './tree.js';
import { isInMemory, type WordSource } from './word-source.js';

export const CHUNK_WORDS = 256;

/** Lengths of tensors are 32-bit numbers. */
const MAX_TENSOR_WORDS = 2 ** 32 - 1;

/** Chunks that are hashed at once of words that are not in memory. A power of two: a piece is a node of the tree. */
const PIECE_CHUNKS = 1024;

/** Words in one 32-byte entry of a posted list. */
const ENTRY_WORDS = HASH_BYTES / 4;

/** A word's chunk and the way from the chunk to the tensor's hash. */
export interface WordOpening {
  /** All words of the chunk: 256, or what is left in the last one. No padding. */
  readonly chunk: Uint32Array;
  /** From the chunk up, exactly the siblings that exist. */
  readonly siblings: readonly Hash[];
}

/** BLAKE3 of the words, wherever they lie. */
export function tensorHash(words: WordSource): Hash {
  return isInMemory(words) ? blake3Words(words) : nodeHash(words, 0, tensorChunks(words.length));
}

/** Number of chunks of a tensor: max(1, ⌈words / 256⌉). */
export function tensorChunks(wordCount: number): number {
  return Math.max(1, Math.ceil(wordCount / CHUNK_WORDS));
}

/** Number of words of a chunk: 256, or what is left in the last one. */
export function chunkWords(wordCount: number, chunk: number): number {
  return Math.max(0, Math.min(CHUNK_WORDS, wordCount - chunk * CHUNK_WORDS));
}

/** Opens a word. Throws `commitment.index-out-of-range`. Costs about one hash of the tensor. */
export function openWord(words: WordSource, index: number): WordOpening {
  if (!Number.isSafeInteger(index) || index < 0 || index >= words.length) {
    throw fail('commitment.index-out-of-range', { what: 'word', index, count: words.length });
  }
  const chunk = Math.floor(index / CHUNK_WORDS);
  const chunks = tensorChunks(words.length);
  const siblings: Hash[] = [];
  for (let size = 1; size < chunks; size *= 2) {
    const position = Math.floor(chunk / size);
    const first = size * (position % 2 === 0 ? position + 1 : position - 1);
    if (first < chunks) siblings.push(nodeHash(words, first, Math.min(size, chunks - first)));
  }
  return { chunk: words.subarray(chunk * CHUNK_WORDS, (chunk + 1) * CHUNK_WORDS).slice(), siblings };
}

/**
 * True where word `index` of the tensor of `wordCount` words with this hash has the value (its bits as an unsigned
 * number). The chunk must have exactly its length and every sibling that exists must be there. Never throws.
 */
export function verifyWordOpening(
  hash: Hash,
  wordCount: number,
  index: number,
  value: number,
  opening: WordOpening,
): boolean {
  if (!isWordOf(wordCount, index) || typeof opening !== 'object' || opening === null) return false;
  const { chunk: words, siblings } = opening;
  const chunk = Math.floor(index / CHUNK_WORDS);
  const chunks = tensorChunks(wordCount);
  if (!isWords(words) || words.length !== chunkWords(wordCount, chunk)) return false;
  if (words[index % CHUNK_WORDS] !== value) return false;
  return opens(hash, chunks, chunk, chunkHash(bytesOf(words), chunk, chunks === 1), siblings, parentHash);
}

/**
 * The list below a node of the tensor's tree that covers more than one chunk: its at most 32 blocks (see `blocksOf`).
 *
 * @param first - the node's first chunk
 * @param count - the node's number of chunks, ≥ 2
 * @throws `commitment.index-out-of-range`
 */
export function childNodes(words: WordSource, first: number, count: number): Hash[] {
  const chunks = tensorChunks(words.length);
  if (
    !Number.isSafeInteger(first) ||
    first < 0 ||
    !Number.isSafeInteger(count) ||
    count < 2 ||
    first + count > chunks
  ) {
    throw fail('commitment.index-out-of-range', { what: 'chunk', index: first + count - 1, count: chunks });
  }
  const blocks = blocksOf(count);
  return Array.from({ length: blocks.count }, (_, block) =>
    nodeHash(words, first + block * blocks.size, Math.min(blocks.size, count - block * blocks.size)),
  );
}

/**
 * The node that a posted list of children folds to.
 *
 * @param isRoot - the node is the whole tensor
 */
export function foldChildNodes(children: readonly Hash[], isRoot: boolean): Hash {
  const combine: Combine = (left, right, isTop) => parentHash(left, right, isRoot && isTop);
  return fold(children, combine);
}

/**
 * A chunk as a list of 32-byte entries, which is how it is posted: eight little-endian words in each, zero behind the
 * end of the tensor.
 */
export function chunkList(words: WordSource, chunk: number): Hash[] {
  const part = words.subarray(chunk * CHUNK_WORDS, (chunk + 1) * CHUNK_WORDS);
  return Array.from({ length: Math.ceil(part.length / ENTRY_WORDS) }, (_, entry) => {
    const bytes = new Uint8Array(HASH_BYTES);
    bytes.set(bytesOf(part.subarray(entry * ENTRY_WORDS, (entry + 1) * ENTRY_WORDS)));
    return bytes;
  });
}

/**
 * The words of a posted chunk, or undefined where the list cannot be that chunk: wrong number of entries, or padding
 * that is not zero (BLAKE3 hashes a short block's padding, so a lie there could not be pointed at by a word's index).
 */
export function wordsOfChunkList(list: readonly Hash[], wordCount: number, chunk: number): Uint32Array | undefined {
  const length = chunkWords(wordCount, chunk);
  if (!Array.isArray(list) || list.length !== Math.ceil(length / ENTRY_WORDS) || !list.every(isHash)) return undefined;
  const padded = new Uint32Array(concatenate(list).buffer);
  return padded.subarray(length).every((word) => word === 0) ? padded.slice(0, length) : undefined;
}

/** The chaining value of a chunk given by its words; the tensor's hash where there is only one chunk. */
export function chunkNode(words: Uint32Array, wordCount: number, chunk: number): Hash {
  return chunkHash(bytesOf(words), chunk, tensorChunks(wordCount) === 1);
}

/** The node over `count` chunks from chunk `first` on, which must be a node of the tree. */
function nodeHash(words: WordSource, first: number, count: number): Hash {
  const isRoot = count === tensorChunks(words.length);
  const part = (from: number, chunks: number): Uint8Array =>
    bytesOf(words.subarray(from * CHUNK_WORDS, (from + chunks) * CHUNK_WORDS));
  if (isInMemory(words) || count <= PIECE_CHUNKS) return hashSubtree(part(first, count), first, isRoot);
  const nodes: Hash[] = [];
  for (let at = 0; at < count; at += PIECE_CHUNKS) {
    nodes.push(hashSubtree(part(first + at, Math.min(PIECE_CHUNKS, count - at)), first + at, false));
  }
  return mergeNodes(nodes, isRoot);
}

function isWordOf(wordCount: number, index: number): boolean {
  return (
    Number.isSafeInteger(wordCount) &&
    Number.isSafeInteger(index) &&
    wordCount <= MAX_TENSOR_WORDS &&
    0 <= index &&
    index < wordCount
  );
}

function isWords(value: unknown): value is Uint32Array {
  return Object.prototype.toString.call(value) === '[object Uint32Array]' && ArrayBuffer.isView(value);
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
