/**
 * Random orthogonal matrices as a fixed list of matrix products.
 *
 * The orthogonal factor of a normal matrix is uniformly distributed, whether it comes from QR with positive diagonal
 * (as in tfjs and Keras) or from the polar decomposition, as here. Newton and Schulz's iteration finds the latter: it
 * moves every singular value s by `1.5·s − 0.5·s³` towards 1 (Higham, "Functions of Matrices", 2008, chapter 8). The first
 * rounds stretch by {@link STRETCH} before each step, which lifts small values faster and keeps large ones below 1.
 */
import { type F32, f32, fmul, fsub } from '../expr/expression.js';
import { normal, type StreamKey } from '../expr/random.js';
import { coordinatesOf, elementAt, flatIndex, type LazyTensor, lazyTensor } from '../frontend/lowering/lazy-tensor.js';
import type { ProgramBuilder } from '../frontend/lowering/program-builder.js';
import { matrixProduct } from './matmul.js';

const STRETCH = 1.6;
/** Where the stretched rounds have lifted the smallest singular value: a value of 1 goes to 0.352 in one of them. */
const LIFTED = 0.35;
/** Plain rounds from there to the last bit. */
const FINAL_ROUNDS = 9;
/** Room above √rows + √columns that the largest singular value of a normal matrix exceeds once in 10^7 draws. */
const MARGIN = 6;
/** The smallest singular value is below this / √columns about once in 10^6 draws of a square matrix. */
const SMALLEST = 1e-6;

export interface OrthogonalParameters {
  /** At least two axes; all but the last together are the rows. */
  readonly shape: readonly number[];
  readonly gain: number;
  readonly key: StreamKey;
  readonly builder: ProgramBuilder;
}

/** `gain` times a matrix with orthonormal columns, or rows where there are fewer of them, in the given shape. */
export function orthogonalMatrix({ shape, gain, key, builder }: OrthogonalParameters): LazyTensor {
  const columns = shape.at(-1)!;
  const rows = shape.slice(0, -1).reduce((all, extent) => all * extent, 1);
  const tall = [Math.max(rows, columns), Math.min(rows, columns)] as const;
  let matrix = normalMatrix(tall, key);
  for (const stretch of roundsOf(tall)) matrix = improved(matrix, stretch, builder);
  builder.store(matrix);
  const compute: LazyTensor['compute'] = (at) => {
    const [row, column] = coordinatesOf(flatIndex(at, shape), [rows, columns]) as [never, never];
    const element = elementAt(matrix, rows >= columns ? [row, column] : [column, row]);
    return fmul(element as F32, f32(gain));
  };
  return lazyTensor({ shape, dtype: 'float32', kind: 'init-orthogonal', inputs: [matrix], compute });
}

/** No singular value that counts on being above 1. */
const largestOf = ([rows, columns]: readonly [number, number]): number => Math.sqrt(rows) + Math.sqrt(columns) + MARGIN;

/** Normal draws, scaled so that all singular values lie below 1. */
function normalMatrix(shape: readonly [number, number], key: StreamKey): LazyTensor {
  const scale = f32(1 / largestOf(shape));
  return lazyTensor({
    shape,
    dtype: 'float32',
    kind: 'init-orthogonal',
    compute: (at) => fmul(normal(key, flatIndex(at, shape)), scale),
  });
}

/** The stretch of each round, by products alone, so that their number is the same everywhere. */
function roundsOf(shape: readonly [number, number]): number[] {
  const rounds: number[] = [];
  let smallest = SMALLEST / (Math.sqrt(shape[1]) * largestOf(shape));
  for (; smallest < LIFTED; smallest *= 1.5 * STRETCH) rounds.push(STRETCH);
  return [...rounds, ...new Array<number>(FINAL_ROUNDS).fill(1)];
}

/** `1.5·c·X − 0.5·c³·X·(Xᵀ·X)`. */
function improved(matrix: LazyTensor, stretch: number, builder: ProgramBuilder): LazyTensor {
  builder.store(matrix);
  const [rows, columns] = matrix.shape as [number, number];
  const common = { dtype: 'float32', transposeB: false, builder } as const;
  const gram = matrixProduct({ ...common, a: matrix, b: matrix, transposeA: true, shape: [columns, columns] });
  const cubed = matrixProduct({ ...common, a: matrix, b: gram, transposeA: false, shape: [rows, columns] });
  return lazyTensor({
    shape: matrix.shape,
    dtype: 'float32',
    kind: 'matmul',
    inputs: [matrix, cubed],
    compute: (at) => {
      const kept = fmul(f32(1.5 * stretch), elementAt(matrix, at) as F32);
      return fsub(kept, fmul(f32(0.5 * stretch ** 3), elementAt(cubed, at) as F32));
    },
  });
}
