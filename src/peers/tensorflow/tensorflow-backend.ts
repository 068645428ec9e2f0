/**
 * The `tensorflow` backend: the recorded kernels of one job, computed by somebody else's. Fast where the vendor's are,
 * and never canonical: its runs are compared within a distance, and nothing can be claimed on them.
 */
import type { Backend, Executor } from '../../backends/backend.js';
import { TENSORFLOW } from '../../backends/registry.js';
import type { RecordedStep } from '../../frontend/lowering/recorded-step.js';
import type { Program } from '../../program/program.js';
import { type FeedProgram, feedProgram } from './feed-program.js';
import { ReplayExecutor } from './replay-executor.js';
import { planReplay, type ReplayPlan } from './replay-plan.js';
import { type OpenTfjs, openTfjs, type TfjsModules } from './tfjs-package.js';

/** Why the backend is never canonical, in words. */
export const NOT_CANONICAL = 'kernels of others: its bits are nobody’s promise';

export interface TensorflowBackend {
  readonly backend: Backend;
  readonly tfjs: OpenTfjs;
}

/**
 * A backend for one job.
 *
 * @param step - the recording that the job's program was lowered from
 * @param canonical - computes what a training step is fed
 * @throws `tensorflow.package-missing`, `tensorflow.no-usable-package`
 */
export async function createTensorflowBackend(
  step: RecordedStep,
  canonical: Backend,
  modules?: TfjsModules,
): Promise<TensorflowBackend> {
  const plan = planReplay(step.recording);
  const tfjs = await openTfjs(plan.kernels, modules);
  const feeds = feedProgram(step);
  const backend: Backend = {
    name: TENSORFLOW,
    canonical: false,
    estimateMemory: (_, options) => plan.peakBytes + canonical.estimateMemory(feeds.program, options),
    prepare: async (program, _, options): Promise<Executor> => {
      requireSameStep(program, step);
      const fed = await canonical.prepare(feeds.program, feeds.constants, options);
      return replay(step, plan, feeds, fed, program, tfjs);
    },
  };
  return { backend, tfjs };
}

function replay(
  { recording }: RecordedStep,
  plan: ReplayPlan,
  { values }: FeedProgram,
  feeds: Executor,
  program: Program,
  tfjs: OpenTfjs,
): Executor {
  return new ReplayExecutor({ tfjs, recording, plan, feeds, values, results: Object.keys(program.results) });
}

/** The backend knows one training step; another program would get the wrong one's states. */
function requireSameStep({ state, results }: Program, { recording }: RecordedStep): void {
  const names = (list: readonly { readonly name: string }[]): string => list.map(({ name }) => name).join();
  const isSame =
    names(state) === names(recording.state) && Object.keys(results).join() === Object.keys(recording.results).join();
  if (!isSame) throw new Error('the tensorflow backend was asked to run another program than its job’s training step');
}
