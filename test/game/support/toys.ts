/** Toy jobs of several shapes, with their honest executions. */

import type { Execution } from '../../../src/game/execution.js';
import { toyExecution } from '../../../src/game/toy-execution.js';
import { type ToyJobParameters, toyJob } from '../../../src/game/toy-job.js';
import type { Bundle } from '../../../src/job/bundle.js';

export interface Toy {
  readonly bundle: Bundle;
  readonly honest: Execution;
}

export function toy(parameters: ToyJobParameters): Toy {
  const bundle = toyJob(parameters);
  return { bundle, honest: toyExecution(bundle) };
}

/** One interval of one step, a few steps, an interval that needs two rounds, and many temporaries. */
export const SHAPES: readonly ToyJobParameters[] = [
  { steps: 1, checkpointEvery: 1 },
  { steps: 6, checkpointEvery: 2 },
  { steps: 70, checkpointEvery: 64, width: 20 },
  { steps: 5, checkpointEvery: 4, width: 600, extra: 70 },
];
