/**
 * `node dist/bench/operators.js [job.json]`: where the time of one training step goes, operator by operator, on one
 * thread. The executor's own code runs in this thread, one operator at a time, in the order of the step, so that each
 * finds the caches as it does in a training.
 */
import { performance } from 'node:perf_hooks';
import { compileOptimised } from '../src/backends/wasm/compile-module.js';
import { TASK_BYTES } from '../src/backends/wasm/control-block.js';
import { buildExecutorModule, PAGE_BYTES } from '../src/backends/wasm/executor-module.js';
import { type ExecutorPlan, planExecutor, writePlan } from '../src/backends/wasm/executor-plan.js';
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
const times = timesOf(plan, loadCode(plan, bundle));
print(bundle, plan, times);

/** Loads a plan's code, constants and genesis state into this thread. */
function loadCode(plan: ExecutorPlan, { program, constants, genesis }: Bundle): RunCode {
  const pages = Math.ceil(plan.bytes / PAGE_BYTES);
  const { bytes, places } = buildExecutorModule(plan, Object.keys(program.results).length);
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
  return instance.exports['run'] as RunCode;
}

/** By call, its median time in microseconds. */
function timesOf({ calls, callTasks, scratches }: ExecutorPlan, run: RunCode): number[] {
  const samples = calls.map((): number[] => []);
  let base = 0;
  for (let step = 0; step < WARM_UPS + STEPS; step++) {
    for (let call = 0; call < calls.length; call++) {
      const task = callTasks.address + TASK_BYTES * call;
      const began = performance.now();
      run(scratches[0]!, task, 1, base++, 1, step, step % 2);
      const took = performance.now() - began;
      if (step >= WARM_UPS) samples[call]!.push(1000 * took);
    }
  }
  return samples.map(median);
}

function print({ program }: Bundle, { calls }: ExecutorPlan, times: readonly number[]): void {
  const total = times.reduce((sum, time) => sum + time, 0);
  const order = calls.map((_, call) => call).sort((a, b) => times[b]! - times[a]!);
  const write = (cells: readonly (string | number)[]): void => {
    const widths = [5, 9, 7, 9, 8, 13, 26];
    const text = cells.map((cell, at) =>
      at < 5 ? String(cell).padStart(widths[at]!) : String(cell).padEnd(widths[at] ?? 0),
    );
    process.stdout.write(`${text.join('  ').trimEnd()}\n`);
  };
  write(['no.', 'µs', 'share', 'GFLOP/s', 'GB/s', 'kind', 'label', 'output <- reduction']);
  for (const call of order) {
    const at = calls[call]!.operator;
    const { operator, label } = program.operators[at]!;
    const seconds = times[call]! / 1e6;
    write([
      at,
      times[call]!.toFixed(1),
      `${((100 * times[call]!) / total).toFixed(1)} %`,
      (floatOperations(operator) / seconds / 1e9).toFixed(1),
      (touchedBytes(operator) / seconds / 1e9).toFixed(1),
      operator.kind,
      label,
      `${operator.domain.join('×')} <- ${operator.reduction.join('×') || '·'}`,
    ]);
  }
  process.stdout.write(
    `\n${calls.length} operators, ${total.toFixed(0)} µs: ${(1e6 / total).toFixed(0)} steps/s on one thread\n`,
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
