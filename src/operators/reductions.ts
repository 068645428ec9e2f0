/**
 * Folds over axes: sums, means, extremes, products, logic, arg-extremes.
 *
 * The order is part of the definition. The reduced axes are walked in lexicographic order; a long fold whose outputs are
 * few or whose innermost axis is reduced is split in {@link LANES} lanes (turn q goes to lane q mod 16), which a second
 * operator combines as a balanced tree: lanes l and l+8, then l and l+4, l+2, l+1.
 */
import {
  type Expr,
  type F32,
  f32,
  fadd,
  fdiv,
  flt,
  fmax,
  fmin,
  fmul,
  fselect,
  type I32,
  i32,
  iadd,
  iand,
  ilts,
  iltu,
  imul,
  ior,
  iselect,
} from '../expr/expression.js';
import { product } from '../expr/operator.js';
import {
  type Coordinates,
  coordinatesOf,
  elementAt,
  flatIndex,
  foldTensor,
  type LazyTensor,
  lazyTensor,
  scalarType,
} from '../frontend/lowering/lazy-tensor.js';
import type { ProgramBuilder } from '../frontend/lowering/program-builder.js';
import type { TensorType } from '../frontend/recording.js';
import { integerExtremes } from './binary.js';
import { convert } from './elementwise.js';
import { input, type Kernel, type KernelContext, type KernelTable, output } from './kernel.js';

export const LANES = 16;
/** Folds of more turns than this are split in lanes. */
const LONG = 64;
/** With fewer outputs than this there is nothing to vectorise but the fold itself. */
const FEW = 16;

/** An associative operation with a neutral element. */
export interface Monoid {
  readonly kind: string;
  readonly neutral: Expr;
  readonly combine: (a: Expr, b: Expr) => Expr;
}

const float = (combine: (a: F32, b: F32) => F32) => combine as Monoid['combine'];
const integer = (combine: (a: I32, b: I32) => I32) => combine as Monoid['combine'];

export const FLOAT_SUM: Monoid = { kind: 'sum', neutral: f32(0), combine: float(fadd) };
export const FLOAT_MAX: Monoid = { kind: 'max', neutral: f32(-Infinity), combine: float(fmax) };

const FLOAT_MONOIDS = {
  Sum: FLOAT_SUM,
  Prod: { kind: 'product', neutral: f32(1), combine: float(fmul) },
  Max: FLOAT_MAX,
  Min: { kind: 'min', neutral: f32(Infinity), combine: float(fmin) },
} as const;

const INTEGER_MONOIDS = {
  Sum: { kind: 'sum', neutral: i32(0), combine: integer(iadd) },
  Prod: { kind: 'product', neutral: i32(1), combine: integer(imul) },
  Max: { kind: 'max', neutral: integerExtremes.lowest, combine: integer(integerExtremes.maximumOf) },
  Min: { kind: 'min', neutral: integerExtremes.highest, combine: integer(integerExtremes.minimumOf) },
  All: { kind: 'all', neutral: i32(1), combine: integer(iand) },
  Any: { kind: 'any', neutral: i32(0), combine: integer(ior) },
} as const;

/** Sums of a tensor type; booleans are counted. */
export const sumOf = (dtype: TensorType): Monoid => (dtype === 'float32' ? FLOAT_SUM : INTEGER_MONOIDS.Sum);
/** Products of a tensor type. */
export const productOf = (dtype: TensorType): Monoid =>
  dtype === 'float32' ? FLOAT_MONOIDS.Prod : INTEGER_MONOIDS.Prod;

export interface ReduceParameters {
  readonly x: LazyTensor;
  /** The reduced axes, ascending. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
  readonly monoid: Monoid;
  readonly dtype: TensorType;
  readonly builder: ProgramBuilder;
}

/** Folds a tensor over some of its axes. */
export function reduce(parameters: ReduceParameters): LazyTensor {
  const { x, axes, keepDims } = parameters;
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const keptShape = kept.map((axis) => x.shape[axis]!);
  const turns = product(axes.map((axis) => x.shape[axis]!));
  const folded = foldAxes(parameters, kept, turns);
  if (!keepDims) return folded;
  const shape = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const compute = (at: Coordinates): Expr => elementAt(folded, coordinatesOf(flatIndex(at, shape), keptShape));
  return lazyTensor({ shape, dtype: parameters.dtype, kind: 'copy', inputs: [folded], compute });
}

function foldAxes(parameters: ReduceParameters, kept: readonly number[], turns: number): LazyTensor {
  if (turns === 1) return onlyElement(parameters, kept);
  return isSplit(parameters.x.shape, parameters.axes, turns)
    ? foldInLanes(parameters, kept, turns)
    : foldInOrder(parameters, kept);
}

/** The fold over one element is that element (a sum keeps its −0). */
function onlyElement(parameters: ReduceParameters, kept: readonly number[]): LazyTensor {
  const { x, axes, dtype } = parameters;
  const compute = (at: Coordinates): Expr =>
    elementOf(
      parameters,
      kept,
      at,
      axes.map(() => i32(0)),
    );
  return lazyTensor({ shape: kept.map((axis) => x.shape[axis]!), dtype, kind: 'copy', inputs: [x], compute });
}

function isSplit(shape: readonly number[], axes: readonly number[], turns: number): boolean {
  if (turns <= LONG) return false;
  const innermost = shape.findLastIndex((extent) => extent > 1);
  return axes.includes(innermost) || product(shape) / turns < FEW;
}

/** The element of `x` at kept coordinates and turn coordinates, in the result's type. */
function elementOf(
  { x, axes, dtype }: ReduceParameters,
  kept: readonly number[],
  at: Coordinates,
  turn: Coordinates,
): Expr {
  const whole = x.shape.map((_, axis) => (axes.includes(axis) ? turn[axes.indexOf(axis)]! : at[kept.indexOf(axis)]!));
  return convert(elementAt(x, whole), x.dtype, dtype);
}

function foldInOrder(parameters: ReduceParameters, kept: readonly number[]): LazyTensor {
  const { x, axes, monoid, dtype } = parameters;
  return foldTensor({
    kind: monoid.kind,
    dtype,
    inputs: [x],
    accumulators: [scalarType(dtype)],
    fold: {
      shape: kept.map((axis) => x.shape[axis]!),
      reduction: axes.map((axis) => x.shape[axis]!),
      init: () => [monoid.neutral],
      update: (at, turn, [sum]) => [monoid.combine(sum!, elementOf(parameters, kept, at, turn))],
    },
  });
}

function foldInLanes(parameters: ReduceParameters, kept: readonly number[], turns: number): LazyTensor {
  const { x, axes, monoid, dtype, builder } = parameters;
  const keptShape = kept.map((axis) => x.shape[axis]!);
  const extents = axes.map((axis) => x.shape[axis]!);
  const lanes = foldTensor({
    kind: monoid.kind,
    dtype,
    inputs: [x],
    accumulators: [scalarType(dtype)],
    fold: {
      shape: [...keptShape, LANES],
      reduction: [Math.ceil(turns / LANES)],
      init: () => [monoid.neutral],
      update: (at, [row], [sum]) => {
        const turn = iadd(imul(row!, i32(LANES)), at.at(-1)!);
        const element = elementOf(parameters, kept, at.slice(0, -1), coordinatesOf(turn, extents));
        const inside = turns % LANES === 0 ? element : orNeutral(iltu(turn, i32(turns)), element, monoid.neutral);
        return [monoid.combine(sum!, inside)];
      },
    },
  });
  builder.store(lanes);
  const compute = (at: Coordinates): Expr => combineLanes(lanes, at, monoid);
  return lazyTensor({ shape: keptShape, dtype, kind: monoid.kind, inputs: [lanes], compute });
}

/** `inside ? element : neutral`, of either type. */
export function orNeutral(inside: I32, element: Expr, neutral: Expr): Expr {
  if (element.dtype === 'f32') return fselect(inside, element as F32, neutral as F32);
  return iselect(inside, element as I32, neutral as I32);
}

function combineLanes(lanes: LazyTensor, at: Coordinates, { combine }: Monoid): Expr {
  let parts = Array.from({ length: LANES }, (_, lane) => elementAt(lanes, [...at, i32(lane)]));
  while (parts.length > 1) {
    const half = parts.length / 2;
    parts = parts.slice(0, half).map((part, lane) => combine(part, parts[lane + half]!));
  }
  return parts[0]!;
}

/** The reduced axes of a call, ascending; all of them where none is given. */
function reducedAxes({ call }: KernelContext, rank: number): number[] {
  const given = call.attributes['axis'] ?? call.attributes['reductionIndices'] ?? null;
  if (given === null) return Array.from({ length: rank }, (_, axis) => axis);
  const axes = (Array.isArray(given) ? given : [given]).map((axis) =>
    Number(axis) < 0 ? Number(axis) + rank : Number(axis),
  );
  return [...new Set(axes)].sort((a, b) => a - b);
}

function lowerReduction(context: KernelContext, name: string, monoid: Monoid, dtype: TensorType): LazyTensor {
  const x = input(context, name);
  const keepDims = context.call.attributes['keepDims'] === true;
  return reduce({ x, axes: reducedAxes(context, x.shape.length), keepDims, monoid, dtype, builder: context.builder });
}

function reduction(kernel: keyof typeof FLOAT_MONOIDS): Kernel {
  const lower = (context: KernelContext): LazyTensor => {
    const { dtype } = output(context);
    const monoid: Monoid = dtype === 'float32' ? FLOAT_MONOIDS[kernel] : INTEGER_MONOIDS[kernel];
    return lowerReduction(context, 'x', monoid, dtype);
  };
  return { reads: 'once', lower };
}

function logicalReduction(kernel: 'All' | 'Any'): Kernel {
  return { reads: 'once', lower: (context) => lowerReduction(context, 'x', INTEGER_MONOIDS[kernel], 'bool') };
}

/** The sum, divided once by the number of elements. */
function mean(context: KernelContext): LazyTensor {
  const { shape, dtype } = output(context);
  const sum = lowerReduction(context, 'x', FLOAT_SUM, dtype);
  const count = product(input(context, 'x').shape) / product(shape);
  const compute = (at: Coordinates): Expr => fdiv(elementAt(sum, at) as F32, f32(count));
  return lazyTensor({ shape, dtype, kind: 'mean', inputs: [sum], compute });
}

/** The position of the first extreme element. It starts at position 0, so a NaN there is kept and others never win. */
function argExtreme(kind: 'argmax' | 'argmin'): Kernel {
  const isBetter = (value: Expr, best: Expr): I32 => {
    const [low, high] = kind === 'argmax' ? [best, value] : [value, best];
    return value.dtype === 'f32' ? flt(low as F32, high as F32) : ilts(low as I32, high as I32);
  };
  const lower = (context: KernelContext): LazyTensor => {
    const x = input(context, 'x');
    const [axis] = reducedAxes(context, x.shape.length) as [number];
    const element = (at: Coordinates, position: I32): Expr => elementAt(x, at.toSpliced(axis, 0, position));
    return foldTensor({
      kind,
      dtype: 'int32',
      inputs: [x],
      accumulators: [scalarType(x.dtype), 'i32'],
      fold: {
        shape: x.shape.toSpliced(axis, 1),
        reduction: [x.shape[axis]!],
        init: (at) => [element(at, i32(0)), i32(0)],
        update: (at, [position], [best, bestPosition]) => {
          const value = element(at, position!);
          const better = isBetter(value, best!);
          return [orNeutral(better, value, best!), iselect(better, position!, bestPosition as I32)];
        },
      },
      finish: (_at, [, position]) => position!,
    });
  };
  return { reads: 'once', lower };
}

export const REDUCTION_KERNELS: KernelTable = {
  Sum: reduction('Sum'),
  Prod: reduction('Prod'),
  Max: reduction('Max'),
  Min: reduction('Min'),
  Mean: { reads: 'once', lower: mean },
  All: logicalReduction('All'),
  Any: logicalReduction('Any'),
  ArgMax: argExtreme('argmax'),
  ArgMin: argExtreme('argmin'),
};
