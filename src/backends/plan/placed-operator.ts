import { type Operator, stridesOf } from '../../expr/operator.js';

/** Where an output element lies: `offset + Σ stride · coordinate`, in words. */
export interface OutputPlace {
  readonly offset: number;
  /** By output axis; the last one is 1. */
  readonly strides: readonly number[];
}

/** An operator that computes the elements of an output, or of a part of it. */
export interface PlacedOperator {
  readonly operator: Operator;
  readonly output: OutputPlace;
}

/** A whole operator, whose output lies in row-major order. */
export function placeWhole(operator: Operator): PlacedOperator {
  return { operator, output: { offset: 0, strides: stridesOf(operator.domain) } };
}
