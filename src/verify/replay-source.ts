/** A bundle or a run from which any training step can be replayed, finished or not. */
import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Executor, Words } from '../backends/backend.js';
import { toHex } from '../commitments/hash.js';
import { fail } from '../errors/index.js';
import type { Bundle } from '../job/bundle.js';
import { isBundleFolder, readBundle } from '../job/bundle-folder.js';
import { ARITHMETIC_VERSION } from '../numerics/instructions.js';
import { checkpointPath, readCheckpoint } from '../run/checkpoint.js';
import { type Fault, runWithFault } from '../run/fault.js';
import { createPace } from '../run/pace.js';
import { readRunManifest, runPaths } from '../run/run-folder.js';
import { readTrace, type TraceRecord } from '../run/trace-log.js';

export interface ReplaySource {
  readonly path: string;
  readonly bundle: Bundle;
  /** The drill's fault, which every answer of its run repeats. */
  readonly fault: Fault | null;
  /** What the trace says of the states at its checkpoints, as far as it goes; empty for a bundle. */
  readonly records: readonly TraceRecord[];
}

/**
 * Opens a bundle or a run.
 *
 * @throws `run.not-recognised`, `run.wrong-arithmetic`, `run.other-job`, and the errors of the readers
 */
export async function openReplaySource(path: string): Promise<ReplaySource> {
  if (isBundleFolder(path)) return { path, bundle: await readBundle(path), fault: null, records: [] };
  if (!existsSync(runPaths.manifest(path))) throw fail('run.not-recognised', { path });
  const { arithmeticVersion, jobHash, injectFault } = await readRunManifest(path);
  if (arithmeticVersion !== ARITHMETIC_VERSION) {
    throw fail('run.wrong-arithmetic', { found: arithmeticVersion, known: ARITHMETIC_VERSION });
  }
  const bundle = await readBundle(runPaths.job(path));
  const { header, records } = await readTrace(runPaths.trace(path));
  const expected = toHex(bundle.hashes.job);
  const found = [jobHash, header.jobHash].find((hash) => hash !== expected);
  if (found !== undefined) throw fail('run.other-job', { path, found, expected });
  return { path, bundle, fault: injectFault, records };
}

/**
 * Brings an executor to the state before a training step, from the nearest stored checkpoint before it.
 *
 * @throws `run.checkpoint-damaged`, `run.checkpoint-mismatch`
 */
export async function replayTo(
  executor: Executor,
  source: ReplaySource,
  step: number,
  signal?: AbortSignal,
): Promise<void> {
  const start = await nearestState(source, step);
  await executor.writeState(start.state);
  const pace = createPace();
  for (let at = start.step; at < step; ) {
    signal?.throwIfAborted();
    const count = Math.min(pace.next(), step - at);
    const began = performance.now();
    await runWithFault(executor, at, count, source.fault);
    pace.took(count, performance.now() - began);
    at += count;
    // An executor may compute without ever waiting, and then nobody hears a signal.
    await nextTurn();
  }
}

interface KnownState {
  readonly step: number;
  readonly state: readonly Words[];
}

async function nearestState({ path: directory, bundle, records }: ReplaySource, before: number): Promise<KnownState> {
  for (const { step, stateRoot: claimed } of [...records].reverse()) {
    const path = checkpointPath(directory, step);
    if (step > before || step === 0 || !existsSync(path)) continue;
    const { state, stateRoot } = await readCheckpoint(path, bundle.program, toHex(bundle.hashes.job), step);
    const found = toHex(stateRoot);
    if (found !== claimed) throw fail('run.checkpoint-mismatch', { path, found, claimed, step });
    return { step, state };
  }
  return { step: 0, state: bundle.genesis };
}
