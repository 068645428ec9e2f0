/** Normalisation with given statistics, and over neighbouring channels. */
import {
  type Expr,
  type F32,
  f32,
  fadd,
  fdiv,
  fmul,
  fselect,
  fsqrt,
  fsub,
  i32,
  iadd,
  iltu,
  isub,
} from '../expr/expression.js';
import { pow } from '../expr/math.js';
import {
  type Coordinates,
  elementAt,
  foldTensor,
  type LazyTensor,
  lazyTensor,
} from '../frontend/lowering/lazy-tensor.js';
import { floatAt } from './elementwise.js';
import { input, type KernelContext, type KernelTable, numberAttribute, outputTensor } from './kernel.js';

/** `(x − mean) · scale / √(variance + ε) + offset`. */
function fusedBatchNorm(context: KernelContext): LazyTensor {
  const [x, mean, variance] = [input(context, 'x'), input(context, 'mean'), input(context, 'variance')];
  const { scale, offset } = context.inputs;
  const epsilon = f32(numberAttribute(context, 'varianceEpsilon', 0.001));
  const inputs = [x, mean, variance, scale, offset].filter((tensor) => tensor !== undefined);
  return outputTensor(context, 'map', inputs, (at) => {
    const centred = fsub(floatAt(x, at), floatAt(mean, at));
    const scaled = scale === undefined ? centred : fmul(centred, floatAt(scale, at));
    const normal = fdiv(scaled, fsqrt(fadd(floatAt(variance, at), epsilon)));
    return offset === undefined ? normal : fadd(normal, floatAt(offset, at));
  });
}

/** The sum of `term` over the channels at most `radius` away, ascending from +0. */
function overNeighbours(inputs: readonly LazyTensor[], radius: number, term: (at: Coordinates) => F32): LazyTensor {
  const { shape } = inputs[0]!;
  const last = shape.length - 1;
  return foldTensor({
    kind: 'neighbours',
    dtype: 'float32',
    inputs,
    accumulators: ['f32'],
    fold: {
      shape,
      reduction: [2 * radius + 1],
      init: () => [f32(0)],
      update: (at, [turn], [sum]) => {
        const channel = isub(iadd(at[last]!, turn!), i32(radius));
        const inside = iltu(channel, i32(shape[last]!));
        return [fadd(sum as F32, fselect(inside, term(at.with(last, channel)), f32(0)))];
      },
    },
  });
}

/** `bias + alpha · Σ x²` over neighbouring channels, stored. */
function responseNorm(context: KernelContext, x: LazyTensor, radius: number): LazyTensor {
  const [bias, alpha] = [f32(numberAttribute(context, 'bias', 1)), f32(numberAttribute(context, 'alpha', 1))];
  context.builder.store(x);
  const squares = overNeighbours([x], radius, (at) => {
    const value = elementAt(x, at) as F32;
    return fmul(value, value);
  });
  const compute = (at: Coordinates): Expr => fadd(bias, fmul(alpha, elementAt(squares, at) as F32));
  const norm = lazyTensor({ shape: x.shape, dtype: 'float32', inputs: [squares], compute });
  context.builder.store(norm);
  return norm;
}

/** Local response normalisation: `x · norm^−beta`. */
function localResponse(context: KernelContext): LazyTensor {
  const x = input(context, 'x');
  const beta = numberAttribute(context, 'beta', 0.5);
  const norm = responseNorm(context, x, numberAttribute(context, 'depthRadius', 5));
  return outputTensor(context, 'map', [x, norm], (at) =>
    fmul(elementAt(x, at) as F32, pow(elementAt(norm, at) as F32, f32(-beta))),
  );
}

/** `dy · norm^−beta − 2·alpha·beta · x · Σ (y · dy / norm)`, the sum over neighbouring channels. */
function localResponseGradient(context: KernelContext): LazyTensor {
  const [x, y, dy] = [input(context, 'x'), input(context, 'y'), input(context, 'dy')];
  const radius = numberAttribute(context, 'depthRadius', 5);
  const beta = numberAttribute(context, 'beta', 0.5);
  const factor = f32(2 * numberAttribute(context, 'alpha', 1) * beta);
  const norm = responseNorm(context, x, radius);
  const shares = lazyTensor({
    shape: x.shape,
    dtype: 'float32',
    inputs: [y, dy, norm],
    compute: (at) => fdiv(fmul(elementAt(y, at) as F32, elementAt(dy, at) as F32), elementAt(norm, at) as F32),
  });
  context.builder.store(shares);
  const sum = overNeighbours([shares], radius, (at) => elementAt(shares, at) as F32);
  context.builder.store(sum);
  return outputTensor(context, 'map', [x, dy, norm, sum], (at) => {
    const direct = fmul(elementAt(dy, at) as F32, pow(elementAt(norm, at) as F32, f32(-beta)));
    return fsub(direct, fmul(fmul(factor, elementAt(x, at) as F32), elementAt(sum, at) as F32));
  });
}

export const NORMALISATION_KERNELS: KernelTable = {
  FusedBatchNorm: { reads: 'once', lower: fusedBatchNorm },
  LRN: { reads: 'often', lower: localResponse },
  LRNGrad: { reads: 'often', lower: localResponseGradient },
};
