/** Evidence before a bond is staked on it: its leaves against the chain, its interval against two replays of one's own. */
import { equalHashes, toHex } from '../commitments/hash.js';
import { fail } from '../errors/index.js';
import type { Claim, Opening } from '../game/open-game.js';
import { openGame } from '../game/open-game.js';
import { confirmOpening, type OpeningDecision } from '../game/opening.js';
import { genesisStart, sampledStart } from '../game/run-starts.js';
import type { LoadedRun } from '../verify/load-run.js';
import type { Evidence } from './evidence.js';
import { type SearchParameters, withReplays } from './evidence-search.js';
import { requireJob, rulesOfJob } from './games.js';
import type { Market, PostedClaim, PostedJob } from './market.js';

/** The claim as the reducer knows it. The bond is the contract's to judge. */
export function claimOf({ traceRoot, finalRoot, until, status }: PostedClaim): Claim {
  return { traceRoot, finalRoot, until, status, minimumBond: 0n };
}

/** Refuses evidence about another chain, contract, claim or job. @throws `dispute.evidence-mismatch` */
export function requireMatch(
  evidence: Evidence,
  market: Market,
  claim: PostedClaim,
  job: PostedJob,
  path: string,
): void {
  const expect = (what: string, have: string, want: string): void => {
    if (have.toLowerCase() !== want.toLowerCase()) throw fail('dispute.evidence-mismatch', { path, what, have, want });
  };
  expect('the chain', String(evidence.chainId), String(market.connection.chainId));
  expect('the contract', evidence.game, market.address);
  expect('the claim', String(evidence.claim), String(claim.id));
  expect('the job', String(evidence.job), String(job.id));
  expect('the hash of the job', toHex(evidence.jobHash), toHex(job.jobHash));
}

/**
 * Refuses an opening that the contract would refuse.
 *
 * @param now - Unix time in seconds
 * @throws `dispute.claim-over`
 */
export function requireOpenable(claim: PostedClaim, job: PostedJob, opening: Omit<Opening, 'bond'>, now: number): void {
  const result = openGame(rulesOfJob(job), claimOf(claim), { ...opening, bond: 0n }, now);
  if (!('refused' in result)) return;
  const { code, have, want } = result.refused;
  const reason = `${code}${have === undefined ? '' : ` (have ${have}, want ${want})`}`;
  throw fail('dispute.claim-over', { claim: claim.id, reason });
}

/**
 * Replays what a proposed opening is about, twice.
 *
 * @param run - needed where the opening does not begin at the genesis
 * @throws `dispute.other-job`, `dispute.run-needed`, `run.checkpoint-damaged`, `run.checkpoint-mismatch`
 */
export async function confirmEvidence(
  opening: Omit<Opening, 'bond'>,
  job: PostedJob,
  claim: PostedClaim,
  run: LoadedRun | null,
  replaying: Pick<SearchParameters, 'bundle' | 'backend' | 'threads'>,
): Promise<OpeningDecision> {
  requireJob(replaying.bundle, job, claim.id);
  const { i, leafI } = opening;
  if (i > 0 && run === null) throw fail('dispute.run-needed', { leaf: i });
  if (run !== null && i > 0 && !equalHashes(run.leaves[i] ?? job.jobHash, leafI)) {
    return { do: 'nothing', why: 'the run has another checkpoint where the evidence begins' };
  }
  const start = run === null ? genesisStart(replaying.bundle) : sampledStart(run, i);
  return withReplays(replaying, start, (replays) => confirmOpening(rulesOfJob(job), opening, replays));
}
