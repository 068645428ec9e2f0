/** The files of a run, and how an interrupted one is found again. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../commitments/hash.js';
import { parseJsonStrict } from '../data/strict-json.js';
import { isGensynError } from '../errors/index.js';
import { readBoundedFile } from '../files/atomic-file.js';
import type { Program } from '../program/program.js';
import { type Checkpoint, checkpointPath, readCheckpoint } from './checkpoint.js';
import { parseRunManifest, type RunManifest } from './run-manifest.js';
import type { Trace } from './trace-log.js';

const MAX_MANIFEST_BYTES = 65536;

export const runPaths = {
  manifest: (directory: string): string => join(directory, 'run.json'),
  job: (directory: string): string => join(directory, 'job'),
  trace: (directory: string): string => join(directory, 'trace.jsonl'),
  metrics: (directory: string): string => join(directory, 'metrics.jsonl'),
  checkpoints: (directory: string): string => join(directory, 'checkpoints'),
  events: (directory: string): string => join(directory, 'events'),
  /** The state at a step between two checkpoints, where an interrupted training goes on. It is not in the trace. */
  interrupted: (directory: string, step: number): string =>
    join(directory, 'checkpoints', `interrupted-${String(step).padStart(10, '0')}.safetensors`),
};

/** Reads `run.json`. @throws `run.missing`, `run.manifest-invalid`, `data.json-…` */
export async function readRunManifest(directory: string): Promise<RunManifest> {
  const path = runPaths.manifest(directory);
  const bytes = await readBoundedFile(path, 'run manifest', MAX_MANIFEST_BYTES);
  return parseRunManifest(parseJsonStrict(bytes, { maxBytes: MAX_MANIFEST_BYTES, name: path }), path);
}

/** The training steps for which a checkpoint file lies in the folder, ascending. */
export async function storedSteps(directory: string): Promise<number[]> {
  return stepsNamed(directory, /^step-(\d{10})\.safetensors$/);
}

async function stepsNamed(directory: string, pattern: RegExp): Promise<number[]> {
  const names = await readdir(runPaths.checkpoints(directory)).catch(() => []);
  return names
    .flatMap((name) => pattern.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * The newest state from which training can go on: an intact checkpoint that the trace names, or a state that an
 * interrupt left behind it. `null` where there is none. Damaged files are passed over: they only cost time.
 */
export async function findResumePoint(directory: string, program: Program, trace: Trace): Promise<Checkpoint | null> {
  const { records, header } = trace;
  const last = records.at(-1)?.step ?? -1;
  for (const step of (await stepsNamed(directory, /^interrupted-(\d{10})\.safetensors$/)).reverse()) {
    if (step <= last || step > Math.min(last + header.checkpointEvery, header.steps)) continue;
    const found = await intact(runPaths.interrupted(directory, step), program, header.jobHash, step);
    if (found !== null) return found;
  }
  for (const { step, stateRoot } of [...records].reverse()) {
    const found = await intact(checkpointPath(directory, step), program, header.jobHash, step);
    if (found !== null && toHex(found.stateRoot) === stateRoot) return found;
  }
  return null;
}

async function intact(path: string, program: Program, jobHash: string, step: number): Promise<Checkpoint | null> {
  try {
    return await readCheckpoint(path, program, jobHash, step);
  } catch (error) {
    const damaged = ['run.missing', 'run.too-large', 'run.checkpoint-damaged'] as const;
    if (damaged.some((code) => isGensynError(error, code))) return null;
    throw error;
  }
}

/** Deletes all but the newest `keep` checkpoints, and states of interrupts up to `step`. */
export async function pruneCheckpoints(directory: string, keep: 'all' | number, step: number): Promise<void> {
  for (const old of await stepsNamed(directory, /^interrupted-(\d{10})\.safetensors$/)) {
    if (old <= step) await rm(runPaths.interrupted(directory, old), { force: true });
  }
  if (keep === 'all') return;
  for (const old of (await storedSteps(directory)).slice(0, -keep))
    await rm(checkpointPath(directory, old), { force: true });
}
