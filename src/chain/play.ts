/**
 * Plays one side of a game until it is over. Nothing is kept but what the chain and the run on disk hold, so that a player
 * who was stopped, cut off or overtaken reads the game again and goes on.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { fail, type GensynError } from '../errors/index.js';
import type { Execution } from '../game/execution.js';
import type { Side } from '../game/game.js';
import { newestBlock } from './game-blocks.js';
import { collectCall } from './game-calls.js';
import { type ChainGame, readGame } from './games.js';
import type { Market } from './market.js';
import { isClockLow, isHarmless, isPassing, type Mode, type PlayEvent, secondsLeft, takeTurn } from './play-turn.js';
import type { DryRun, Sender, Sent } from './sender.js';

export interface PlayParameters {
  readonly market: Market;
  readonly sender: Sender;
  readonly side: Side;
  readonly gameId: bigint;
  readonly execution: Execution;
  readonly mode: Mode;
  /** Milliseconds between looks. */
  readonly pollEvery: number;
  onEvent?(event: PlayEvent): void;
  readonly signal?: AbortSignal;
}

export interface GameOutcome {
  readonly game: ChainGame;
  /** `frozen`: another game brought the claim down, which is no loss for a challenger. */
  readonly result: 'won' | 'lost' | 'frozen';
  /** Lost because this side's own clock ran out. */
  readonly isDeadlineMissed: boolean;
}

/** Failures of one position before a player gives up. */
const MAX_FAILURES = 8;

/**
 * Plays until the game is over.
 *
 * @throws `dispute.not-a-side`, `dispute.no-progress`, the signal's reason
 */
export async function play(parameters: PlayParameters): Promise<GameOutcome> {
  const { side, pollEvery, signal } = parameters;
  const table = new Table(parameters);
  for (;;) {
    signal?.throwIfAborted();
    const game = await table.look();
    if (game !== null && game.game.status !== 'live') return outcomeOf(game, side);
    await pause(pollEvery, undefined, signal === undefined ? {} : { signal });
  }
}

/** One game that a player sits at. What it remembers saves work and messages, and decides nothing. */
export class Table {
  readonly #parameters: PlayParameters;
  #game: ChainGame | null = null;
  #told = '';
  #stuckAt = '';
  #failures = 0;
  #failure: GensynError | null = null;

  constructor(parameters: PlayParameters) {
    this.#parameters = parameters;
  }

  /** Why the last look came to nothing; null where it did not. */
  get failure(): GensynError | null {
    return this.#failure;
  }

  /** Reads the game where the chain has moved, and moves where it is time. Null where nothing could be learnt. */
  async look(): Promise<ChainGame | null> {
    this.#failure = null;
    try {
      const game = await this.#read();
      this.#tell(game);
      if (game.game.status === 'live' && this.#parameters.mode === 'defend') await this.#turn(game);
      return game;
    } catch (error) {
      this.#failed(error);
      return null;
    }
  }

  async #read(): Promise<ChainGame> {
    const { market, gameId, execution } = this.#parameters;
    if (this.#game !== null && (await newestBlock(market.connection)).hash === this.#game.block.hash) return this.#game;
    this.#game = await readGame(market, gameId, execution.bundle);
    requireSide(this.#game, this.#parameters);
    return this.#game;
  }

  async #turn(game: ChainGame): Promise<void> {
    const key = positionKey(game);
    // An execution gives the same answer to the same position.
    if (key === this.#stuckAt && game.game.turn === this.#parameters.side) return;
    const turn = await takeTurn({ ...this.#parameters, game });
    if (turn.did === 'wait') return;
    if (turn.did === 'nothing') {
      this.#stuckAt = key;
      this.#parameters.onEvent?.({ kind: 'stuck', game, why: turn.why });
      return;
    }
    this.#game = null;
    this.#failures = 0;
    this.#parameters.onEvent?.({ kind: 'sent', game, move: turn.move, sent: turn.sent });
  }

  #tell(game: ChainGame): void {
    const { onEvent } = this.#parameters;
    const key = positionKey(game);
    if (!this.#told.startsWith(key)) {
      this.#told = key;
      onEvent?.({ kind: 'position', game });
    }
    if (this.#told !== key || !isClockLow(game, game.block.time)) return;
    this.#told = `${key} low`;
    onEvent?.({ kind: 'clock-low', game, side: game.game.turn, seconds: secondsLeft(game, game.block.time) });
  }

  #failed(error: unknown): void {
    const { gameId, onEvent } = this.#parameters;
    if (!isPassing(error)) throw error;
    this.#game = null;
    this.#failure = error;
    if (!isHarmless(error)) this.#failures++;
    if (this.#failures >= MAX_FAILURES)
      throw fail('dispute.no-progress', { id: gameId, times: MAX_FAILURES, reason: error.message }, { cause: error });
    onEvent?.({ kind: 'again', gameId, reason: error.message });
  }
}

/** What came of a game that is over, for one side. */
export function outcomeOf(game: ChainGame, side: Side): GameOutcome {
  const { status, ending, turn } = game.game;
  const winner: Side = status === 'challenger-lost' ? 'solver' : 'challenger';
  // To a solver the fall of the claim is the loss, whichever game brought it.
  const result = status === 'frozen' && side === 'challenger' ? 'frozen' : winner === side ? 'won' : 'lost';
  return { game, result, isDeadlineMissed: result === 'lost' && ending === 'timeout' && turn === side };
}

/** Pays bond and share to the challenger where the claim has fallen; null where that is done or there is nothing. */
export async function collectIfDue(market: Market, sender: Sender, game: ChainGame): Promise<Sent | DryRun | null> {
  const isDue = ['claim-fell', 'frozen'].includes(game.game.status) && !game.isCollected;
  return isDue ? sender.send(collectCall(market, game.id)) : null;
}

function requireSide(game: ChainGame, { side, sender, mode }: PlayParameters): void {
  const { id, challenger, claim } = game;
  const { solver } = claim;
  const account = sender.address;
  if (mode === 'observe' || account.toLowerCase() === (side === 'solver' ? solver : challenger).toLowerCase()) return;
  throw fail('dispute.not-a-side', { id, account, solver, challenger });
}

function positionKey({ game }: ChainGame): string {
  return `${game.status} ${game.turn} ${game.last} ${Buffer.from(game.h).toString('hex')}`;
}
