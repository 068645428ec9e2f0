/** The game as a pure function: what every move makes of a game, or why it is refused. Twin of the contract. */
import { equalHashes, type Hash, toHex } from '../commitments/hash.js';
import { gameHash, PHASES } from './context.js';
import type { Game, Move, MoveResult, ProveMove, RefuteMove, RevealMove, SelectMove, Side } from './game.js';
import { listFolds, proofHolds } from './judge.js';
import { enterLevel, settleList } from './reveal.js';
import { nodesOfList } from './revealed-nodes.js';
import { orRefusal, revert } from './revert.js';
import { narrow } from './select.js';
import { isMove } from './well-formed.js';

/**
 * Makes a move at a time in seconds. Never throws and never changes the game that is passed; a move that breaks a rule is
 * refused with both sides, whatever it contains.
 */
export function applyMove(game: Game, move: Move, now: number): MoveResult {
  return orRefusal<MoveResult>(() => {
    if (!isMove(move) || !Number.isSafeInteger(now)) throw revert('Malformed');
    if (game.status === 'claim-fell' || game.status === 'frozen') throw revert('NotLive', game.status, 'live');
    if (game.status === 'challenger-lost') throw revert('WrongTurn', 'nobody', game.turn);
    return { game: move.kind === 'timeout' ? timeOut(game, now) : play(game, move, now) };
  });
}

function play(game: Game, move: Exclude<Move, { kind: 'timeout' }>, now: number): Game {
  switch (move.kind) {
    case 'reveal':
      return reveal(game, move, now);
    case 'select':
      return select(game, move, now);
    case 'refute':
      return refute(game, move, now);
    case 'prove':
      return prove(game, move, now);
  }
}

/** Seconds since the last move; a clock that goes backwards counts as one that stands. */
export function elapsed(game: Game, now: number): number {
  return Math.max(0, now - game.last);
}

function reveal(game: Game, move: RevealMove, now: number): Game {
  requireTurn(game, 'solver', move.from);
  const timed = spend(game, now);
  requireFresh(game, gameHash(move.context));
  const context = settleList(enterLevel(game.rules, move.context, move.aid), move.list);
  const revealed = [...game.revealed, ...nodesOfList(context, move.list)];
  return { ...timed, turn: 'challenger', context, list: move.list, revealed, h: gameHash(context, move.list) };
}

function select(game: Game, move: SelectMove, now: number): Game {
  requireTurn(game, 'challenger', move.from);
  const timed = spend(game, now);
  requireFresh(game, gameHash(move.context, move.list));
  const context = narrow(move.context, move.list, move.index);
  return { ...timed, turn: 'solver', moves: game.moves + 1, context, list: [], h: gameHash(context) };
}

function refute(game: Game, move: RefuteMove, now: number): Game {
  requireTurn(game, 'challenger');
  const timed = spend(game, now);
  requireFresh(game, gameHash(move.context, move.list));
  if (move.context.phase !== PHASES.tensor) throw revert('WrongPhase', move.context.phase);
  if (listFolds(move.context, move.list)) throw revert('Folds');
  return { ...timed, status: 'claim-fell', ending: 'refuted' };
}

function prove(game: Game, move: ProveMove, now: number): Game {
  requireTurn(game, 'solver');
  const timed = spend(game, now);
  requireFresh(game, gameHash(move.context));
  if (move.context.phase !== PHASES.prove) throw revert('WrongPhase', move.context.phase);
  return { ...timed, status: proofHolds(move) ? 'challenger-lost' : 'claim-fell', ending: 'proved' };
}

function timeOut(game: Game, now: number): Game {
  const spent = elapsed(game, now);
  if (spent <= game.left[game.turn]) throw revert('TooEarly', spent, game.left[game.turn]);
  return { ...game, status: game.turn === 'solver' ? 'claim-fell' : 'challenger-lost', ending: 'timeout' };
}

function requireTurn(game: Game, want: Side, from: Move['from'] = want): void {
  if (game.turn !== want) throw revert('WrongTurn', game.turn, want);
  if (from !== want) throw revert('WrongSender', from, want);
}

/** Takes the time since the last move from the clock of the side on move. */
function spend(game: Game, now: number): Game {
  const spent = elapsed(game, now);
  const left = game.left[game.turn];
  if (spent > left) throw revert('Late', spent, left);
  return { ...game, left: { ...game.left, [game.turn]: left - spent }, last: Math.max(game.last, now) };
}

// INVARIANT: a move answers exactly the position it was made for, also after a reorganisation of the chain.
function requireFresh(game: Game, have: Hash): void {
  if (!equalHashes(have, game.h)) throw revert('Stale', toHex(have), toHex(game.h));
}
