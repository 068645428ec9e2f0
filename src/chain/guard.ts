/** Guards a claim as its solver: plays every game against it until nobody can dispute it any more. */
import { setTimeout as pause } from 'node:timers/promises';
import { fail, type GensynError, isGensynError } from '../errors/index.js';
import type { Execution } from '../game/execution.js';
import { type BlockMark, newestBlock, nextBlockTime } from './game-blocks.js';
import { type GameSummary, listGames, requireJob } from './games.js';
import { type Market, type PostedClaim, readClaim, readJob } from './market.js';
import { finalizeCall } from './market-calls.js';
import { type GameOutcome, outcomeOf, Table } from './play.js';
import { isHarmless, isPassing, type Mode, type PlayEvent } from './play-turn.js';
import type { DryRun, Sender, Sent } from './sender.js';
import { LOCAL_CHAIN_ID } from './signer.js';

export type GuardEvent =
  | PlayEvent
  | { readonly kind: 'claim'; readonly claim: PostedClaim }
  /** The contract counts more open games than the node's events tell of, so that some cannot be answered. */
  | { readonly kind: 'unseen'; readonly claim: PostedClaim; readonly seen: number }
  /** Moves in one game fail for good; the others are played on. */
  | { readonly kind: 'given-up'; readonly gameId: bigint; readonly reason: string }
  | { readonly kind: 'finalized'; readonly sent: Sent | DryRun };

export interface GuardParameters {
  readonly market: Market;
  readonly sender: Sender;
  readonly claimId: bigint;
  /** The solver's own, from all his checkpoints. */
  readonly execution: Execution;
  readonly mode: Mode;
  readonly pollEvery: number;
  /** Finalize once the window has passed and no game is open. */
  readonly finalize: boolean;
  /** One look at every game, for a scheduler that calls again. */
  readonly once?: boolean;
  onEvent?(event: GuardEvent): void;
  readonly signal?: AbortSignal;
}

export interface GuardOutcome {
  readonly claim: PostedClaim;
  /** `standing`: the window has passed, no game is open, and anybody may finalize; `watching`: it goes on. */
  readonly state: 'final' | 'fallen' | 'standing' | 'watching';
  readonly games: readonly GameOutcome[];
}

/** Blocks that are looked at again for openings, since a chain may go back so far. */
const REORG_BLOCKS = 64n;
/**
 * Seconds after its window for which a claim is guarded on: a game that was opened in the last second may stand in a block
 * that the node does not show yet, or that a reorganisation of so many blocks of 12 s brings. A chain of one's own has none.
 */
const AFTERMATH = 12 * Number(REORG_BLOCKS);
const MAX_FAILURES = 8;
/** Looks in a row at which games are missing before it is told: claim and events are not read at one moment. */
const LOOKS_UNTIL_UNSEEN = 2;

/**
 * Guards until the claim is final, has fallen, or stands undisputed after its window. A game that is given up ends the
 * guard only when there is no other one to play.
 *
 * @throws `dispute.not-the-solver`, `dispute.other-job`, `dispute.no-progress`; with `once` also what is a passing
 *   failure otherwise, after some attempts
 */
export async function guard(parameters: GuardParameters): Promise<GuardOutcome> {
  const { pollEvery, signal, once = false } = parameters;
  const watch = new Watch(parameters);
  for (;;) {
    signal?.throwIfAborted();
    const outcome = await watch.look();
    if (outcome !== null && (once || outcome.state !== 'watching')) return outcome;
    await pause(pollEvery, undefined, signal === undefined ? {} : { signal });
  }
}

class Watch {
  readonly #parameters: GuardParameters;
  readonly #tables = new Map<bigint, Table>();
  readonly #outcomes = new Map<bigint, GameOutcome>();
  readonly #givenUp = new Map<bigint, GensynError>();
  #scannedTo: bigint | null = null;
  #told = '';
  #failures = 0;
  #unseenLooks = 0;

  constructor(parameters: GuardParameters) {
    this.#parameters = parameters;
  }

  async look(): Promise<GuardOutcome | null> {
    try {
      const outcome = await this.#look();
      this.#failures = 0;
      return outcome;
    } catch (error) {
      this.#failed(error);
      return null;
    }
  }

  async #look(): Promise<GuardOutcome> {
    const { market, claimId, execution, onEvent } = this.#parameters;
    const block = await newestBlock(market.connection);
    const claim = await readClaim(market, claimId);
    requireJob(execution.bundle, await readJob(market, claim.job), claimId);
    this.#requireSolver(claim);
    const told = `${claim.status} ${claim.open}`;
    if (told !== this.#told) onEvent?.({ kind: 'claim', claim });
    this.#told = told;
    // A claim that has fallen may have ended games that this player has not seen end.
    if (claim.open > 0 || this.#tables.size > 0) await this.#playAll(claim, block);
    return this.#end(claim, block);
  }

  async #playAll(claim: PostedClaim, block: BlockMark): Promise<void> {
    if (claim.status === 'live') for (const { id } of await this.#liveGames(claim, block)) this.#sitDown(id);
    this.#tellUnseen(claim);
    let passing: GensynError | null = null;
    for (const [id, table] of this.#tables) {
      const game = await table.look().catch((error: unknown) => this.#giveUp(id, error));
      passing ??= table.failure;
      if (game === null || game.game.status === 'live') continue;
      this.#outcomes.set(id, outcomeOf(game, 'solver'));
      this.#tables.delete(id);
    }
    const [final] = this.#givenUp.values();
    if (final !== undefined && this.#tables.size === 0) throw final;
    // Who looks once must not be told that all is well.
    if (passing !== null && this.#parameters.once === true) throw passing;
  }

  #giveUp(gameId: bigint, error: unknown): null {
    if (!isGensynError(error, 'dispute.no-progress')) throw error;
    this.#givenUp.set(gameId, error);
    this.#tables.delete(gameId);
    this.#parameters.onEvent?.({ kind: 'given-up', gameId, reason: error.message });
    return null;
  }

  #tellUnseen(claim: PostedClaim): void {
    const seen = this.#tables.size + this.#givenUp.size;
    this.#unseenLooks = claim.status === 'live' && seen < claim.open ? this.#unseenLooks + 1 : 0;
    if (this.#unseenLooks === LOOKS_UNTIL_UNSEEN) this.#parameters.onEvent?.({ kind: 'unseen', claim, seen });
  }

  /** The claim's games, as far as they are new; all of them where some are missing. */
  async #liveGames(claim: PostedClaim, block: BlockMark): Promise<GameSummary[]> {
    const { market, claimId } = this.#parameters;
    const isComplete = this.#scannedTo !== null && this.#tables.size + this.#givenUp.size >= claim.open;
    const from = this.#scannedTo === null ? market.fromBlock : this.#scannedTo - REORG_BLOCKS;
    const fromBlock = isComplete && from > market.fromBlock ? from : market.fromBlock;
    const games = await listGames(market, { claim: claimId, fromBlock });
    this.#scannedTo = block.number;
    return games.filter(({ status }) => status === 'live');
  }

  #sitDown(gameId: bigint): void {
    if (this.#tables.has(gameId) || this.#givenUp.has(gameId)) return;
    this.#tables.set(gameId, new Table({ ...this.#parameters, side: 'solver', gameId }));
  }

  async #end(claim: PostedClaim, block: BlockMark): Promise<GuardOutcome> {
    const games = [...this.#outcomes.values()];
    if (claim.status !== 'live') return { claim, state: claim.status, games };
    const now = await nextBlockTime(this.#parameters.market.connection, block);
    const isUndisputed = claim.open === 0 && now > claim.until + this.#aftermath();
    if (!isUndisputed) return { claim, state: 'watching', games };
    const { finalize, mode, sender, market, onEvent } = this.#parameters;
    if (!finalize || mode === 'observe') return { claim, state: 'standing', games };
    const sent = await sender.send(finalizeCall(market, claim.id));
    onEvent?.({ kind: 'finalized', sent });
    if (sent.kind === 'dry-run') return { claim, state: 'standing', games };
    return { claim: await readClaim(market, claim.id), state: 'final', games };
  }

  #aftermath(): number {
    return this.#parameters.market.connection.chainId === LOCAL_CHAIN_ID ? 0 : AFTERMATH;
  }

  #requireSolver({ id, solver }: PostedClaim): void {
    const { sender, mode } = this.#parameters;
    if (mode === 'observe' || solver.toLowerCase() === sender.address.toLowerCase()) return;
    throw fail('dispute.not-the-solver', { claim: id, solver, account: sender.address });
  }

  #failed(error: unknown): void {
    const { claimId, onEvent, once = false } = this.#parameters;
    if (!isPassing(error)) throw error;
    // Who calls again by himself need not be kept waiting for a node that stays away.
    if (once || !isHarmless(error)) this.#failures++;
    if (this.#failures >= MAX_FAILURES) throw error;
    onEvent?.({ kind: 'again', gameId: claimId, reason: error.message });
  }
}
