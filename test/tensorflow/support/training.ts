/** Runs of the `tensorflow` backend on the package that a test names. */
import type { Backend, Executor, Words } from '../../../src/backends/backend.js';
import { loadBackend } from '../../../src/backends/registry.js';
import { compileJobFile } from '../../../src/job/compile.js';
import { describeMachine } from '../../../src/peers/tensorflow/machine.js';
import { createTensorflowBackend } from '../../../src/peers/tensorflow/tensorflow-backend.js';
import type { TfjsPackageName } from '../../../src/peers/tensorflow/tfjs-package.js';
import { type TrainResult, train } from '../../../src/run/train.js';
import { compareByDistance, type DistanceReport } from '../../../src/verify/compare-by-distance.js';
import { type LoadedRun, loadRun } from '../../../src/verify/load-run.js';
import { onlyPackage } from './modules.js';

export interface TrainingOptions {
  readonly package?: TfjsPackageName;
  /** Wraps the executor, for those who cheat. */
  readonly cheat?: (executor: Executor) => Executor;
}

/** Trains a job file into a folder. */
export async function trainWithTfjs(
  job: string,
  directory: string,
  options: TrainingOptions = {},
): Promise<TrainResult> {
  const canonical = await loadBackend('wasm');
  const { bundle, step } = await compileJobFile(job, {}, canonical);
  const modules = onlyPackage(options.package ?? '@tensorflow/tfjs-backend-cpu');
  const { backend, tfjs } = await createTensorflowBackend(step, canonical, modules);
  return train({
    bundle,
    directory,
    backend: options.cheat === undefined ? backend : wrapped(backend, options.cheat),
    evaluator: canonical,
    machine: describeMachine(tfjs),
    threads: 1,
    keep: 'all',
    fault: null,
    version: 'test',
  });
}

function wrapped(backend: Backend, cheat: (executor: Executor) => Executor): Backend {
  return { ...backend, prepare: async (...given) => cheat(await backend.prepare(...given)) };
}

/** An executor that adds to one number of the state before a training step; `change` gets and gives words. */
export function altering(executor: Executor, before: number, change: (state: readonly Words[]) => void): Executor {
  const alter = async (): Promise<void> => {
    const state = (await executor.readState()).map((words) => words.slice());
    change(state);
    await executor.writeState(state);
  };
  return {
    writeState: (state) => executor.writeState(state),
    readState: (into) => executor.readState(into),
    hashState: () => executor.hashState(),
    runObserved: (step, visit) => executor.runObserved(step, visit),
    dispose: () => executor.dispose(),
    run: async (from, steps) => {
      if (before < from || before >= from + steps) return executor.run(from, steps);
      const first = await executor.run(from, before - from);
      await alter();
      return [...first, ...(await executor.run(before, from + steps - before))];
    },
  };
}

/** Compares intervals of a run, all unless told. */
export async function compare(directory: string, intervals?: readonly number[]): Promise<DistanceReport> {
  const run: LoadedRun = await loadRun(directory);
  const all = run.leaves.slice(1).map((_, interval) => interval);
  return compareByDistance({ run, intervals: intervals ?? all, backend: await loadBackend('wasm'), threads: 1 });
}
