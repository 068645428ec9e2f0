/**
 * Replays intervals of a run and compares the state roots. Intervals are independent, so each thread takes one at a
 * time with an executor of its own.
 */
import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Backend, Executor, Words } from '../backends/backend.js';
import { requireMemory } from '../backends/memory.js';
import { prepareExecutor } from '../backends/streamed-executor.js';
import { equalHashes, toHex } from '../commitments/hash.js';
import { stateRoot } from '../commitments/roots.js';
import type { Program } from '../program/program.js';
import { checkpointPath } from '../run/checkpoint.js';
import { createPace, type Pace } from '../run/pace.js';
import { type LoadedRun, leafStep, storedState } from './load-run.js';
import { replayReport } from './report.js';
import type { Divergence, Inconclusive, VerificationReport } from './verdict.js';
import { wordValue } from './word-value.js';

export interface VerifyRunParameters {
  readonly run: LoadedRun;
  /** Ascending. */
  readonly intervals: readonly number[];
  readonly backend: Backend;
  readonly threads: number;
  readonly onProgress?: (done: number, of: number) => void;
  /** Ends the verification without a verdict: its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Verifies intervals of a run.
 *
 * A missing checkpoint makes its interval inconclusive, unless the interval before it is verified in the same call:
 * then its state is known.
 *
 * @throws `run.checkpoint-damaged`, `run.checkpoint-mismatch` for files that were changed
 */
export async function verifyRun(parameters: VerifyRunParameters): Promise<VerificationReport> {
  const { run, intervals, backend } = parameters;
  const search = new Search(parameters);
  const genesis = run.bundle.hashes.genesisRoot;
  if (equalHashes(run.leaves[0]!, genesis)) await search.run();
  else search.divergence = differingRoots(run, 0, 0, genesis);
  if (search.divergence === null && intervals.includes(run.leaves.length - 2))
    await storedState(run, run.leaves.length - 1);

  return replayReport(run, backend.name, search);
}

/** Intervals that are replayed one after the other because only the first one's state is stored. */
interface Segment {
  readonly intervals: readonly number[];
}

class Search {
  divergence: Divergence | null = null;
  readonly checked = new Set<number>();
  readonly inconclusive: Inconclusive[] = [];
  readonly #parameters: VerifyRunParameters;
  readonly #queue: Segment[];
  /** The verdict is about states: what only a shown result needs is not computed. */
  readonly #program: Program;

  constructor(parameters: VerifyRunParameters) {
    this.#parameters = parameters;
    this.#program = { ...parameters.run.bundle.program, results: {} };
    this.#queue = segmentsOf(parameters.run, parameters.intervals, this.inconclusive);
  }

  async run(): Promise<void> {
    const { run, backend, threads } = this.#parameters;
    const lanes = Math.max(1, Math.min(threads, this.#queue.length));
    const perLane = Math.max(1, Math.floor(threads / lanes));
    const { constants } = run.bundle;
    requireMemory(backend, this.#program, { threads: perLane, executors: lanes, constants });
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        const executor = await prepareExecutor(backend, this.#program, constants, { threads: perLane });
        try {
          await this.#lane(executor);
        } catch (error) {
          // Nobody waits for the other lanes' answers any more.
          this.#queue.length = 0;
          throw error;
        } finally {
          await executor.dispose();
        }
      }),
    );
  }

  async #lane(executor: Executor): Promise<void> {
    const pace = createPace();
    for (;;) {
      const segment = this.#queue.shift();
      if (segment === undefined || this.#isBeyondDivergence(segment.intervals[0]!)) return;
      await this.#replay(executor, segment, pace);
    }
  }

  /** Only the first divergence counts, so nothing behind one that was found needs a look. */
  #isBeyondDivergence(interval: number): boolean {
    return this.divergence !== null && interval >= this.divergence.checkpoint;
  }

  async #replay(executor: Executor, { intervals }: Segment, pace: Pace): Promise<void> {
    const { run, onProgress, signal, intervals: all } = this.#parameters;
    const first = intervals[0]!;
    await executor.writeState(await startOf(run, first));
    for (const interval of intervals) {
      await runPaced(executor, { from: leafStep(run, interval), to: leafStep(run, interval + 1) }, pace, signal);
      const root = stateRoot(await executor.hashState());
      this.checked.add(interval);
      if (!equalHashes(root, run.leaves[interval + 1]!)) {
        const found = await describeState(run, interval, root, await executor.readState());
        if (!this.#isBeyondDivergence(interval)) this.divergence = found;
        return;
      }
      onProgress?.(this.checked.size, all.length);
    }
  }
}

/** Runs training steps in short batches: an executor may compute without ever waiting, and then nobody hears a signal. */
export async function runPaced(
  executor: Executor,
  { from, to }: { readonly from: number; readonly to: number },
  pace: Pace,
  signal?: AbortSignal,
): Promise<void> {
  for (let step = from; step < to; ) {
    signal?.throwIfAborted();
    const count = Math.min(pace.next(), to - step);
    const began = performance.now();
    await executor.run(step, count);
    pace.took(count, performance.now() - began);
    step += count;
    await nextTurn();
  }
}

function segmentsOf(run: LoadedRun, intervals: readonly number[], inconclusive: Inconclusive[]): Segment[] {
  const segments: { intervals: number[] }[] = [];
  for (const interval of intervals) {
    const last = segments.at(-1)?.intervals;
    if (interval === 0 || existsSync(checkpointPath(run.directory, leafStep(run, interval)))) {
      segments.push({ intervals: [interval] });
    } else if (last !== undefined && last.at(-1) === interval - 1) {
      last.push(interval);
    } else {
      inconclusive.push({ interval, reason: `there is no checkpoint of step ${leafStep(run, interval)}` });
    }
  }
  return segments;
}

async function startOf(run: LoadedRun, leaf: number): Promise<readonly Words[]> {
  const stored = await storedState(run, leaf);
  // Leaf 0 is the job's genesis, which the verifier holds whether or not the solver keeps a copy.
  if (stored === null && leaf > 0)
    throw new Error(`the checkpoint of leaf ${leaf} went away while it was being verified`);
  return stored?.state ?? run.bundle.genesis;
}

function differingRoots(run: LoadedRun, leaf: number, interval: number, expected: Uint8Array): Divergence {
  return {
    checkpoint: leaf,
    steps: { from: leafStep(run, interval), to: leafStep(run, leaf) },
    stateRoot: { expected: toHex(expected), claimed: toHex(run.leaves[leaf]!) },
  };
}

/** Names the first word that differs, where the solver's state at the end of the interval is stored and intact. */
async function describeState(
  run: LoadedRun,
  interval: number,
  root: Uint8Array,
  state: readonly Words[],
): Promise<Divergence> {
  const base = differingRoots(run, interval + 1, interval, root);
  const claimed = await storedState(run, interval + 1).catch(() => null);
  if (claimed === null) return base;
  for (const [at, { name, dtype }] of run.bundle.program.state.entries()) {
    const [mine, theirs] = [state[at]!, claimed.state[at]!];
    const element = mine.findIndex((word, index) => word !== theirs[index]);
    if (element < 0) continue;
    return {
      ...base,
      tensor: name,
      element,
      expected: wordValue(mine[element]!, dtype),
      claimed: wordValue(theirs[element]!, dtype),
    };
  }
  return base;
}
