/** Hashing the state where it lies: a table of subtrees that any thread may take, then one merge for each tensor. */
import { addBlake3, MAX_SCRATCH_BYTES, planSubtrees } from '../../wasm/blake3.js';
import { BLAKE3_FLAGS } from '../../wasm/blake3-tables.js';
import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import type { ModuleBuilder } from '../../wasm/module-builder.js';
import { KERNEL_PARAMS } from './kernel.js';

export const HASH_SCRATCH_BYTES = MAX_SCRATCH_BYTES;
/** A piece's record: source, byte length, first chunk, flags, out. */
const PIECE_WORDS = 5;
/** A tensor's record: chaining values, count. */
const TENSOR_WORDS = 2;

export interface HashPlan {
  readonly pieceCount: number;
  readonly tensorCount: number;
  readonly pieceTable: number;
  readonly tensorTable: number;
  /** By tensor: where its hash is at the end. */
  readonly hashes: readonly number[];
  readonly end: number;
  /** Writes the tables for tensors at these addresses. */
  write(memory: Uint32Array, sources: readonly number[]): void;
}

/** Places tables and chaining values for tensors of these lengths (in bytes) from address `start` on. */
export function planHashes(lengths: readonly number[], threads: number, start: number): HashPlan {
  const plans = lengths.map((length) => planSubtrees(length, threads));
  const pieceCount = plans.reduce((sum, pieces) => sum + pieces.length, 0);
  const tensorTable = start + 4 * PIECE_WORDS * pieceCount;
  let end = tensorTable + 4 * TENSOR_WORDS * lengths.length;
  const hashes = plans.map((pieces) => {
    const address = end;
    end += 32 * pieces.length;
    return address;
  });
  const write = (memory: Uint32Array, sources: readonly number[]): void => {
    let at = start / 4;
    plans.forEach((pieces, tensor) => {
      const flags = pieces.length === 1 ? BLAKE3_FLAGS.root : 0;
      pieces.forEach(({ offset, byteLength, firstChunk }, piece) => {
        memory.set([sources[tensor]! + offset, byteLength, firstChunk, flags, hashes[tensor]! + 32 * piece], at);
        at += PIECE_WORDS;
      });
      memory.set([hashes[tensor]!, pieces.length], tensorTable / 4 + TENSOR_WORDS * tensor);
    });
  };
  return { pieceCount, tensorCount: lengths.length, pieceTable: start, tensorTable, hashes, end, write };
}

/**
 * Adds two kernels: for the pieces (descriptor: the piece table; chunk: the piece), and then for the tensors (descriptor:
 * the tensor table; chunk: the tensor).
 */
export function addHashKernels(module: ModuleBuilder): { readonly pieces: number; readonly tensors: number } {
  const { subtree, merge } = addBlake3(module);
  const emitRecord = (f: FunctionBuilder, table: Local, chunk: Local, words: number): Local => {
    const record = f.local('i32');
    f.get(chunk)
      .i32(4 * words)
      .op('i32.mul')
      .get(table)
      .op('i32.add')
      .set(record);
    return record;
  };
  const pieces = module.addFunction(KERNEL_PARAMS, [], (f, table, chunk, scratch) => {
    const record = emitRecord(f, table!, chunk!, PIECE_WORDS);
    for (let word = 0; word < PIECE_WORDS; word++) f.get(record).mem('i32.load', 4 * word);
    f.get(scratch!).call(subtree);
  });
  const tensors = module.addFunction(KERNEL_PARAMS, [], (f, table, chunk) => {
    const record = emitRecord(f, table!, chunk!, TENSOR_WORDS);
    f.get(record).mem('i32.load', 4).i32(1).op('i32.gt_u');
    f.if(() => {
      f.get(record).mem('i32.load', 0).get(record).mem('i32.load', 4).i32(BLAKE3_FLAGS.root).call(merge);
    });
  });
  return { pieces, tensors };
}
