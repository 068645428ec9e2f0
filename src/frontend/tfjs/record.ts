import { Worker } from 'node:worker_threads';
import { type ErrorArguments, type ErrorCode, fail } from '../../errors/index.js';
import type { WorkerAnswer } from './record-worker.js';
import type { RecordedTraining, RecordingSpec } from './specification.js';

/**
 * Records the training step, the evaluation and the genesis state of a specification. Runs in a thread of its own, where
 * tfjs is fresh: names and counters start anew, so that the same specification gives the same recording every time.
 *
 * @throws frontend.* for everything that cannot be recorded
 */
export async function recordInWorker(spec: RecordingSpec): Promise<RecordedTraining> {
  const answer = await askWorker(spec);
  if ('recorded' in answer) {
    return answer.recorded;
  }
  if ('failure' in answer) {
    throw fail(answer.failure.code as ErrorCode, answer.failure.args as ErrorArguments<ErrorCode>);
  }
  throw fail('frontend.worker-failed', { reason: answer.crash });
}

function askWorker(spec: RecordingSpec): Promise<WorkerAnswer> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./record-worker.js', import.meta.url), {
      workerData: spec,
      // What the model's code prints must not mix with the product's own output.
      stdout: true,
    });
    const finish = (answer: WorkerAnswer) => {
      resolve(answer);
      void worker.terminate();
    };
    worker.once('message', finish);
    worker.once('error', (error) => finish({ crash: error.message }));
    worker.once('exit', (code) => finish({ crash: `exit code ${code}` }));
  });
}
