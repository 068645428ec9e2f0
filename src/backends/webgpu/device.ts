/** The GPU of this process: found, named, opened once, and watched. */
import { fail, type GensynError, isGensynError } from '../../errors/index.js';
import type { Gpu, GpuAdapter, GpuDevice, GpuErrorFilter, GpuLimits } from './gpu-types.js';
import { explainMissingAdapter } from './missing-adapter.js';
import { type CreateGpu, firstLine, loadWebgpuPackage } from './package.js';

/** A part of an adapter's name chooses it. */
export const ADAPTER_VARIABLE = 'GENSYN_WEBGPU_ADAPTER';

export interface OpenDevice {
  readonly device: GpuDevice;
  /** Adapter and driver, for people: `NVIDIA H100 (nvidia, driver 570.86)`. */
  readonly name: string;
  /** The error that every later use meets, once the device is lost. */
  readonly lost: () => GensynError | undefined;
  /** Runs commands and throws what the device says about them. */
  checked<Result>(act: () => Promise<Result> | Result): Promise<Result>;
}

/** Garbage collection of what `create` returned would end the process. */
const kept: Gpu[] = [];
let current: Promise<OpenDevice> | undefined;

/**
 * The process's device. A device that was lost is replaced at the next call.
 *
 * @throws the errors of `loadWebgpuPackage`, `webgpu.no-adapter`, `webgpu.unknown-adapter`, `webgpu.null-adapter`,
 *   `webgpu.limits`, `webgpu.failed`
 */
export async function openDevice(): Promise<OpenDevice> {
  current ??= open();
  const asked = current;
  try {
    const opened = await asked;
    if (opened.lost() === undefined) return opened;
  } catch (error) {
    if (current === asked) current = undefined;
    throw error;
  }
  // Whoever sees the loss first opens the next one.
  if (current === asked) current = open();
  return current ?? openDevice();
}

async function open(): Promise<OpenDevice> {
  return openAdapterDevice(await loadWebgpuPackage(), process.env[ADAPTER_VARIABLE] || undefined);
}

/** Opens a device of a package: the fastest adapter, or the first whose name holds `wanted`. */
export async function openAdapterDevice(create: CreateGpu, wanted?: string): Promise<OpenDevice> {
  const adapter = await findAdapter(create, wanted);
  const name = adapterName(adapter);
  requireLimits(adapter, name);
  try {
    return watch(await adapter.requestDevice({ requiredLimits: requiredLimits(adapter.limits) }), name);
  } catch (cause) {
    throw fail('webgpu.failed', { adapter: name, reason: firstLine(cause) }, { cause });
  }
}

function watch(device: GpuDevice, name: string): OpenDevice {
  let lost: GensynError | undefined;
  void device.lost.then(({ message, reason }) => {
    lost = fail('webgpu.lost', { adapter: name, reason: firstLine(message === '' ? reason : message) });
  });
  const checked = async <Result>(act: () => Promise<Result> | Result): Promise<Result> => {
    if (lost !== undefined) throw lost;
    const filters: readonly GpuErrorFilter[] = ['internal', 'out-of-memory', 'validation'];
    for (const filter of filters) device.pushErrorScope(filter);
    const [outcome, ...complaints] = await Promise.all([
      settle(act),
      // Scopes are a stack and close what was queued until now; `act` queues everything before it first waits.
      ...filters.map(() => device.popErrorScope().catch(() => null)),
    ]);
    const complaint = complaints.find((error) => error !== null);
    // The news of a loss may come a turn later than what fails because of it.
    if (!outcome.done || complaint !== undefined) await nextTurn();
    if (lost !== undefined) throw lost;
    if (complaint) throw fail('webgpu.failed', { adapter: name, reason: firstLine(complaint.message) });
    if (outcome.done) return outcome.value;
    if (isGensynError(outcome.error)) throw outcome.error;
    throw fail('webgpu.failed', { adapter: name, reason: firstLine(outcome.error) }, { cause: outcome.error });
  };
  return { device, name, lost: () => lost, checked };
}

type Settled<Result> =
  | { readonly done: true; readonly value: Result }
  | { readonly done: false; readonly error: unknown };

async function settle<Result>(act: () => Promise<Result> | Result): Promise<Settled<Result>> {
  try {
    return { done: true, value: await act() };
  } catch (error) {
    return { done: false, error };
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

/** @throws `webgpu.no-adapter`, `webgpu.unknown-adapter`, `webgpu.null-adapter` */
async function findAdapter(create: CreateGpu, wanted: string | undefined): Promise<GpuAdapter> {
  const known = wanted === undefined ? [] : await listAdapters(create);
  const chosen = known.find((name) => name.toLowerCase().includes(wanted!.toLowerCase()));
  if (wanted !== undefined && chosen === undefined && known.length > 0) {
    throw fail('webgpu.unknown-adapter', { wanted, known: known.join(', ') });
  }
  const gpu = create(chosen === undefined ? [] : [`adapter=${chosen}`]);
  kept.push(gpu);
  const adapter = await request(gpu);
  if (/null/i.test(`${adapter.info.device} ${adapter.info.description}`)) {
    throw fail('webgpu.null-adapter', { name: adapterName(adapter) });
  }
  return adapter;
}

async function request(gpu: Gpu): Promise<GpuAdapter> {
  let adapter: GpuAdapter | null;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch (cause) {
    throw fail('webgpu.no-adapter', { detail: `: ${firstLine(cause)}` }, { cause });
  }
  if (adapter === null) throw fail('webgpu.no-adapter', { detail: explainMissingAdapter() });
  return adapter;
}

/** The names of all adapters. The package tells them when it is asked for one that does not exist. */
async function listAdapters(create: CreateGpu): Promise<string[]> {
  try {
    const gpu = create(['adapter=no adapter has this name']);
    kept.push(gpu);
    await gpu.requestAdapter({ powerPreference: 'high-performance' });
    return [];
  } catch (error) {
    const names = [...String((error as Error).message).matchAll(/backend: '([^']*)', name: '([^']*)'/g)];
    return [...new Set(names.filter(([, backend]) => backend !== 'null').map(([, , name]) => name!))];
  }
}

function adapterName({ info }: GpuAdapter): string {
  const details = [info.vendor, info.architecture].filter((text) => text !== '').join(' ');
  return `${info.description || info.device || 'an adapter without a name'}${details === '' ? '' : ` (${details})`}`;
}

/** What the kernels are written for; every device that conforms to WebGPU has it. */
const NEEDED = {
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeWorkgroupsPerDimension: 65_535,
  maxStorageBuffersPerShaderStage: 4,
  maxStorageBufferBindingSize: 2 ** 27,
} as const;

function requireLimits({ limits }: GpuAdapter, adapter: string): void {
  for (const [limit, needed] of Object.entries(NEEDED) as [keyof typeof NEEDED, number][]) {
    const found = limits[limit];
    if (!(found >= needed)) throw fail('webgpu.limits', { adapter, limit, found, needed });
  }
}

/** As much memory as there is; for the rest the defaults do. */
function requiredLimits(limits: GpuLimits): Partial<Record<keyof GpuLimits, number>> {
  const { maxStorageBufferBindingSize, maxBufferSize, maxStorageBuffersPerShaderStage } = limits;
  return { maxStorageBufferBindingSize, maxBufferSize, maxStorageBuffersPerShaderStage };
}
