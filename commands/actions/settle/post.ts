/** The core of `gensyn settle post`. */
import { formatUnits, parseEther, parseEventLogs, parseUnits } from 'viem';
import { gameAbi } from '../../../contracts/generated/game.js';
import type { Call } from '../../../src/chain/call.js';
import { type Market, type PostedJob, readJob } from '../../../src/chain/market.js';
import { postCall } from '../../../src/chain/market-calls.js';
import { stakeQuote } from '../../../src/chain/quote.js';
import { mustBeSent, type Sender, type Sent } from '../../../src/chain/sender.js';
import { ETHER, jobHashOfTerms, type Terms } from '../../../src/chain/terms.js';
import { brokenTerms, clientDoubts } from '../../../src/chain/terms-check.js';
import { approveCall, readAllowance, readToken, type Token } from '../../../src/chain/token.js';
import { toHex } from '../../../src/commitments/hash.js';
import { fail } from '../../../src/errors/index.js';
import type { Bundle } from '../../../src/job/bundle.js';
import type { Action, Invocation, Outcome } from '../../context.js';
import type { PostOptions } from '../../settle/client.js';
import { openJob } from '../open-job.js';
import { facts } from '../table.js';
import { addressOf, blockTimeOf, headOf, marketOf, readBack, senderOf } from './access.js';
import { agree, declined, dryRunOutcome, quoteDocument, quoteRows, sentDocument, sentRows } from './stake.js';
import { termRows, termsDocument } from './terms-text.js';
import { ether, tokens } from './text.js';

/** Rewards and bonds have 128 bits. */
const MAX_AMOUNT = 2n ** 128n - 1n;

export const post: Action<PostOptions> = async (options, invocation) => {
  const bundle = await openJob(options.job, {}, invocation);
  const market = await marketOf(options, invocation);
  const { connection } = market;
  const token = await readToken(connection, options.token === undefined ? ETHER : addressOf('--token', options.token));
  const { time } = await headOf(connection);
  const terms = termsFrom(bundle, options, token, time);
  const [bad] = brokenTerms(market.limits, terms, time);
  if (bad !== undefined) throw fail('market.bad-terms', { ...bad });
  for (const doubt of clientDoubts(terms, blockTimeOf(connection))) invocation.warn(doubt);
  const sender = await senderOf(connection, options, invocation);
  const approvals = await approvalsFor(market, sender, token, terms);
  const quote = await stakeQuote(market, 'client', { terms }, time);
  // A post that needs an approval can only be simulated after it.
  const prepared = await sender.prepare(approvals[0] ?? postCall(market, terms));
  const rows = [...termRows(terms, token, time), ...quoteRows(quote)];
  if (!(await agree(invocation, options, `Post the job for ${tokens(terms.reward, token)}?`, rows))) return declined();
  const about = { jobHash: toHex(jobHashOfTerms(terms)), terms: termsDocument(terms), quote: quoteDocument(quote) };
  if (options.dryRun === true) return dryRunOutcome([prepared], rows, about);
  const sent: Sent[] = [];
  for (const call of [...approvals, postCall(market, terms)]) sent.push(mustBeSent(await sender.send(call)));
  return report(market, token, terms, sent, about, invocation);
};

function termsFrom(bundle: Bundle, options: PostOptions, token: Token, now: number): Terms {
  const { window, clock, trainTime } = options;
  return {
    program: bundle.hashes.program,
    genesis: bundle.hashes.genesisRoot,
    token: token.address,
    steps: bundle.steps,
    window,
    clock,
    reward: amountOf('--reward', options.reward, token.decimals, parseUnits),
    minBond: amountOf('--min-bond', options.minBond, 18, (text) => parseEther(text)),
    trainTime,
    openUntil: now + options.openUntil,
    checkpointLog2: Math.log2(bundle.checkpointEvery),
  };
}

/** An amount in the smallest unit. Digits that a token does not have are refused, not rounded away. */
function amountOf(
  flag: string,
  text: string,
  decimals: number,
  parse: (text: string, decimals: number) => bigint,
): bigint {
  const refuse = (reason: string) => fail('command.invalid-answer', { flag, given: text, reason });
  if ((text.split('.')[1] ?? '').length > decimals) throw refuse(`at most ${decimals} digits can follow the point`);
  const value = parse(text, decimals);
  if (value <= MAX_AMOUNT) return value;
  throw refuse(`at most ${formatUnits(MAX_AMOUNT, decimals)} can be offered`);
}

/** What must be sent before a token can be taken as a reward: some take no new allowance over an old one. */
async function approvalsFor(market: Market, sender: Sender, token: Token, { reward }: Terms): Promise<Call[]> {
  if (token.address === ETHER || reward === 0n) return [];
  const { connection, address: spender } = market;
  const { balance, allowance } = await readAllowance(connection, token.address, sender.address, spender);
  if (balance < reward) {
    const [have, want] = [tokens(balance, token), tokens(reward, token)];
    throw fail('market.not-enough-tokens', { account: sender.address, have, want });
  }
  if (allowance >= reward) return [];
  const clear = allowance === 0n ? [] : [approveCall(token, spender, 0n)];
  return [...clear, approveCall(token, spender, reward)];
}

async function report(
  market: Market,
  token: Token,
  terms: Terms,
  sent: readonly Sent[],
  about: Readonly<Record<string, unknown>>,
  invocation: Invocation,
): Promise<Outcome> {
  const last = sent.at(-1)!;
  const [posted] = parseEventLogs({ abi: gameAbi, eventName: 'Posted', logs: [...last.logs] });
  if (posted === undefined) throw new Error('the transaction that posted the job tells of no job');
  const job = await readBack(invocation, () => readJob(market, posted.args.job, last.block));
  if (job.terms.reward !== terms.reward) {
    invocation.warn(
      `only ${tokens(job.terms.reward, token)} arrived, which is what is offered: the token keeps a part`,
    );
  }
  return {
    result: {
      state: 'sent',
      job: job.id,
      client: job.client,
      termsHash: toHex(job.termsHash),
      ...about,
      transactions: sent.map(sentDocument),
    },
    text: facts([...jobRows(job, token), ...sentRows(last)]),
    next: `gensyn settle status ${job.id}`,
  };
}

function jobRows({ id, jobHash, termsHash, terms }: PostedJob, token: Token): readonly (readonly [string, string])[] {
  return [
    ['job', String(id)],
    ['job hash', toHex(jobHash)],
    ['terms hash', toHex(termsHash)],
    ['reward', tokens(terms.reward, token)],
    ['least bond', ether(terms.minBond)],
  ];
}
