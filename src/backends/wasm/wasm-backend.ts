/** The WebAssembly backend: code generated for each program, run by worker threads on one shared memory. */
import { fail } from '../../errors/index.js';
import type { Program } from '../../program/program.js';
import type { Backend, ExecutorOptions, Words } from '../backend.js';
import { compileOptimised } from './compile-module.js';
import { buildExecutorModule, MAX_PAGES, PAGE_BYTES } from './executor-module.js';
import { type ExecutorPlan, planExecutor, type TablePlaces, writePlan } from './executor-plan.js';
import { WasmExecutor } from './wasm-executor.js';
import { WorkerPool } from './worker-pool.js';

export const wasmBackend: Backend = {
  name: 'wasm',
  canonical: true,
  estimateMemory: (program, options) => pagesOf(planOf(program, options.threads)) * PAGE_BYTES,
  prepare: async (program, constants, options) => prepare(program, constants, options),
};

/** @throws `backend.memory` where the program needs more than 4 GiB */
function prepare(program: Program, constants: readonly Words[], { threads }: ExecutorOptions): WasmExecutor {
  const plan = planOf(program, threads);
  const pages = pagesOf(plan);
  if (pages > MAX_PAGES) {
    const [needed, limit] = [pages * PAGE_BYTES, MAX_PAGES * PAGE_BYTES];
    throw fail('backend.memory', { backend: 'wasm', needed, limit });
  }
  const { module, places } = moduleOf(plan, program, false);
  const memory = allocate(pages);
  const words = new Uint32Array(memory.buffer);
  writePlan(plan, program, words, places);
  constants.forEach((constant, at) => {
    words.set(constant, plan.storage.constants[at]! / 4);
  });
  const workers = new WorkerPool(module, memory, plan.scratches);
  return new WasmExecutor(program, plan, memory, workers, () => workers.load(moduleOf(plan, program, true).module));
}

interface CompiledModule {
  readonly module: WebAssembly.Module;
  readonly places: TablePlaces;
}

/** Programs never change, and a verifier prepares the same one for each of its lanes: plan and compile once. */
const plans = new WeakMap<Program, Map<number, ExecutorPlan>>();
const modules = new WeakMap<ExecutorPlan, CompiledModule>();
const observableModules = new WeakMap<ExecutorPlan, CompiledModule>();

function planOf(program: Program, threads: number): ExecutorPlan {
  const known = plans.get(program) ?? new Map<number, ExecutorPlan>();
  plans.set(program, known);
  const plan = known.get(threads) ?? planExecutor(program, threads);
  known.set(threads, plan);
  return plan;
}

function moduleOf(plan: ExecutorPlan, program: Program, observable: boolean): CompiledModule {
  const cache = observable ? observableModules : modules;
  const known = cache.get(plan);
  if (known !== undefined) return known;
  const { bytes, places } = buildExecutorModule(plan, Object.keys(program.results).length, observable);
  const compiled = { module: compileOptimised(bytes), places };
  cache.set(plan, compiled);
  return compiled;
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
