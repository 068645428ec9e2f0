/** The WebGPU backend: shaders generated for each program, run on the GPU by Dawn (the optional `webgpu` package). */
import type { Program } from '../../program/program.js';
import type { Backend, Examination, Words } from '../backend.js';
import { arithmeticModeOf } from './arithmetic-probe.js';
import { type OpenDevice, openDevice } from './device.js';
import { GpuExecutor } from './gpu-executor.js';
import { GpuMemory } from './gpu-memory.js';
import { deviceBytes, type GpuPlan, type GpuPlanParameters, planGpu } from './gpu-plan.js';
import { longProbe } from './long-probe.js';
import { largestArena } from './memory-map.js';
import { pipelinesOf, type RewriteShader } from './pipelines.js';
import type { ArithmeticMode } from './wgsl/arithmetic.js';

export interface WebgpuOptions {
  /** Instead of the fastest one that passes the probe. */
  readonly mode?: ArithmeticMode;
  /** Length of a buffer in bytes, a multiple of 256; instead of the largest that the device can bind. */
  readonly arena?: number;
  /** For measurements: what the barriers against compilers cost is known only without them. */
  readonly rewriteShader?: RewriteShader;
}

export const webgpuBackend: Backend = createWebgpuBackend();

/** A backend with choices of its own; for tests and measurements. */
export function createWebgpuBackend(options: WebgpuOptions = {}): Backend {
  return {
    name: 'webgpu',
    canonical: true,
    estimateMemory: (program) => deviceBytes(program),
    prepare: (program, constants) => prepare(program, constants, options),
    examine: () => examine(options),
  };
}

/**
 * @throws the errors of `openDevice`, `webgpu.wrong-bits`, `backend.memory`, `webgpu.memory`, `webgpu.lost`,
 *   `webgpu.failed`
 */
async function prepare(program: Program, constants: readonly Words[], options: WebgpuOptions): Promise<GpuExecutor> {
  const opened = await openDevice();
  const mode = options.mode ?? (await arithmeticModeOf(opened, prepareOn));
  return prepareOn(opened, program, constants, { ...options, mode });
}

/** The probes of a start, with more numbers, and a hundred training steps. */
async function examine(options: WebgpuOptions): Promise<Examination> {
  const opened = await openDevice();
  const mode = options.mode ?? (await arithmeticModeOf(opened, prepareOn));
  const device = `${opened.name}, ${mode} arithmetic`;
  const prepareHere: Backend['prepare'] = (program, constants) =>
    prepareOn(opened, program, constants, { ...options, mode });
  return { device, reason: await longProbe(prepareHere) };
}

async function prepareOn(
  opened: OpenDevice,
  program: Program,
  constants: readonly Words[],
  { mode, arena, rewriteShader }: WebgpuOptions & { readonly mode: ArithmeticMode },
): Promise<GpuExecutor> {
  const { limits } = opened.device;
  const plan = planOf(program, { mode, limits, arena: arena ?? largestArena(limits) });
  const pipelines = pipelinesOf(opened.device, plan.map.arenaBytes.length, rewriteShader);
  await opened.checked(() => pipelines.compile(shadersOf(plan)));
  const memory = await GpuMemory.allocate(opened, plan.map, plan.records.words());
  try {
    return await opened.checked(() => {
      constants.forEach((words, at) => {
        memory.write(plan.storage.constants[at]!, words);
      });
      return new GpuExecutor({ program, plan, opened, memory, pipelines });
    });
  } catch (error) {
    memory.dispose();
    throw error;
  }
}

/** Programs never change, and a verifier prepares the same one for each of its lanes: plan once. */
const plans = new WeakMap<Program, Map<string, GpuPlan>>();

function planOf(program: Program, parameters: GpuPlanParameters): GpuPlan {
  const { mode, arena, limits } = parameters;
  const key = [mode, arena, limits.maxStorageBuffersPerShaderStage].join();
  const known = plans.get(program) ?? new Map<string, GpuPlan>();
  plans.set(program, known);
  const plan = known.get(key) ?? planGpu(program, parameters);
  known.set(key, plan);
  return plan;
}

/** What training steps need; the shaders that hash are compiled when somebody asks for a hash. */
function shadersOf({ operators, advance, canonicalise }: GpuPlan): string[] {
  const calls = [...operators.filter((call) => call !== undefined), advance, ...canonicalise];
  return calls.flatMap(({ code }) => code);
}
