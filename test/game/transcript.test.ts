/** The game from what was said alone, against the reducer that saw every move. */
import { describe, expect, test } from '@jest/globals';
import { equalHashes } from '../../src/commitments/hash.js';
import { applyMove } from '../../src/game/apply-move.js';
import type { Execution } from '../../src/game/execution.js';
import type { Game, Move } from '../../src/game/game.js';
import { strategy } from '../../src/game/strategy.js';
import { firstPosition, nextPosition, type Position, type Said } from '../../src/game/transcript.js';
import { wrongMachine, wrongOutput } from './support/liars.js';
import { challenge, claimOf } from './support/play.js';
import { SHAPES, toy } from './support/toys.js';

/** What events tell of a move. */
function saidBy(move: Move, after: Game): Said | null {
  if (move.kind === 'reveal') return { kind: 'revealed', hi: after.context.hi, list: move.list };
  return move.kind === 'select' ? { kind: 'selected', index: move.index } : null;
}

/** Plays a game to its end; tells every game on the way with what led to it. */
async function played(begun: Game, players: Readonly<Record<'solver' | 'challenger', Execution>>) {
  const games: { game: Game; said: Said }[] = [];
  for (let game = begun, now = 1; game.status === 'live'; now++) {
    const side = game.turn;
    const decision = await strategy({ side, game, execution: players[side], now });
    if (decision.do !== 'move') break;
    const result = applyMove(game, decision.move, now);
    if ('refused' in result) throw new Error(result.refused.code);
    const said = saidBy(decision.move, result.game);
    if (said !== null) games.push({ game: result.game, said });
    game = result.game;
  }
  return games;
}

function expectSame(position: Position, game: Game): void {
  expect(position.context).toEqual(game.context);
  expect(position.list).toEqual(game.list);
  expect(position.revealed).toEqual(game.revealed);
  expect(position.turn).toBe(game.turn);
  expect(equalHashes(position.h, game.h)).toBe(true);
}

describe.each(SHAPES)('a game of %j', (shape) => {
  const { bundle, honest } = toy(shape);
  const liar = wrongMachine(wrongOutput(bundle, { step: 0, operator: 2, element: 0, bit: 30 }), 3);

  test('told again is the reducer’s at every move', async () => {
    const claimed = await claimOf(liar);
    const begun = await challenge(claimed, honest);
    const { context, rules } = begun;
    const interval = rules.checkpointEvery;
    const ends = {
      i: context.a / interval,
      lo: context.lo,
      j: Math.ceil((context.a + context.n) / interval),
      hi: context.hi,
    };
    let position = firstPosition(rules, ends);
    expectSame(position, begun);
    const games = await played(begun, { solver: liar, challenger: honest });
    expect(games.length).toBeGreaterThan(4);
    for (const { game, said } of games) {
      expectAlteredToDiffer(position, said, game);
      const next = nextPosition(position, said, rules, bundle);
      if ('refused' in next) throw new Error(next.refused.code);
      expectSame(next, game);
      position = next;
    }
  });

  /** Whatever else could have been said leads to another hash, or is refused. */
  function expectAlteredToDiffer(position: Position, said: Said, game: Game): void {
    const altered: Said[] =
      said.kind === 'selected'
        ? [
            { ...said, index: said.index + 1 },
            { ...said, index: 33 },
            { ...said, index: -1 },
            { kind: 'revealed', hi: game.h, list: [] },
          ]
        : [
            { ...said, list: [...said.list, game.h] },
            { kind: 'selected', index: 0 },
            ...said.list.map((_, at) => ({ ...said, list: said.list.with(at, game.h) })),
          ];
    for (const other of altered) {
      const next = nextPosition(position, other, game.rules, bundle);
      if ('refused' in next) continue;
      expect(equalHashes(next.h, game.h)).toBe(false);
    }
  }
});
