/** The backends of this build, found by name; each is loaded only when it is asked for. */
import { availableParallelism } from 'node:os';
import { fail } from '../errors/index.js';
import type { Backend } from './backend.js';
import { probeConformance } from './conformance.js';

const BACKENDS: Readonly<Record<string, () => Promise<Backend>>> = {
  wasm: async () => (await import('./wasm/wasm-backend.js')).wasmBackend,
  webgpu: async () => (await import('./webgpu/webgpu-backend.js')).webgpuBackend,
  reference: async () => (await import('./reference/reference-backend.js')).referenceBackend,
};

export const DEFAULT_BACKEND = 'wasm';

export function backendNames(): string[] {
  return Object.keys(BACKENDS);
}

/** The threads a backend gets unless told: one for each core this process may use. */
export function defaultThreads(): number {
  return availableParallelism();
}

/** The backend that is made for one job from its recording, and that no program can be given to. */
export const TENSORFLOW = 'tensorflow';

/** Loads a backend. @throws `backend.unknown`, `tensorflow.trains-only` */
export async function loadBackend(name: string): Promise<Backend> {
  if (name === TENSORFLOW) throw fail('tensorflow.trains-only', {});
  const load = Object.hasOwn(BACKENDS, name) ? BACKENDS[name] : undefined;
  if (load === undefined) throw fail('backend.unknown', { name, known: [...backendNames(), TENSORFLOW].join(', ') });
  return load();
}

/**
 * Loads a backend and has it prove that it is canonical on this machine. The reference interpreter is the definition
 * and has nothing to prove.
 *
 * @throws `backend.unknown`, `tensorflow.trains-only`, `run.not-canonical`
 */
export async function loadCanonicalBackend(name: string, threads: number): Promise<Backend> {
  const backend = await loadBackend(name);
  if (name === 'reference') return backend;
  const { conforms, reason } = await probeConformance(backend, threads);
  if (!conforms) throw fail('run.not-canonical', { backend: name, reason });
  return backend;
}

export interface BackendStatus {
  readonly name: string;
  readonly available: boolean;
  readonly canonical: boolean;
  /** The device it runs on, its driver and mode; empty where that is the processor. */
  readonly device: string;
  /** Why it is not available or not canonical; empty otherwise. */
  readonly reason: string;
}

/** Loads and probes every backend. A backend that cannot be loaded is a finding, not an error. */
export async function examineBackends(threads: number): Promise<BackendStatus[]> {
  const statuses: BackendStatus[] = [];
  for (const name of backendNames()) {
    try {
      statuses.push(await examineBackend(name, threads));
    } catch (error) {
      statuses.push({ name, available: false, canonical: false, device: '', reason: (error as Error).message });
    }
  }
  return statuses;
}

async function examineBackend(name: string, threads: number): Promise<BackendStatus> {
  const backend = await loadBackend(name);
  const { conforms, reason } = await probeConformance(backend, threads);
  const examination = await backend.examine?.();
  const device = examination?.device ?? '';
  const doubts = conforms ? (examination?.reason ?? '') : reason;
  return { name, available: true, canonical: doubts === '', device, reason: doubts };
}
