/** The moves of a game in their order, each as soon as both the chain and whoever sent it have told of it. */
import type { ChainGame, GameEvent } from '../../../src/chain/games.js';
import type { PlayEvent } from '../../../src/chain/play-turn.js';
import { type Context, PHASES } from '../../../src/game/context.js';
import type { Ending } from '../../../src/game/game.js';
import type { Bundle } from '../../../src/job/bundle.js';
import { type PositionFacts, positionFacts } from '../dispute/position-text.js';
import type { Book, Role } from './cast.js';
import { createCounter } from './instructions-left.js';

export type PhaseName = keyof typeof PHASES;

/** A move and where it led. */
export interface DemoMove {
  readonly move: 'open' | 'reveal' | 'select' | 'refute' | 'prove' | 'timeout';
  readonly by: Role;
  /** Level of the game after the move. */
  readonly phase: PhaseName;
  /** What is disputed after it: the first of so many steps, operators, chunks, words or instructions. */
  readonly range: { readonly first: number; readonly count: number };
  readonly position: PositionFacts;
  readonly instructionsLeft: bigint;
  /** Entries of a list, or the number of the one that was chosen. */
  readonly entries?: number;
  readonly index?: number;
  readonly gas: bigint;
  /** Since the move before. */
  readonly ms: number;
  readonly block: bigint;
  readonly txHash: `0x${string}`;
}

const ENDS = { proved: 'prove', refuted: 'refute', timeout: 'timeout' } as const satisfies Record<
  NonNullable<Ending>,
  string
>;

export class MoveLog {
  readonly moves: DemoMove[] = [];
  readonly #bundle: Bundle;
  readonly #book: Book;
  readonly #count: (context: Context) => bigint;
  readonly #onMove: (move: DemoMove) => void;
  #game: ChainGame | null = null;
  #at: number | null = null;

  constructor(bundle: Bundle, book: Book, onMove: (move: DemoMove) => void) {
    this.#bundle = bundle;
    this.#book = book;
    this.#count = createCounter(bundle.program);
    this.#onMove = onMove;
  }

  /** Takes in what either player tells. */
  heed(event: PlayEvent): void {
    if (event.kind === 'position') this.#see(event.game);
    this.#flush();
  }

  /** Takes in the game as it ended; every move must be known by then. */
  close(game: ChainGame): void {
    this.#see(game);
    this.#flush();
    const missing = game.history.length - this.moves.length;
    if (missing > 0) throw new Error(`${missing} moves of the game were sent by nobody`);
  }

  /** The players do not read at the same time. */
  #see(game: ChainGame): void {
    if (game.history.length >= (this.#game?.history.length ?? 0)) this.#game = game;
  }

  #flush(): void {
    const { history = [], game = null } = this.#game ?? {};
    while (this.moves.length < history.length) {
      const move = this.#moveOf(history[this.moves.length]!, game?.ending ?? null);
      if (move === null) return;
      this.moves.push(move);
      this.#onMove(move);
    }
  }

  /** Null while the sender has not told of it. */
  #moveOf({ move: kind, context, txHash, entries, index }: GameEvent, ending: Ending | null): DemoMove | null {
    const entry = this.#book.get(txHash);
    if (entry === undefined || kind === 'collect') return null;
    const { by, gas, block, at } = entry;
    const ms = this.#at === null ? entry.ms : Math.max(0, at - this.#at);
    // The other side can see a move on the chain, and answer it, before its sender looks for the receipt.
    this.#at = Math.max(at, this.#at ?? 0);
    const found = kind === 'resolve' ? ENDS[ending!] : kind;
    const position = positionFacts(context, this.#bundle);
    const phase = (Object.keys(PHASES) as PhaseName[]).find((name) => PHASES[name] === context.phase)!;
    const range = { first: position.first, count: position.count };
    const shown = { ...(entries === undefined ? {} : { entries }), ...(index === undefined ? {} : { index }) };
    const instructionsLeft = this.#count(context);
    return { move: found, by, phase, range, position, instructionsLeft, ...shown, gas, ms, block, txHash };
  }
}
