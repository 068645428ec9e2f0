/**
 * Operators: tensor expressions. For each output element with coordinates `i` in `domain` (row-major),
 *
 *     out[i] = finish(i, fold(r in reduction, init(i), (acc, r) => update(acc, i, r)))
 *
 * with the reduction domain walked in lexicographic order. Order exists only inside the reduction: output elements are
 * independent of each other. Where `reduction` is empty there is no fold, and `init` and `update` are empty.
 * Where it has an extent of 0 the fold is its initial value.
 */
import type { DType } from '../numerics/instructions.js';
import { type Body, flatten } from './body.js';
import type { Expr } from './expression.js';

export interface Operand {
  readonly dtype: DType;
  /** Length in 32-bit words. A load at or beyond it gives 0. */
  readonly words: number;
}

export interface Operator {
  /** What it computes, in a word: `matmul`, `map`, `sum`, `gather`, … For people and schedules; it decides no bit. */
  readonly kind: string;
  readonly dtype: DType;
  /** Extents of the output coordinates; their product is the output's length in words. */
  readonly domain: readonly number[];
  /** Extents of the reduction coordinates. */
  readonly reduction: readonly number[];
  readonly operands: readonly Operand[];
  readonly body: Body;
}

export interface DefineOperatorParameters {
  readonly kind: string;
  readonly domain: readonly number[];
  readonly reduction?: readonly number[];
  readonly operands: readonly Operand[];
  readonly init?: readonly Expr[];
  readonly update?: readonly Expr[];
  readonly finish: Expr;
}

/** Defines an operator from expressions. The output has the type of `finish`. */
export function defineOperator(parameters: DefineOperatorParameters): Operator {
  const { kind, domain, reduction = [], operands, init = [], update = [], finish } = parameters;
  return { kind, dtype: finish.dtype, domain, reduction, operands, body: flatten(init, update, finish) };
}

/** The number of output elements, which is the output's length in words. */
export function outputWords(operator: Operator): number {
  return product(operator.domain);
}

export function product(extents: readonly number[]): number {
  return extents.reduce((total, extent) => total * extent, 1);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/**
 * Where a node may be computed: `element` once for each output element, `fold` in each turn of the reduction, `finish`
 * after it.
 */
export type Region = 'element' | 'fold' | 'finish';

/** The region of every node of a body. */
export function regionsOf(body: Body): readonly Region[] {
  const regions: Region[] = [];
  for (const node of body.nodes) {
    const of = node.args.map((arg) => regions[arg]!);
    if (node.op === 'result' || of.includes('finish')) regions.push('finish');
    else if (node.op === 'acc' || node.op === 'reduce' || of.includes('fold')) regions.push('fold');
    else regions.push('element');
  }
  return regions;
}
