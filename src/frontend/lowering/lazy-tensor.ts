/**
 * Lazy tensors: a value of the recording as a function from coordinates to a scalar expression.
 *
 * Views change coordinates and elementwise kernels compose expressions, so most values never exist in memory. A value
 * that is computed by a reduction is a *pending* fold until it is stored, or until the operator of its only reader takes
 * it in as its own fold.
 */
import { type Expr, type I32, i32, iadd, idivu, imul, iremu, load } from '../../expr/expression.js';
import { product, stridesOf } from '../../expr/operator.js';
import type { DType } from '../../numerics/instructions.js';
import type { Slot } from '../../program/program.js';
import type { TensorType } from '../recording.js';

/** Where words can be read: a state tensor, a constant or the output of an operator. */
export interface Source {
  readonly slot: Slot;
  /** Length in 32-bit words. */
  readonly words: number;
  /** `u8` sources are read by the byte. */
  readonly dtype: DType | 'u8';
}

/** A load from a source. The operand's number is not known before the operator is assembled. */
export interface SourceLoad<Type extends DType = DType> extends Expr<Type> {
  readonly source: Source;
}

/** A fold over `reduction` for every element of `shape`. */
export interface Fold {
  readonly shape: readonly number[];
  /** Extents of the reduction coordinates, walked in lexicographic order. */
  readonly reduction: readonly number[];
  readonly init: (at: Coordinates) => readonly Expr[];
  readonly update: (at: Coordinates, turn: Coordinates, accumulators: readonly Expr[]) => readonly Expr[];
}

/** Accumulator `imm` of a fold that no operator computes yet, at the coordinates `args`. */
export interface PendingResult<Type extends DType = DType> extends Expr<Type> {
  readonly pending: LazyTensor;
}

export type Coordinates = readonly I32[];

export interface LazyTensor {
  readonly shape: readonly number[];
  readonly dtype: TensorType;
  /** What it computes, in a word; becomes the operator's kind. */
  readonly kind: string;
  /** The tensors its expression reads. */
  readonly inputs: readonly LazyTensor[];
  /** The element at some coordinates, as an expression over what it reads. Ignores `source`. */
  readonly compute: (at: Coordinates) => Expr;
  readonly fold?: Fold;
  /** Set once its elements are stored. */
  source?: Source;
  /** The layer and phase it belongs to. */
  label?: string;
}

export interface LazyTensorParameters {
  readonly shape: readonly number[];
  readonly dtype: TensorType;
  readonly kind?: string;
  readonly inputs?: readonly LazyTensor[];
  readonly compute: (at: Coordinates) => Expr;
}

export function lazyTensor({ shape, dtype, kind = 'map', inputs = [], compute }: LazyTensorParameters): LazyTensor {
  return { shape, dtype, kind, inputs, compute };
}

export interface FoldTensorParameters {
  readonly kind: string;
  readonly dtype: TensorType;
  readonly inputs: readonly LazyTensor[];
  readonly fold: Fold;
  /** The element from the accumulators after the fold. The first accumulator, if not given. */
  readonly finish?: (at: Coordinates, accumulators: readonly Expr[]) => Expr;
  readonly accumulators: readonly DType[];
}

/** A tensor that is computed by a fold. */
export function foldTensor({ kind, dtype, inputs, fold, finish, accumulators }: FoldTensorParameters): LazyTensor {
  const compute = (at: Coordinates): Expr => {
    const results = accumulators.map((type, slot): PendingResult => {
      return { op: 'result', dtype: type, imm: slot, args: at, pending: tensor };
    });
    return finish === undefined ? results[0]! : finish(at, results);
  };
  const tensor: LazyTensor = { shape: fold.shape, dtype, kind, inputs, fold, compute };
  return tensor;
}

/** A tensor whose elements are stored in row-major order, one word each. */
export function storedTensor(source: Source, shape: readonly number[], dtype: TensorType): LazyTensor {
  return {
    shape,
    dtype,
    kind: 'identity',
    inputs: [],
    source,
    compute: (at) => loadFrom(source, flatIndex(at, shape)),
  };
}

/** The element of a tensor at some coordinates: a load where it is stored, its expression elsewhere. */
export function elementAt(tensor: LazyTensor, at: Coordinates): Expr {
  return tensor.source === undefined ? tensor.compute(at) : loadFrom(tensor.source, flatIndex(at, tensor.shape));
}

/** Word `at` of a source (`u8`: byte `at`, as an i32). */
export function loadFrom(source: Source, at: I32): SourceLoad {
  if (source.dtype === 'u8') return { op: 'loadbyte', dtype: 'i32', imm: 0, args: [at], source };
  return { ...load(0, at, source.dtype), source };
}

/** The machine type of a tensor's elements. Booleans are 0 and 1. */
export function scalarType(dtype: TensorType): DType {
  return dtype === 'float32' ? 'f32' : 'i32';
}

export const isSourceLoad = (expr: Expr): expr is SourceLoad => 'source' in expr;
export const isPending = (expr: Expr): expr is PendingResult => 'pending' in expr;

/** The row-major element number of coordinates. */
export function flatIndex(at: Coordinates, shape: readonly number[]): I32 {
  const strides = stridesOf(shape);
  return at.reduce<I32>((sum, coordinate, axis) => iadd(sum, imul(coordinate, i32(strides[axis]!))), i32(0));
}

/** The coordinates of a row-major element number. */
export function coordinatesOf(flat: I32, shape: readonly number[]): I32[] {
  const strides = stridesOf(shape);
  return shape.map((extent, axis) => iremu(idivu(flat, i32(strides[axis]!)), i32(extent)));
}

/** The coordinates in a tensor of `from` that broadcasting reads for coordinates in a tensor of higher or equal rank. */
export function broadcastCoordinates(at: Coordinates, from: readonly number[]): I32[] {
  const skipped = at.length - from.length;
  return from.map((extent, axis) => (extent === 1 ? i32(0) : at[axis + skipped]!));
}

export function elementCount(tensor: { readonly shape: readonly number[] }): number {
  return product(tensor.shape);
}
