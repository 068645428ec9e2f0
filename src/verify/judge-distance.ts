/**
 * Whether a state is close to the one it should be. Training amplifies rounding, in some weights more than in others:
 * one that only feeds a normalisation has no gradient but rounding, and after hundreds of steps two honest machines may
 * have nothing in common but their losses. So a tensor that is far away is held against what rounding alone does to it.
 */
import type { Words } from '../backends/backend.js';
import type { StateTensor } from '../program/program.js';
import { type ComparedStates, type TensorDistance, tensorDistances } from './distance.js';

/** The share of its norm within which a tensor is close to its counterpart. */
export const CLOSE_WITHIN = 1e-2;

/**
 * A tensor that is farther away is left to rounding where it is within so many times the distance that flipping the last
 * bit of the start gives in the same training steps.
 */
export const ROUNDING_FACTOR = 10;

/** The share of the state's numbers that may be left to rounding; beyond it nothing can be said. */
export const ROUNDING_SHARE = 0.25;

/** The longest interval, in training steps, over which most jobs can be compared. Measured in docs/tensorflow.md. */
export const COMPARABLE_STEPS = 64;

export interface DistanceJudgement {
  readonly outcome: 'close' | 'far' | 'rounding';
  /** The farthest of the tensors that are not left to rounding; `null` where all are. */
  readonly farthest: TensorDistance | null;
  /** The names of tensors that are left to rounding. */
  readonly rounding: readonly string[];
}

/** @param nudged - the canonical state after the same steps from {@link nudgedState}; asked for only where it matters */
export async function judgeDistance(
  tensors: readonly StateTensor[],
  states: ComparedStates,
  nudged: () => Promise<readonly Words[]>,
): Promise<DistanceJudgement> {
  const distances = tensorDistances(tensors, states);
  if (distances.every(({ distance }) => distance <= CLOSE_WITHIN)) {
    return { outcome: 'close', farthest: farthestOf(distances), rounding: [] };
  }
  const noise = tensorDistances(tensors, { ...states, claimed: await nudged() });
  const isRounding = ({ distance }: TensorDistance, at: number): boolean =>
    distance > CLOSE_WITHIN && Number.isFinite(distance) && distance <= ROUNDING_FACTOR * noise[at]!.distance;
  const rounding = distances.filter(isRounding);
  const farthest = farthestOf(distances.filter((each, at) => !isRounding(each, at)));
  const names = rounding.map(({ tensor }) => tensor);
  if (farthest !== null && farthest.distance > CLOSE_WITHIN) return { outcome: 'far', farthest, rounding: names };
  const isTooMuch = wordsOf(rounding) > ROUNDING_SHARE * wordsOf(distances);
  return { outcome: isTooMuch ? 'rounding' : 'close', farthest, rounding: names };
}

/** The first of the farthest. */
function farthestOf(distances: readonly TensorDistance[]): TensorDistance | null {
  return distances.reduce<TensorDistance | null>(
    (farthest, each) => (farthest === null || each.distance > farthest.distance ? each : farthest),
    null,
  );
}

function wordsOf(distances: readonly TensorDistance[]): number {
  return distances.reduce((sum, { words }) => sum + words, 0);
}
