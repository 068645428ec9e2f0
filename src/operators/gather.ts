/** Reading and adding rows by number. */
import {
  type Expr,
  type F32,
  f32,
  fadd,
  fselect,
  type I32,
  i32,
  iadd,
  iand,
  ieq,
  iltu,
  iselect,
} from '../expr/expression.js';
import { elementAt, foldTensor, type LazyTensor, scalarType } from '../frontend/lowering/lazy-tensor.js';
import { constantOf, convert } from './elementwise.js';
import {
  axisAttribute,
  input,
  type KernelContext,
  type KernelTable,
  numberAttribute,
  output,
  outputTensor,
} from './kernel.js';

/** A row number that is certainly a row: numbers outside of 0 … count−1 give row 0. */
export function clampRow(row: I32, count: number): I32 {
  return iselect(iltu(row, i32(count)), row, i32(0));
}

/** `x` with `indices` in place of an axis. The first `batchDims` axes of both are walked together. */
function gather(context: KernelContext): LazyTensor {
  const [x, indices] = [input(context, 'x'), input(context, 'indices')];
  const axis = axisAttribute(context, x.shape.length, 0);
  const batchDims = numberAttribute(context, 'batchDims', 0);
  context.builder.store(indices);
  const length = indices.shape.length - batchDims;
  return outputTensor(context, 'gather', [x, indices], (at) => {
    const own = [...at.slice(0, batchDims), ...at.slice(axis, axis + length)];
    const row = convert(elementAt(indices, own), indices.dtype, 'int32') as I32;
    const inner = at.slice(axis + length);
    return elementAt(x, [...at.slice(0, axis), clampRow(row, x.shape[axis]!), ...inner]);
  });
}

/** `sum + (chosen ? value : 0)`. */
function addChosen(sum: Expr, chosen: I32, value: Expr): Expr {
  if (sum.dtype === 'f32') return fadd(sum as F32, fselect(chosen, value as F32, f32(0)));
  return iadd(sum as I32, iselect(chosen, value as I32, i32(0)));
}

/** `out[s, …] = Σ_n (segmentIds[n] = s ? x[n, …] : 0)`, with n ascending. */
function unsortedSegmentSum(context: KernelContext): LazyTensor {
  const [x, segments] = [input(context, 'x'), input(context, 'segmentIds')];
  const { shape, dtype } = output(context);
  const own = segments.shape.length;
  const zero = constantOf(0, dtype);
  return foldTensor({
    kind: 'scatter',
    dtype,
    inputs: [x, segments],
    accumulators: [scalarType(dtype)],
    fold: {
      shape,
      reduction: x.shape.slice(0, own),
      init: () => [zero],
      update: (at, turn, [sum]) => {
        const chosen = ieq(elementAt(segments, turn) as I32, at[0]!);
        return [addChosen(sum!, chosen, elementAt(x, [...turn, ...at.slice(1)]))];
      },
    },
  });
}

/** The elements (or slices) of `params` at the coordinates that the last axis of `indices` holds. */
function gatherNd(context: KernelContext): LazyTensor {
  const [params, indices] = [input(context, 'params'), input(context, 'indices')];
  context.builder.store(indices);
  const own = indices.shape.length - 1;
  const depth = indices.shape[own]!;
  return outputTensor(context, 'gather', [params, indices], (at) => {
    const place = params.shape.slice(0, depth).map((extent, axis) => {
      return clampRow(elementAt(indices, [...at.slice(0, own), i32(axis)]) as I32, extent);
    });
    return elementAt(params, [...place, ...at.slice(own)]);
  });
}

/** Adds the updates up where their indices say, in their order; what lies outside of the shape is left out. */
function scatterNd(context: KernelContext): LazyTensor {
  const [indices, updates] = [input(context, 'indices'), input(context, 'updates')];
  const { shape, dtype } = output(context);
  const own = indices.shape.length - 1;
  const depth = indices.shape[own]!;
  context.builder.store(indices);
  return foldTensor({
    kind: 'scatter',
    dtype,
    inputs: [indices, updates],
    accumulators: [scalarType(dtype)],
    fold: {
      shape,
      reduction: indices.shape.slice(0, own),
      init: () => [constantOf(0, dtype)],
      update: (at, turn, [sum]) => {
        const matches = Array.from({ length: depth }, (_, axis) =>
          ieq(elementAt(indices, [...turn, i32(axis)]) as I32, at[axis]!),
        );
        const chosen = matches.reduce((all, one) => iand(all, one));
        return [addChosen(sum!, chosen, elementAt(updates, [...turn, ...at.slice(depth)]))];
      },
    },
  });
}

/** 1 (or `onValue`) where the last coordinate is the class. */
function oneHot(context: KernelContext): LazyTensor {
  const indices = input(context, 'indices');
  const { dtype } = output(context);
  const on = constantOf(numberAttribute(context, 'onValue', 1), dtype);
  const off = constantOf(numberAttribute(context, 'offValue', 0), dtype);
  return outputTensor(context, 'onehot', [indices], (at) => {
    const own = convert(elementAt(indices, at.slice(0, -1)), indices.dtype, 'int32') as I32;
    const hot = ieq(own, at.at(-1)!);
    return dtype === 'float32' ? fselect(hot, on as F32, off as F32) : iselect(hot, on as I32, off as I32);
  });
}

export const GATHER_KERNELS: KernelTable = {
  GatherV2: { reads: 'often', lower: gather },
  GatherNd: { reads: 'often', lower: gatherNd },
  ScatterNd: { reads: 'often', lower: scatterNd },
  UnsortedSegmentSum: { reads: 'often', lower: unsortedSegmentSum },
  OneHot: { reads: 'once', lower: oneHot },
};
