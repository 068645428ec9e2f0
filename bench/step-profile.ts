/**
 * Where the time of one training step goes, on one thread: the executor's own code runs in this thread, task by task in
 * the order of the step, so that each operator finds the caches as it does in a training.
 */

import { performance } from 'node:perf_hooks';
import { compileOptimised } from '../src/backends/wasm/compile-module.js';
import { RECORD_BYTES, TASK, TASK_BYTES } from '../src/backends/wasm/control-block.js';
import { buildExecutorModule, PAGE_BYTES } from '../src/backends/wasm/executor-module.js';
import { type ExecutorPlan, planExecutor, type StepCall, writePlan } from '../src/backends/wasm/executor-plan.js';
import { inMemory } from '../src/commitments/word-source.js';
import type { Bundle } from '../src/job/bundle.js';
import { median } from './measure.js';

/** An operator, or several that the backend runs together. */
export interface ProfiledTask {
  /** Numbers in the program; none for the copy of the results. */
  readonly operators: readonly number[];
  /** The median over the measured steps. */
  readonly microseconds: number;
}

export interface ProfileLength {
  readonly warmUps: number;
  readonly steps: number;
}

/** See `addRun`. */
type RunCode = (
  scratch: number,
  tasks: number,
  taskCount: number,
  base: number,
  steps: number,
  step: number,
  parity: number,
) => number;

export function profileStep(bundle: Bundle, length: ProfileLength): ProfiledTask[] {
  const plan = planExecutor(bundle.program, 1);
  const { run, words } = loadCode(plan, bundle);
  const times = timesOf(plan, run, length);
  return tasksOf(plan, words).map((calls, task) => {
    return { operators: calls.flatMap(({ operators }) => operators), microseconds: times[task]! };
  });
}

interface LoadedCode {
  readonly run: RunCode;
  readonly words: Uint32Array;
}

/** Loads a plan's code, constants and genesis state into this thread. */
function loadCode(plan: ExecutorPlan, { program, constants, genesis }: Bundle): LoadedCode {
  const pages = Math.ceil(plan.bytes / PAGE_BYTES);
  const { bytes, places } = buildExecutorModule(plan, Object.keys(program.results).length, false);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const words = new Uint32Array(memory.buffer);
  writePlan(plan, program, words, places);
  constants.forEach((constant, at) => {
    words.set(inMemory(constant), plan.storage.constants[at]! / 4);
  });
  genesis.forEach((tensor, at) => {
    words.set(tensor, plan.storage.state[at]![0] / 4);
  });
  const instance = new WebAssembly.Instance(compileOptimised(bytes), { env: { memory } });
  return { run: instance.exports['run'] as RunCode, words };
}

/** By task of a training step, what it runs. */
function tasksOf({ stepCalls, stepTasks, records }: ExecutorPlan, words: Uint32Array): StepCall[][] {
  return Array.from({ length: stepTasks.count }, (_, at) => {
    const task = stepTasks.address + TASK_BYTES * at;
    const [from, to] = [TASK.first, TASK.end].map((field) => (words[(task + field) / 4]! - records) / RECORD_BYTES);
    // The last record copies the results; it belongs to no operator.
    return stepCalls.slice(from, to);
  });
}

/** By task, its median time in microseconds. */
function timesOf({ stepTasks, scratches }: ExecutorPlan, run: RunCode, { warmUps, steps }: ProfileLength): number[] {
  const samples = Array.from({ length: stepTasks.count }, (): number[] => []);
  let base = 0;
  for (let step = 0; step < warmUps + steps; step++) {
    for (let at = 0; at < stepTasks.count; at++) {
      const task = stepTasks.address + TASK_BYTES * at;
      const began = performance.now();
      run(scratches[0]!, task, 1, base++, 1, step, step % 2);
      const took = performance.now() - began;
      if (step >= warmUps) samples[at]!.push(1000 * took);
    }
  }
  return samples.map(median);
}
