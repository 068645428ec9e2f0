/** Sliding windows: the geometry that convolutions and pooling share, and inputs laid out for them. */
import { type Expr, type F32, fselect, type I32, i32, iadd, iand, iltu, imul, isub } from '../expr/expression.js';
import { type Coordinates, elementAt, type LazyTensor, lazyTensor } from '../frontend/lowering/lazy-tensor.js';
import type { ProgramBuilder } from '../frontend/lowering/program-builder.js';
import { convert } from './elementwise.js';
import { integersAttribute, type KernelContext, unsupported } from './kernel.js';
import { storePlain } from './matmul.js';

/** How windows move along one spatial axis: window `o` reads cells `o·stride + tap·dilation − before`. */
export interface WindowAxis {
  /** Cells of the input. */
  readonly input: number;
  /** Number of windows. */
  readonly output: number;
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  /** Cells of padding before the input's first one. */
  readonly before: number;
}

/** Cells from a window's first tap to its last one. */
const spanOf = ({ taps, dilation }: WindowAxis): number => (taps - 1) * dilation + 1;

/** Cells from the first tap of the first window to the last tap of the last one. */
export const reachOf = (axis: WindowAxis): number => (axis.output - 1) * axis.stride + spanOf(axis);

/** The cell of the padded input that a window's tap reads. */
export function tapCell({ stride, dilation }: WindowAxis, window: I32, tap: I32): I32 {
  return iadd(imul(window, i32(stride)), imul(tap, i32(dilation)));
}

export interface WindowExtents {
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly taps: readonly number[];
}

/** The windows of a call by its attributes `strides`, `dilations` and `pad`, for spatial extents in order. */
export function windowAxes(context: KernelContext, { input, output, taps }: WindowExtents): readonly WindowAxis[] {
  const strides = perAxis(context, 'strides', input.length);
  const dilations = perAxis(context, 'dilations', input.length);
  return input.map((extent, position) => {
    const [stride, dilation] = [strides[position]!, dilations[position]!];
    const bare = { input: extent, output: output[position]!, taps: taps[position]!, stride, dilation, before: 0 };
    return { ...bare, before: paddingBefore(context, bare, position) };
  });
}

/** An attribute with one integer for each spatial axis; one number counts for all, nothing is 1. */
function perAxis(context: KernelContext, name: string, rank: number): readonly number[] {
  // tfjs-layers's depthwise convolution gives null.
  const given = (context.call.attributes[name] ?? null) === null ? [1] : integersAttribute(context, name);
  if (given.length === 1) return new Array<number>(rank).fill(given[0]!);
  if (given.length === rank) return given;
  throw unsupported(context, name, [...given], `one integer, or ${rank}`);
}

export const isChannelsFirst = ({ call }: KernelContext): boolean => call.attributes['dataFormat'] === 'NCHW';

function paddingBefore(context: KernelContext, axis: WindowAxis, position: number): number {
  const { pad } = context.call.attributes;
  if (pad === 'valid') return 0;
  if (pad === 'same') return Math.floor(Math.max(0, reachOf(axis) - axis.input) / 2);
  if (typeof pad === 'number') return pad;
  const pair = Array.isArray(pad) ? pad[position + (isChannelsFirst(context) ? 2 : 1)] : undefined;
  if (Array.isArray(pair) && Number.isInteger(pair[0])) return Number(pair[0]);
  throw unsupported(context, 'pad', pad, "'valid', 'same', a number or a pair of numbers for each axis");
}

/** Where the cells of one spatial axis go: cell `c` to `c + offset` among `extent` cells. */
export interface Placement {
  readonly extent: number;
  readonly offset: number;
}

/**
 * Lays the cells of `x` [n, …spatial, channels] out among others that hold `around`. Always stored, so that whoever
 * reads it reads linear addresses; `x` itself where nothing moves.
 */
export function placeCells(
  x: LazyTensor,
  placements: readonly Placement[],
  around: F32,
  builder: ProgramBuilder,
): LazyTensor {
  const extents = x.shape.slice(1, -1);
  const isWhole = placements.every(({ extent, offset }, axis) => offset === 0 && extent <= extents[axis]!);
  if (isWhole) {
    storePlain(x, builder);
    return x;
  }
  const placed = lazyTensor({
    shape: [x.shape[0]!, ...placements.map(({ extent }) => extent), x.shape.at(-1)!],
    dtype: 'float32',
    kind: 'pad',
    inputs: [x],
    compute: (at) => placedCell(x, extents, placements, around, at),
  });
  builder.store(placed);
  return placed;
}

function placedCell(
  x: LazyTensor,
  extents: readonly number[],
  placements: readonly Placement[],
  around: F32,
  at: Coordinates,
): Expr {
  const conditions: I32[] = [];
  const cells = placements.map(({ extent, offset }, axis) => {
    const moved = isub(at[axis + 1]!, i32(offset));
    if (offset !== 0 || extent > extents[axis]!) conditions.push(iltu(moved, i32(extents[axis]!)));
    return moved;
  });
  const element = elementAt(x, [at[0]!, ...cells, at.at(-1)!]) as F32;
  return fselect(
    conditions.reduce((all, one) => iand(all, one)),
    element,
    around,
  );
}

/** The cells that windows read, with `around` for padding. */
export function padForWindows(
  x: LazyTensor,
  axes: readonly WindowAxis[],
  around: F32,
  builder: ProgramBuilder,
): LazyTensor {
  const placements = axes.map((axis) => ({ extent: reachOf(axis), offset: axis.before }));
  return placeCells(x, placements, around, builder);
}

/** A view with the channels last, of a tensor that has them behind the batch where `first` says so. */
export function toChannelsLast(x: LazyTensor, first: boolean): LazyTensor {
  if (!first) return x;
  const [batch, channels, ...spatial] = x.shape as [number, number, ...number[]];
  return movedAxes(x, [batch, ...spatial, channels], ([n, ...rest]) => [n!, rest.at(-1)!, ...rest.slice(0, -1)]);
}

/** The inverse of {@link toChannelsLast}. */
export function fromChannelsLast(x: LazyTensor, first: boolean): LazyTensor {
  if (!first) return x;
  const [batch, ...rest] = x.shape as [number, ...number[]];
  const shape = [batch, rest.at(-1)!, ...rest.slice(0, -1)];
  return movedAxes(x, shape, ([n, channel, ...spatial]) => [n!, ...spatial, channel!]);
}

function movedAxes(x: LazyTensor, shape: readonly number[], move: (at: Coordinates) => Coordinates): LazyTensor {
  return lazyTensor({ shape, dtype: x.dtype, kind: 'copy', inputs: [x], compute: (at) => elementAt(x, move(at)) });
}

/** A tensor as float32. */
export function asFloat(x: LazyTensor): LazyTensor {
  if (x.dtype === 'float32') return x;
  const compute = (at: Coordinates): Expr => convert(elementAt(x, at), x.dtype, 'float32');
  return lazyTensor({ shape: x.shape, dtype: 'float32', kind: 'map', inputs: [x], compute });
}
