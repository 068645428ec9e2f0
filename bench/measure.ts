/** Interleaved sampling: contenders take turns, round after round, so that a noisy machine is noisy for all of them. */
import { performance } from 'node:perf_hooks';

/** Something that can be measured again and again. */
export interface Contender {
  readonly name: string;
  /** Works for a while and resolves to the figure of this while. */
  readonly sample: () => Promise<number>;
}

export interface Rounds {
  readonly rounds: number;
  /** Rounds before, whose figures are dropped: compilers and caches settle. */
  readonly warmUps: number;
}

/** The figures of one contender, one for each round. */
export type Samples = readonly number[];

/** Samples contenders A B C A B C …; only one works at a time. Gives their samples in the order of the contenders. */
export async function interleave(contenders: readonly Contender[], { rounds, warmUps }: Rounds): Promise<Samples[]> {
  const samples = contenders.map((): number[] => []);
  for (let round = -warmUps; round < rounds; round++) {
    for (const [at, contender] of contenders.entries()) {
      const figure = await contender.sample();
      if (round >= 0) samples[at]!.push(figure);
    }
  }
  return samples;
}

export function median(values: Samples): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * The median of the ratios within each round. Neighbours in time saw the same load, so this is steadier than the ratio
 * of two medians.
 */
export function medianRatio(numerator: Samples, denominator: Samples): number {
  return median(numerator.map((value, round) => value / denominator[round]!));
}

/**
 * Measures how often a second something can be done.
 *
 * @param run - does it `count` times
 * @returns a function that works for about so many milliseconds, at least once, and resolves to the times per second
 */
export function rateOf(run: (count: number) => Promise<void> | void): (milliseconds: number) => Promise<number> {
  let perSecond = 0;
  return async (milliseconds) => {
    const count = Math.max(1, Math.round((perSecond * milliseconds) / 1000));
    const began = performance.now();
    await run(count);
    perSecond = (1000 * count) / (performance.now() - began);
    return perSecond;
  };
}
