import { Worker } from 'node:worker_threads';
import { type ErrorArguments, type ErrorCode, fail } from '../../errors/index.js';
import type { WorkerAnswer } from './record-worker.js';
import type { RecordedTraining, RecordingSpec } from './specification.js';

/** A model is recorded in seconds; what takes longer, or more memory, is a mistake in a module. */
export interface RecordingLimits {
  readonly milliseconds: number;
  /** Of JavaScript's heap; numbers in typed arrays do not count. */
  readonly megabytes: number;
}

const LIMITS: RecordingLimits = { milliseconds: 600_000, megabytes: 4096 };

/**
 * Records the training step, the evaluation and the genesis state of a specification. Runs in a thread of its own, where
 * tfjs is fresh: names and counters start anew, so that the same specification gives the same recording every time.
 *
 * @throws frontend.* for everything that cannot be recorded
 */
export async function recordInWorker(spec: RecordingSpec, limits: RecordingLimits = LIMITS): Promise<RecordedTraining> {
  const answer = await askWorker(spec, limits);
  if ('recorded' in answer) {
    return answer.recorded;
  }
  if ('failure' in answer) {
    throw fail(answer.failure.code as ErrorCode, answer.failure.args as ErrorArguments<ErrorCode>);
  }
  throw fail('frontend.worker-failed', { reason: answer.crash });
}

function askWorker(spec: RecordingSpec, limits: RecordingLimits): Promise<WorkerAnswer> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./record-worker.js', import.meta.url), {
      workerData: spec,
      resourceLimits: { maxOldGenerationSizeMb: limits.megabytes },
      // What the model's code prints must not mix with the product's own output.
      stdout: true,
    });
    const finish = (answer: WorkerAnswer) => {
      clearTimeout(timer);
      resolve(answer);
      void worker.terminate();
    };
    const tooMuch = (limit: string) => finish({ failure: { code: 'frontend.worker-limit', args: { limit } } });
    const timer = setTimeout(() => tooMuch(`${limits.milliseconds / 1000} seconds`), limits.milliseconds);
    worker.once('message', finish);
    worker.once('error', (error: Error & { code?: string }) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') tooMuch(`${limits.megabytes} MB of memory`);
      else finish({ crash: error.message });
    });
    worker.once('exit', (code) => finish({ crash: `exit code ${code}` }));
  });
}
