/** What `gensyn train --backend tensorflow` trains with. */
import type { Backend } from '../../src/backends/backend.js';
import { fail } from '../../src/errors/index.js';
import { describeMachine } from '../../src/peers/tensorflow/machine.js';
import { createTensorflowBackend } from '../../src/peers/tensorflow/tensorflow-backend.js';
import type { TrainParameters } from '../../src/run/train.js';
import { COMPARABLE_STEPS } from '../../src/verify/judge-distance.js';
import type { Invocation } from '../context.js';
import type { TrainOptions } from '../train.js';
import { openRecordedJob } from './open-job.js';

/**
 * The recorded job, a backend that replays it, and what that runs on. Test data are measured by the canonical backend.
 *
 * @throws `tensorflow.no-operators` for a drill, `tensorflow.needs-job-file`, the errors of `createTensorflowBackend`
 */
export async function openTensorflow(
  options: TrainOptions,
  canonical: Backend,
  invocation: Invocation,
): Promise<Pick<TrainParameters, 'bundle' | 'backend' | 'evaluator' | 'machine'>> {
  const { warn } = invocation;
  if (options.injectFault !== undefined) throw fail('tensorflow.no-operators', {});
  const { bundle, step } = await openRecordedJob(options.job, options, invocation);
  const { backend, tfjs } = await createTensorflowBackend(step, canonical);
  for (const reason of tfjs.passedOver) warn(`passed over ${reason}`);
  if (bundle.checkpointEvery > COMPARABLE_STEPS) {
    warn(
      `intervals of ${bundle.checkpointEvery} steps are too long to be compared by distance; ` +
        `--checkpoint-every ${COMPARABLE_STEPS} or less makes another job whose intervals can be`,
    );
  }
  warn('the tensorflow backend is not canonical: this run is compared by distance, and no claim can rest on it');
  return { bundle, backend, evaluator: canonical, machine: describeMachine(tfjs) };
}
