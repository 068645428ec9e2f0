/** Softmax over the last axis, in pieces: the row's maximum, exponentials, their sum, and the quotient. */
import { type F32, fdiv, fsub } from '../expr/expression.js';
import { exp, log } from '../expr/math.js';
import { broadcastCoordinates, elementAt, type LazyTensor, lazyTensor } from '../frontend/lowering/lazy-tensor.js';
import { input, type KernelContext, type KernelTable, outputTensor } from './kernel.js';
import { FLOAT_MAX, FLOAT_SUM, type Monoid, reduce } from './reductions.js';

interface Pieces {
  readonly shifted: LazyTensor;
  /** `exp(x − max)`, stored: it is summed and divided. */
  readonly exponentials: LazyTensor;
  readonly sum: LazyTensor;
}

function piecesOf({ builder }: KernelContext, logits: LazyTensor): Pieces {
  const { shape } = logits;
  const overRows = (x: LazyTensor, monoid: Monoid): LazyTensor =>
    reduce({ x, axes: [shape.length - 1], keepDims: true, monoid, dtype: 'float32', builder });
  const map = (x: LazyTensor, inputs: LazyTensor[], compute: LazyTensor['compute']): LazyTensor =>
    lazyTensor({ shape: x.shape, dtype: 'float32', inputs, compute });
  const highest = overRows(logits, FLOAT_MAX);
  builder.store(highest);
  const shifted = map(logits, [logits, highest], (at) =>
    fsub(elementAt(logits, at) as F32, elementAt(highest, broadcastCoordinates(at, highest.shape)) as F32),
  );
  const exponentials = map(logits, [shifted], (at) => exp(elementAt(shifted, at) as F32));
  return { shifted, exponentials, sum: overRows(exponentials, FLOAT_SUM) };
}

function softmax(context: KernelContext): LazyTensor {
  const { exponentials, sum } = piecesOf(context, input(context, 'logits'));
  context.builder.store(exponentials);
  context.builder.store(sum);
  return outputTensor(context, 'map', [exponentials, sum], (at) =>
    fdiv(elementAt(exponentials, at) as F32, elementAt(sum, broadcastCoordinates(at, sum.shape)) as F32),
  );
}

function logSoftmax(context: KernelContext): LazyTensor {
  const { shifted, sum } = piecesOf(context, input(context, 'logits'));
  const logarithm = lazyTensor({
    shape: sum.shape,
    dtype: 'float32',
    inputs: [sum],
    compute: (at) => log(elementAt(sum, at) as F32),
  });
  context.builder.store(logarithm);
  return outputTensor(context, 'map', [shifted, logarithm], (at) =>
    fsub(elementAt(shifted, at) as F32, elementAt(logarithm, broadcastCoordinates(at, sum.shape)) as F32),
  );
}

export const SOFTMAX_KERNELS: KernelTable = {
  Softmax: { reads: 'often', lower: softmax },
  LogSoftmax: { reads: 'often', lower: logSoftmax },
};
