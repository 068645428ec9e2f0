/** Lists of jobs and claims, newest first. Everything is read at one block, so that it fits together. */
import { equalHashes, type Hash } from '../commitments/hash.js';
import { type Market, type PostedClaim, type PostedJob, readClaim, readCounts, readJob } from './market.js';
import type { Address } from './signer.js';

/** Requests under way at the same time: what public nodes still answer. */
const AT_ONCE = 8;
/** How far back a search goes. */
const MAX_SEARCH = 2000;

/** The newest jobs. @param limit - how many at most */
export async function newestJobs(market: Market, limit: number, block: bigint): Promise<PostedJob[]> {
  const { jobs } = await readCounts(market, block);
  return collect(jobs, limit, (id) => readJob(market, id, block));
}

/** The newest claims. @param limit - how many at most */
export async function newestClaims(market: Market, limit: number, block: bigint): Promise<PostedClaim[]> {
  const { claims } = await readCounts(market, block);
  return collect(claims, limit, (id) => readClaim(market, id, block));
}

/** The newest claim of a job; null where there is none among the newest 2,000. */
export async function newestClaimOf(market: Market, job: bigint, block: bigint): Promise<PostedClaim | null> {
  const { claims } = await readCounts(market, block);
  return find(
    claims,
    (id) => readClaim(market, id, block),
    (claim) => claim.job === job,
  );
}

/** The newest job with this hash that an account has taken and not lost; null where there is none among the newest 2,000. */
export async function jobTakenBy(
  market: Market,
  solver: Address,
  jobHash: Hash,
  block: bigint,
): Promise<PostedJob | null> {
  const { jobs } = await readCounts(market, block);
  const isIt = (job: PostedJob): boolean =>
    (job.status === 'taken' || job.status === 'claimed') && job.solver === solver && equalHashes(job.jobHash, jobHash);
  return find(jobs, (id) => readJob(market, id, block), isIt);
}

async function collect<T>(newest: bigint, limit: number, read: (id: bigint) => Promise<T>): Promise<T[]> {
  const found: T[] = [];
  for (const batch of batches(newest, limit)) found.push(...(await Promise.all(batch.map(read))));
  return found;
}

async function find<T>(
  newest: bigint,
  read: (id: bigint) => Promise<T>,
  isIt: (item: T) => boolean,
): Promise<T | null> {
  for (const batch of batches(newest, MAX_SEARCH)) {
    const found = (await Promise.all(batch.map(read))).find(isIt);
    if (found !== undefined) return found;
  }
  return null;
}

/** Numbers from the newest one down, a few at a time. */
function* batches(newest: bigint, limit: number): Generator<bigint[]> {
  const oldest = newest > BigInt(limit) ? newest - BigInt(limit) : 0n;
  for (let from = newest; from > oldest; from -= BigInt(AT_ONCE)) {
    const count = Number(from - oldest < BigInt(AT_ONCE) ? from - oldest : BigInt(AT_ONCE));
    yield Array.from({ length: count }, (_, at) => from - BigInt(at));
  }
}
