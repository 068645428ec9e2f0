/** How far the states of two machines are apart, where bits cannot be expected to agree. */
import type { Words } from '../backends/backend.js';
import { valueOf } from '../numerics/float32.js';
import type { StateTensor } from '../program/program.js';

export interface TensorDistance {
  readonly tensor: string;
  /** Number of elements. */
  readonly words: number;
  /** See {@link tensorDistance}; for integers 0 where all are equal, else Infinity. */
  readonly distance: number;
}

/** The three states that a distance needs, as words in the program's order. */
export interface ComparedStates {
  /** Before the training steps that both machines ran. */
  readonly before: readonly Words[];
  /** After them, as the canonical backend has it. */
  readonly expected: readonly Words[];
  /** After them, as the run has it. */
  readonly claimed: readonly Words[];
}

/** The distance of each tensor from its counterpart. */
export function tensorDistances(
  tensors: readonly StateTensor[],
  { before, expected, claimed }: ComparedStates,
): TensorDistance[] {
  return tensors.map(({ name, dtype }, at) => {
    const [mine, theirs] = [expected[at]!, claimed[at]!];
    const distance = dtype === 'f32' ? tensorDistance(theirs, mine, before[at]!) : integerDistance(theirs, mine);
    return { tensor: name, words: mine.length, distance };
  });
}

/**
 * ‖claimed − expected‖ ÷ max(‖expected‖, ‖before‖) in Euclidean norms, over binary32 words.
 *
 * The state before counts so that a tensor that has just come close to 0 is not judged by what is left of it. NaN and
 * infinities must stand in the same places, else the distance is Infinity; so it is for a difference from nothing but
 * zeros.
 */
export function tensorDistance(claimed: Words, expected: Words, before: Words): number {
  let [difference, norm, normBefore] = [0, 0, 0];
  for (let at = 0; at < expected.length; at++) {
    const [a, b, start] = [valueOf(claimed[at]!), valueOf(expected[at]!), valueOf(before[at]!)];
    if (Number.isFinite(start)) normBefore += start * start;
    if (Number.isFinite(b)) norm += b * b;
    if (Object.is(a, b)) continue;
    if (!Number.isFinite(a) || !Number.isFinite(b)) return Number.POSITIVE_INFINITY;
    difference += (a - b) ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / Math.max(norm, normBefore));
}

/** Counters and other integers have no excuse. */
function integerDistance(claimed: Words, expected: Words): number {
  return claimed.every((word, at) => word === expected[at]) ? 0 : Number.POSITIVE_INFINITY;
}

/**
 * The state with the last bit of its numbers flipped, as rounding might have left it. Tensors of one number are kept:
 * they are counters and powers of decay rates, which all machines have alike and which training divides by.
 */
export function nudgedState(tensors: readonly StateTensor[], state: readonly Words[]): Words[] {
  return state.map((words, at) => {
    if (tensors[at]!.dtype !== 'f32' || words.length === 1) return words.slice();
    return words.map((word) => {
      const value = valueOf(word);
      return value === 0 || !Number.isFinite(value) ? word : word ^ 1;
    });
  });
}
