/** The cores of `gensyn settle finalize | collect | withdraw | cancel | expire`: one call each, simulated before it is sent. */
import { decodeFunctionResult } from 'viem';
import { gameAbi } from '../../../contracts/generated/game.js';
import type { Call } from '../../../src/chain/call.js';
import { collectCall } from '../../../src/chain/game-calls.js';
import type { Market } from '../../../src/chain/market.js';
import { cancelCall, expireCall, finalizeCall, withdrawCall } from '../../../src/chain/market-calls.js';
import type { Sender, Sent } from '../../../src/chain/sender.js';
import { ETHER } from '../../../src/chain/terms.js';
import { readToken } from '../../../src/chain/token.js';
import { isGensynError, OUTCOME_CODES } from '../../../src/errors/index.js';
import type { Action, Invocation, Outcome } from '../../context.js';
import type { JobNumberOptions } from '../../settle/client.js';
import type { SendOptions } from '../../settle/options.js';
import type { CollectOptions, FinalizeOptions, WithdrawOptions } from '../../settle/solver.js';
import { facts } from '../table.js';
import { addressOf, headOf, marketOf, senderOf } from './access.js';
import { dryRunOutcome, sentDocument, sentRows } from './stake.js';
import { moment, tokens } from './text.js';

type Subject = Readonly<Record<string, unknown>>;

export const finalize: Action<FinalizeOptions> = (options, invocation) =>
  end(
    options,
    invocation,
    { claim: options.claim },
    (market) => finalizeCall(market, options.claim),
    'gensyn settle withdraw',
  );

export const collect: Action<CollectOptions> = (options, invocation) =>
  end(
    options,
    invocation,
    { game: options.game },
    (market) => collectCall(market, options.game),
    'gensyn settle withdraw',
  );

export const cancel: Action<JobNumberOptions> = (options, invocation) =>
  end(options, invocation, { job: options.job }, (market) => cancelCall(market, options.job), 'gensyn settle withdraw');

export const expire: Action<JobNumberOptions> = (options, invocation) =>
  end(options, invocation, { job: options.job }, (market) => expireCall(market, options.job));

export const withdraw: Action<WithdrawOptions> = async (options, invocation) => {
  const { market, sender } = await access(options, invocation);
  const receiver = options.to === undefined ? sender.address : addressOf('--to', options.to);
  const address = options.token === undefined ? ETHER : addressOf('--token', options.token);
  const token = await readToken(market.connection, address);
  const outcome = await sender.send(withdrawCall(market, address, receiver));
  const amount = decodeFunctionResult({ abi: gameAbi, functionName: 'withdraw', data: outcome.returned });
  const about = { token: address, to: receiver, amount };
  const rows = [
    ['amount', tokens(amount, token)],
    ['to', receiver],
  ] as const;
  if (outcome.kind === 'dry-run') return dryRunOutcome([outcome], rows, about);
  return done(about, outcome, rows);
};

async function end(
  options: SendOptions,
  invocation: Invocation,
  about: Subject,
  callOn: (market: Market) => Call,
  next?: string,
): Promise<Outcome> {
  const { market, sender } = await access(options, invocation);
  const call = callOn(market);
  try {
    const outcome = await sender.send(call);
    if (outcome.kind === 'dry-run') return dryRunOutcome([outcome], [], about);
    return { ...done(about, outcome, [['done', call.what]]), ...(next === undefined ? {} : { next }) };
  } catch (error) {
    const early = await notYet(error, market, call.what, about);
    if (early === null) throw error;
    return early;
  }
}

async function access(options: SendOptions, invocation: Invocation): Promise<{ market: Market; sender: Sender }> {
  const market = await marketOf(options, invocation);
  return { market, sender: await senderOf(market.connection, options, invocation) };
}

function done(about: Subject, sent: Sent, rows: readonly (readonly [string, string])[]): Outcome {
  return {
    result: { state: 'sent', ...about, transactions: [sentDocument(sent)] },
    text: facts([...rows, ...sentRows(sent)]),
  };
}

/** The contract's number for a claim that still stands. */
const LIVE = '1';

/** The outcome for a call whose time has not come; null where it never will, or something else is wrong. */
async function notYet(error: unknown, { connection }: Market, what: string, about: Subject): Promise<Outcome | null> {
  if (!isGensynError(error, 'chain.reverted')) return null;
  const { name, args } = error.data as { name?: unknown; args?: Readonly<Record<string, string>> };
  const early = (reason: string, from: number | null): Outcome => ({
    result: { state: 'too-early', ...about, from, reason },
    text: `Too early to ${what}: ${reason}. Nothing was sent.`,
    exitCode: OUTCOME_CODES.inconclusive,
  });
  if (name === 'TooEarly') {
    const from = Number(args?.['until']) + 1;
    const { time } = await headOf(connection);
    return early(`it can be done from ${moment(from, time)}`, from);
  }
  if (name === 'GamesOpen') return early(`open games of this claim: ${args?.['open']}`, null);
  return name === 'NotFallen' && args?.['status'] === LIVE ? early('the claim of this game still stands', null) : null;
}
