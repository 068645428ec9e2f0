/**
 * What this project uses of the WebGPU interface, as the `webgpu` package offers it. The package is optional, so its
 * own types are not there when this is compiled.
 *
 * Source: W3C, "WebGPU", candidate recommendation of 2025.
 */
export interface GpuLimits {
  readonly maxStorageBufferBindingSize: number;
  readonly maxBufferSize: number;
  readonly maxStorageBuffersPerShaderStage: number;
  readonly maxComputeWorkgroupStorageSize: number;
  readonly maxComputeInvocationsPerWorkgroup: number;
  readonly maxComputeWorkgroupsPerDimension: number;
  readonly minUniformBufferOffsetAlignment: number;
}

export interface GpuAdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
}

export interface GpuAdapter {
  readonly info: GpuAdapterInfo;
  readonly limits: GpuLimits;
  requestDevice(descriptor: { requiredLimits: Partial<Record<keyof GpuLimits, number>> }): Promise<GpuDevice>;
}

export interface Gpu {
  requestAdapter(options: { powerPreference: 'high-performance' }): Promise<GpuAdapter | null>;
}

export interface GpuBuffer {
  readonly size: number;
  mapAsync(mode: number): Promise<undefined>;
  getMappedRange(offset: number, size: number): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

/** Things that are only handed around. */
export interface GpuBindGroup {
  readonly label: string;
}
export interface GpuBindGroupLayout {
  readonly label: string;
}
export interface GpuPipelineLayout {
  readonly label: string;
}
export interface GpuComputePipeline {
  readonly label: string;
}
export interface GpuShaderModule {
  readonly label: string;
}
export interface GpuCommandBuffer {
  readonly label: string;
}

export interface GpuComputePass {
  setPipeline(pipeline: GpuComputePipeline): void;
  setBindGroup(index: number, group: GpuBindGroup, dynamicOffsets: readonly number[]): void;
  dispatchWorkgroups(x: number, y: number, z: number): void;
  end(): void;
}

export interface GpuCommandEncoder {
  beginComputePass(): GpuComputePass;
  copyBufferToBuffer(source: GpuBuffer, sourceOffset: number, target: GpuBuffer, offset: number, size: number): void;
  finish(): GpuCommandBuffer;
}

export interface GpuQueue {
  submit(commands: readonly GpuCommandBuffer[]): void;
  writeBuffer(buffer: GpuBuffer, offset: number, data: Uint32Array, dataOffset: number, size: number): void;
  onSubmittedWorkDone(): Promise<undefined>;
}

export interface GpuLayoutEntry {
  readonly binding: number;
  readonly visibility: number;
  readonly buffer: { readonly type: 'storage' | 'uniform'; readonly hasDynamicOffset?: boolean };
}

export interface GpuGroupEntry {
  readonly binding: number;
  readonly resource: { readonly buffer: GpuBuffer; readonly offset?: number; readonly size?: number };
}

export type GpuErrorFilter = 'validation' | 'out-of-memory' | 'internal';

export interface GpuDevice {
  readonly limits: GpuLimits;
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  readonly queue: GpuQueue;
  createBuffer(descriptor: { size: number; usage: number }): GpuBuffer;
  createShaderModule(descriptor: { code: string }): GpuShaderModule;
  createBindGroupLayout(descriptor: { entries: readonly GpuLayoutEntry[] }): GpuBindGroupLayout;
  createBindGroup(descriptor: { layout: GpuBindGroupLayout; entries: readonly GpuGroupEntry[] }): GpuBindGroup;
  createPipelineLayout(descriptor: { bindGroupLayouts: readonly GpuBindGroupLayout[] }): GpuPipelineLayout;
  createComputePipelineAsync(descriptor: {
    layout: GpuPipelineLayout;
    compute: { module: GpuShaderModule; entryPoint: string };
  }): Promise<GpuComputePipeline>;
  createCommandEncoder(): GpuCommandEncoder;
  pushErrorScope(filter: GpuErrorFilter): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
  destroy(): void;
}

/** Flags of the specification; they are constants of it, so nothing needs to be loaded for them. */
export const BUFFER_USAGE = {
  mapRead: 0x01,
  copySource: 0x04,
  copyTarget: 0x08,
  uniform: 0x40,
  storage: 0x80,
} as const;
export const MAP_READ = 0x01;
export const COMPUTE_STAGE = 0x04;
