/** The WebAssembly backend: code generated for each program, run by worker threads on one shared memory. */
import { fail } from '../../errors/index.js';
import type { Program } from '../../program/program.js';
import type { Backend, ExecutorOptions, Words } from '../backend.js';
import { compileOptimised } from './compile-module.js';
import { buildExecutorModule, MAX_PAGES, PAGE_BYTES } from './executor-module.js';
import { type ExecutorPlan, planExecutor, writePlan } from './executor-plan.js';
import { WasmExecutor } from './wasm-executor.js';
import { startWorkers } from './worker-pool.js';

export const wasmBackend: Backend = {
  name: 'wasm',
  canonical: true,
  estimateMemory: (program, options) => pagesOf(planExecutor(program, options.threads)) * PAGE_BYTES,
  prepare: async (program, constants, options) => prepare(program, constants, options),
};

/** @throws `backend.memory` where the program needs more than 4 GiB */
function prepare(program: Program, constants: readonly Words[], { threads }: ExecutorOptions): WasmExecutor {
  const plan = planExecutor(program, threads);
  const pages = pagesOf(plan);
  if (pages > MAX_PAGES) {
    const [needed, limit] = [pages * PAGE_BYTES, MAX_PAGES * PAGE_BYTES];
    throw fail('backend.memory', { backend: 'wasm', needed, limit });
  }
  const { bytes, places } = buildExecutorModule(plan, Object.keys(program.results).length);
  const module = compileOptimised(bytes);
  const memory = allocate(pages);
  const words = new Uint32Array(memory.buffer);
  writePlan(plan, program, words, places);
  constants.forEach((constant, at) => {
    words.set(constant, plan.storage.constants[at]! / 4);
  });
  return new WasmExecutor(program, plan, memory, startWorkers(module, memory, plan.scratches));
}

function allocate(pages: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    const needed = pages * PAGE_BYTES;
    throw fail('backend.memory', { backend: 'wasm', needed, limit: MAX_PAGES * PAGE_BYTES }, { cause });
  }
}

function pagesOf(plan: ExecutorPlan): number {
  return Math.ceil(plan.bytes / PAGE_BYTES);
}
