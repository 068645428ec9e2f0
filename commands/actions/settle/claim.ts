/** The core of `gensyn settle claim`. */
import { parseEventLogs } from 'viem';
import { gameAbi } from '../../../contracts/generated/game.js';
import { writeClaimRecord } from '../../../src/chain/claim-record.js';
import { type Market, type PostedClaim, type PostedJob, readClaim, readJob } from '../../../src/chain/market.js';
import { claimCall } from '../../../src/chain/market-calls.js';
import { jobTakenBy, newestClaimOf } from '../../../src/chain/market-search.js';
import { type StakeQuote, stakeQuote } from '../../../src/chain/quote.js';
import { mustBeSent, type Sender, type Sent } from '../../../src/chain/sender.js';
import type { Address } from '../../../src/chain/signer.js';
import { equalHashes, toHex } from '../../../src/commitments/hash.js';
import { fail, OUTCOME_CODES } from '../../../src/errors/index.js';
import { type LoadedRun, loadRun } from '../../../src/verify/load-run.js';
import type { VerificationReport } from '../../../src/verify/verdict.js';
import type { Action, Invocation, Outcome } from '../../context.js';
import type { ClaimOptions } from '../../settle/solver.js';
import { facts } from '../table.js';
import { describeReport } from '../verification-text.js';
import { type Head, headOf, marketOf, readBack, senderOf } from './access.js';
import { type Roots, requireClaimable, requireFree, rootsOf, verifyAgain } from './check-run.js';
import { agree, declined, dryRunOutcome, quoteDocument, quoteRows, sentDocument, sentRows } from './stake.js';
import { date, ether, moment, span } from './text.js';

const KEEP = 'Keep the run, with every checkpoint, until the claim is final: without them a dispute is lost.';

export const claim: Action<ClaimOptions> = async (options, invocation) => {
  const run = await loadRun(options.run);
  const roots = rootsOf(run);
  const market = await marketOf(options, invocation);
  const { connection } = market;
  const sender = await senderOf(connection, options, invocation);
  const head = await headOf(connection);
  const job = await jobFor(market, run, sender.address, head, options.jobId);
  await requireClaimable(run, job);
  const made = await ownClaim(market, job, sender.address, roots, head);
  await requireFree(market, run.directory, made?.id ?? null);
  if (made !== null) return found(market, run, job, made, head);
  requireClaimTime(job, sender.address, head);
  const verification = await verifyAgain(run, options, invocation);
  if (verification.verdict !== 'verified') return refused(verification);
  // The verification took its time.
  const now = await headOf(connection);
  requireClaimTime(job, sender.address, now);
  return stake({ market, sender, run, job, roots, verification, now }, options, invocation);
};

interface Verified {
  readonly market: Market;
  readonly sender: Sender;
  readonly run: LoadedRun;
  readonly job: PostedJob;
  readonly roots: Roots;
  readonly verification: VerificationReport;
  readonly now: Head;
}

/** From here on the bond can be lost. */
async function stake(verified: Verified, options: ClaimOptions, invocation: Invocation): Promise<Outcome> {
  const { market, sender, run, job, roots, verification, now } = verified;
  const call = claimCall(market, job.id, roots.finalRoot, roots.traceRoot);
  const prepared = await sender.prepare(call);
  const quote = await exposure(market, job, now);
  const rows = [...rootRows(roots), ...quoteRows(quote), ['disputable for', span(job.terms.window)]] as const;
  if (!(await agree(invocation, options, `Claim this result of job ${job.id}?`, rows))) return declined();
  const about = { ...jobDocument(job, roots), quote: quoteDocument(quote), verification };
  if (options.dryRun === true) return dryRunOutcome([prepared], rows, about);
  const sent = mustBeSent(await sender.send(call));
  const [event] = parseEventLogs({ abi: gameAbi, eventName: 'Claimed', logs: [...sent.logs] });
  if (event === undefined) throw new Error('the transaction that claimed tells of no claim');
  const id = event.args.claim;
  // Before anything else can fail: whoever defends the claim needs it.
  await record(market, run, { job, roots, id, solver: sender.address, txHash: sent.hash });
  invocation.warn(KEEP);
  const posted = await readBack(invocation, () => readClaim(market, id, sent.block));
  return report(posted, job, sent, now, about);
}

/** The job that is named, or else the one that the account has taken. */
async function jobFor(
  market: Market,
  run: LoadedRun,
  account: Address,
  { block }: Head,
  id: bigint | undefined,
): Promise<PostedJob> {
  if (id !== undefined) return readJob(market, id);
  const taken = await jobTakenBy(market, account, run.bundle.hashes.job, block);
  if (taken !== null) return taken;
  throw fail('market.job-not-found', { account, jobHash: toHex(run.bundle.hashes.job), run: run.directory });
}

/** This very claim, where it was made already: a crash after sending loses nothing. */
async function ownClaim(
  market: Market,
  { id, status, solver }: PostedJob,
  account: Address,
  { finalRoot, traceRoot }: Roots,
  { block }: Head,
): Promise<PostedClaim | null> {
  if (status !== 'claimed' || solver !== account) return null;
  const made = await newestClaimOf(market, id, block);
  const isSame = made !== null && equalHashes(made.finalRoot, finalRoot) && equalHashes(made.traceRoot, traceRoot);
  return isSame ? made : null;
}

function requireClaimTime({ id, status, solver, deadline }: PostedJob, account: Address, { time }: Head): void {
  if (status !== 'taken') {
    throw fail('market.wrong-status', { what: `job ${id}`, have: status, action: 'claim its result', want: 'taken' });
  }
  if (solver !== account) {
    throw fail('market.not-the-owner', { action: `claim the result of job ${id}`, have: account, want: solver });
  }
  if (time <= deadline) return;
  const until = moment(deadline, time);
  throw fail('market.deadline-missed', { action: `claim the result of job ${id}`, until, now: date(time) });
}

/** The bond is in the contract already; from here on it can be lost. */
async function exposure(market: Market, job: PostedJob, { time }: Head): Promise<StakeQuote> {
  const quote = await stakeQuote(market, 'solver', job, time);
  const { bond, terms } = job;
  const largestLoss = quote.largestLoss - quote.bond + bond;
  return { ...quote, requiredBond: bond, bond, largestLoss, longestDelay: terms.window + 2 * terms.clock };
}

function refused(verification: VerificationReport): Outcome {
  const isDiverged = verification.verdict === 'diverged';
  return {
    result: { state: verification.verdict, verification },
    text: `${describeReport(verification)}\n\nNothing was sent: only a run that is verified whole is claimed.`,
    exitCode: isDiverged ? OUTCOME_CODES.negativeVerdict : OUTCOME_CODES.inconclusive,
  };
}

async function found(
  market: Market,
  run: LoadedRun,
  job: PostedJob,
  posted: PostedClaim,
  { time }: Head,
): Promise<Outcome> {
  const { id, until, status, solver, finalRoot, traceRoot } = posted;
  const roots = { finalRoot, traceRoot };
  await record(market, run, { job, roots, id, solver, txHash: null });
  return {
    result: { state: 'claimed-before', ...jobDocument(job, roots), claim: id, status, until },
    text: `This result was claimed before, as claim ${id}.\n${KEEP}\nIt may be disputed until ${moment(until, time)}.`,
    next: `gensyn settle finalize ${id}`,
  };
}

interface Made {
  readonly job: PostedJob;
  readonly roots: Roots;
  /** Number of the claim. */
  readonly id: bigint;
  readonly solver: Address;
  readonly txHash: `0x${string}` | null;
}

async function record(market: Market, run: LoadedRun, { job, roots, id, solver, txHash }: Made): Promise<void> {
  await writeClaimRecord(run.directory, {
    schema: 'gensyn.claim/1',
    chainId: market.connection.chainId,
    contract: market.address,
    job: String(job.id),
    claim: String(id),
    jobHash: toHex(job.jobHash),
    finalRoot: toHex(roots.finalRoot),
    traceRoot: toHex(roots.traceRoot),
    solver,
    txHash,
  });
}

function jobDocument(job: PostedJob, { finalRoot, traceRoot }: Roots) {
  return { job: job.id, jobHash: toHex(job.jobHash), finalRoot: toHex(finalRoot), traceRoot: toHex(traceRoot) };
}

function rootRows({ finalRoot, traceRoot }: Roots): readonly (readonly [string, string])[] {
  return [
    ['final root', toHex(finalRoot)],
    ['trace root', toHex(traceRoot)],
  ];
}

function report(
  { id, until, pot, finalRoot, traceRoot }: PostedClaim,
  job: PostedJob,
  sent: Sent,
  { time }: Head,
  about: Readonly<Record<string, unknown>>,
): Outcome {
  return {
    result: { state: 'sent', claim: id, until, ...about, transactions: [sentDocument(sent)] },
    text: facts([
      ['claim', String(id)],
      ['job', String(job.id)],
      ...rootRows({ finalRoot, traceRoot }),
      ['bond', ether(pot)],
      ['disputable until', moment(until, time)],
      ...sentRows(sent),
    ]),
    next: `gensyn settle finalize ${id}`,
  };
}
