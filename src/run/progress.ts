import type { MetricValue } from './metrics-log.js';

/** What a training shows while it runs. */
export interface TrainProgress {
  /** Training steps done. */
  readonly step: number;
  readonly steps: number;
  /** The last step's results, by name. */
  readonly results: Readonly<Record<string, MetricValue>>;
  readonly stepsPerSecond: number;
  /** Seconds left at that speed; `null` while unknown. */
  readonly secondsLeft: number | null;
}
