/**
 * Maximum and average over sliding windows, and their gradients. Padding takes no part: a maximum is over the input's
 * cells, an average divides by their number, in both directions.
 */
import {
  type Expr,
  type F32,
  f32,
  fadd,
  fdiv,
  flt,
  fmax,
  fselect,
  type I32,
  i32,
  iadd,
  iand,
  idivu,
  ieq,
  iltu,
  imul,
  iremu,
  iselect,
  isub,
  itof,
} from '../expr/expression.js';
import { imaxs, imins } from '../expr/math.js';
import { product } from '../expr/operator.js';
import {
  type Coordinates,
  elementAt,
  flatIndex,
  foldTensor,
  type LazyTensor,
  lazyTensor,
} from '../frontend/lowering/lazy-tensor.js';
import type { ProgramBuilder } from '../frontend/lowering/program-builder.js';
import {
  input,
  integersAttribute,
  type Kernel,
  type KernelContext,
  type KernelTable,
  output,
  unsupported,
  unsupportedType,
} from './kernel.js';
import { padForWindows, reachOf, tapCell, type WindowAxis, windowAxes } from './windows.js';

const spatial = (shape: readonly number[]): readonly number[] => shape.slice(1, -1);

/** The windows of a call over an input [n, …spatial, channels] with the given output. */
function poolAxes(context: KernelContext, x: readonly number[], windows: readonly number[]): readonly WindowAxis[] {
  const { dataFormat } = context.call.attributes;
  if (dataFormat === 'NCHW' || dataFormat === 'NCDHW') throw unsupported(context, 'dataFormat', dataFormat, 'NHWC');
  const sizes = integersAttribute(context, 'filterSize');
  const extents = spatial(x);
  const taps = sizes.length === 1 ? extents.map(() => sizes[0]!) : sizes;
  return windowAxes(context, { input: extents, output: spatial(windows), taps });
}

function floatInput(context: KernelContext, name: string): LazyTensor {
  const x = input(context, name);
  if (x.dtype !== 'float32') throw unsupportedType(context, x.dtype, 'float32');
  return x;
}

/** The cell [n, …cells, channel] that a tap of a window reads in the padded input. */
function tapped(padded: LazyTensor, axes: readonly WindowAxis[], at: Coordinates, taps: Coordinates): F32 {
  const cells = axes.map((axis, position) => tapCell(axis, at[position + 1]!, taps[position]!));
  return elementAt(padded, [at[0]!, ...cells, at.at(-1)!]) as F32;
}

const tapsOf = (axes: readonly WindowAxis[]): number[] => axes.map(({ taps }) => taps);

function maxPool(context: KernelContext): LazyTensor {
  const x = floatInput(context, 'x');
  const { shape } = output(context);
  const axes = poolAxes(context, x.shape, shape);
  const padded = padForWindows(x, axes, f32(-Infinity), context.builder);
  return foldTensor({
    kind: 'max-pool',
    dtype: 'float32',
    inputs: [padded],
    accumulators: ['f32'],
    fold: {
      shape,
      reduction: tapsOf(axes),
      init: () => [f32(-Infinity)],
      update: (at, taps, [most]) => [fmax(most as F32, tapped(padded, axes, at, taps))],
    },
  });
}

function averagePool(context: KernelContext): LazyTensor {
  const x = floatInput(context, 'x');
  const { shape } = output(context);
  const axes = poolAxes(context, x.shape, shape);
  undilated(context, axes);
  const padded = padForWindows(x, axes, f32(0), context.builder);
  return foldTensor({
    kind: 'average-pool',
    dtype: 'float32',
    inputs: [padded],
    accumulators: ['f32'],
    fold: {
      shape,
      reduction: tapsOf(axes),
      init: () => [f32(0)],
      update: (at, taps, [sum]) => [fadd(sum as F32, tapped(padded, axes, at, taps))],
    },
    finish: (at, [sum]) => fdiv(sum as F32, cellCount(axes, at)),
  });
}

/** How many cells of the input a window covers, as binary32. */
function cellCount(axes: readonly WindowAxis[], at: Coordinates): F32 {
  const isWhole = axes.every((axis) => axis.before === 0 && reachOf(axis) <= axis.input);
  if (isWhole) return f32(product(tapsOf(axes)));
  const counts = axes.map((axis, position) => {
    const first = isub(imul(at[position + 1]!, i32(axis.stride)), i32(axis.before));
    const end = imins(iadd(first, i32(axis.taps)), i32(axis.input));
    return isub(end, imaxs(first, i32(0)));
  });
  return itof(counts.reduce((all, count) => imul(all, count)));
}

/** Averages, and gradients, are those of windows without dilation, as in tfjs. */
function undilated(context: KernelContext, axes: readonly WindowAxis[]): void {
  if (axes.some(({ dilation }) => dilation !== 1)) {
    throw unsupported(
      context,
      'dilations',
      axes.map(({ dilation }) => dilation),
      '1',
    );
  }
}

interface Candidate {
  /** 1 where the window exists and covers the cell. */
  readonly covers: I32;
  readonly window: Coordinates;
  /** The tap with which the window reads the cell. */
  readonly taps: Coordinates;
}

/** Turns that walk through all windows covering a cell, first windows first. */
const turnsOf = (axes: readonly WindowAxis[]): number[] => axes.map(({ taps, stride }) => Math.ceil(taps / stride));

/** The window of a turn for the cell [n, …cells, channel]. */
function candidateAt(axes: readonly WindowAxis[], at: Coordinates, turn: Coordinates): Candidate {
  const turns = turnsOf(axes);
  const parts = axes.map((axis, position) => {
    const cell = iadd(at[position + 1]!, i32(axis.before));
    const back = isub(i32(turns[position]! - 1), turn[position]!);
    const window = isub(idivu(cell, i32(axis.stride)), back);
    const tap = iadd(iremu(cell, i32(axis.stride)), imul(back, i32(axis.stride)));
    const exists = iltu(window, i32(axis.output));
    // Tap numbers stay below turns·stride, which is the number of taps where the stride divides it.
    const covers = axis.taps % axis.stride === 0 ? exists : iand(exists, iltu(tap, i32(axis.taps)));
    return { covers, window, tap };
  });
  return {
    covers: parts.map(({ covers }) => covers).reduce((all, one) => iand(all, one)),
    window: [at[0]!, ...parts.map(({ window }) => window), at.at(-1)!],
    taps: parts.map(({ tap }) => tap),
  };
}

/** The sum of what the windows that cover a cell give it; a cell that only one window can cover takes it as it is. */
function gatherWindows(
  inputs: readonly LazyTensor[],
  axes: readonly WindowAxis[],
  shape: readonly number[],
  give: (candidate: Candidate) => F32,
): LazyTensor {
  const share = (at: Coordinates, turn: Coordinates): F32 => {
    const candidate = candidateAt(axes, at, turn);
    return fselect(candidate.covers, give(candidate), f32(0));
  };
  const reduction = turnsOf(axes);
  if (product(reduction) === 1) {
    const only = reduction.map(() => i32(0));
    return lazyTensor({ shape, dtype: 'float32', kind: 'unpool', inputs, compute: (at): Expr => share(at, only) });
  }
  return foldTensor({
    kind: 'unpool',
    dtype: 'float32',
    inputs,
    accumulators: ['f32'],
    fold: {
      shape,
      reduction,
      init: () => [f32(0)],
      update: (at, turn, [sum]) => [fadd(sum as F32, share(at, turn))],
    },
  });
}

/** The row-major number of each window's first largest tap; no tap's number where no cell is above −∞. Stored. */
function firstMaxima(
  x: LazyTensor,
  axes: readonly WindowAxis[],
  shape: readonly number[],
  builder: ProgramBuilder,
): LazyTensor {
  const padded = padForWindows(x, axes, f32(-Infinity), builder);
  const taps = tapsOf(axes);
  const positions = foldTensor({
    kind: 'argmax-pool',
    dtype: 'int32',
    inputs: [padded],
    accumulators: ['f32', 'i32'],
    fold: {
      shape,
      reduction: taps,
      init: () => [f32(-Infinity), i32(product(taps))],
      update: (at, turn, [most, position]) => {
        const value = tapped(padded, axes, at, turn);
        const better = flt(most as F32, value);
        return [fselect(better, value, most as F32), iselect(better, flatIndex(turn, taps), position as I32)];
      },
    },
    finish: (_at, [, position]) => position!,
  });
  builder.store(positions);
  return positions;
}

/** Each window gives its `dy` to its first largest cell. */
function maxPoolGradient(context: KernelContext): LazyTensor {
  const [x, dy] = [floatInput(context, 'input'), floatInput(context, 'dy')];
  const axes = poolAxes(context, x.shape, dy.shape);
  undilated(context, axes);
  const positions = firstMaxima(x, axes, dy.shape, context.builder);
  context.builder.store(dy);
  return gatherWindows([dy, positions], axes, x.shape, ({ window, taps }) => {
    const isFirst = ieq(elementAt(positions, window) as I32, flatIndex(taps, tapsOf(axes)));
    return fselect(isFirst, elementAt(dy, window) as F32, f32(0));
  });
}

/** Each window gives an equal share of its `dy` to every cell that it covers. */
function averagePoolGradient(context: KernelContext): LazyTensor {
  const [x, dy] = [floatInput(context, 'input'), floatInput(context, 'dy')];
  const axes = poolAxes(context, x.shape, dy.shape);
  undilated(context, axes);
  const shares = lazyTensor({
    shape: dy.shape,
    dtype: 'float32',
    inputs: [dy],
    compute: (at) => fdiv(elementAt(dy, at) as F32, cellCount(axes, at)),
  });
  context.builder.store(shares);
  return gatherWindows([shares], axes, x.shape, ({ window }) => elementAt(shares, window) as F32);
}

const often = (lower: Kernel['lower']): Kernel => ({ reads: 'often', lower });

export const POOLING_KERNELS: KernelTable = {
  MaxPool: often(maxPool),
  MaxPool3D: often(maxPool),
  MaxPoolGrad: often(maxPoolGradient),
  MaxPool3DGrad: often(maxPoolGradient),
  AvgPool: often(averagePool),
  AvgPool3D: often(averagePool),
  AvgPoolGrad: often(averagePoolGradient),
  AvgPool3DGrad: often(averagePoolGradient),
};
