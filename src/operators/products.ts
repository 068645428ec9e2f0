/** Sums of products over a stored pair of tensors: the form that machines run as tiles. */
import { type F32, f32, fadd, fmul } from '../expr/expression.js';
import {
  type Coordinates,
  elementAt,
  type Fold,
  foldTensor,
  type LazyTensor,
} from '../frontend/lowering/lazy-tensor.js';

const ZERO = f32(0);

/**
 * A tensor of sums of products, `acc + a·b` from +0, each rounded. `addresses` says where a turn reads the two inputs,
 * which are stored or plain.
 */
export function sumOfProducts(
  shape: readonly number[],
  reduction: readonly number[],
  inputs: readonly [LazyTensor, LazyTensor],
  addresses: (at: Coordinates, turn: Coordinates) => readonly [Coordinates, Coordinates],
): LazyTensor {
  const update: Fold['update'] = (at, turn, [sum]) => {
    const [a, b] = addresses(at, turn).map((where, side) => elementAt(inputs[side]!, where) as F32);
    return [fadd(sum as F32, fmul(a!, b!))];
  };
  const fold = { shape, reduction, init: () => [ZERO], update };
  return foldTensor({ kind: 'convolution', dtype: 'float32', inputs, accumulators: ['f32'], fold });
}
