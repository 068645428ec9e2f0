/** The core of `gensyn settle take`. */
import { type Market, type PostedJob, readJob } from '../../../src/chain/market.js';
import { takeCall } from '../../../src/chain/market-calls.js';
import { type StakeQuote, stakeQuote } from '../../../src/chain/quote.js';
import { mustBeSent, type Sent } from '../../../src/chain/sender.js';
import { brokenTerms, doubtsAbout } from '../../../src/chain/terms-check.js';
import { readToken } from '../../../src/chain/token.js';
import { equalHashes, toHex } from '../../../src/commitments/hash.js';
import { fail } from '../../../src/errors/index.js';
import type { Bundle } from '../../../src/job/bundle.js';
import type { Action, Invocation, Outcome } from '../../context.js';
import type { TakeOptions } from '../../settle/solver.js';
import { openJob } from '../open-job.js';
import { facts } from '../table.js';
import { blockTimeOf, headOf, marketOf, readBack, senderOf } from './access.js';
import {
  agree,
  declined,
  dryRunOutcome,
  quoteDocument,
  quoteRows,
  requireBond,
  sentDocument,
  sentRows,
} from './stake.js';
import { termRows, termsDocument } from './terms-text.js';
import { date, ether, moment } from './text.js';

export const take: Action<TakeOptions> = async (options, invocation) => {
  const market = await marketOf(options, invocation);
  const { connection } = market;
  const job = await readJob(market, options.id);
  const { time } = await headOf(connection);
  requireTakeable(job, time);
  requireTerms(market, job, time, options.acceptTerms === true, invocation);
  // All of it is read and hashed here: who lacks a part of a job cannot train it, and would lose half of the bond.
  const bundle = await openJob(options.job, {}, invocation);
  requireSameJob(bundle, job, options.job);
  const sender = await senderOf(connection, options, invocation);
  const quote = await stakeQuote(market, 'solver', job, time);
  requireBond(quote, options);
  const call = takeCall(market, job, quote.bond);
  const prepared = await sender.prepare(call);
  const token = await readToken(connection, job.terms.token);
  const rows = [...termRows(job.terms, token, time), ...quoteRows(quote)];
  const question = `Take job ${job.id} with a bond of ${ether(quote.bond)}?`;
  if (!(await agree(invocation, options, question, rows))) return declined();
  if (options.dryRun === true) return dryRunOutcome([prepared], rows, about(job, quote));
  const sent = mustBeSent(await sender.send(call));
  const taken = await readBack(invocation, () => readJob(market, job.id, sent.block));
  return report(taken, quote, sent, options.job);
};

function requireTakeable({ id, status, terms }: PostedJob, now: number): void {
  if (status !== 'open') {
    throw fail('market.wrong-status', { what: `job ${id}`, have: status, action: 'take it', want: 'open' });
  }
  if (now <= terms.openUntil) return;
  const until = moment(terms.openUntil, now);
  throw fail('market.deadline-missed', { action: `take job ${id}`, until, now: date(now) });
}

function requireTerms(
  { limits, connection }: Market,
  { id, terms }: PostedJob,
  now: number,
  accepted: boolean,
  { warn }: Invocation,
): void {
  const [bad] = brokenTerms(limits, terms, now);
  if (bad !== undefined) throw fail('market.bad-terms', { ...bad });
  const doubts = doubtsAbout(terms, blockTimeOf(connection));
  if (doubts.length > 0 && !accepted) {
    throw fail('market.doubtful-terms', { id, count: doubts.length, doubts: doubts.join('; ') }, { data: { doubts } });
  }
  doubts.forEach(warn);
}

/** The bundle's hashes were recomputed from its content; the chain's are what a dispute is judged by. */
function requireSameJob(
  { hashes, steps, checkpointEvery }: Bundle,
  { id, terms, jobHash }: PostedJob,
  path: string,
): void {
  const expect = (what: string, have: string | number, want: string | number): void => {
    if (have !== want) throw fail('market.other-job', { path, id, what, have, want });
  };
  expect('program hash', toHex(hashes.program), toHex(terms.program));
  expect('genesis root', toHex(hashes.genesisRoot), toHex(terms.genesis));
  expect('number of steps', steps, terms.steps);
  expect('checkpoint interval', checkpointEvery, 2 ** terms.checkpointLog2);
  if (!equalHashes(hashes.job, jobHash)) expect('job hash', toHex(hashes.job), toHex(jobHash));
}

function about(job: PostedJob, quote: StakeQuote) {
  return {
    job: job.id,
    jobHash: toHex(job.jobHash),
    termsHash: toHex(job.termsHash),
    terms: termsDocument(job.terms),
    quote: quoteDocument(quote),
  };
}

function report(job: PostedJob, quote: StakeQuote, sent: Sent, path: string): Outcome {
  const { id, solver, bond, deadline, jobHash, termsHash } = job;
  return {
    result: { state: 'sent', ...about(job, quote), solver, bond, deadline, transactions: [sentDocument(sent)] },
    text: facts([
      ['job', String(id)],
      ['job hash', toHex(jobHash)],
      ['terms hash', toHex(termsHash)],
      ['solver', solver],
      ['bond', ether(bond)],
      ['claim until', moment(deadline, deadline - job.terms.trainTime)],
      ...sentRows(sent),
    ]),
    next: `gensyn train ${path} --out runs/job-${id} && gensyn settle claim runs/job-${id} --job-id ${id}`,
  };
}
