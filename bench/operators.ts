/**
 * `node dist/bench/operators.js [job.json]`: where the time of one training step goes, on one thread: operator by
 * operator, or several where they run together. The executor's own code runs in this thread, in the order of the step,
 * so that each operator finds the caches as it does in a training.
 */
import { performance } from 'node:perf_hooks';
import { compileOptimised } from '../src/backends/wasm/compile-module.js';
import { RECORD_BYTES, TASK, TASK_BYTES } from '../src/backends/wasm/control-block.js';
import { buildExecutorModule, PAGE_BYTES } from '../src/backends/wasm/executor-module.js';
import { type ExecutorPlan, planExecutor, type StepCall, writePlan } from '../src/backends/wasm/executor-plan.js';
import { wasmBackend } from '../src/backends/wasm/wasm-backend.js';
import type { Operator } from '../src/expr/operator.js';
import { outputWords, product, regionsOf } from '../src/expr/operator.js';
import type { Bundle } from '../src/job/bundle.js';
import { compileJobFile } from '../src/job/compile.js';
import { isInstructionName } from '../src/numerics/instructions.js';
import { median } from './measure.js';
import { fixturePath } from './repository.js';

const WARM_UPS = 8;
const STEPS = 60;

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

const [path = fixturePath('jobs/fashion-mlp.json')] = process.argv.slice(2);
const { bundle } = await compileJobFile(path, {}, wasmBackend);
const plan = planExecutor(bundle.program, 1);
const { run, words } = loadCode(plan, bundle);
print(bundle, tasksOf(plan, words), timesOf(plan, run));

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
    words.set(constant, plan.storage.constants[at]! / 4);
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
function timesOf({ stepTasks, scratches }: ExecutorPlan, run: RunCode): number[] {
  const samples = Array.from({ length: stepTasks.count }, (): number[] => []);
  let base = 0;
  for (let step = 0; step < WARM_UPS + STEPS; step++) {
    for (let at = 0; at < stepTasks.count; at++) {
      const task = stepTasks.address + TASK_BYTES * at;
      const began = performance.now();
      run(scratches[0]!, task, 1, base++, 1, step, step % 2);
      const took = performance.now() - began;
      if (step >= WARM_UPS) samples[at]!.push(1000 * took);
    }
  }
  return samples.map(median);
}

function print({ program }: Bundle, tasks: readonly (readonly StepCall[])[], times: readonly number[]): void {
  const total = times.reduce((sum, time) => sum + time, 0);
  const order = tasks.map((_, task) => task).sort((a, b) => times[b]! - times[a]!);
  const write = (cells: readonly (string | number)[]): void => {
    const widths = [5, 9, 7, 9, 8, 13, 36];
    const text = cells.map((cell, at) =>
      at < 5 ? String(cell).padStart(widths[at]!) : String(cell).padEnd(widths[at] ?? 0),
    );
    process.stdout.write(`${text.join('  ').trimEnd()}\n`);
  };
  write(['no.', 'µs', 'share', 'GFLOP/s', 'GB/s', 'kind', 'label', 'output <- reduction']);
  for (const task of order) {
    const members = tasks[task]!.flatMap(({ operators }) => operators);
    if (members.length === 0) continue;
    const { operator, label } = program.operators[members[0]!]!;
    const seconds = times[task]! / 1e6;
    const sum = (of: (operator: Operator) => number): number =>
      members.reduce((total, at) => total + of(program.operators[at]!.operator), 0);
    write([
      members[0]!,
      times[task]!.toFixed(1),
      `${((100 * times[task]!) / total).toFixed(1)} %`,
      (sum(floatOperations) / seconds / 1e9).toFixed(1),
      (sum(touchedBytes) / seconds / 1e9).toFixed(1),
      operator.kind,
      members.length === 1 ? label : `${label} and ${members.length - 1} more`,
      `${operator.domain.join('×')} <- ${operator.reduction.join('×') || '·'}`,
    ]);
  }
  process.stdout.write(
    `\n${tasks.length} tasks, ${total.toFixed(0)} µs: ${(1e6 / total).toFixed(0)} steps/s on one thread\n`,
  );
}

/** Instructions on binary32 numbers, as the definition counts them. */
function floatOperations(operator: Operator): number {
  const { body, reduction } = operator;
  const regions = regionsOf(body);
  const turns = reduction.length === 0 ? 1 : product(reduction);
  const each = body.nodes.reduce((sum, node, at) => {
    if (!isInstructionName(node.op) || node.dtype !== 'f32') return sum;
    return sum + (regions[at] === 'fold' ? turns : 1);
  }, 0);
  return each * outputWords(operator);
}

/** Bytes of the output and of all operands, as if each were touched once. A gather touches less. */
function touchedBytes(operator: Operator): number {
  return 4 * operator.operands.reduce((sum, { words }) => sum + words, outputWords(operator));
}
