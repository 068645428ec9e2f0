/** Whole games: random moves, honest solvers against anybody, honest challengers against liars. */
import { bytesToHex } from '../../src/commitments/hash.js';
import { outputWords } from '../../src/expr/operator.js';
import { applyMove } from '../../src/game/apply-move.js';
import { gameHash } from '../../src/game/context.js';
import { alteringLists, wrongOutput } from '../../test/game/support/liars.js';
import { type MoveList, randomMoveLists } from '../../test/game/support/move-lists.js';
import { challenge, claimOf, opened, player, playOut } from '../../test/game/support/play.js';
import { seeded } from '../../test/game/support/random.js';
import { randomChallenger, randomOpening } from '../../test/game/support/random-challenger.js';
import { SHAPES, type Toy, toy } from '../../test/game/support/toys.js';
import type { Random } from '../../test/referee/random-operators.js';
import { defineTarget, type Fuzzer, type Outcome, type Target } from './target.js';

/** What the protocol promises of a game, each side. */
const MOST_MOVES = 16;

export const TARGETS: readonly Target[] = [
  defineTarget({ name: 'random-moves', open: async () => randomMoves }),
  defineTarget({ name: 'honest-solver', open: async () => honestSolver(SHAPES.map(toy)) }),
  defineTarget({ name: 'honest-challenger', open: async () => honestChallenger(SHAPES.map(toy)) }),
];

/** The seed of a game; everything in it follows. */
type GameSeed = number;
const make = (random: Random): GameSeed => random.below(2 ** 31);
const show = (seed: GameSeed): string => `game seed ${seed}`;

/** Moves of all kinds: each list ends, and gives the same game when it is played again. */
const randomMoves: Fuzzer<GameSeed> = {
  make,
  check: async (seed): Promise<Outcome> => {
    for (const list of await randomMoveLists(seed, SHAPES.length)) replay(list);
    return 'accepted';
  },
  show,
};

function replay({ game: begun, entries }: MoveList): void {
  let game = begun;
  for (const { at, move, refused, after } of entries) {
    const result = applyMove(game, move, at);
    const code = 'refused' in result ? result.refused.code : undefined;
    if (code !== refused?.code) throw new Error(`${move.kind}: ${code} after ${refused?.code}`);
    if ('game' in result) game = result.game;
    if (bytesToHex(game.h) !== bytesToHex(after.h)) throw new Error(`${move.kind} led to another game`);
    const bound = bytesToHex(gameHash(game.context, game.list));
    if (game.status === 'live' && bound !== bytesToHex(game.h)) throw new Error('h is not the hash of the game');
  }
  if (game.status === 'live') throw new Error('the game did not end');
}

/** Whoever is right wins as a solver, whatever a challenger points at. */
function honestSolver(toys: readonly Toy[]): Fuzzer<GameSeed> {
  const check = async (seed: GameSeed): Promise<Outcome> => {
    const random = seeded(seed);
    const { honest } = random.pick(toys);
    const claimed = await claimOf(honest);
    const begun = opened(claimed, randomOpening(claimed, random));
    const players = { solver: player('solver', honest), challenger: randomChallenger(random) };
    const { game, moves } = await playOut(begun, players);
    if (game.status !== 'challenger-lost') throw new Error(`an honest solver's game ended as ${game.status}`);
    if (moves.solver > MOST_MOVES) throw new Error(`the solver needed ${moves.solver} moves`);
    return 'accepted';
  };
  return { make, check, show };
}

/** A claim with one wrong bit falls to whoever replays it; half of the liars alter what they show as well. */
function honestChallenger(toys: readonly Toy[]): Fuzzer<GameSeed> {
  const check = async (seed: GameSeed): Promise<Outcome> => {
    const random = seeded(seed);
    const { bundle, honest } = random.pick(toys);
    const operator = random.below(bundle.program.operators.length);
    const element = random.below(outputWords(bundle.program.operators[operator]!.operator));
    const liar = wrongOutput(bundle, { step: random.below(bundle.steps), operator, element, bit: random.below(32) });
    const [claimed, right] = [await claimOf(liar), await claimOf(honest)];
    // Some bits decide nothing: the loss is shown and never trained on.
    if (bytesToHex(claimed.claim.finalRoot) === bytesToHex(right.claim.finalRoot)) return 'refused';
    const solver = random.chance(0.5) ? alteringLists(player('solver', liar), random) : player('solver', liar);
    const begun = await challenge(claimed, honest);
    const { game, moves } = await playOut(begun, { solver, challenger: player('challenger', honest) });
    if (game.status !== 'claim-fell') throw new Error(`a liar's game ended as ${game.status}`);
    if (moves.challenger > MOST_MOVES) throw new Error(`the challenger needed ${moves.challenger} moves`);
    return 'accepted';
  };
  return { make, check, show };
}
