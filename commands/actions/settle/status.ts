/** The cores of `gensyn settle status` and `gensyn settle quote`. */
import { type Market, type PostedClaim, type PostedJob, readClaim, readJob } from '../../../src/chain/market.js';
import { newestClaimOf, newestClaims, newestJobs } from '../../../src/chain/market-search.js';
import { stakeQuote } from '../../../src/chain/quote.js';
import { ETHER_TOKEN, readToken, type Token } from '../../../src/chain/token.js';
import { toHex } from '../../../src/commitments/hash.js';
import { isGensynError } from '../../../src/errors/index.js';
import type { Action, Outcome } from '../../context.js';
import type { QuoteOptions, StatusOptions } from '../../settle/look.js';
import { facts, table } from '../table.js';
import { type Head, headOf, marketOf } from './access.js';
import { type NextStep, nextSteps } from './next-steps.js';
import { quoteDocument, quoteRows } from './stake.js';
import { termRows, termsDocument } from './terms-text.js';
import { ether, moment, tokens } from './text.js';

interface Entry {
  readonly job: PostedJob;
  /** The newest claim of the job. */
  readonly claim: PostedClaim | null;
}

export const status: Action<StatusOptions> = async (options, invocation) => {
  const market = await marketOf(options, invocation);
  const head = await headOf(market.connection);
  if (options.claim !== undefined) {
    const claim = await readClaim(market, options.claim, head.block);
    return showOne(market, { job: await readJob(market, claim.job, head.block), claim }, head);
  }
  if (options.job === undefined) return list(market, options.limit, head);
  const job = await readJob(market, options.job, head.block);
  return showOne(market, { job, claim: await newestClaimOf(market, job.id, head.block) }, head);
};

export const quote: Action<QuoteOptions> = async (options, invocation) => {
  const market = await marketOf(options, invocation);
  const { time, block } = await headOf(market.connection);
  const job = await readJob(market, options.job, block);
  const found = await stakeQuote(market, options.role, job, time);
  return { result: { job: job.id, ...quoteDocument(found) }, text: facts(quoteRows(found)) };
};

async function list(market: Market, limit: number, head: Head): Promise<Outcome> {
  const jobs = await newestJobs(market, limit, head.block);
  // Newest first, so that the first claim of a job is the one that counts.
  const claims = await newestClaims(market, 2 * limit, head.block);
  const entries: readonly Entry[] = jobs.map((job) => ({ job, claim: claims.find((it) => it.job === job.id) ?? null }));
  const rows = entries.map(({ job, claim }) => [
    String(job.id),
    job.status,
    claim === null ? '–' : `${claim.id} ${claim.status}`,
    toHex(job.jobHash).slice(0, 14),
    nextSteps(job, claim, head.time)
      .map((next) => stepText(next, head.time))
      .join('; '),
  ]);
  return {
    result: { ...place(market, head), jobs: entries.map((entry) => entryDocument(entry, head)) },
    text:
      rows.length === 0 ? 'No job was ever posted here.' : table(['job', 'status', 'claim', 'job hash', 'next'], rows),
  };
}

async function showOne(market: Market, entry: Entry, head: Head): Promise<Outcome> {
  const { job, claim } = entry;
  const token = await tokenOf(market, job);
  const steps = nextSteps(job, claim, head.time).map((next) => ['next', stepText(next, head.time)] as const);
  return {
    result: { ...place(market, head), ...entryDocument(entry, head) },
    text: facts([
      ['job', `${job.id}, ${job.status}`],
      ['job hash', toHex(job.jobHash)],
      ['client', job.client],
      ...termRows(job.terms, token, head.time),
      ...takerRows(job, head),
      ...(claim === null ? [] : claimRows(claim, head)),
      ...steps,
    ]),
  };
}

/** A token that does not answer must not hide the job. */
async function tokenOf(market: Market, { terms }: PostedJob): Promise<Token> {
  return readToken(market.connection, terms.token).catch((error: unknown) => {
    if (!isGensynError(error, 'market.not-a-token')) throw error;
    return { ...ETHER_TOKEN, address: terms.token, symbol: `units of ${terms.token}`, decimals: 0 };
  });
}

function place({ connection, address }: Market, { block, time }: Head) {
  return { chainId: connection.chainId, contract: address, block, time };
}

function takerRows({ status: state, solver, bond, deadline }: PostedJob, { time }: Head) {
  if (state !== 'taken') return [];
  return [
    ['solver', solver],
    ['bond', ether(bond)],
    ['claim until', moment(deadline, time)],
  ] as const;
}

function claimRows({ id, status: state, solver, until, open, finalRoot, pot }: PostedClaim, { time }: Head) {
  return [
    ['claim', `${id}, ${state}`],
    ['solver', solver],
    ['final root', toHex(finalRoot)],
    ['disputable until', moment(until, time)],
    ['open games', String(open)],
    [state === 'fallen' ? 'still to share' : 'bond', tokens(pot, ETHER_TOKEN)],
  ] as const;
}

function entryDocument({ job, claim }: Entry, { time }: Head) {
  const { id, status: state, client, solver, bond, deadline } = job;
  const isTaken = state === 'taken';
  return {
    job: id,
    status: state,
    jobHash: toHex(job.jobHash),
    termsHash: toHex(job.termsHash),
    client,
    terms: termsDocument(job.terms),
    solver: isTaken ? solver : null,
    bond: isTaken ? bond : null,
    deadline: isTaken ? deadline : null,
    claim: claim === null ? null : claimDocument(claim),
    next: nextSteps(job, claim, time),
  };
}

function claimDocument({ id, status: state, solver, until, open, moves, finalRoot, traceRoot, pot }: PostedClaim) {
  const roots = { finalRoot: toHex(finalRoot), traceRoot: toHex(traceRoot) };
  return { claim: id, status: state, solver, until, open, moves, ...roots, pot };
}

function stepText({ who, what, until, from }: NextStep, now: number): string {
  if (until !== null) return `${who}: ${what} until ${moment(until, now)}`;
  return from === null ? `${who}: ${what}` : `${who}: ${what} from ${moment(from, now)}`;
}
