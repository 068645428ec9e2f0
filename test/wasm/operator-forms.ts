/** Operators for which the backend has kernels of their own: matrix products, moved elements, sums by segment. */
import {
  acc,
  type Expr,
  type F32,
  f32,
  fadd,
  fmax,
  fmul,
  fselect,
  type I32,
  i32,
  iadd,
  idivu,
  ieq,
  ilts,
  iltu,
  imul,
  index,
  iremu,
  isub,
  load,
  reduceIndex,
  result,
} from '../../src/expr/expression.js';
import { defineOperator, type Operand, type Operator, product, stridesOf } from '../../src/expr/operator.js';

const at = (terms: readonly (readonly [I32, number])[]): I32 =>
  terms.reduce<I32>((sum, [axis, stride]) => iadd(sum, imul(axis, i32(stride))), i32(0));

type Epilogue = 'none' | 'bias' | 'relu' | 'residual' | 'rowScale';

export interface MatmulShape {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly turns: number;
  readonly transposeLeft?: boolean;
  readonly transposeRight?: boolean;
  readonly epilogue?: Epilogue;
}

export function matmul({
  batch,
  rows,
  columns,
  turns,
  transposeLeft,
  transposeRight,
  epilogue = 'none',
}: MatmulShape): Operator {
  const [b, m, n, k] = [index(0), index(1), index(2), reduceIndex(0)];
  const left = transposeLeft
    ? at([
        [b, rows * turns],
        [k, rows],
        [m, 1],
      ])
    : at([
        [b, rows * turns],
        [m, turns],
        [k, 1],
      ]);
  const right = transposeRight
    ? at([
        [b, columns * turns],
        [n, turns],
        [k, 1],
      ])
    : at([
        [b, columns * turns],
        [k, columns],
        [n, 1],
      ]);
  const operands: Operand[] = [
    batch * rows * turns,
    batch * turns * columns,
    columns,
    batch * rows * columns,
    rows,
  ].map((words) => ({ dtype: 'f32', words }));
  const sum = result(0, 'f32');
  const finishes: Record<Epilogue, Expr<'f32'>> = {
    none: sum,
    bias: fadd(sum, load(2, n, 'f32')),
    relu: fmax(fadd(sum, load(2, n, 'f32')), f32(0)),
    residual: fadd(
      load(
        3,
        at([
          [b, rows * columns],
          [m, columns],
          [n, 1],
        ]),
        'f32',
      ),
      sum,
    ),
    rowScale: fmul(sum, load(4, m, 'f32')),
  };
  return defineOperator({
    kind: 'matmul',
    domain: [batch, rows, columns],
    reduction: [turns],
    operands,
    init: [f32(0)],
    update: [fadd(acc(0, 'f32'), fmul(load(0, left, 'f32'), load(1, right, 'f32')))],
    finish: finishes[epilogue],
  });
}

const flatten = (at: readonly I32[], shape: readonly number[]): I32 =>
  at.reduce<I32>((sum, coordinate, axis) => iadd(sum, imul(coordinate, i32(stridesOf(shape)[axis]!))), i32(0));

const unflatten = (flat: I32, shape: readonly number[]): I32[] =>
  shape.map((extent, axis) => iremu(idivu(flat, i32(stridesOf(shape)[axis]!)), i32(extent)));

/** Element `flat` of a tensor that was transposed and reshaped: full of divisions. */
function transposedElement(operand: number, flat: I32, shape: readonly number[], order: readonly number[]): F32 {
  const at = unflatten(flat, shape);
  const source = order.map((axis) => shape[axis]!);
  const moved = order.map((axis) => at[axis]!);
  return load(operand, flatten(moved, source), 'f32');
}

export const words = (...lengths: number[]) => lengths.map((length) => ({ dtype: 'f32' as const, words: length }));

export function reshapedTranspose(
  shape: readonly number[],
  order: readonly number[],
  domain: readonly number[],
): Operator {
  const flat = flatten(
    domain.map((_, axis) => index(axis)),
    domain,
  );
  const finish = transposedElement(0, flat, shape, order);
  return defineOperator({ kind: 'copy', domain, operands: words(product(shape)), finish });
}

/** Sums over the last axes of a reshaped transposition. */
export function reshapedSum(shape: readonly number[], order: readonly number[], rows: number): Operator {
  const turns = product(shape) / rows;
  const flat = iadd(imul(index(0), i32(turns)), reduceIndex(0));
  return defineOperator({
    kind: 'sum',
    domain: [rows],
    reduction: [turns],
    operands: words(product(shape)),
    init: [f32(0)],
    update: [fadd(acc(0, 'f32'), transposedElement(0, flat, shape, order))],
    finish: result(0, 'f32'),
  });
}

/** Parts next to each other along the last axis; every part is a transposition where `heads` divide it. */
export function concatenation(rows: number, widths: readonly number[], heads: number, unsigned: boolean): Operator {
  const partAt = (part: number, column: I32): F32 => {
    const width = widths[part]!;
    const flat = iadd(imul(index(0), i32(width)), column);
    return transposedElement(part, flat, [rows, heads, width / heads], [1, 0, 2]);
  };
  const select = (part: number, column: I32): F32 => {
    if (part === widths.length - 1) return partAt(part, column);
    const width = i32(widths[part]!);
    const inside = unsigned ? iltu(column, width) : ilts(column, width);
    return fselect(inside, partAt(part, column), select(part + 1, isub(column, width)));
  };
  return defineOperator({
    kind: 'concat',
    domain: [rows, widths.reduce((sum, width) => sum + width, 0)],
    operands: words(...widths.map((width) => rows * width)),
    finish: select(0, index(1)),
  });
}

export interface SegmentSum {
  readonly segments: number;
  readonly columns: number;
  readonly rows: readonly number[];
  readonly scaled?: boolean;
}

export function segmentSum({ segments, columns, rows, scaled = false }: SegmentSum): Operator {
  const turn = rows.map((_, axis) => reduceIndex(axis));
  const row = flatten(turn, rows);
  const value = load(1, iadd(imul(row, i32(columns)), index(1)), 'f32');
  const chosen = ieq(load(0, row, 'i32'), index(0));
  const scale = scaled ? fmul(value, load(2, index(1), 'f32')) : value;
  return defineOperator({
    kind: 'scatter',
    domain: [segments, columns],
    reduction: rows,
    operands: [{ dtype: 'i32', words: product(rows) }, ...words(product(rows) * columns, columns)],
    init: [f32(0)],
    update: [fadd(acc(0, 'f32'), fselect(chosen, scale, f32(0)))],
    finish: result(0, 'f32'),
  });
}
