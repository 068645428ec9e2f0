/** Opens somebody's run folder for reading. Everything in it is checked before it is believed. */
import { existsSync } from 'node:fs';
import { fromHex, type Hash, toHex } from '../commitments/hash.js';
import { traceRoot } from '../commitments/roots.js';
import { fail } from '../errors/index.js';
import type { Bundle } from '../job/bundle.js';
import { readBundle } from '../job/bundle-folder.js';
import { type Checkpoint, checkpointPath, readCheckpoint } from '../run/checkpoint.js';
import { readRunManifest, runPaths } from '../run/run-folder.js';
import type { RunManifest } from '../run/run-manifest.js';
import { checkpointStep, readTrace } from '../run/trace-log.js';

export interface LoadedRun {
  readonly directory: string;
  readonly manifest: RunManifest;
  readonly bundle: Bundle;
  /** The state roots at leaf 0, 1, …, n. */
  readonly leaves: readonly Hash[];
}

/**
 * Opens a finished run.
 *
 * @param job - a bundle of the verifier's own; the run's copy of the job is used where there is none
 * @throws `run.missing`, `run.other-job`, `run.manifest-invalid`, `run.trace-invalid`, `run.trace-incomplete`, `job.…`, `program.…`
 */
export async function loadRun(directory: string, job?: Bundle): Promise<LoadedRun> {
  const manifest = await readRunManifest(directory);
  const bundle = job ?? (await readBundle(runPaths.job(directory)));
  const jobHash = toHex(bundle.hashes.job);
  if (manifest.jobHash !== jobHash) {
    throw fail('run.other-job', { path: directory, found: manifest.jobHash, expected: jobHash });
  }
  for (const field of ['steps', 'checkpointEvery'] as const) {
    if (manifest[field] === bundle[field]) continue;
    const reason = `${field} is ${manifest[field]}, and its job has ${bundle[field]}`;
    throw fail('run.manifest-invalid', { path: runPaths.manifest(directory), reason });
  }
  const path = runPaths.trace(directory);
  const trace = await readTrace(path);
  const expected = { jobHash, steps: bundle.steps, checkpointEvery: bundle.checkpointEvery };
  for (const field of ['jobHash', 'steps', 'checkpointEvery'] as const) {
    if (trace.header[field] === expected[field]) continue;
    const reason = `${field} is ${trace.header[field]}, and the job has ${expected[field]}`;
    throw fail('run.trace-invalid', { path, line: 1, reason });
  }
  if (!trace.complete) {
    throw fail('run.trace-incomplete', { path, found: trace.records.at(-1)?.step ?? 0, steps: bundle.steps });
  }
  if (trace.tornBytes > 0) {
    const reason = 'something stands behind the last record of the job';
    throw fail('run.trace-invalid', { path, line: trace.records.length + 2, reason });
  }
  return { directory, manifest, bundle, leaves: trace.records.map(({ stateRoot }) => fromHex(stateRoot)) };
}

/** What a run claims, as far as its trace alone tells. */
export interface Claim {
  readonly jobHash: string;
  readonly steps: number;
  readonly traceRoot: string;
  readonly intervals: number;
}

/** Reads the claim of a finished run. @throws `run.missing`, `run.trace-invalid`, `run.trace-incomplete` */
export async function readClaim(directory: string): Promise<Claim> {
  const path = runPaths.trace(directory);
  const { header, records, complete } = await readTrace(path);
  const { jobHash, steps } = header;
  if (!complete) throw fail('run.trace-incomplete', { path, found: records.at(-1)?.step ?? 0, steps });
  const root = traceRoot(records.map(({ stateRoot }) => fromHex(stateRoot)));
  return { jobHash, steps, traceRoot: toHex(root), intervals: records.length - 1 };
}

/** The training step at which leaf `leaf` stands. */
export function leafStep({ bundle }: LoadedRun, leaf: number): number {
  return checkpointStep(bundle, leaf);
}

/**
 * The stored state of a leaf, proven to be the one that the trace claims; `null` where no file is there.
 *
 * @throws `run.checkpoint-damaged`, `run.checkpoint-mismatch`
 */
export async function storedState(run: LoadedRun, leaf: number): Promise<Checkpoint | null> {
  const step = leafStep(run, leaf);
  const path = checkpointPath(run.directory, step);
  if (!existsSync(path)) return null;
  const checkpoint = await readCheckpoint(path, run.bundle.program, run.manifest.jobHash, step);
  const [found, claimed] = [toHex(checkpoint.stateRoot), toHex(run.leaves[leaf]!)];
  if (found !== claimed) throw fail('run.checkpoint-mismatch', { path, found, claimed, step });
  return checkpoint;
}
