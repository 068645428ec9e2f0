/** The market on a chain: where it stands, and what it says of jobs and claims. Nothing here sends. */
import { getAddress } from 'viem';
import { gameAbi } from '../../contracts/generated/game.js';
import { fromHex, type Hash } from '../commitments/hash.js';
import { fail } from '../errors/index.js';
import type { Connection } from './connection.js';
import type { GameLimits } from './deploy.js';
import { constructorArguments, readDeployments, useDeployment } from './deployments.js';
import { readSurely } from './read-surely.js';
import { printable } from './revert.js';
import type { Address } from './signer.js';
import { jobHashOfTerms, type Terms, termsHash, termsOf } from './terms.js';

/** The contract `Game`, which the market is a part of, after all checks of its record. */
export interface Market {
  readonly connection: Connection;
  readonly address: Address;
  readonly limits: GameLimits;
  /** The block in which it was deployed: no event is older. */
  readonly fromBlock: bigint;
}

const JOB_STATUSES = ['open', 'taken', 'claimed', 'closed'] as const;
const CLAIM_STATUSES = ['live', 'final', 'fallen'] as const;

/** The contract counts with 64 bits; decoding does not check it. */
const MAX_COUNT = 2n ** 64n - 1n;

export type JobStatus = (typeof JOB_STATUSES)[number];
export type ClaimStatus = (typeof CLAIM_STATUSES)[number];

/** A job as the chain has it. */
export interface PostedJob {
  readonly id: bigint;
  readonly terms: Terms;
  readonly client: Address;
  readonly status: JobStatus;
  /** Who has taken it last; nobody's address while nobody has. */
  readonly solver: Address;
  /** The solver's bond in wei, until he claims. */
  readonly bond: bigint;
  /** The last second at which the taker may claim, as Unix time. */
  readonly deadline: number;
  readonly jobHash: Hash;
  readonly termsHash: Hash;
}

/** A claim as the chain has it. */
export interface PostedClaim {
  readonly id: bigint;
  /** Number of its job. */
  readonly job: bigint;
  readonly solver: Address;
  readonly status: ClaimStatus;
  /** The last second at which it may be disputed, as Unix time. */
  readonly until: number;
  /** Games that are not over. */
  readonly open: number;
  /** Counted moves of the challengers in those games. */
  readonly moves: number;
  readonly finalRoot: Hash;
  readonly traceRoot: Hash;
  /** Wei: the solver's bond; after a fall what of it is still to be shared. */
  readonly pot: bigint;
}

/**
 * Opens the market that a record of deployments names, after comparing what stands there with this release.
 *
 * @param deploymentsFile - the record itself, not its folder
 * @throws what {@link readDeployments} and {@link useDeployment} throw
 */
export async function openMarket(connection: Connection, deploymentsFile: string): Promise<Market> {
  const deployments = await readDeployments(deploymentsFile);
  const game = await useDeployment(connection, deployments, 'Game', deploymentsFile);
  const [, limits] = constructorArguments('Game', game, deploymentsFile);
  return { connection, address: getAddress(game.address), limits: limits as GameLimits, fromBlock: BigInt(game.block) };
}

/**
 * Reads a job.
 *
 * @param id - its number, from 1
 * @param block - the newest one unless told
 * @throws `market.no-such-job`, `chain.invalid-answer`, and what {@link readSurely} throws
 */
export async function readJob(market: Market, id: bigint, block?: bigint): Promise<PostedJob> {
  const { connection, address } = market;
  const call = { address, abi: gameAbi, functionName: 'getJob', args: [id], ...at(block) } as const;
  const found = await readSurely(connection, 'getJob', () => connection.client.readContract(call));
  if (found.status === 0) throw fail('market.no-such-job', { id, contract: address });
  const status = statusOf(connection, 'getJob', JOB_STATUSES, found.status);
  const { client, solver, bond, deadline } = found;
  return interpret(connection, 'getJob', () => {
    const terms = termsOf(found.terms);
    const hashes = { jobHash: jobHashOfTerms(terms), termsHash: termsHash(terms) };
    return { id, terms, client, status, solver, bond, deadline, ...hashes };
  });
}

/**
 * Reads a claim.
 *
 * @param id - its number, from 1
 * @param block - the newest one unless told
 * @throws `market.no-such-claim`, `chain.invalid-answer`, and what {@link readSurely} throws
 */
export async function readClaim(market: Market, id: bigint, block?: bigint): Promise<PostedClaim> {
  const { connection, address } = market;
  const call = { address, abi: gameAbi, functionName: 'getClaim', args: [id], ...at(block) } as const;
  const found = await readSurely(connection, 'getClaim', () => connection.client.readContract(call));
  if (found.status === 0) throw fail('market.no-such-claim', { id, contract: address });
  const status = statusOf(connection, 'getClaim', CLAIM_STATUSES, found.status);
  const { finalRoot, traceRoot } = found;
  return { ...found, id, status, finalRoot: fromHex(finalRoot), traceRoot: fromHex(traceRoot) };
}

/** How many jobs and claims there are; each is numbered from 1. */
export async function readCounts(market: Market, block?: bigint): Promise<{ jobs: bigint; claims: bigint }> {
  const { connection, address } = market;
  const count = (functionName: 'jobCount' | 'claimCount') =>
    readSurely(connection, functionName, () =>
      connection.client.readContract({ address, abi: gameAbi, functionName, ...at(block) }),
    );
  const [jobs, claims] = [await count('jobCount'), await count('claimCount')];
  if (jobs <= MAX_COUNT && claims <= MAX_COUNT) return { jobs, claims };
  const reason = `${jobs} jobs and ${claims} claims`;
  throw fail('chain.invalid-answer', { node: connection.node, method: 'jobCount', reason });
}

/** What an account may withdraw of a token, in its smallest unit. */
export function readCredit(market: Market, token: Address, account: Address, block?: bigint): Promise<bigint> {
  const { connection, address } = market;
  const call = { address, abi: gameAbi, functionName: 'creditOf', args: [token, account], ...at(block) } as const;
  return readSurely(connection, 'creditOf', () => connection.client.readContract(call));
}

function at(block: bigint | undefined) {
  return block === undefined ? {} : { blockNumber: block };
}

/** Makes sense of an answer: what the contract cannot have said, the node has made up. */
function interpret<T>(connection: Connection, method: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = printable((error as Error).message);
    throw fail('chain.invalid-answer', { node: connection.node, method, reason }, { cause: error });
  }
}

function statusOf<Name extends string>(
  connection: Connection,
  method: string,
  names: readonly Name[],
  code: number,
): Name {
  const name = names[code - 1];
  if (name !== undefined) return name;
  throw fail('chain.invalid-answer', { node: connection.node, method, reason: `status ${code}` });
}
