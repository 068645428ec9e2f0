/**
 * Verifies a claim, and finds between which two leaves it is wrong: with the published run where there is one that is
 * the claimed one, else by a full replay from the genesis.
 */
import type { Backend } from '../backends/backend.js';
import { equalHashes, type Hash } from '../commitments/hash.js';
import { traceRoot } from '../commitments/roots.js';
import type { Execution } from '../game/execution.js';
import type { GameRules } from '../game/game.js';
import { type Claim, intervalCount, type Opening } from '../game/open-game.js';
import { decideOpening, type OpeningDecision } from '../game/opening.js';
import { runExecution, type StartState } from '../game/run-execution.js';
import { genesisStart, sampledStart } from '../game/run-starts.js';
import type { Bundle } from '../job/bundle.js';
import type { LoadedRun } from '../verify/load-run.js';
import { allIntervals } from '../verify/sampling.js';
import type { Verdict } from '../verify/verdict.js';
import { verifyRun } from '../verify/verify-run.js';

export interface SearchParameters {
  readonly bundle: Bundle;
  readonly rules: GameRules;
  readonly claim: Claim;
  /** The published run; null where the solver withholds it. */
  readonly run: LoadedRun | null;
  /** Which intervals of the run are replayed; all unless told. */
  readonly intervals?: readonly number[];
  readonly backend: Backend;
  readonly threads: number;
  onPhase?(label: string): void;
  onProgress?(done: number, of: number): void;
  readonly signal?: AbortSignal;
}

/** What a search found. `diverged` always comes with an opening that two replays confirm. */
export interface Finding {
  readonly verdict: Verdict;
  readonly opening: Omit<Opening, 'bond'> | null;
  /** Why there is nothing to dispute, or why there is no verdict. */
  readonly why: string;
  /** Intervals that were replayed, of how many. */
  readonly checked: { readonly intervals: number; readonly of: number };
  readonly isFullReplay: boolean;
  readonly replays: readonly [string, string];
}

/** Verifies a claim. @throws `run.checkpoint-damaged`, `run.checkpoint-mismatch` for a run that was changed */
export async function searchClaim(parameters: SearchParameters): Promise<Finding> {
  const { run, claim } = parameters;
  // Only the claimed trace proves where a run begins and what it says; another one may be bait.
  const isClaimed = run !== null && equalHashes(traceRoot(run.leaves), claim.traceRoot);
  return isClaimed ? searchRun(parameters, run) : replayAll(parameters);
}

async function searchRun(parameters: SearchParameters, run: LoadedRun): Promise<Finding> {
  const { claim, rules, backend, threads, signal, onPhase, onProgress } = parameters;
  const of = intervalCount(rules);
  const intervals = withLastIfOdd(parameters, run, parameters.intervals ?? allIntervals(of));
  onPhase?.(`verifying ${intervals.length} of ${of} intervals`);
  // Leaf 0 is the job's and leaf n the claim's by definition, whatever the trace holds there.
  const leaves = run.leaves.with(0, rules.genesisRoot).with(-1, claim.finalRoot);
  const options = { backend, threads, ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const report = await verifyRun({ run: { ...run, leaves }, intervals, ...options });
  const base = finding(parameters, report.checked.intervals, false);
  if (report.verdict === 'verified') return { ...base, verdict: 'verified', why: 'the claim agrees with this replay' };
  if (report.divergence === null) {
    return { ...base, verdict: 'inconclusive', why: report.inconclusive[0]?.reason ?? 'nothing was replayed' };
  }
  const to = report.divergence.checkpoint;
  const start = sampledStart(run, to - 1);
  const from = start.step === 0 ? 0 : to - 1;
  onPhase?.('replaying the interval twice');
  const decision = await withReplays(parameters, start, (replays) =>
    decideOpening({ rules, claim, leaves: run.leaves, from, to, replays }),
  );
  return decided(base, decision);
}

/**
 * The intervals, with the last one where the claim contradicts itself: the client pays for the final root, so that a trace
 * which ends in another one is looked into wherever the sample fell.
 */
function withLastIfOdd({ rules, claim }: SearchParameters, run: LoadedRun, intervals: readonly number[]): number[] {
  const last = intervalCount(rules) - 1;
  const isOdd = !equalHashes(run.leaves.at(-1)!, claim.finalRoot);
  return isOdd && !intervals.includes(last) ? [...intervals, last] : [...intervals];
}

/** Without the solver's data: from the genesis to the end, and once more where the end is another one. */
async function replayAll(parameters: SearchParameters): Promise<Finding> {
  const { bundle, rules, claim, onPhase } = parameters;
  onPhase?.('replaying the whole run from its genesis');
  const base = finding(parameters, intervalCount(rules), true);
  return withReplays(parameters, genesisStart(bundle), async (replays) => {
    const leaves = await ownLeaves(parameters, replays[0]);
    if (!equalHashes(leaves.at(-1)!, claim.finalRoot)) {
      onPhase?.('replaying it once more');
      return decided(base, await decideOpening({ rules, claim, leaves: null, from: 0, replays }));
    }
    if (equalHashes(traceRoot(leaves), claim.traceRoot)) {
      return { ...base, verdict: 'verified', why: 'the claim agrees with this replay' };
    }
    const why = 'the result is right, but the claimed trace is another one, and only its publisher can open it';
    return { ...base, verdict: 'inconclusive', why };
  });
}

async function ownLeaves({ rules, onProgress, signal }: SearchParameters, replay: Execution): Promise<Hash[]> {
  const { steps, checkpointEvery } = rules;
  const of = intervalCount(rules);
  const leaves: Hash[] = [];
  for (let leaf = 0; leaf <= of; leaf++) {
    signal?.throwIfAborted();
    leaves.push(...(await replay.stateRootsAt([Math.min(leaf * checkpointEvery, steps)])));
    onProgress?.(leaf, of);
  }
  return leaves;
}

/** Two executions that share nothing, from a state that is proven or is the genesis; gone when `work` is done. */
export async function withReplays<T>(
  { bundle, backend, threads }: Pick<SearchParameters, 'bundle' | 'backend' | 'threads'>,
  start: StartState,
  work: (replays: readonly [Execution, Execution]) => Promise<T>,
): Promise<T> {
  const open = () => runExecution({ bundle, starts: [start], fault: null, backend, threads });
  const first = await open();
  try {
    const second = await open();
    try {
      return await work([first, second]);
    } finally {
      await second.dispose();
    }
  } finally {
    await first.dispose();
  }
}

function finding({ rules, backend }: SearchParameters, intervals: number, isFullReplay: boolean) {
  const replays: readonly [string, string] = [backend.name, backend.name];
  return { opening: null, checked: { intervals, of: intervalCount(rules) }, isFullReplay, replays };
}

function decided(base: ReturnType<typeof finding>, decision: OpeningDecision): Finding {
  if (decision.do === 'nothing') return { ...base, verdict: 'inconclusive', why: decision.why };
  const { i, j } = decision.opening;
  const why = `two replays from checkpoint ${i} agree with each other, and not with checkpoint ${j}`;
  return { ...base, verdict: 'diverged', opening: decision.opening, why };
}
