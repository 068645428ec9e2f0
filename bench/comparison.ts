import { median, medianRatio, type Samples } from './measure.js';

/** What has to be reached: of the ratio, or of our own figure. */
export interface Target {
  readonly of: 'ratio' | 'ours';
  /** `least`: at or above the bound; `most`: at or below it. */
  readonly bound: 'least' | 'most';
  readonly value: number;
}

/** One line of the table. */
export interface Comparison {
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  readonly beside: { readonly name: string; readonly value: number } | null;
  /** Ours through the other's. */
  readonly ratio: number | null;
  readonly target: Target | null;
}

export interface CompareParameters {
  readonly what: string;
  readonly unit: string;
  readonly ours: Samples;
  readonly beside?: { readonly name: string; readonly samples: Samples };
  readonly target?: Target;
}

/** A line from samples of the same rounds. */
export function compare({ what, unit, ours, beside, target }: CompareParameters): Comparison {
  return {
    what,
    unit,
    ours: median(ours),
    beside: beside === undefined ? null : { name: beside.name, value: median(beside.samples) },
    ratio: beside === undefined ? null : medianRatio(ours, beside.samples),
    target: target ?? null,
  };
}

export function ratioAtLeast(value: number): Target {
  return { of: 'ratio', bound: 'least', value };
}

export function ratioAtMost(value: number): Target {
  return { of: 'ratio', bound: 'most', value };
}

/** Whether a target is reached; `null` where there is none. */
export function isReached({ target, ours, ratio }: Comparison): boolean | null {
  if (target === null) return null;
  const value = target.of === 'ours' ? ours : (ratio ?? Number.NaN);
  return target.bound === 'least' ? value >= target.value : value <= target.value;
}
