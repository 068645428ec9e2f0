import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import type { ModuleBuilder } from '../../wasm/module-builder.js';

/**
 * Code that computes the elements of one operator (or of several that run together) in independent chunks, as a function
 * `(descriptor, chunk, scratch, step)` without results. The descriptor lies in memory: the addresses of the outputs and
 * of each operand, as words.
 */
export interface Kernel {
  /** Equal for kernels that need the same code. */
  readonly key: string;
  readonly chunks: number;
  /** What a thread needs as private memory while it computes a chunk. */
  readonly scratchBytes: number;
  /** Adds the function and returns its index. */
  build(module: ModuleBuilder, shared: SharedFunctions): number;
}

export interface SharedFunctions {
  /** The index of the function of `addFusedMultiplyAdd`. */
  readonly fusedMultiplyAdd: () => number;
}

export const KERNEL_PARAMS = ['i32', 'i32', 'i32', 'i32'] as const;

/** A chunk is about this long, so that taking one costs little and the last one does not keep others waiting. */
export const CHUNK_NANOSECONDS = 25_000;

/** Meeting at the end of an operator costs most of a microsecond: shorter chunks would not gain by a second thread. */
const SHORTEST_CHUNK_NANOSECONDS = 4_000;

/** How long the chunks of an operator should be that takes so long on one thread: medium ones are two chunks. */
export function chunkNanoseconds(total: number): number {
  return Math.max(SHORTEST_CHUNK_NANOSECONDS, Math.min(CHUNK_NANOSECONDS, total / 2));
}

export function descriptorBytes(operands: number, outputs = 1): number {
  return 4 * (outputs + operands);
}

/** Loads the addresses of a descriptor into locals. */
export function loadDescriptor(
  f: FunctionBuilder,
  descriptor: Local,
  operandCount: number,
  outputCount = 1,
): { readonly output: Local; readonly siblings: readonly Local[]; readonly operands: readonly Local[] } {
  const addresses = f.locals(outputCount + operandCount, 'i32');
  addresses.forEach((local, at) => {
    f.get(descriptor)
      .mem('i32.load', 4 * at)
      .set(local);
  });
  const siblings = addresses.slice(1, outputCount);
  return { output: addresses[0]!, siblings, operands: addresses.slice(outputCount) };
}
