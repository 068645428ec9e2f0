/** Bindings for batch inputs: rows of a dataset, labels, and values of a schedule. */
import {
  type Expr,
  type F32,
  f32,
  fadd,
  fmul,
  ftoi,
  type I32,
  i32,
  iadd,
  iltu,
  imul,
  itof,
  trainingStep,
} from '../../expr/expression.js';
import { product } from '../../expr/operator.js';
import { defineShuffleOperator } from '../../expr/shuffle.js';
import { streamKey } from '../../numerics/threefry.js';
import { clampRow } from '../../operators/gather.js';
import type { TensorType } from '../recording.js';
import {
  type Coordinates,
  elementAt,
  flatIndex,
  type LazyTensor,
  lazyTensor,
  loadFrom,
  type Source,
} from './lazy-tensor.js';
import type { ProgramBuilder } from './program-builder.js';

/** The stream that epoch order is drawn from; streams of layers count up from 0. */
export const SHUFFLE_STREAM = 0x73687566;

export interface ShuffledRowsParameters {
  /** Rows of the dataset. */
  readonly count: number;
  readonly batch: number;
}

/** The rows (i32 [batch]) of a training step in shuffled epoch order. Equal calls give the same operator. */
export function shuffledRows(builder: ProgramBuilder, { count, batch }: ShuffledRowsParameters): LazyTensor {
  const operator = defineShuffleOperator({ count, batch, key: streamKey(builder.seed, SHUFFLE_STREAM) });
  return builder.operator(operator, [], [batch], 'int32');
}

/** The rows `step·batch + i` in the dataset's own order, for evaluation; beyond its end, row 0. */
export function sequentialRows({ count, batch }: ShuffledRowsParameters): LazyTensor {
  const compute = ([position]: Coordinates): Expr => clampRow(iadd(imul(trainingStep, i32(batch)), position!), count);
  return lazyTensor({ shape: [batch], dtype: 'int32', kind: 'rows', compute });
}

/** 1 for rows of {@link sequentialRows} before the dataset's end and 0 beyond it: float32 [batch]. */
export function rowWeights({ count, batch }: ShuffledRowsParameters): LazyTensor {
  const compute = ([position]: Coordinates): Expr =>
    itof(iltu(iadd(imul(trainingStep, i32(batch)), position!), i32(count)));
  return lazyTensor({ shape: [batch], dtype: 'float32', kind: 'weights', compute });
}

export interface GatherRowsParameters {
  /** i32 [batch]; a number that is no row reads row 0. */
  readonly rows: LazyTensor;
  /** `u8`, `f32` or `i32` data of shape [count, …exampleShape], unless `stride` and `first` say otherwise. */
  readonly data: Source;
  readonly count: number;
  readonly exampleShape: readonly number[];
  /** Elements from the start of one row to the start of the next, where rows overlap or leave a gap. */
  readonly stride?: number;
  /** The element at which row 0 starts; 0 unless told. */
  readonly first?: number;
  /** float32 (the default), or int32 for data that are numbers of something. */
  readonly dtype?: TensorType;
  /** A float32 value is `data·scale + offset`; an operation that changes nothing is left out. */
  readonly scale?: number;
  readonly offset?: number;
}

/** The examples of a batch, [batch, …exampleShape]. */
export function gatherRows(parameters: GatherRowsParameters): LazyTensor {
  const { rows, data, count, exampleShape, dtype = 'float32', scale = 1, offset = 0 } = parameters;
  const { stride = product(exampleShape), first = 0 } = parameters;
  const finish = (element: Expr): Expr => {
    if (dtype !== 'float32') return element.dtype === 'f32' ? ftoi(element as F32) : element;
    const value = element.dtype === 'f32' ? (element as F32) : itof(element as I32);
    const scaled = scale === 1 ? value : fmul(value, f32(scale));
    return offset === 0 ? scaled : fadd(scaled, f32(offset));
  };
  const compute = ([position, ...inner]: Coordinates): Expr => {
    const row = clampRow(elementAt(rows, [position!]) as I32, count);
    const start = imul(row, i32(stride));
    const at = iadd(first === 0 ? start : iadd(start, i32(first)), flatIndex(inner, exampleShape));
    return finish(loadFrom(data, at));
  };
  return lazyTensor({ shape: [...rows.shape, ...exampleShape], dtype, kind: 'gather', inputs: [rows], compute });
}

export interface ClassLabelsParameters {
  readonly rows: LazyTensor;
  /** `u8` or `i32` class numbers of shape [count]. */
  readonly data: Source;
  readonly count: number;
  /** The type the model's loss expects; int32 by default. */
  readonly dtype?: TensorType;
}

/** The class numbers of a batch, [batch]. */
export function classLabels({ rows, data, count, dtype = 'int32' }: ClassLabelsParameters): LazyTensor {
  return gatherRows({ rows, data, count, exampleShape: [], dtype });
}

/** Entry `trainingStep` of a table of shape [steps]; beyond it, entry 0. A scalar. */
export function scheduleValue(table: Source, steps: number): LazyTensor {
  const compute = (): Expr => loadFrom(table, clampRow(trainingStep, steps));
  return lazyTensor({ shape: [], dtype: 'float32', kind: 'schedule', compute });
}
