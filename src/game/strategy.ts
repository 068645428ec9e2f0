/**
 * What a player does next: a function of the game, his execution and the time, and of nothing he remembers. A player who
 * was stopped in mid-game reads the game again and goes on.
 */
import { applyMove, elapsed } from './apply-move.js';
import { answerTo } from './challenger.js';
import { PHASES } from './context.js';
import type { Execution } from './execution.js';
import type { Game, Move, Side } from './game.js';
import { proofOf, revealOf } from './solver.js';

export type Decision =
  | { readonly do: 'move'; readonly move: Move }
  /** Nothing is to be done before a time in seconds, if the other side does nothing. */
  | { readonly do: 'wait'; readonly until: number }
  | { readonly do: 'nothing'; readonly why: string };

export interface StrategyParameters {
  readonly side: Side;
  readonly game: Game;
  readonly execution: Execution;
  /** Seconds. */
  readonly now: number;
}

/** The next move of a side. A move that the rules would refuse is never proposed. */
export async function strategy(parameters: StrategyParameters): Promise<Decision> {
  const { side, game, now } = parameters;
  if (game.status !== 'live') return { do: 'nothing', why: `the game is over: ${game.status}` };
  const isOutOfTime = elapsed(game, now) > game.left[game.turn];
  if (game.turn !== side) {
    if (isOutOfTime) return { do: 'move', move: { kind: 'timeout', from: side } };
    return (await proofAgainstSolver(parameters)) ?? { do: 'wait', until: game.last + game.left[game.turn] + 1 };
  }
  if (isOutOfTime) return { do: 'nothing', why: 'the clock has run out' };
  return side === 'solver' ? solverMove(parameters) : challengerMove(parameters);
}

async function solverMove({ game, execution, now }: StrategyParameters): Promise<Decision> {
  const isProof = game.context.phase === PHASES.prove;
  const move = isProof ? await proofOf(game, execution, 'solver') : await revealOf(game, execution);
  if ('refused' in move) return { do: 'nothing', why: `no answer exists: ${move.refused.code}` };
  const result = applyMove(game, move, now);
  if ('refused' in result) return { do: 'nothing', why: `no answer exists: ${result.refused.code}` };
  // A solver whose own proof convicts him has nothing to gain by giving it.
  if (result.game.status === 'claim-fell')
    return { do: 'nothing', why: 'the instruction does not give what is claimed' };
  return { do: 'move', move };
}

async function challengerMove({ game, execution }: StrategyParameters): Promise<Decision> {
  const move = await answerTo(game, execution);
  return move === null ? { do: 'nothing', why: 'the claim agrees with this execution' } : { do: 'move', move };
}

/**
 * The burden of proof is the solver's; a challenger gives the proof himself, with the solver's own siblings where the trees
 * of temporaries differ (protocol H5).
 */
async function proofAgainstSolver({ side, game, execution, now }: StrategyParameters): Promise<Decision | null> {
  if (side !== 'challenger' || game.context.phase !== PHASES.prove) return null;
  const move = await proofOf(game, execution, 'challenger');
  const result = applyMove(game, move, now);
  return 'game' in result && result.game.status === 'claim-fell' ? { do: 'move', move } : null;
}
