/**
 * Images in another size, and the gradients. Which cells an output cell reads follows from integers alone: position r
 * of `to` cells lies at (scale·r + shift) / unit of the `from` cells, exactly.
 */
import {
  type Expr,
  type F32,
  f32,
  fadd,
  fdiv,
  flt,
  fmul,
  fselect,
  fsub,
  type I32,
  i32,
  iadd,
  idivu,
  ieq,
  ilts,
  imul,
  iremu,
  isub,
  itof,
} from '../expr/expression.js';
import { imaxs, imins } from '../expr/math.js';
import {
  type Coordinates,
  elementAt,
  foldTensor,
  type LazyTensor,
  lazyTensor,
} from '../frontend/lowering/lazy-tensor.js';
import { convert } from './elementwise.js';
import { flagAttribute, input, type Kernel, type KernelContext, type KernelTable, output } from './kernel.js';
import { asFloat } from './windows.js';

/** Where the cells of an axis are taken from. */
interface Sampling {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  readonly shift: number;
  readonly unit: number;
}

type Mode = 'nearest' | 'bilinear';

/** The sampling of one axis. `alignCorners` maps the last cell to the last one, `halfPixelCenters` centres to centres. */
function samplingOf(context: KernelContext, mode: Mode, from: number, to: number): Sampling {
  if (flagAttribute(context, 'alignCorners') && to > 1) {
    // To the nearest cell is half a unit up, rounded down.
    const [scale, unit] = [from - 1, to - 1];
    return mode === 'nearest'
      ? { from, to, scale: 2 * scale, shift: unit, unit: 2 * unit }
      : { from, to, scale, shift: 0, unit };
  }
  if (flagAttribute(context, 'halfPixelCenters')) {
    return { from, to, scale: 2 * from, shift: mode === 'nearest' ? from : from - to, unit: 2 * to };
  }
  return { from, to, scale: from, shift: 0, unit: to };
}

/** `scale·r + shift`, the position in units; what lies before the first cell counts as that. */
function positionOf({ scale, shift }: Sampling, r: I32): I32 {
  const position = iadd(imul(r, i32(scale)), i32(shift));
  return shift < 0 ? imaxs(position, i32(0)) : position;
}

/** The cell at or before a position. */
const cellOf = (sampling: Sampling, r: I32): I32 => idivu(positionOf(sampling, r), i32(sampling.unit));

/** The same in numbers, for what is fixed while the operator is made. */
function cellNumber({ scale, shift, unit }: Sampling, r: number): number {
  return Math.floor(Math.max(0, scale * r + shift) / unit);
}

/** The first r whose cell is `cell` or a later one. With `before`, cells count from −1 on. */
function firstReader({ scale, shift, unit, to }: Sampling, cell: I32, before: 0 | 1): I32 {
  if (scale === 0) return i32(0);
  // r ≥ (cell·unit − shift) / scale, rounded up.
  const bound = iadd(imul(cell, i32(unit)), i32(scale - 1 - shift));
  if (before === 0 && shift >= 0 && shift < scale) return idivu(bound, i32(scale));
  const first = imins(idivu(imaxs(bound, i32(0)), i32(scale)), i32(to));
  return imul(ilts(i32(0), cell), first);
}

/** Which output cells may read an input cell: `most` of them from the first one on. */
interface Readers {
  readonly most: number;
  /** True if every input cell has that many readers. */
  readonly isUniform: boolean;
}

/** Counts the output cells whose own cell is c − `before` … c, for every input cell c. */
function readersOf(sampling: Sampling, before: 0 | 1): Readers {
  const counts = new Array<number>(sampling.from).fill(0);
  for (let r = 0; r < sampling.to; r++) {
    const cell = cellNumber(sampling, r);
    for (let c = cell; c <= Math.min(cell + before, sampling.from - 1); c++) counts[c]!++;
  }
  const most = Math.max(...counts);
  return { most, isUniform: before === 0 && counts.every((count) => count === most) };
}

const samplings = (context: KernelContext, mode: Mode, from: readonly number[], to: readonly number[]): Sampling[] =>
  [1, 2].map((axis) => samplingOf(context, mode, from[axis]!, to[axis]!));

function resizeNearest(context: KernelContext): LazyTensor {
  const images = input(context, 'images');
  const { shape, dtype } = output(context);
  const [rows, columns] = samplings(context, 'nearest', images.shape, shape) as [Sampling, Sampling];
  const compute = ([n, y, x, channel]: Coordinates): Expr => {
    const element = elementAt(images, [n!, cellOf(rows, y!), cellOf(columns, x!), channel!]);
    return convert(element, images.dtype, dtype);
  };
  return lazyTensor({ shape, dtype, kind: 'resize', inputs: [images], compute });
}

/** The share of the next cell: how far a position lies behind its own cell, in [0, 1). */
function fractionOf(sampling: Sampling, r: I32): F32 {
  const rest = iremu(positionOf(sampling, r), i32(sampling.unit));
  return fdiv(itof(rest), f32(sampling.unit));
}

const nextCell = ({ from }: Sampling, cell: I32): I32 => imins(iadd(cell, i32(1)), i32(from - 1));

/** `a + (b − a)·fraction`, along columns and then along rows. */
function resizeBilinear(context: KernelContext): LazyTensor {
  const images = asFloat(input(context, 'images'));
  const { shape } = output(context);
  const [rows, columns] = samplings(context, 'bilinear', images.shape, shape) as [Sampling, Sampling];
  context.builder.store(images);
  const mix = (a: F32, b: F32, fraction: F32): F32 => fadd(a, fmul(fsub(b, a), fraction));
  const compute = ([n, y, x, channel]: Coordinates): Expr => {
    const [row, column] = [cellOf(rows, y!), cellOf(columns, x!)];
    const at = (r: I32, c: I32): F32 => elementAt(images, [n!, r, c, channel!]) as F32;
    const along = (r: I32): F32 => mix(at(r, column), at(r, nextCell(columns, column)), fractionOf(columns, x!));
    return mix(along(row), along(nextCell(rows, row)), fractionOf(rows, y!));
  };
  return lazyTensor({ shape, dtype: 'float32', kind: 'resize', inputs: [images], compute });
}

/** What an output cell takes from an input cell, as a factor. */
type Share = (sampling: Sampling, reader: I32, cell: I32) => F32;

const nearestShare: Share = (sampling, reader, cell) => itof(ieq(cellOf(sampling, reader), cell));

const bilinearShare: Share = (sampling, reader, cell) => {
  const own = cellOf(sampling, reader);
  const fraction = fractionOf(sampling, reader);
  const ofOwn = fselect(ieq(own, cell), fsub(f32(1), fraction), f32(0));
  return fadd(ofOwn, fselect(ieq(nextCell(sampling, own), cell), fraction, f32(0)));
};

/** One axis of a gradient. */
interface GradientAxis {
  readonly sampling: Sampling;
  readonly readers: Readers;
  /** How many cells before its own one an output cell may also read: its own is c − before … c. */
  readonly before: 0 | 1;
  readonly share: Share;
}

function gradientAxis(mode: Mode, sampling: Sampling): GradientAxis {
  const before = mode === 'bilinear' ? 1 : 0;
  const share = mode === 'bilinear' ? bilinearShare : nearestShare;
  return { sampling, before, share, readers: readersOf(sampling, before) };
}

/** The reader of a turn, and its share; no share where every reader takes the whole cell. */
function readerAt(
  { sampling, before, share, readers }: GradientAxis,
  cell: I32,
  turn: I32,
): { reader: I32; part?: F32 } {
  const reader = iadd(firstReader(sampling, isub(cell, i32(before)), before), turn);
  if (readers.isUniform) return { reader };
  const exists = ilts(reader, i32(sampling.to));
  return { reader, part: fselect(exists, share(sampling, reader, cell), f32(0)) };
}

/** Every cell sums up what its readers take from it, in their row-major order. */
function gradient(context: KernelContext, mode: Mode): LazyTensor {
  const dy = asFloat(input(context, 'dy'));
  const { shape } = output(context);
  const axes = samplings(context, mode, shape, dy.shape).map((sampling) => gradientAxis(mode, sampling));
  context.builder.store(dy);
  const taken = (at: Coordinates, turn: Coordinates): F32 => {
    const found = axes.map((axis, side) => readerAt(axis, at[side + 1]!, turn[side]!));
    const value = elementAt(dy, [at[0]!, ...found.map(({ reader }) => reader), at[3]!]) as F32;
    const parts = found.map(({ part }) => part).filter((part) => part !== undefined);
    if (parts.length === 0) return value;
    const factor = parts.reduce((all, one) => fmul(all, one));
    // Who takes nothing adds nothing, also where its value is not finite.
    return fselect(flt(f32(0), factor), fmul(value, factor), f32(0));
  };
  return foldTensor({
    kind: 'resize-gradient',
    dtype: 'float32',
    inputs: [dy],
    accumulators: ['f32'],
    fold: {
      shape,
      reduction: axes.map(({ readers }) => readers.most),
      init: () => [f32(0)],
      update: (at, turn, [sum]) => [fadd(sum as F32, taken(at, turn))],
    },
  });
}

const often = (lower: Kernel['lower']): Kernel => ({ reads: 'often', lower });

export const RESIZE_KERNELS: KernelTable = {
  ResizeNearestNeighbor: often(resizeNearest),
  ResizeNearestNeighborGrad: often((context) => gradient(context, 'nearest')),
  ResizeBilinear: often(resizeBilinear),
  ResizeBilinearGrad: often((context) => gradient(context, 'bilinear')),
};
