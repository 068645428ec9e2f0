/** The shuffle of `numerics/shuffle.ts` as an operator, so that "which row is sample i of step s" can be disputed. */
import { checkRows, PIVOT_COUNTER, SHUFFLE_ROUNDS } from '../numerics/shuffle.js';
import type { I32 } from './expression.js';
import {
  acc,
  i32,
  iadd,
  iand,
  idivu,
  ilts,
  imul,
  index,
  iremu,
  iselect,
  isub,
  reduceIndex,
  result,
  trainingStep,
} from './expression.js';
import type { Operator } from './operator.js';
import { defineOperator } from './operator.js';
import { threefryExpr } from './random.js';

export interface ShuffleOperatorParameters {
  /** The number of rows of the dataset, 1 … 2^31 − 1. */
  readonly count: number;
  /** Samples in a training step. */
  readonly batch: number;
  /** The key of the shuffle's stream; see `streamKey`. */
  readonly key: readonly [number, number];
}

/** Samples of a whole run: positions are unsigned 32-bit numbers, so steps·batch must not exceed it. */
export const MAXIMUM_SAMPLES = 0x100000000;

/** True where no sample of a run of `steps` training steps has a position beyond 32 bits. */
export function samplesFit(steps: number, batch: number): boolean {
  return steps * batch <= MAXIMUM_SAMPLES;
}

/**
 * The operator without operands that gives i32 [batch]: the row of each sample of the training step.
 *
 * Sample i of step s has position p = s·batch + i; its epoch is p / count, and its row is
 * `shuffledIndex(p mod count)` of that epoch. A step may span several epochs. The caller must have checked
 * {@link samplesFit}: beyond it, positions wrap around.
 */
export function defineShuffleOperator(parameters: ShuffleOperatorParameters): Operator {
  const { count, batch, key } = parameters;
  checkRows(count);
  if (!Number.isInteger(batch) || batch < 1 || batch > MAXIMUM_SAMPLES) {
    throw new Error(`a batch has at least one sample, not ${batch}`);
  }
  const position = iadd(imul(trainingStep, i32(batch)), index(0));
  const epoch = idivu(position, i32(count));
  return defineOperator({
    kind: 'shuffle',
    domain: [batch],
    reduction: [SHUFFLE_ROUNDS],
    operands: [],
    init: [iremu(position, i32(count))],
    update: [swapOrNot(acc(0, 'i32'), epoch, count, [i32(key[0]), i32(key[1])])],
    finish: result(0, 'i32'),
  });
}

/** One round: the index after it. Indices stay below 2^31, so signed comparisons are right. */
function swapOrNot(current: I32, epoch: I32, count: number, key: readonly [I32, I32]): I32 {
  const counter = iadd(imul(epoch, i32(SHUFFLE_ROUNDS)), reduceIndex(0));
  const pivot = iremu(threefryExpr(key, [counter, i32(PIVOT_COUNTER)])[0], i32(count));
  const distance = isub(pivot, current);
  const partner = iselect(ilts(distance, i32(0)), iadd(distance, i32(count)), distance);
  const larger = iselect(ilts(current, partner), partner, current);
  const decision = iand(threefryExpr(key, [counter, larger])[0], i32(1));
  return iselect(decision, partner, current);
}
