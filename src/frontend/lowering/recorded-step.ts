/** A recorded training step with what it needs to be computed: by a program that it is lowered to, or by other kernels. */
import type { Recording } from '../recording.js';
import type { BatchBinding } from './lower-recording.js';

export interface RecordedStep {
  readonly recording: Recording;
  /** The job's seed, which random values are drawn from. */
  readonly seed: number;
  /** Bindings of the batch inputs, made anew for each lowering. */
  readonly bind: () => Readonly<Record<string, BatchBinding>>;
}
