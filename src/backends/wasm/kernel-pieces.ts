import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import { KERNEL_PARAMS, type Kernel } from './kernel.js';

/**
 * One kernel from kernels that compute parts of the same output: the chunks of the first, then those of the next, …
 * Small parts are one chunk together.
 */
export function kernelInPieces(pieces: readonly Kernel[]): Kernel {
  if (pieces.length === 1) return pieces[0]!;
  const isSmall = pieces.every(({ chunks }) => chunks === 1);
  return {
    key: `pieces ${pieces.map(({ key }) => key).join(' ')}`,
    chunks: isSmall ? 1 : pieces.reduce((sum, { chunks }) => sum + chunks, 0),
    scratchBytes: Math.max(...pieces.map(({ scratchBytes }) => scratchBytes)),
    build: (module, shared) => {
      const functions = pieces.map((piece) => piece.build(module, shared));
      return module.addFunction(KERNEL_PARAMS, [], (f, descriptor, chunk, scratch, step) => {
        const run = (piece: number): void => {
          f.get(descriptor!).get(chunk!).get(scratch!).get(step!).call(functions[piece]!);
        };
        if (isSmall) for (const piece of pieces.keys()) run(piece);
        else emitDispatch(f, chunk!, pieces, run);
      });
    },
  };
}

/** Finds the piece of a chunk and makes the chunk's number count from the piece's first one. */
function emitDispatch(f: FunctionBuilder, chunk: Local, pieces: readonly Kernel[], run: (piece: number) => void): void {
  pieces.forEach(({ chunks }, piece) => {
    f.get(chunk).i32(chunks).op('i32.lt_u');
    f.if(() => {
      run(piece);
      f.op('return');
    });
    f.increment(chunk, -chunks);
  });
}
