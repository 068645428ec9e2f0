/**
 * BLAKE3 at the speed of the WebAssembly kernels, for everything that is hashed outside of a backend's own memory:
 * files, checkpoints, tensors of a replay. One thread; input is copied through a small window, so a message may be
 * larger than the memory the kernels see.
 */
import { fail } from '../errors/index.js';
import { addBlake3, planSubtrees, subtreeScratchBytes } from '../wasm/blake3.js';
import { BLAKE3_FLAGS, CHUNK_BYTES } from '../wasm/blake3-tables.js';
import { ModuleBuilder } from '../wasm/module-builder.js';
import { HASH_BYTES, type Hash } from './hash.js';

/** No message is longer: 2^32 − 1 words, and room for a file that holds them. */
export const MAX_MESSAGE_BYTES = 2 ** 36;

/** Bytes hashed at once: a power of two of chunks, small enough for a core's own cache. */
const WINDOW_BYTES = 256 * CHUNK_BYTES;
const PAGE_BYTES = 65536;
/** Chaining values of windows: 8 MiB at most. */
const MAX_NODES = MAX_MESSAGE_BYTES / WINDOW_BYTES;
const SCRATCH_AT = WINDOW_BYTES;
const NODES_AT = SCRATCH_AT + Math.ceil(subtreeScratchBytes(WINDOW_BYTES) / 64) * 64;

interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly subtree: (
    source: number,
    byteLength: number,
    firstChunk: number,
    flags: number,
    out: number,
    scratch: number,
  ) => void;
  readonly merge: (nodes: number, count: number, flags: number) => void;
}

let kernels: Kernels | undefined;

/** BLAKE3 of some bytes. Throws `commitment.too-large` above {@link MAX_MESSAGE_BYTES}. */
export function blake3(bytes: Uint8Array): Hash {
  return hashSubtree(bytes, 0, true);
}

/** BLAKE3 of words as they lie in memory: a tensor's hash. (Little-endian, as WebAssembly memory is.) */
export function blake3Words(words: Uint32Array | Int32Array | Float32Array): Hash {
  return blake3(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
}

/**
 * The chaining value of a subtree of a message, or the message's hash where the subtree is all of it.
 *
 * @param bytes - the bytes of the subtree
 * @param firstChunk - the number of its first chunk in the message
 * @param isRoot - it is the whole message
 */
export function hashSubtree(bytes: Uint8Array, firstChunk: number, isRoot: boolean): Hash {
  checkLength(bytes.length);
  kernels ??= instantiate();
  const pieces = planSubtrees(bytes.length, 1);
  const view = new Uint8Array(kernels.memory.buffer);
  const flags = isRoot ? BLAKE3_FLAGS.root : 0;
  pieces.forEach((piece, index) => {
    view.set(bytes.subarray(piece.offset, piece.offset + piece.byteLength));
    const pieceFlags = pieces.length === 1 ? flags : 0;
    const out = NODES_AT + HASH_BYTES * index;
    kernels!.subtree(0, piece.byteLength, firstChunk + piece.firstChunk, pieceFlags, out, SCRATCH_AT);
  });
  kernels.merge(NODES_AT, pieces.length, flags);
  return view.slice(NODES_AT, NODES_AT + HASH_BYTES);
}

/** The BLAKE3 node above at least one chaining value of one level, all but the last of equal height. */
export function mergeNodes(nodes: readonly Hash[], isRoot: boolean): Hash {
  kernels ??= instantiate();
  checkLength(nodes.length * WINDOW_BYTES);
  const view = new Uint8Array(kernels.memory.buffer);
  nodes.forEach((node, index) => {
    view.set(node, NODES_AT + HASH_BYTES * index);
  });
  kernels.merge(NODES_AT, nodes.length, isRoot ? BLAKE3_FLAGS.root : 0);
  return view.slice(NODES_AT, NODES_AT + HASH_BYTES);
}

function checkLength(byteLength: number): void {
  if (byteLength <= MAX_MESSAGE_BYTES) return;
  throw fail('commitment.too-large', { found: byteLength, what: 'bytes', limit: MAX_MESSAGE_BYTES });
}

function instantiate(): Kernels {
  // All the memory there can ever be: the pages of nodes that no message reaches are never touched.
  const pages = Math.ceil((NODES_AT + HASH_BYTES * MAX_NODES) / PAGE_BYTES);
  const builder = new ModuleBuilder();
  builder.importMemory({ minimum: pages, maximum: pages, shared: true });
  const { subtree, merge } = addBlake3(builder);
  builder.exportFunction('subtree', subtree);
  builder.exportFunction('merge', merge);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(builder.encode()), { env: { memory } });
  return { memory, ...(instance.exports as unknown as Pick<Kernels, 'subtree' | 'merge'>) };
}
