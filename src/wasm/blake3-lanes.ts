/**
 * BLAKE3 kernels that work on four chunks (or four parents) at once, one in each 32-bit lane.
 *
 * What makes them fast, measured on V8: the message words stay in locals; rotations by 16 and 8 are byte swizzles with
 * a constant held in a local; a branch that is never taken stands between the half rounds, because V8 then allocates
 * registers for small pieces instead of one block of 1,500 instructions.
 */
import {
  BLAKE3_FLAGS,
  BLAKE3_IV,
  BLAKE3_QUARTERS,
  BLAKE3_SCHEDULE,
  BLOCK_BYTES,
  CHUNK_BYTES,
  type Quarter,
} from './blake3-tables.js';
import type { FunctionBuilder, Local } from './function-builder.js';
import type { ModuleBuilder } from './module-builder.js';

const LANES = 4;
const HASH_BYTES = 32;
const ROTATE_16 = [2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13];
const ROTATE_8 = [1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12];

interface LaneLocals {
  readonly chaining: readonly Local[];
  readonly state: readonly Local[];
  readonly message: readonly Local[];
  readonly rotate16: Local;
  readonly rotate8: Local;
}

/**
 * Adds `(source, out, groups, firstChunk)`: the chaining values of `groups` × 4 whole chunks at `source`, 32 bytes each,
 * to `out`. `groups` ≥ 1; `source` must be even.
 */
export function addChunkLanes(module: ModuleBuilder): number {
  return module.addFunction(['i32', 'i32', 'i32', 'i32'], [], (f, source, out, groups, firstChunk) => {
    const locals = laneLocals(f);
    const counters = f.local('v128');
    const block = f.local('i32');
    f.loop((nextGroup) => {
      loadInitialValue(f, locals.chaining);
      f.get(firstChunk!).op('i32x4.splat').v128(0, 1, 2, 3).op('i32x4.add').set(counters);
      f.i32(0).set(block);
      f.loop((nextBlock) => {
        loadMessage(f, locals.message, source!, CHUNK_BYTES);
        compressLanes(
          f,
          locals,
          source!,
          () => f.get(counters),
          () => pushChunkFlags(f, block),
        );
        f.increment(source!, BLOCK_BYTES).increment(block, 1);
        f.get(block)
          .i32(CHUNK_BYTES / BLOCK_BYTES)
          .op('i32.lt_u')
          .brIf(nextBlock);
      });
      storeChaining(f, locals.chaining, out!);
      // The blocks have moved `source` over the first lane's chunk.
      f.increment(source!, (LANES - 1) * CHUNK_BYTES)
        .increment(out!, LANES * HASH_BYTES)
        .increment(firstChunk!, LANES);
      f.get(groups!).i32(1).op('i32.sub').tee(groups!).brIf(nextGroup);
    });
  });
}

/**
 * Adds `(source, out, groups)`: `groups` × 4 parents (never the root) of the chaining values at `source`, to `out`,
 * which may be `source`. `groups` ≥ 1; `source` must be even.
 */
export function addParentLanes(module: ModuleBuilder): number {
  return module.addFunction(['i32', 'i32', 'i32'], [], (f, source, out, groups) => {
    const locals = laneLocals(f);
    f.loop((nextGroup) => {
      loadInitialValue(f, locals.chaining);
      loadMessage(f, locals.message, source!, BLOCK_BYTES);
      compressLanes(
        f,
        locals,
        source!,
        () => f.v128(0),
        () => f.v128(BLAKE3_FLAGS.parent),
      );
      storeChaining(f, locals.chaining, out!);
      f.increment(source!, LANES * BLOCK_BYTES).increment(out!, LANES * HASH_BYTES);
      f.get(groups!).i32(1).op('i32.sub').tee(groups!).brIf(nextGroup);
    });
  });
}

function laneLocals(f: FunctionBuilder): LaneLocals {
  const [chaining, state, message] = [f.locals(8, 'v128'), f.locals(16, 'v128'), f.locals(16, 'v128')];
  const [rotate16, rotate8] = [f.local('v128'), f.local('v128')];
  f.v128Bytes(ROTATE_16).set(rotate16).v128Bytes(ROTATE_8).set(rotate8);
  return { chaining, state, message, rotate16, rotate8 };
}

function loadInitialValue(f: FunctionBuilder, chaining: readonly Local[]): void {
  BLAKE3_IV.forEach((word, index) => {
    f.v128(word).set(chaining[index]!);
  });
}

/** Pushes the flags of block `block` of a whole chunk that is not the root. */
function pushChunkFlags(f: FunctionBuilder, block: Local): void {
  f.i32(BLAKE3_FLAGS.chunkStart).i32(0).get(block).op('i32.eqz', 'select');
  f.i32(BLAKE3_FLAGS.chunkEnd)
    .i32(0)
    .get(block)
    .i32(CHUNK_BYTES / BLOCK_BYTES - 1)
    .op('i32.eq', 'select');
  f.op('i32.or', 'i32x4.splat');
}

/** Loads one block from each of four places `stride` bytes apart, so that each local holds one word of all four. */
function loadMessage(f: FunctionBuilder, message: readonly Local[], source: Local, stride: number): void {
  const rows = f.locals(4, 'v128');
  for (let quarter = 0; quarter < 4; quarter++) {
    rows.forEach((row, lane) => {
      f.get(source)
        .mem('v128.load', lane * stride + quarter * 16)
        .set(row);
    });
    transpose(f, rows, (word) => {
      f.set(message[4 * quarter + word]!);
    });
  }
  f.release(...rows);
}

/** Stores the four chaining values one after the other. */
function storeChaining(f: FunctionBuilder, chaining: readonly Local[], out: Local): void {
  const lane = f.local('v128');
  for (let half = 0; half < 2; half++) {
    transpose(f, chaining.slice(4 * half, 4 * half + 4), (row) => {
      f.set(lane)
        .get(out)
        .get(lane)
        .mem('v128.store', row * HASH_BYTES + half * 16);
    });
  }
  f.release(lane);
}

/** Transposes 4 × 4 words: pushes column `index` and calls `take(index)`, which pops it. */
function transpose(f: FunctionBuilder, rows: readonly Local[], take: (index: number) => void): void {
  const [first, second, third, fourth] = rows;
  const pairs = f.locals(4, 'v128');
  f.get(first!).get(second!).shuffleWords(0, 4, 1, 5).set(pairs[0]!);
  f.get(first!).get(second!).shuffleWords(2, 6, 3, 7).set(pairs[1]!);
  f.get(third!).get(fourth!).shuffleWords(0, 4, 1, 5).set(pairs[2]!);
  f.get(third!).get(fourth!).shuffleWords(2, 6, 3, 7).set(pairs[3]!);
  for (let index = 0; index < 4; index++) {
    const half = index >> 1;
    f.get(pairs[half]!)
      .get(pairs[2 + half]!)
      .shuffleDoubles(index & 1, 2 + (index & 1));
    take(index);
  }
  f.release(...pairs);
}

/** The compression function on full blocks: `chaining` becomes the next chaining value. */
function compressLanes(
  f: FunctionBuilder,
  locals: LaneLocals,
  source: Local,
  pushCounters: () => void,
  pushFlags: () => void,
): void {
  const { chaining, state } = locals;
  chaining.forEach((word, index) => {
    f.get(word).set(state[index]!);
  });
  for (let index = 0; index < 4; index++) f.v128(BLAKE3_IV[index]!).set(state[8 + index]!);
  pushCounters();
  f.set(state[12]!).v128(0).set(state[13]!).v128(BLOCK_BYTES).set(state[14]!);
  pushFlags();
  f.set(state[15]!);
  f.block((never) => mixRounds(f, locals, source, never));
  chaining.forEach((word, index) => {
    f.get(state[index]!)
      .get(state[index + 8]!)
      .op('v128.xor')
      .set(word);
  });
}

function mixRounds(f: FunctionBuilder, locals: LaneLocals, source: Local, never: number): void {
  BLAKE3_SCHEDULE.forEach((order, round) => {
    for (let half = 0; half < 2; half++) {
      const halfRound = 2 * round + half;
      mixHalfRound(f, locals, BLAKE3_QUARTERS.slice(4 * half, 4 * half + 4), order.slice(8 * half, 8 * half + 8));
      // `source` is even, so the branch is never taken; the constants differ so that no two tests are merged.
      if (halfRound < 13)
        f.get(source)
          .i32(2 * halfRound + 1)
          .op('i32.eq')
          .brIf(never);
    }
  });
}

/** Four quarter-rounds side by side: each step is done for all four before the next, for independent work. */
function mixHalfRound(
  f: FunctionBuilder,
  locals: LaneLocals,
  quarters: readonly Quarter[],
  order: readonly number[],
): void {
  const { state, message } = locals;
  const addMessage = (which: 0 | 1): void =>
    quarters.forEach(([a, b], index) => {
      f.get(state[a]!).get(state[b]!).op('i32x4.add');
      f.get(message[order[2 * index + which]!]!)
        .op('i32x4.add')
        .set(state[a]!);
    });
  const addDtoC = (): void =>
    quarters.forEach(([, , c, d]) => {
      f.get(state[c]!).get(state[d]!).op('i32x4.add').set(state[c]!);
    });
  const mixInto = (target: 1 | 3, from: 0 | 2, rotation: number): void =>
    quarters.forEach((quarter) => {
      const word = state[quarter[target]]!;
      f.get(word).get(state[quarter[from]]!).op('v128.xor').set(word);
      rotateRight(f, locals, word, rotation);
    });
  addMessage(0);
  mixInto(3, 0, 16);
  addDtoC();
  mixInto(1, 2, 12);
  addMessage(1);
  mixInto(3, 0, 8);
  addDtoC();
  mixInto(1, 2, 7);
}

function rotateRight(f: FunctionBuilder, { rotate16, rotate8 }: LaneLocals, word: Local, count: number): void {
  if (count === 16) f.get(word).get(rotate16).op('i8x16.swizzle');
  else if (count === 8) f.get(word).get(rotate8).op('i8x16.swizzle');
  else
    f.get(word)
      .i32(count)
      .op('i32x4.shr_u')
      .get(word)
      .i32(32 - count)
      .op('i32x4.shl', 'v128.or');
  f.set(word);
}
