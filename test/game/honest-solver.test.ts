import { describe, expect, test } from '@jest/globals';
import { outputWords } from '../../src/expr/operator.js';
import { applyMove } from '../../src/game/apply-move.js';
import type { Game, Move } from '../../src/game/game.js';
import { moveBound } from '../../src/game/move-bound.js';
import { operatorRecord } from '../../src/program/hash.js';
import { temporaryCount } from '../../src/program/program.js';
import { challenge, claimOf, opened, type Player, player, playOut } from './support/play.js';
import { seeded } from './support/random.js';
import { randomChallenger, randomOpening } from './support/random-challenger.js';
import { SHAPES, toy } from './support/toys.js';

const GAMES = 500;

/** A player all of whose positions have an exit: a move, or the other side's timeout the second after his clock. */
function watched(inner: Player, seen: (game: Game) => void): Player {
  return async (game, now) => {
    seen(game);
    return inner(game, now);
  };
}

function expectExit(game: Game): void {
  const { last, left, turn } = game;
  const timeout: Move = { kind: 'timeout', from: 'other' };
  expect(applyMove(game, timeout, last + left[turn])).toMatchObject({ refused: { code: 'TooEarly' } });
  const ended = turn === 'solver' ? 'claim-fell' : 'challenger-lost';
  expect(applyMove(game, timeout, last + left[turn] + 1)).toMatchObject({ game: { status: ended, ending: 'timeout' } });
}

describe.each(SHAPES)('an honest solver of %j', (shape) => {
  const { bundle, honest } = toy(shape);
  const { program } = bundle;

  test(`wins ${GAMES} games against a challenger who points anywhere, each by proof and within the bound`, async () => {
    const claimed = await claimOf(honest);
    const random = seeded(shape.steps);
    const bound = moveBound({
      steps: bundle.steps,
      temporaries: temporaryCount(program),
      states: program.state.length,
      words: Math.max(...program.operators.map(({ operator }) => outputWords(operator))),
      instructions: Math.max(...program.operators.map((entry) => operatorRecord(entry).instructions)),
    });
    const phases = new Set<number>();
    for (let game = 0; game < GAMES; game++) {
      const solver = player('solver', honest);
      const challenger = randomChallenger(random);
      const played = await playOut(opened(claimed, randomOpening(claimed, random)), {
        solver: game % 25 === 0 ? watched(solver, expectExit) : solver,
        challenger: game % 25 === 0 ? watched(challenger, expectExit) : challenger,
      });
      expect(played.game).toMatchObject({ status: 'challenger-lost', ending: 'proved' });
      expect(played.moves.solver).toBeLessThanOrEqual(bound.solver);
      expect(played.moves.challenger).toBeLessThanOrEqual(bound.challenger);
      for (const phase of played.phases) phases.add(phase);
    }
    expect(phases.size).toBeGreaterThanOrEqual(6);
  });

  test('is not challenged by an honest verifier', async () => {
    await expect(challenge(await claimOf(honest), honest)).rejects.toThrow('agrees with this replay');
  });
});
