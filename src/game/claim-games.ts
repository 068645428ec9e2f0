/** All games of one claim: the first that the solver loses makes the claim fall and freezes the others. */
import { applyMove } from './apply-move.js';
import type { Game, Move, Refusal } from './game.js';
import { type Claim, type Opening, openGame } from './open-game.js';

export interface ClaimGames {
  readonly claim: Claim;
  readonly games: readonly Game[];
}

export type ClaimResult = { readonly after: ClaimGames } | { readonly refused: Refusal };

/** Opens another game; its number is its place in the list. */
export function openGameOf(before: ClaimGames, rules: Game['rules'], opening: Opening, now: number): ClaimResult {
  const result = openGame(rules, before.claim, opening, now);
  return 'refused' in result ? result : { after: { ...before, games: [...before.games, result.game] } };
}

/** Makes a move in one of the games. After a fall nobody moves and nobody times out any more (protocol H7). */
export function applyMoveOf(before: ClaimGames, at: number, move: Move, now: number): ClaimResult {
  const game = before.games[at];
  if (game === undefined) return { refused: { code: 'BadIndex', have: at, want: before.games.length } };
  const result = applyMove(game, move, now);
  if ('refused' in result) return result;
  const games = before.games.with(at, result.game);
  if (result.game.status !== 'claim-fell') return { after: { ...before, games } };
  return { after: { claim: { ...before.claim, status: 'fallen' }, games: games.map(freeze) } };
}

function freeze(game: Game): Game {
  return game.status === 'live' ? { ...game, status: 'frozen' } : game;
}
