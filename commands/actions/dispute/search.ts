/** The search behind `gensyn verify --claim` and `gensyn dispute open`. */
import { claimOf } from '../../../src/chain/evidence-check.js';
import { type Finding, searchClaim } from '../../../src/chain/evidence-search.js';
import { requireJob, rulesOfJob } from '../../../src/chain/games.js';
import { type Market, type PostedClaim, type PostedJob, readClaim, readJob } from '../../../src/chain/market.js';
import type { Hash } from '../../../src/commitments/hash.js';
import type { Bundle } from '../../../src/job/bundle.js';
import type { LoadedRun } from '../../../src/verify/load-run.js';
import type { Invocation } from '../../context.js';
import type { ReplayOptions } from '../../dispute/play.js';
import { machineOf } from './player.js';

export interface Searched {
  readonly claim: PostedClaim;
  readonly job: PostedJob;
  readonly finding: Finding;
}

/**
 * Verifies a claim of the chain.
 *
 * @param choose - picks intervals of a run with so many and this trace root; all unless told
 * @throws `dispute.other-job`, `market.no-such-claim`, and what a damaged run throws
 */
export async function searchPosted(
  market: Market,
  claimId: bigint,
  { bundle, run }: { readonly bundle: Bundle; readonly run: LoadedRun | null },
  options: ReplayOptions,
  invocation: Invocation,
  choose?: (count: number, traceRoot: Hash) => readonly number[],
): Promise<Searched> {
  const { progress, signal, warn } = invocation;
  const claim = await readClaim(market, claimId);
  const job = await readJob(market, claim.job);
  requireJob(bundle, job, claimId);
  const intervals = run === null ? undefined : choose?.(run.leaves.length - 1, claim.traceRoot);
  const finding = await searchClaim({
    ...{ bundle, rules: rulesOfJob(job), claim: claimOf(claim), run, ...(await machineOf(options)), signal },
    ...(intervals === undefined ? {} : { intervals }),
    onPhase: (label) => progress.phase(label),
    onProgress: (done, of) => progress.update(done, of),
  });
  if (run !== null && finding.isFullReplay) {
    warn(`the run in ${run.directory} is not the claimed one, so everything was replayed from the genesis`);
  }
  return { claim, job, finding };
}
