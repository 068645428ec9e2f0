/** The backends of this build, found by name; each is loaded only when it is asked for. */
import { availableParallelism } from 'node:os';
import { fail } from '../errors/index.js';
import type { Backend } from './backend.js';
import { probeConformance } from './conformance.js';

const BACKENDS: Readonly<Record<string, () => Promise<Backend>>> = {
  wasm: async () => (await import('./wasm/wasm-backend.js')).wasmBackend,
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

/** Loads a backend. @throws `backend.unknown` */
export async function loadBackend(name: string): Promise<Backend> {
  const load = Object.hasOwn(BACKENDS, name) ? BACKENDS[name] : undefined;
  if (load === undefined) throw fail('backend.unknown', { name, known: backendNames().join(', ') });
  return load();
}

/**
 * Loads a backend and has it prove that it is canonical on this machine. The reference interpreter is the definition
 * and has nothing to prove.
 *
 * @throws `backend.unknown`, `run.not-canonical`
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
  /** Why it is not available or not canonical; empty otherwise. */
  readonly reason: string;
}

/** Loads and probes every backend. A backend that cannot be loaded is a finding, not an error. */
export async function examineBackends(threads: number): Promise<BackendStatus[]> {
  const statuses: BackendStatus[] = [];
  for (const name of backendNames()) {
    try {
      const { conforms, reason } = await probeConformance(await loadBackend(name), threads);
      statuses.push({ name, available: true, canonical: conforms, reason });
    } catch (error) {
      statuses.push({ name, available: false, canonical: false, reason: (error as Error).message });
    }
  }
  return statuses;
}
