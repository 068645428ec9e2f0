/** Compiled shaders: each text once for each device, whatever programs and executors use it. */
import type { GpuBindGroupLayout, GpuComputePipeline, GpuDevice, GpuPipelineLayout } from './gpu-types.js';
import { COMPUTE_STAGE } from './gpu-types.js';

export interface Pipelines {
  readonly groupLayout: GpuBindGroupLayout;
  /** Compiles texts that are not compiled yet, all at once. */
  compile(codes: readonly string[]): Promise<void>;
  /** A text that has been compiled. */
  get(code: string): GpuComputePipeline;
}

const known = new WeakMap<GpuDevice, Map<number, Pipelines>>();

/** Changes a shader's text before it is compiled. */
export type RewriteShader = (code: string) => string;

/** The pipelines of a device for programs of so many arenas. Rewritten shaders are shared with nobody. */
export function pipelinesOf(device: GpuDevice, arenas: number, rewrite?: RewriteShader): Pipelines {
  if (rewrite !== undefined) return createPipelines(device, arenas, rewrite);
  const ofDevice = known.get(device) ?? new Map<number, Pipelines>();
  known.set(device, ofDevice);
  const pipelines = ofDevice.get(arenas) ?? createPipelines(device, arenas, (code) => code);
  ofDevice.set(arenas, pipelines);
  return pipelines;
}

function createPipelines(device: GpuDevice, arenas: number, rewrite: RewriteShader): Pipelines {
  const groupLayout = device.createBindGroupLayout({
    entries: Array.from({ length: arenas + 1 }, (_, binding) => ({
      binding,
      visibility: COMPUTE_STAGE,
      buffer: binding < arenas ? { type: 'storage' as const } : { type: 'uniform' as const, hasDynamicOffset: true },
    })),
  });
  const layout = device.createPipelineLayout({ bindGroupLayouts: [groupLayout] });
  const compiling = new Map<string, Promise<GpuComputePipeline>>();
  const done = new Map<string, GpuComputePipeline>();
  const compileOne = (code: string): Promise<GpuComputePipeline> => {
    const running = compiling.get(code) ?? compileShader(device, layout, rewrite(code));
    compiling.set(code, running);
    running.then(
      (pipeline) => done.set(code, pipeline),
      () => compiling.delete(code),
    );
    return running;
  };
  return {
    groupLayout,
    compile: async (codes) => {
      await Promise.all([...new Set(codes)].map(compileOne));
    },
    get: (code) => {
      const pipeline = done.get(code);
      if (pipeline === undefined) throw new Error('a shader that was not compiled');
      return pipeline;
    },
  };
}

function compileShader(device: GpuDevice, layout: GpuPipelineLayout, code: string): Promise<GpuComputePipeline> {
  const module = device.createShaderModule({ code });
  return device.createComputePipelineAsync({ layout, compute: { module, entryPoint: 'main' } });
}
