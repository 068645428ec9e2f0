/** The core of `gensyn dispute watch`. */
import { readGame } from '../../../src/chain/games.js';
import { type GuardOutcome, guard } from '../../../src/chain/guard.js';
import type { Market } from '../../../src/chain/market.js';
import { collectIfDue, type GameOutcome, outcomeOf, play, Table } from '../../../src/chain/play.js';
import type { Sender } from '../../../src/chain/sender.js';
import { EXIT_CODES, OUTCOME_CODES } from '../../../src/errors/index.js';
import type { Bundle } from '../../../src/job/bundle.js';
import type { Action, Invocation, Outcome } from '../../context.js';
import type { WatchOptions } from '../../dispute/play.js';
import { marketOf, senderOf } from '../settle/access.js';
import { sentDocument } from '../settle/stake.js';
import { exitCodeOf, stateText, teller } from './event-text.js';
import { observe } from './observe.js';
import { openMaterial, requireOwnClaim, solversExecution } from './player.js';
import { executionOf, UNPROVEN } from './respond.js';

const NOBODY = '0x0000000000000000000000000000000000000000';

export const watch: Action<WatchOptions> = async (options, invocation) => {
  const market = await marketOf(options, invocation);
  if (options.claim !== undefined) return guardClaim(market, options.claim, options, invocation);
  if (options.game !== undefined) return playGame(market, options.game, options, invocation);
  return observe(market, options, invocation);
};

async function guardClaim(
  market: Market,
  claimId: bigint,
  options: WatchOptions,
  invocation: Invocation,
): Promise<Outcome> {
  const { bundle, run } = await openMaterial(options, invocation);
  const claim = await requireOwnClaim(market, claimId, run!);
  const sender = await watcher(market, options, invocation);
  const execution = await solversExecution(claim, run, options);
  try {
    const outcome = await guard({
      ...{ market, sender, claimId, execution, mode: options.mode, pollEvery: 1000 * options.poll },
      ...{ finalize: options.finalize === true, once: options.once === true, signal: invocation.signal },
      onEvent: teller(invocation, bundle),
    });
    return guardOutcome(outcome);
  } finally {
    await execution.dispose();
  }
}

function guardOutcome({ claim, state, games }: GuardOutcome): Outcome {
  const hasMissed = games.some(({ isDeadlineMissed }) => isDeadlineMissed);
  const lost = hasMissed ? EXIT_CODES.deadline : OUTCOME_CODES.negativeVerdict;
  const ended = games.map(({ game, result }) => ({ game: game.id, result, ending: game.game.ending }));
  return {
    result: { state, claim: claim.id, open: claim.open, games: ended },
    text: `claim ${claim.id}: ${STATE_TEXT[state]}; ${games.length} games ended meanwhile`,
    exitCode: state === 'fallen' ? lost : OUTCOME_CODES.done,
  };
}

const STATE_TEXT = {
  final: 'final',
  fallen: 'fallen',
  standing: 'its window has passed undisputed, and anybody may finalize it',
  watching: 'live',
} as const;

async function playGame(
  market: Market,
  gameId: bigint,
  options: WatchOptions,
  invocation: Invocation,
): Promise<Outcome> {
  const { bundle, run } = await openMaterial(options, invocation);
  const game = await readGame(market, gameId, bundle);
  const sender = await watcher(market, options, invocation);
  const execution = await executionOf('challenger', game, bundle, run, options);
  if (execution === null) {
    const text = `game ${gameId}: ${UNPROVEN}.`;
    return { result: { state: 'nothing', game: gameId, why: UNPROVEN }, text, exitCode: OUTCOME_CODES.inconclusive };
  }
  const parameters = {
    ...({ market, sender, side: 'challenger', gameId, execution, mode: options.mode } as const),
    ...{ pollEvery: 1000 * options.poll, signal: invocation.signal, onEvent: teller(invocation, bundle) },
  };
  try {
    if (options.once !== true) return await ended(market, sender, await play(parameters), options, bundle);
    const table = new Table(parameters);
    if ((await table.look()) === null && table.failure !== null) throw table.failure;
    const after = await readGame(market, gameId, bundle);
    if (after.game.status !== 'live')
      return await ended(market, sender, outcomeOf(after, 'challenger'), options, bundle);
    const text = `game ${gameId}: ${stateText(after, bundle)}`;
    return { result: { state: 'watching', game: gameId, turn: after.game.turn }, text };
  } finally {
    await execution.dispose();
  }
}

async function ended(
  market: Market,
  sender: Sender,
  outcome: GameOutcome,
  { mode }: WatchOptions,
  bundle: Bundle,
): Promise<Outcome> {
  const { game, result } = outcome;
  const collected = mode === 'defend' ? await collectIfDue(market, sender, game) : null;
  const transactions = collected?.kind === 'sent' ? [sentDocument(collected)] : [];
  const tail = transactions.length === 0 ? '' : '\nBond and share are credited; `gensyn settle withdraw` sends them.';
  return {
    result: { state: 'over', game: game.id, result, ending: game.game.ending, transactions },
    text: `game ${game.id}: ${result}; ${stateText(game, bundle)}${tail}`,
    exitCode: exitCodeOf(outcome),
  };
}

/** The account that plays. Who only looks on needs none, and could not send with it. */
async function watcher(market: Market, options: WatchOptions, invocation: Invocation): Promise<Sender> {
  if (options.mode === 'defend') return senderOf(market.connection, options, invocation);
  const refuse = (): Promise<never> => Promise.reject(new Error('an observer sends nothing'));
  return { address: NOBODY, prepare: refuse, send: refuse };
}
