/** Whether a run can back a claim: of the job, finished, canonical, with every checkpoint, and verified once more. */
import { getAddress } from 'viem';
import { DEFAULT_BACKEND, defaultThreads, loadCanonicalBackend } from '../../../src/backends/registry.js';
import { type ClaimRecord, readClaimRecord } from '../../../src/chain/claim-record.js';
import { type Market, type PostedJob, readClaim } from '../../../src/chain/market.js';
import { type Hash, toHex } from '../../../src/commitments/hash.js';
import { traceRoot } from '../../../src/commitments/roots.js';
import { fail, isGensynError } from '../../../src/errors/index.js';
import { storedSteps } from '../../../src/run/run-folder.js';
import { type LoadedRun, leafStep } from '../../../src/verify/load-run.js';
import { allIntervals } from '../../../src/verify/sampling.js';
import type { VerificationReport } from '../../../src/verify/verdict.js';
import { verifyRun } from '../../../src/verify/verify-run.js';
import type { Invocation } from '../../context.js';
import type { ClaimOptions } from '../../settle/solver.js';

/** What a run claims. */
export interface Roots {
  readonly finalRoot: Hash;
  readonly traceRoot: Hash;
}

/** The roots that a run's trace ends in. */
export function rootsOf({ leaves }: LoadedRun): Roots {
  return { finalRoot: leaves.at(-1)!, traceRoot: traceRoot(leaves) };
}

/** @throws `run.other-job`, `market.run-not-claimable` */
export async function requireClaimable(run: LoadedRun, job: PostedJob): Promise<void> {
  const { directory, manifest, leaves } = run;
  const [found, expected] = [toHex(run.bundle.hashes.job), toHex(job.jobHash)];
  if (found !== expected) throw fail('run.other-job', { path: directory, found, expected });
  const refuse = (reason: string) => fail('market.run-not-claimable', { run: directory, reason });
  if (!manifest.canonical) throw refuse(`its backend ${manifest.backend} is not canonical`);
  const stored = new Set(await storedSteps(directory));
  const missing = leaves.map((_, leaf) => leafStep(run, leaf)).filter((step) => !stored.has(step));
  if (missing.length === 0) return;
  throw refuse(`${missing.length} of its ${leaves.length} checkpoints are gone, the first one of step ${missing[0]}`);
}

/**
 * Refuses a run whose record names another claim that may be live: with the record its defence would be lost.
 *
 * @param made - number of the claim that this run is known to back already
 * @throws `market.run-backs-a-claim`, `market.claim-record-invalid`
 */
export async function requireFree(market: Market, run: string, made: bigint | null): Promise<void> {
  const record = await readClaimRecord(run);
  if (record === null || (await isOver(market, record, made))) return;
  const { claim, chainId: chain, contract } = record;
  throw fail('market.run-backs-a-claim', { run, claim, chain, contract });
}

async function isOver(
  market: Market,
  { chainId, contract, claim }: ClaimRecord,
  made: bigint | null,
): Promise<boolean> {
  // What stands on another chain cannot be seen from here.
  if (chainId !== market.connection.chainId || getAddress(contract) !== market.address) return false;
  if (BigInt(claim) === made) return true;
  try {
    return (await readClaim(market, BigInt(claim))).status !== 'live';
  } catch (error) {
    // A reorganisation took it.
    if (isGensynError(error, 'market.no-such-claim')) return true;
    throw error;
  }
}

/**
 * Replays the whole run, each interval by itself from its own checkpoint: another schedule than the training had, so
 * that a fault of this machine is unlikely to repeat itself.
 */
export async function verifyAgain(
  run: LoadedRun,
  { backend: name = DEFAULT_BACKEND, threads = defaultThreads() }: Pick<ClaimOptions, 'backend' | 'threads'>,
  { progress, signal }: Invocation,
): Promise<VerificationReport> {
  progress.phase('verifying the run before it is claimed');
  const backend = await loadCanonicalBackend(name, threads);
  const intervals = allIntervals(run.leaves.length - 1);
  const onProgress = (done: number, of: number): void => progress.update(done, of);
  return verifyRun({ run, intervals, backend, threads, signal, onProgress });
}
