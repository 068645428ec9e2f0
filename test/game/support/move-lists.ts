/**
 * Random lists of moves, accepted and refused, with what the reducer makes of each: the data with which the contract is
 * compared move by move.
 */
import { applyMove } from '../../../src/game/apply-move.js';
import { PHASES } from '../../../src/game/context.js';
import type { Execution } from '../../../src/game/execution.js';
import type { Game, GameRules, Move, Refusal } from '../../../src/game/game.js';
import type { Claim, Opening } from '../../../src/game/open-game.js';
import { strategy } from '../../../src/game/strategy.js';
import { toyExecution } from '../../../src/game/toy-execution.js';
import { alteredMove } from './alter-move.js';
import { BOND, CLOCK, claimOf, opened } from './play.js';
import { type Random, seeded } from './random.js';
import { randomOpening, randomSelect } from './random-challenger.js';
import { SHAPES, type Toy, toy } from './toys.js';

export interface MoveEntry {
  /** Seconds since the opening; never falls. */
  readonly at: number;
  readonly move: Move;
  /** Why it is refused (the game stays as it was), or `null`. */
  readonly refused: Refusal | null;
  /** The game afterwards: `h`, `status`, `turn`, `left`, `last`, `moves`. */
  readonly after: Game;
}

export interface MoveList {
  readonly rules: GameRules;
  readonly claim: Claim;
  readonly opening: Opening;
  /** The game as opened, at second 0. */
  readonly game: Game;
  readonly entries: readonly MoveEntry[];
}

/** Some games of random moves: half of them with a solver who is right, half with one who lies in one word. */
export async function randomMoveLists(seed: number, games = 8): Promise<MoveList[]> {
  const random = seeded(seed);
  const toys = SHAPES.map(toy);
  const lists: MoveList[] = [];
  for (let game = 0; game < games; game++) lists.push(await randomMoveList(toys[game % toys.length]!, random));
  return lists;
}

/** The honest execution, or one that is wrong in one element of one operator and whatever follows from it. */
function randomSolver({ bundle, honest }: Toy, random: Random): Execution {
  if (random.chance(0.5)) return honest;
  const [step, operator] = [random.below(bundle.steps), random.below(bundle.program.operators.length)];
  return toyExecution(bundle, (at, k, output) => {
    if (at === step && k === operator) output[random.below(output.length)]! ^= 1 << random.below(31);
  });
}

async function randomMoveList(toyJob: Toy, random: Random): Promise<MoveList> {
  const solver = randomSolver(toyJob, random);
  const claimed = await claimOf(solver);
  const opening: Opening = { ...randomOpening(claimed, random), bond: BOND };
  const begun = opened(claimed, opening);
  const entries: MoveEntry[] = [];
  let [game, at] = [begun, 0];
  const make = (move: Move): void => {
    const result = applyMove(game, move, at);
    const refused = 'refused' in result ? result.refused : null;
    if ('game' in result) game = result.game;
    entries.push({ at, move, refused, after: game });
  };
  while (game.status === 'live') {
    at += random.chance(0.006) ? CLOCK : random.below(20);
    const right = await rightMove(game, at, solver, random);
    // A game comes to its proof once, and a proof can be wrong in many ways.
    const attempts = game.context.phase === PHASES.prove ? 12 : 3;
    for (let wrong = random.below(attempts); wrong > 0 && game.status === 'live'; wrong--) {
      const move = wrongMove(game, right, entries, random);
      // A list that is wrong and allowed leaves the solver without an answer: now and then, or no game gets far.
      if ('refused' in applyMove(game, move, at) || random.chance(0.1)) make(move);
    }
    if (game.status === 'live') make(right ?? { kind: 'timeout', from: 'other' });
    if (right === null || random.chance(0.006)) at += CLOCK + 1;
  }
  make({ kind: 'timeout', from: 'other' });
  return { rules: claimed.rules, claim: claimed.claim, opening, game: begun, entries };
}

/** A move that the rules allow, or `null` where the side on move has none. */
async function rightMove(game: Game, now: number, execution: Execution, random: Random): Promise<Move | null> {
  if (game.turn === 'challenger') return randomSelect(game, random);
  const decision = await strategy({ side: 'solver', game, execution, now });
  return decision.do === 'move' ? decision.move : null;
}

function wrongMove(game: Game, right: Move | null, made: readonly MoveEntry[], random: Random): Move {
  const { context, list } = game;
  const earlier = made.length === 0 ? right : random.pick(made).move;
  return (
    random.pick<() => Move | null>([
      () => (right === null ? null : alteredMove(right, random)),
      () => (right === null ? null : alteredMove(right, random)),
      () => earlier,
      () => (game.context.phase === PHASES.tensor ? { kind: 'refute', from: 'other', context, list } : null),
      () => ({ kind: 'reveal', from: 'solver', context, list, aid: { enters: 'nothing' } }),
      () => ({ kind: 'select', from: 'challenger', context, list, index: random.below(40) }),
      () => ({ kind: 'timeout', from: 'other' }),
    ])() ?? { kind: 'timeout', from: 'challenger' }
  );
}
