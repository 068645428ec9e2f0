/** One look at a game, and at most one move in it. A player keeps nothing: the chain says where the game stands. */
import { type ErrorCode, type GensynError, isGensynError } from '../errors/index.js';
import { elapsed } from '../game/apply-move.js';
import type { Execution } from '../game/execution.js';
import type { Move, Side } from '../game/game.js';
import { type Decision, strategy } from '../game/strategy.js';
import { nextBlockTime } from './game-blocks.js';
import { moveCall } from './game-calls.js';
import type { ChainGame } from './games.js';
import type { Market } from './market.js';
import type { DryRun, Sender, Sent } from './sender.js';

/** `observe` only tells, `defend` plays. */
export type Mode = 'observe' | 'defend';

/** What a player tells of his game. */
export type PlayEvent =
  /** The game as it is first seen, and whenever it has changed. */
  | { readonly kind: 'position'; readonly game: ChainGame }
  | { readonly kind: 'sent'; readonly game: ChainGame; readonly move: Move['kind']; readonly sent: Sent | DryRun }
  /** Less than a quarter of a side's clock is left, and it runs. */
  | { readonly kind: 'clock-low'; readonly game: ChainGame; readonly side: Side; readonly seconds: number }
  /** It is this side's turn and there is nothing that it can say. */
  | { readonly kind: 'stuck'; readonly game: ChainGame; readonly why: string }
  /** A move did not go through; the game is read again. */
  | { readonly kind: 'again'; readonly gameId: bigint; readonly reason: string };

/** What came of a turn. */
export type Turn =
  | { readonly did: 'sent'; readonly move: Move['kind']; readonly sent: Sent | DryRun }
  | { readonly did: 'wait' }
  | { readonly did: 'nothing'; readonly why: string };

export interface TurnParameters {
  readonly market: Market;
  readonly sender: Sender;
  readonly side: Side;
  readonly execution: Execution;
  readonly game: ChainGame;
}

/**
 * Makes the side's move where there is one.
 *
 * @throws what the sender throws; see {@link isPassing}
 */
export async function takeTurn({ market, sender, side, execution, game }: TurnParameters): Promise<Turn> {
  const decision = await decide(market, { side, execution, game });
  if (decision.do === 'wait') return { did: 'wait' };
  if (decision.do === 'nothing') return { did: 'nothing', why: decision.why };
  const { move } = decision;
  return { did: 'sent', move: move.kind, sent: await sender.send(moveCall(market, game.id, move)) };
}

/**
 * What the side would do. Whether its own time is up is judged by the newest block, which is never ahead of the next;
 * whether the other side's is, by the next block's time.
 */
export async function decide(
  { connection }: Market,
  { side, execution, game }: Pick<TurnParameters, 'side' | 'execution' | 'game'>,
): Promise<Decision> {
  const isOwn = game.game.turn === side;
  const now = isOwn ? game.block.time : await nextBlockTime(connection, game.block);
  return strategy({ side, game: game.game, execution, now });
}

/** Seconds that the side on move has left at a time; negative once it is late. */
export function secondsLeft({ game }: Pick<ChainGame, 'game'>, now: number): number {
  return game.left[game.turn] - elapsed(game, now);
}

/** True where the side on move has used three quarters of its clock. */
export function isClockLow(game: ChainGame, now: number): boolean {
  return game.game.status === 'live' && secondsLeft(game, now) < game.game.rules.clock / 4;
}

/** The contract's errors with which a move was only too early, too late, or for a position that has passed. */
const PASSED = new Set(['Stale', 'WrongTurn', 'NotLive', 'TooEarly', 'Late']);

const PASSING: ReadonlySet<string> = new Set<ErrorCode>([
  'chain.rpc-unreachable',
  'chain.rpc-failed',
  'chain.invalid-answer',
  'chain.fate-unknown',
  'chain.insufficient-funds',
  'chain.reverted',
  'chain.transaction-failed',
  'chain.nonce-used',
  'chain.not-mined',
  'dispute.inconsistent',
]);

/**
 * Troubles that cost nothing and may end while the clock runs, so that none is a reason to leave a game: nodes behind one
 * address lag behind each other and refuse blocks that others know; fees fall again, and empty accounts are filled.
 */
const HARMLESS: ReadonlySet<string> = new Set<ErrorCode>([
  'chain.rpc-unreachable',
  'chain.rpc-failed',
  'chain.invalid-answer',
  'chain.fate-unknown',
  'chain.insufficient-funds',
  'dispute.inconsistent',
]);

/**
 * True for failures after which the game is read again: the node was lost or confused, the position changed meanwhile, the
 * account could not pay, or the transaction did not make it.
 */
export function isPassing(error: unknown): error is GensynError {
  return isGensynError(error) && PASSING.has(error.code);
}

/** True for those that say nothing against the move: they may happen any number of times. */
export function isHarmless({ code, data }: GensynError): boolean {
  return HARMLESS.has(code) || (code === 'chain.reverted' && PASSED.has(String(data['name'])));
}
