/** The state that a run has reached, for asking the model. An unfinished run has one too. */
import { toHex } from '../commitments/hash.js';
import { fail } from '../errors/index.js';
import type { Bundle } from '../job/bundle.js';
import { readBundle } from '../job/bundle-folder.js';
import { type Checkpoint, checkpointPath, readCheckpoint } from './checkpoint.js';
import { readRunManifest, runPaths, storedSteps } from './run-folder.js';
import { readTrace } from './trace-log.js';

export interface TrainedState {
  readonly bundle: Bundle;
  readonly checkpoint: Checkpoint;
}

/**
 * Reads the state after training step `step`, the newest stored one unless told, and holds it against the run's trace.
 * That the trace is right is for `verify` to say.
 *
 * @throws `predict.no-checkpoint`, `run.missing`, `run.other-job`, `run.checkpoint-damaged`, `run.checkpoint-mismatch`, …
 */
export async function readTrainedState(directory: string, step?: number): Promise<TrainedState> {
  const manifest = await readRunManifest(directory);
  const bundle = await readBundle(runPaths.job(directory));
  const jobHash = toHex(bundle.hashes.job);
  const trace = await readTrace(runPaths.trace(directory));
  for (const found of [manifest.jobHash, trace.header.jobHash]) {
    if (found !== jobHash) throw fail('run.other-job', { path: directory, found, expected: jobHash });
  }
  const roots = new Map(trace.records.map((record) => [record.step, record.stateRoot]));
  // A checkpoint that the trace does not name yet was left by a crash.
  const stored = (await storedSteps(directory)).filter((each) => roots.has(each));
  const chosen = step ?? stored.at(-1);
  if (chosen === undefined || !stored.includes(chosen)) {
    throw fail('predict.no-checkpoint', { path: directory, step: chosen ?? 'any', stored: listed(stored) });
  }
  const path = checkpointPath(directory, chosen);
  const checkpoint = await readCheckpoint(path, bundle.program, jobHash, chosen);
  const [found, claimed] = [toHex(checkpoint.stateRoot), roots.get(chosen)!];
  if (found !== claimed) throw fail('run.checkpoint-mismatch', { path, found, claimed, step: chosen });
  return { bundle, checkpoint };
}

function listed(steps: readonly number[]): string {
  if (steps.length <= 12) return steps.join(', ') || 'none';
  return `${steps.slice(0, 6).join(', ')}, … ${steps.slice(-3).join(', ')} (${steps.length} in all)`;
}
