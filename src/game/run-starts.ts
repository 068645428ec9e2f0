/** The states that each side of a dispute about a run may begin its replays with. */
import { existsSync } from 'node:fs';
import type { Words } from '../backends/backend.js';
import { fail } from '../errors/index.js';
import type { Bundle } from '../job/bundle.js';
import { checkpointPath } from '../run/checkpoint.js';
import { type LoadedRun, leafStep, storedState } from '../verify/load-run.js';
import type { StartState } from './run-execution.js';

/** The job's own genesis: enough for a full replay. */
export function genesisStart({ genesis }: Bundle): StartState {
  return { step: 0, load: async () => genesis };
}

/** Every checkpoint of one's own run. Each is checked against the trace when it is read. */
export function ownStarts(run: LoadedRun): StartState[] {
  const stored = run.leaves
    .map((_, leaf) => ({ leaf, step: leafStep(run, leaf) }))
    .filter(({ step }) => step > 0 && existsSync(checkpointPath(run.directory, step)))
    .map(({ leaf, step }) => ({ step, load: () => storedWords(run, leaf) }));
  return [genesisStart(run.bundle), ...stored];
}

/**
 * The one checkpoint of somebody else's run that a sampled interval begins with; it is checked against the trace. Later
 * checkpoints of that run are what is disputed, and are never believed. Where it is not stored the replay begins at the
 * genesis: that takes longer and is no less right.
 */
export function sampledStart(run: LoadedRun, leaf: number): StartState {
  if (leaf === 0 || !existsSync(checkpointPath(run.directory, leafStep(run, leaf)))) return genesisStart(run.bundle);
  return { step: leafStep(run, leaf), load: () => storedWords(run, leaf) };
}

async function storedWords(run: LoadedRun, leaf: number): Promise<readonly Words[]> {
  const stored = await storedState(run, leaf);
  if (stored === null) throw fail('game.no-state', { wanted: leafStep(run, leaf) });
  return stored.state;
}
