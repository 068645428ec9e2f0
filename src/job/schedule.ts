/**
 * Learning-rate schedules as a table: one binary32 number for each training step.
 *
 * The table becomes part of the program, so its bits must be the same on every machine. It is computed with binary64
 * `+ − × ÷` only, which IEEE-754 rounds correctly and JavaScript neither contracts nor reorders; then rounded once.
 */
import { fail } from '../errors/index.js';

export type Schedule =
  | { readonly schedule: 'constant'; readonly peak: number; readonly warmupSteps?: number | undefined }
  | {
      /** From `peak` to `final` on a straight line, or on half a period of the cosine. */
      readonly schedule: 'linear' | 'cosine' | 'warmup-linear' | 'warmup-cosine';
      readonly peak: number;
      readonly warmupSteps?: number;
      /** 0 unless told. */
      readonly final?: number;
    }
  | {
      /** Multiplied by `factor` after each `every` steps. */
      readonly schedule: 'step';
      readonly peak: number;
      readonly every: number;
      readonly factor: number;
      readonly warmupSteps?: number;
    };

/** A number stands for a constant schedule. */
export type LearningRate = number | Schedule;

/** The most training steps of a job. */
export const MAX_STEPS = 2 ** 26;

/**
 * The learning rate of every step, f32 [steps].
 *
 * With W warm-up steps of S steps in all, step s has `peak · (s+1)/W` while s < W; after that progress
 * `t = (s−W)/(S−W)` runs from 0 towards 1.
 *
 * @throws `job.steps`, `job.warmup`
 */
export function learningRateTable(learningRate: LearningRate, steps: number): Float32Array {
  if (!Number.isSafeInteger(steps) || steps < 1 || steps > MAX_STEPS)
    throw fail('job.steps', { steps, limit: MAX_STEPS });
  const schedule: Schedule =
    typeof learningRate === 'number' ? { schedule: 'constant', peak: learningRate } : learningRate;
  const { peak, warmupSteps = 0 } = schedule;
  if (warmupSteps > steps) throw fail('job.warmup', { warmupSteps, steps });
  const table = new Float32Array(steps);
  for (let step = 0; step < warmupSteps; step++) table[step] = (peak * (step + 1)) / warmupSteps;
  fillDecay(table.subarray(warmupSteps), schedule);
  return table;
}

function fillDecay(rates: Float32Array, schedule: Schedule): void {
  const { peak } = schedule;
  if (schedule.schedule === 'constant') {
    rates.fill(peak);
    return;
  }
  if (schedule.schedule === 'step') {
    let rate = peak;
    for (let step = 0; step < rates.length; step++) {
      if (step > 0 && step % schedule.every === 0) rate *= schedule.factor;
      rates[step] = rate;
    }
    return;
  }
  const { final = 0 } = schedule;
  const curved = schedule.schedule === 'cosine' || schedule.schedule === 'warmup-cosine';
  for (let step = 0; step < rates.length; step++) {
    const progress = step / rates.length;
    const share = curved ? (1 + cosineOfPi(progress)) / 2 : 1 - progress;
    rates[step] = final + (peak - final) * share;
  }
}

/**
 * cos(π·t) for t in [0, 1], within 10⁻¹⁵ of the truth, from `+ − ×` alone: `Math.cos` may differ between engines.
 *
 * Folded to an angle of at most π/4, then Taylor's series, whose first term left out is below 10⁻¹⁷ there.
 */
export function cosineOfPi(t: number): number {
  // 1 − t and 0.5 − t are exact for t in the ranges where they are taken (Sterbenz).
  if (t > 0.5) return -cosineOfPi(1 - t);
  return t > 0.25 ? sineOfPi(0.5 - t) : taylor(Math.PI * t, COSINE);
}

function sineOfPi(t: number): number {
  const angle = Math.PI * t;
  return angle * taylor(angle, SINE);
}

/** Denominators of each coefficient by the one before it: 1 − x²/(1·2) · (1 − x²/(3·4) · (…)). */
const COSINE = [1 * 2, 3 * 4, 5 * 6, 7 * 8, 9 * 10, 11 * 12, 13 * 14, 15 * 16];
const SINE = [2 * 3, 4 * 5, 6 * 7, 8 * 9, 10 * 11, 12 * 13, 14 * 15, 16 * 17];

function taylor(angle: number, denominators: readonly number[]): number {
  const square = angle * angle;
  return denominators.reduceRight((rest, denominator) => 1 - (square / denominator) * rest, 1);
}
