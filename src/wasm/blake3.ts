/**
 * BLAKE3 as WebAssembly functions that are added to a module under construction, so that a machine hashes tensors where
 * they lie, with the threads it has.
 *
 * How to hash `byteLength` bytes at `source` with several threads:
 *
 *     const { subtree, merge } = addBlake3(module);              // function indices; export or call them
 *     const plan = planSubtrees(byteLength, threads);            // pieces; any thread may take any piece
 *     subtree(source + piece.offset, piece.byteLength, piece.firstChunk, flags, out + 32·i, scratch)
 *     merge(out, plan.length, root flag)                         // the hash is now the 32 bytes at `out`
 *
 * `flags` is `BLAKE3_FLAGS.root` where the plan has one piece (then there is nothing to merge), else 0. `scratch` holds
 * `subtreeScratchBytes(piece.byteLength)` bytes for each thread; at most {@link MAX_SCRATCH_BYTES} with `planSubtrees`.
 * All addresses are multiples of 4.
 */
import { addChunkLanes, addParentLanes } from './blake3-lanes.js';
import {
  BLAKE3_FLAGS,
  BLAKE3_IV,
  BLAKE3_QUARTERS,
  BLAKE3_SCHEDULE,
  BLOCK_BYTES,
  CHUNK_BYTES,
} from './blake3-tables.js';
import type { FunctionBuilder, Local } from './function-builder.js';
import type { ModuleBuilder } from './module-builder.js';

const HASH_BYTES = 32;

/** Indices of the functions that `addBlake3` added. All parameters are i32, nothing is returned. */
export interface Blake3Functions {
  /**
   * `(source, byteLength, firstChunk, flags, out, scratch)`: the chaining value (32 bytes, to `out`) of the subtree over
   * these bytes, which begin with chunk number `firstChunk` of the message. The subtree must be a node of the message's
   * tree: 2^k chunks beginning at a multiple of 2^k, or what is left of the message there.
   */
  readonly subtree: number;
  /**
   * `(nodes, count, flags)`: combines `count` ≥ 1 chaining values of one level into the node above all of them, in place;
   * the result is the first 32 bytes at `nodes`. `flags` go to the last combination only.
   */
  readonly merge: number;
}

export interface SubtreePiece {
  readonly offset: number;
  readonly byteLength: number;
  /** The number of its first chunk in the message. */
  readonly firstChunk: number;
}

/** Adds the functions. They use no memory but what their arguments point at. */
export function addBlake3(module: ModuleBuilder): Blake3Functions {
  const chunkLanes = addChunkLanes(module);
  const parentLanes = addParentLanes(module);
  const compress = addCompress(module);
  const chunk = addChunk(module, compress);
  const merge = addMerge(module, parentLanes, addParent(module));
  const subtree = addSubtree(module, { chunkLanes, chunk, merge });
  return { subtree, merge };
}

/** Bytes of scratch that `subtree` needs for a piece: one block and a chaining value for each chunk. */
export function subtreeScratchBytes(byteLength: number): number {
  return BLOCK_BYTES + HASH_BYTES * Math.max(1, Math.ceil(byteLength / CHUNK_BYTES));
}

/** Pieces have at most this many chunks: large enough to keep merging cheap, small enough for the cache. */
const MAX_PIECE_CHUNKS = 256;
/** A piece is not worth handing to another thread below this. */
const MIN_PIECE_CHUNKS = 16;
/** Pieces for each thread, so that a slow thread does not hold up the others. */
const PIECES_PER_THREAD = 4;

/** Enough scratch for any piece of a plan. */
export const MAX_SCRATCH_BYTES = subtreeScratchBytes(MAX_PIECE_CHUNKS * CHUNK_BYTES);

/**
 * Cuts a message into subtrees of equal size (the last may be shorter), at least one. They are one level of the
 * message's tree, so merging their chaining values gives the hash, whatever `threads` is.
 */
export function planSubtrees(byteLength: number, threads: number): SubtreePiece[] {
  const chunks = Math.max(1, Math.ceil(byteLength / CHUNK_BYTES));
  let pieceChunks = MAX_PIECE_CHUNKS;
  while (threads > 1 && pieceChunks > MIN_PIECE_CHUNKS && chunks < pieceChunks * threads * PIECES_PER_THREAD) {
    pieceChunks /= 2;
  }
  const pieces: SubtreePiece[] = [];
  for (let firstChunk = 0; firstChunk < chunks; firstChunk += pieceChunks) {
    const offset = firstChunk * CHUNK_BYTES;
    pieces.push({ offset, byteLength: Math.min(pieceChunks * CHUNK_BYTES, byteLength - offset), firstChunk });
  }
  return pieces;
}

/** `(chaining, block, counter, length, flags, out)`: one compression of 64 bytes at `block`; `out` may be `chaining`. */
function addCompress(module: ModuleBuilder): number {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;
  return module.addFunction(params, [], (f, chaining, block, counter, length, flags, out) => {
    const state = f.locals(16, 'i32');
    for (let index = 0; index < 8; index++)
      f.get(chaining!)
        .mem('i32.load', 4 * index)
        .set(state[index]!);
    f.get(counter!).set(state[12]!).get(length!).set(state[14]!).get(flags!).set(state[15]!);
    mixBlock(f, state, block!, out!);
  });
}

/** `(block, flags, out)`: the parent of the two chaining values at `block`; `out` may be `block`. */
function addParent(module: ModuleBuilder): number {
  return module.addFunction(['i32', 'i32', 'i32'], [], (f, block, flags, out) => {
    const state = f.locals(16, 'i32');
    for (let index = 0; index < 8; index++) f.i32(BLAKE3_IV[index]!).set(state[index]!);
    f.i32(0).set(state[12]!).i32(BLOCK_BYTES).set(state[14]!);
    f.get(flags!).i32(BLAKE3_FLAGS.parent).op('i32.or').set(state[15]!);
    mixBlock(f, state, block!, out!);
  });
}

/** Seven rounds over the block; the caller has set the chaining value, the low counter, the length and the flags. */
function mixBlock(f: FunctionBuilder, state: readonly Local[], block: Local, out: Local): void {
  const message = f.locals(16, 'i32');
  message.forEach((word, index) => {
    f.get(block)
      .mem('i32.load', 4 * index)
      .set(word);
  });
  for (let index = 0; index < 4; index++) f.i32(BLAKE3_IV[index]!).set(state[8 + index]!);
  f.i32(0).set(state[13]!);
  for (const order of BLAKE3_SCHEDULE)
    mixRound(
      f,
      state,
      order.map((place) => message[place]!),
    );
  for (let index = 0; index < 8; index++) {
    f.get(out)
      .get(state[index]!)
      .get(state[index + 8]!)
      .op('i32.xor')
      .mem('i32.store', 4 * index);
  }
}

function mixRound(f: FunctionBuilder, state: readonly Local[], message: readonly Local[]): void {
  const mixInto = (target: Local, from: Local, rotation: number): void => {
    f.get(target).get(from).op('i32.xor').i32(rotation).op('i32.rotr').set(target);
  };
  BLAKE3_QUARTERS.forEach((quarter, index) => {
    const [a, b, c, d] = quarter.map((word) => state[word]!) as [Local, Local, Local, Local];
    for (const [which, rotateD, rotateB] of [[0, 16, 12] as const, [1, 8, 7] as const]) {
      f.get(a)
        .get(b)
        .op('i32.add')
        .get(message[2 * index + which]!)
        .op('i32.add')
        .set(a);
      mixInto(d, a, rotateD);
      f.get(c).get(d).op('i32.add').set(c);
      mixInto(b, c, rotateB);
    }
  });
}

/** `(source, byteLength, counter, flags, out, scratch)`: one chunk of 0 … 1,024 bytes; 64 bytes of scratch. */
function addChunk(module: ModuleBuilder, compress: number): number {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;
  return module.addFunction(params, [], (f, source, rest, counter, flags, out, scratch) => {
    const blockFlags = f.local('i32');
    for (let index = 0; index < 8; index++)
      f.get(out!)
        .i32(BLAKE3_IV[index]!)
        .mem('i32.store', 4 * index);
    f.i32(BLAKE3_FLAGS.chunkStart).set(blockFlags);
    f.block((lastBlock) => {
      f.loop((nextBlock) => {
        f.get(rest!).i32(BLOCK_BYTES).op('i32.le_u').brIf(lastBlock);
        f.get(out!).get(source!).get(counter!).i32(BLOCK_BYTES).get(blockFlags).get(out!).call(compress);
        f.i32(0).set(blockFlags).increment(source!, BLOCK_BYTES).increment(rest!, -BLOCK_BYTES).br(nextBlock);
      });
    });
    // The last block may be short: what stands behind it in memory is not part of the message.
    f.get(scratch!).i32(0).i32(BLOCK_BYTES).memoryFill();
    f.get(scratch!).get(source!).get(rest!).memoryCopy();
    f.get(out!).get(scratch!).get(counter!).get(rest!);
    f.get(blockFlags).get(flags!).op('i32.or').i32(BLAKE3_FLAGS.chunkEnd).op('i32.or').get(out!).call(compress);
  });
}

function addMerge(module: ModuleBuilder, parentLanes: number, parent: number): number {
  return module.addFunction(['i32', 'i32', 'i32'], [], (f, nodes, count, flags) => {
    const [pairs, pair] = [f.local('i32'), f.local('i32')];
    f.block((done) => {
      f.loop((nextLevel) => {
        f.get(count!).i32(2).op('i32.lt_u').brIf(done);
        f.get(count!).i32(1).op('i32.shr_u').set(pairs);
        f.get(pairs)
          .i32(2)
          .op('i32.shr_u')
          .if(() => {
            f.get(nodes!).get(nodes!).get(pairs).i32(2).op('i32.shr_u').call(parentLanes);
          });
        f.get(pairs).i32(-4).op('i32.and').set(pair);
        f.block((paired) => {
          f.loop((nextPair) => {
            f.get(pair).get(pairs).op('i32.ge_u').brIf(paired);
            pushElement(f, nodes!, pair, 2 * HASH_BYTES);
            f.get(flags!).i32(0).get(count!).i32(2).op('i32.eq', 'select');
            pushElement(f, nodes!, pair, HASH_BYTES);
            f.call(parent).increment(pair, 1).br(nextPair);
          });
        });
        moveOddNode(f, nodes!, pairs, count!);
        f.get(pairs).get(count!).i32(1).op('i32.and', 'i32.add').set(count!).br(nextLevel);
      });
    });
  });
}

/** An odd last node moves up unchanged. */
function moveOddNode(f: FunctionBuilder, nodes: Local, pairs: Local, count: Local): void {
  f.get(count)
    .i32(1)
    .op('i32.and')
    .if(() => {
      pushElement(f, nodes, pairs, HASH_BYTES);
      pushElement(f, nodes, count, HASH_BYTES);
      f.i32(HASH_BYTES).op('i32.sub').i32(HASH_BYTES).memoryCopy();
    });
}

function addSubtree(module: ModuleBuilder, functions: { chunkLanes: number; chunk: number; merge: number }): number {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;
  return module.addFunction(params, [], (f, source, byteLength, firstChunk, flags, out, scratch) => {
    const [nodes, chunks, index] = [f.local('i32'), f.local('i32'), f.local('i32')];
    f.get(byteLength!)
      .i32(CHUNK_BYTES)
      .op('i32.le_u')
      .if(() => {
        f.get(source!).get(byteLength!).get(firstChunk!).get(flags!).get(out!).get(scratch!).call(functions.chunk);
        f.op('return');
      });
    f.get(scratch!).i32(BLOCK_BYTES).op('i32.add').set(nodes);
    // Rounded up without adding first: a message may end near the end of the address space.
    f.get(byteLength!).i32(1).op('i32.sub').i32(10).op('i32.shr_u').i32(1).op('i32.add').set(chunks);
    f.get(byteLength!)
      .i32(12)
      .op('i32.shr_u')
      .tee(index)
      .if(() => {
        f.get(source!).get(nodes).get(index).get(firstChunk!).call(functions.chunkLanes);
      });
    f.get(index).i32(2).op('i32.shl').set(index);
    hashRemainingChunks(
      f,
      { source, byteLength, firstChunk, scratch, nodes, chunks, index } as ChunkLocals,
      functions.chunk,
    );
    f.get(nodes).get(chunks).get(flags!).call(functions.merge);
    f.get(out!).get(nodes).i32(HASH_BYTES).memoryCopy();
  });
}

type ChunkLocals = Readonly<
  Record<'source' | 'byteLength' | 'firstChunk' | 'scratch' | 'nodes' | 'chunks' | 'index', Local>
>;

/** The chunks from `index` on, one at a time: at most three, or four where the last is short. */
function hashRemainingChunks(f: FunctionBuilder, locals: ChunkLocals, chunk: number): void {
  const { source, byteLength, firstChunk, scratch, nodes, chunks, index } = locals;
  const rest = f.local('i32');
  f.block((done) => {
    f.loop((nextChunk) => {
      f.get(index).get(chunks).op('i32.ge_u').brIf(done);
      f.get(byteLength).get(index).i32(CHUNK_BYTES).op('i32.mul', 'i32.sub').set(rest);
      pushElement(f, source, index, CHUNK_BYTES);
      f.get(rest).i32(CHUNK_BYTES).get(rest).i32(CHUNK_BYTES).op('i32.lt_u', 'select');
      f.get(firstChunk).get(index).op('i32.add').i32(0);
      pushElement(f, nodes, index, HASH_BYTES);
      f.get(scratch).call(chunk).increment(index, 1).br(nextChunk);
    });
  });
  f.release(rest);
}

/** Pushes the address `base + index · size`. */
function pushElement(f: FunctionBuilder, base: Local, index: Local, size: number): void {
  f.get(base).get(index).i32(size).op('i32.mul', 'i32.add');
}
