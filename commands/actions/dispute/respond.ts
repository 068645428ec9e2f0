/** The core of `gensyn dispute respond`. */
import { newestBlock } from '../../../src/chain/game-blocks.js';
import { type ChainGame, readGame } from '../../../src/chain/games.js';
import { outcomeOf } from '../../../src/chain/play.js';
import { secondsLeft, takeTurn } from '../../../src/chain/play-turn.js';
import { EXIT_CODES, OUTCOME_CODES } from '../../../src/errors/index.js';
import type { Side } from '../../../src/game/game.js';
import type { RunExecution } from '../../../src/game/run-execution.js';
import type { Bundle } from '../../../src/job/bundle.js';
import type { LoadedRun } from '../../../src/verify/load-run.js';
import type { Action, Outcome } from '../../context.js';
import type { ReplayOptions, RespondOptions } from '../../dispute/play.js';
import { marketOf, senderOf } from '../settle/access.js';
import { dryRunOutcome, sentDocument, sentRows } from '../settle/stake.js';
import { facts } from '../table.js';
import { exitCodeOf, stateText } from './event-text.js';
import { challengersExecution, openMaterial, sideOf, solversExecution } from './player.js';

export const respond: Action<RespondOptions> = async (options, invocation) => {
  const market = await marketOf(options, invocation);
  const { bundle, run } = await openMaterial(options, invocation);
  const game = await readGame(market, options.game, bundle);
  const sender = await senderOf(market.connection, options, invocation);
  const side = sideOf(game, sender.address);
  if (game.game.status !== 'live') return over(game, side, bundle);
  invocation.progress.phase('working out the move');
  const execution = await executionOf(side, game, bundle, run, options);
  if (execution === null) return idle(game, bundle, UNPROVEN, OUTCOME_CODES.inconclusive);
  try {
    const turn = await takeTurn({ market, sender, side, execution, game });
    if (turn.did === 'wait') return idle(game, bundle, 'it is the other side’s turn', OUTCOME_CODES.inconclusive);
    if (turn.did === 'nothing') {
      const isLate = game.game.turn === side && secondsLeft(game, (await newestBlock(market.connection)).time) < 0;
      return idle(game, bundle, turn.why, isLate ? EXIT_CODES.deadline : OUTCOME_CODES.inconclusive);
    }
    const { sent, move } = turn;
    if (sent.kind === 'dry-run') return dryRunOutcome([sent], [], { game: game.id, move });
    const after = await readGame(market, game.id, bundle);
    return {
      result: { state: 'sent', game: game.id, move, status: after.game.status, transactions: [sentDocument(sent)] },
      text: facts([['move', move], ['game', stateText(after, bundle)], ...sentRows(sent)]),
    };
  } finally {
    await execution.dispose();
  }
};

/** Why a challenger does not move: his data is not what the game begins with. */
export const UNPROVEN = 'the data here is not what the game begins with, so that it proves nothing';

/** The execution of a side; null for a challenger whose data proves nothing. */
export function executionOf(
  side: Side,
  game: ChainGame,
  bundle: Bundle,
  run: LoadedRun | null,
  options: ReplayOptions,
): Promise<RunExecution | null> {
  if (side === 'solver') return solversExecution(game.claim, run, options);
  return challengersExecution(game, bundle, run, options);
}

function idle(game: ChainGame, bundle: Bundle, why: string, exitCode: number): Outcome {
  return {
    result: { state: 'nothing', game: game.id, why, status: game.game.status, turn: game.game.turn },
    text: `game ${game.id}: ${stateText(game, bundle)}\nNothing was sent: ${why}.`,
    exitCode,
  };
}

function over(game: ChainGame, side: Side, bundle: Bundle): Outcome {
  const outcome = outcomeOf(game, side);
  return {
    result: { state: 'over', game: game.id, side, result: outcome.result, ending: game.game.ending },
    text: `game ${game.id}: ${stateText(game, bundle)}`,
    exitCode: exitCodeOf(outcome),
  };
}
