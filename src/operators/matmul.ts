/** Matrix products: one sequential fold over the inner extent for each output element, `acc + a·b` rounded twice. */
import { type Expr, type F32, f32, fadd, fmul, type I32, i32, iadd, imul, index } from '../expr/expression.js';
import { createIndexAlgebra } from '../expr/linear.js';
import {
  broadcastCoordinates,
  type Coordinates,
  elementAt,
  foldTensor,
  isSourceLoad,
  type LazyTensor,
  scalarType,
} from '../frontend/lowering/lazy-tensor.js';
import type { ProgramBuilder } from '../frontend/lowering/program-builder.js';
import type { TensorType } from '../frontend/recording.js';
import { withBiasAndActivation } from './fused.js';
import { flagAttribute, input, type KernelContext, type KernelTable, output, unsupportedType } from './kernel.js';

/** Stores a tensor unless each of its elements already is one word at an address that is linear in the coordinates. */
export function storePlain(tensor: LazyTensor, builder: ProgramBuilder): void {
  if (tensor.source !== undefined) return;
  const element = tensor.compute(tensor.shape.map((_, axis) => index(axis)));
  if (isSourceLoad(element) && element.op === 'load') {
    const algebra = createIndexAlgebra({ domain: tensor.shape, reduction: [] });
    const terms = [...algebra.formOf(element.args[0] as I32).terms.keys()];
    if (terms.every((term) => term.op === 'index')) return;
  }
  builder.store(tensor);
}

interface ProductParameters {
  readonly a: LazyTensor;
  readonly b: LazyTensor;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** Batch extents, then rows and columns. */
  readonly shape: readonly number[];
  readonly dtype: TensorType;
  readonly builder: ProgramBuilder;
}

/** `out[…, m, n] = Σ_k a[…, m, k] · b[…, k, n]`, with k ascending and the sum starting from +0. */
export function matrixProduct({ a, b, transposeA, transposeB, shape, dtype, builder }: ProductParameters): LazyTensor {
  storePlain(a, builder);
  storePlain(b, builder);
  const type = scalarType(dtype);
  const multiplyAdd = (sum: Expr, x: Expr, y: Expr): Expr =>
    type === 'f32' ? fadd(sum as F32, fmul(x as F32, y as F32)) : iadd(sum as I32, imul(x as I32, y as I32));
  const matrixAt = (tensor: LazyTensor, batch: Coordinates, row: I32, column: I32): Expr => {
    const extents = tensor.shape.slice(0, -2);
    return elementAt(tensor, [...broadcastCoordinates(batch, extents), row, column]);
  };
  return foldTensor({
    kind: 'matmul',
    dtype,
    inputs: [a, b],
    accumulators: [type],
    fold: {
      shape,
      reduction: [a.shape.at(transposeA ? -2 : -1)!],
      init: () => [type === 'f32' ? f32(0) : i32(0)],
      update: (at, [k], [sum]) => {
        const [batch, row, column] = [at.slice(0, -2), at.at(-2)!, at.at(-1)!];
        const x = transposeA ? matrixAt(a, batch, k!, row) : matrixAt(a, batch, row, k!);
        const y = transposeB ? matrixAt(b, batch, column, k!) : matrixAt(b, batch, k!, column);
        return [multiplyAdd(sum!, x, y)];
      },
    },
  });
}

function batchMatMul(context: KernelContext): LazyTensor {
  const [a, b] = [input(context, 'a'), input(context, 'b')];
  const { shape, dtype } = output(context);
  if (a.dtype !== dtype || b.dtype !== dtype) throw unsupportedType(context, `${a.dtype} × ${b.dtype}`, 'equal types');
  const [transposeA, transposeB] = [flagAttribute(context, 'transposeA'), flagAttribute(context, 'transposeB')];
  return matrixProduct({ a, b, transposeA, transposeB, shape, dtype, builder: context.builder });
}

/** A product with bias and activation. */
const fusedMatMul = (context: KernelContext): LazyTensor => withBiasAndActivation(context, batchMatMul(context));

export const MATMUL_KERNELS: KernelTable = {
  BatchMatMul: { reads: 'plain', lower: batchMatMul },
  _FusedMatMul: { reads: 'plain', lower: fusedMatMul },
};
