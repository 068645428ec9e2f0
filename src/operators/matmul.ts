/** Matrix products: one sequential fold over the inner extent for each output element, `acc + a·b` rounded twice. */
import {
  type Expr,
  type F32,
  f32,
  fadd,
  flt,
  fmul,
  fselect,
  type I32,
  i32,
  iadd,
  imul,
  index,
} from '../expr/expression.js';
import { createIndexAlgebra } from '../expr/linear.js';
import {
  broadcastCoordinates,
  type Coordinates,
  elementAt,
  foldTensor,
  isSourceLoad,
  type LazyTensor,
  lazyTensor,
  scalarType,
} from '../frontend/lowering/lazy-tensor.js';
import type { ProgramBuilder } from '../frontend/lowering/program-builder.js';
import type { TensorType } from '../frontend/recording.js';
import { broadcastAt, floatAt } from './elementwise.js';
import {
  flagAttribute,
  input,
  type KernelContext,
  type KernelTable,
  numberAttribute,
  output,
  unsupported,
  unsupportedType,
} from './kernel.js';
import { ACTIVATIONS } from './unary.js';

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

/** A product with bias and activation, which become the fold's `finish`. */
function fusedMatMul(context: KernelContext): LazyTensor {
  const product = batchMatMul(context);
  const { shape, dtype } = output(context);
  const bias = context.inputs['bias'];
  const slopes = context.inputs['preluActivationWeights'];
  const activate = activationOf(context, slopes);
  const compute = (at: Coordinates): Expr => {
    const sum = elementAt(product, at) as F32;
    return activate(bias === undefined ? sum : fadd(sum, floatAt(bias, at)), at);
  };
  const inputs = [product, bias, slopes].filter((tensor) => tensor !== undefined);
  return lazyTensor({ shape, dtype, kind: 'matmul', inputs, compute });
}

function activationOf(context: KernelContext, slopes: LazyTensor | undefined): (x: F32, at: Coordinates) => F32 {
  const name = context.call.attributes['activation'] ?? 'linear';
  if (name === 'prelu' && slopes !== undefined) {
    return (x, at) => fselect(flt(x, f32(0)), fmul(broadcastAt(slopes, at) as F32, x), x);
  }
  const activation = typeof name === 'string' && Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (activation === undefined) throw unsupported(context, 'activation', name, Object.keys(ACTIVATIONS).join(', '));
  const alpha = numberAttribute(context, 'leakyreluAlpha', 0.2);
  return (x) => activation(x, alpha);
}

export const MATMUL_KERNELS: KernelTable = {
  BatchMatMul: { reads: 'plain', lower: batchMatMul },
  _FusedMatMul: { reads: 'plain', lower: fusedMatMul },
};
