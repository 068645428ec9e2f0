/** What a player brings: his side, the job, and an execution that begins with data he may believe. */
import { DEFAULT_BACKEND, defaultThreads, loadCanonicalBackend } from '../../../src/backends/registry.js';
import type { ChainGame } from '../../../src/chain/games.js';
import { requireJob } from '../../../src/chain/games.js';
import { type Market, type PostedClaim, readClaim, readJob } from '../../../src/chain/market.js';
import type { Address } from '../../../src/chain/signer.js';
import { equalHashes } from '../../../src/commitments/hash.js';
import { traceRoot } from '../../../src/commitments/roots.js';
import { fail } from '../../../src/errors/index.js';
import type { Side } from '../../../src/game/game.js';
import { type RunExecution, runExecution, type StartState } from '../../../src/game/run-execution.js';
import { genesisStart, ownStarts, sampledStart } from '../../../src/game/run-starts.js';
import type { Bundle } from '../../../src/job/bundle.js';
import { type LoadedRun, loadRun } from '../../../src/verify/load-run.js';
import type { Invocation } from '../../context.js';
import type { ReplayOptions } from '../../dispute/play.js';
import { openJob } from '../open-job.js';

/** The job and, where it is named, the run. The job inside a run serves where no other is named. */
export async function openMaterial(
  { job, run }: ReplayOptions,
  invocation: Invocation,
): Promise<{ readonly bundle: Bundle; readonly run: LoadedRun | null }> {
  const own = job === undefined ? undefined : await openJob(job, {}, invocation);
  if (run !== undefined) {
    const loaded = await loadRun(run, own);
    return { bundle: loaded.bundle, run: loaded };
  }
  if (own === undefined) throw fail('command.requires', { option: 'a replay', needed: '--job or --run' });
  return { bundle: own, run: null };
}

/** The side that an account plays. @throws `dispute.not-a-side` */
export function sideOf({ id, claim, challenger }: ChainGame, account: Address): Side {
  const is = (address: Address): boolean => address.toLowerCase() === account.toLowerCase();
  if (is(claim.solver)) return 'solver';
  if (is(challenger)) return 'challenger';
  throw fail('dispute.not-a-side', { id, account, solver: claim.solver, challenger });
}

/** The backend that the options name, ready to replay. */
export async function machineOf({ backend = DEFAULT_BACKEND, threads = defaultThreads() }: ReplayOptions) {
  return { backend: await loadCanonicalBackend(backend, threads), threads };
}

/** The solver's execution: his own run, which must be the one he claimed. @throws `dispute.other-run`, `tensorflow.bits-asked` */
export async function solversExecution(
  claim: PostedClaim,
  run: LoadedRun | null,
  options: ReplayOptions,
): Promise<RunExecution> {
  if (run === null) throw fail('command.requires', { option: 'the solver', needed: '--run' });
  requireClaimedRun(run, claim);
  const { bundle, manifest } = run;
  // What a challenger is told of somebody else's run decides nothing, so only the owner's word is asked.
  if (!manifest.canonical) {
    throw fail('tensorflow.bits-asked', { run: run.directory, backend: manifest.backend, asked: 'a dispute' });
  }
  return runExecution({ bundle, starts: ownStarts(run), fault: manifest.injectFault, ...(await machineOf(options)) });
}

/**
 * The challenger's: from the genesis, or from the one checkpoint that the game begins with, which is proven by the claim.
 * Null where that data is not what the game begins with: then nothing is moved.
 */
export async function challengersExecution(
  { claim, game, history }: ChainGame,
  bundle: Bundle,
  run: LoadedRun | null,
  options: ReplayOptions,
): Promise<RunExecution | null> {
  const { a, lo } = history[0]!.context;
  const isProven = run !== null && equalHashes(traceRoot(run.leaves), claim.traceRoot);
  const leaf = a / game.rules.checkpointEvery;
  const start: StartState = isProven ? sampledStart(run, leaf) : genesisStart(bundle);
  const execution = await runExecution({ bundle, starts: [start], fault: null, ...(await machineOf(options)) });
  const [root] = await execution.stateRootsAt([a]);
  if (equalHashes(root!, lo)) return execution;
  await execution.dispose();
  return null;
}

/** Refuses another job, and another run than the claimed one. */
export async function requireOwnClaim(market: Market, claimId: bigint, run: LoadedRun): Promise<PostedClaim> {
  const claim = await readClaim(market, claimId);
  requireJob(run.bundle, await readJob(market, claim.job), claimId);
  requireClaimedRun(run, claim);
  return claim;
}

function requireClaimedRun(run: LoadedRun, claim: PostedClaim): void {
  const isSame =
    equalHashes(traceRoot(run.leaves), claim.traceRoot) && equalHashes(run.leaves.at(-1)!, claim.finalRoot);
  if (!isSame) throw fail('dispute.other-run', { path: run.directory, claim: claim.id });
}
