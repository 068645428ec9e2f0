/**
 * Verifies a run whose bits are nobody's promise: each interval is replayed canonically from the run's own checkpoint at
 * its start, and the state reached is compared with the run's checkpoint at its end, by distance.
 */
import type { Executor, Words } from '../backends/backend.js';
import { requireMemory } from '../backends/memory.js';
import { prepareExecutor } from '../backends/streamed-executor.js';
import { equalHashes, toHex } from '../commitments/hash.js';
import { traceRoot } from '../commitments/roots.js';
import type { Program } from '../program/program.js';
import { createPace, type Pace } from '../run/pace.js';
import type { RunMachine } from '../run/run-machine.js';
import { nudgedState } from './distance.js';
import { CLOSE_WITHIN, judgeDistance } from './judge-distance.js';
import { type LoadedRun, leafStep, storedState } from './load-run.js';
import type { Inconclusive } from './verdict.js';
import { runPaced, type VerifyRunParameters } from './verify-run.js';

/** Never `verified`: that word is kept for bits. */
export type DistanceVerdict = 'close' | 'far' | 'inconclusive';

export interface IntervalDistance {
  readonly interval: number;
  readonly steps: { readonly from: number; readonly to: number };
  /** The farthest tensor that is not left to rounding, and its distance; `"Infinity"` as JSON has no number for it. */
  readonly tensor: string | null;
  readonly distance: number | 'Infinity';
  readonly close: boolean;
  /** Tensors that are farther away than what is close, but not farther than rounding alone takes them. */
  readonly rounding: readonly string[];
}

export interface DistanceReport {
  readonly verdict: DistanceVerdict;
  /** Nothing here speaks of bits. */
  readonly canonical: false;
  readonly run: string;
  readonly jobHash: string;
  readonly traceRoot: string;
  readonly steps: number;
  /** The backend that trained the run, and what it ran on, as the run says. */
  readonly trainedOn: { readonly backend: string; readonly machine: RunMachine | null };
  /** The canonical backend that replayed it. */
  readonly backend: string;
  /** The largest distance that still is close. */
  readonly closeWithin: number;
  /** False where the run's first state root is not that of the job's genesis. */
  readonly startsAtGenesis: boolean;
  readonly checked: { readonly intervals: number; readonly of: number; readonly list: readonly number[] };
  /** The intervals that were compared, ascending. */
  readonly intervals: readonly IntervalDistance[];
  readonly inconclusive: readonly Inconclusive[];
}

/**
 * Compares intervals of a run. An interval of which a checkpoint is missing is inconclusive: a replay across it would
 * count the distances of two intervals as one.
 *
 * @throws `run.checkpoint-damaged`, `run.checkpoint-mismatch` for files that were changed
 */
export async function compareByDistance(parameters: VerifyRunParameters): Promise<DistanceReport> {
  const { run, intervals, backend, threads, onProgress } = parameters;
  const program: Program = { ...run.bundle.program, results: {} };
  requireMemory(backend, program, { threads, constants: run.bundle.constants });
  const executor = await prepareExecutor(backend, program, run.bundle.constants, { threads });
  const compared: IntervalDistance[] = [];
  const inconclusive: Inconclusive[] = [];
  const pace = createPace();
  try {
    for (const interval of intervals) {
      const found = await compareInterval(executor, parameters, interval, pace);
      if (typeof found === 'string') inconclusive.push({ interval, reason: found });
      else compared.push(found);
      onProgress?.(compared.length + inconclusive.length, intervals.length);
    }
  } finally {
    await executor.dispose();
  }
  return reportOf(run, backend.name, compared, inconclusive);
}

/** The distance at an interval's end, or why there is none. */
async function compareInterval(
  executor: Executor,
  { run, signal }: VerifyRunParameters,
  interval: number,
  pace: Pace,
): Promise<IntervalDistance | string> {
  const tensors = run.bundle.program.state;
  // The job's own genesis, whatever the run has there: another start must show.
  const before = interval === 0 ? run.bundle.genesis : (await storedState(run, interval))?.state;
  const claimed = (await storedState(run, interval + 1))?.state;
  const steps = { from: leafStep(run, interval), to: leafStep(run, interval + 1) };
  if (before === undefined) return `there is no checkpoint of step ${steps.from}`;
  if (claimed === undefined) return `there is no checkpoint of step ${steps.to}`;
  const replayFrom = async (state: readonly Words[]): Promise<readonly Words[]> => {
    await executor.writeState(state);
    await runPaced(executor, steps, pace, signal);
    return executor.readState();
  };
  const states = { before, expected: await replayFrom(before), claimed };
  const judged = await judgeDistance(tensors, states, () => replayFrom(nudgedState(tensors, before)));
  if (judged.outcome === 'rounding') {
    return `${steps.to - steps.from} training steps amplify rounding too much for a comparison of ${judged.rounding.length} of ${tensors.length} tensors`;
  }
  const { farthest, rounding } = judged;
  const distance = farthest?.distance ?? 0;
  const shown = Number.isFinite(distance) ? distance : ('Infinity' as const);
  return {
    interval,
    steps,
    tensor: farthest?.tensor ?? null,
    distance: shown,
    close: judged.outcome === 'close',
    rounding,
  };
}

function reportOf(
  run: LoadedRun,
  backend: string,
  intervals: readonly IntervalDistance[],
  inconclusive: readonly Inconclusive[],
): DistanceReport {
  const { manifest, bundle, leaves } = run;
  const startsAtGenesis = equalHashes(leaves[0]!, bundle.hashes.genesisRoot);
  const isFar = !startsAtGenesis || intervals.some(({ close }) => !close);
  return {
    verdict: isFar ? 'far' : inconclusive.length > 0 ? 'inconclusive' : 'close',
    canonical: false,
    run: run.directory,
    jobHash: manifest.jobHash,
    traceRoot: toHex(traceRoot(leaves)),
    steps: bundle.steps,
    trainedOn: { backend: manifest.backend, machine: manifest.machine ?? null },
    backend,
    closeWithin: CLOSE_WITHIN,
    startsAtGenesis,
    checked: { intervals: intervals.length, of: leaves.length - 1, list: intervals.map(({ interval }) => interval) },
    intervals,
    inconclusive,
  };
}
