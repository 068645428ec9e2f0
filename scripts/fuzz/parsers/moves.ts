/** Moves and openings of any form: the reducer answers with a game or a refusal, and accepts only what has a form. */
import { applyMove } from '../../../src/game/apply-move.js';
import type { Game, Move } from '../../../src/game/game.js';
import { openGame } from '../../../src/game/open-game.js';
import { isMove, isOpening } from '../../../src/game/well-formed.js';
import { type MoveList, randomMoveLists } from '../../../test/game/support/move-lists.js';
import type { Random } from '../../../test/referee/random-operators.js';
import { mutateValue, showValue } from '../mutate-value.js';
import { defineTarget, type Fuzzer, type Outcome, type Target } from '../target.js';

interface Moment {
  readonly game: Game;
  readonly at: number;
  readonly move: unknown;
}

const BOUNDS = { milliseconds: 250 };
const LISTS = 4;

export const MOVE_TARGETS: readonly Target[] = [
  defineTarget({ name: 'moves', bounds: BOUNDS, open: moves }),
  defineTarget({ name: 'openings', bounds: BOUNDS, open: openings }),
];

async function moves(): Promise<Fuzzer<Moment>> {
  const moments = (await randomMoveLists(1, LISTS)).flatMap(momentsOf);
  return {
    make: (random) => {
      const moment = moments[random.below(moments.length)]!;
      return { ...moment, move: mutateValue(random, moment.move) };
    },
    check: ({ game, at, move }): Outcome => {
      const result = applyMove(game, move as Move, at);
      if ('refused' in result) return requireCode(result.refused);
      if (!isMove(move)) throw new Error('a move without a form was accepted');
      return 'accepted';
    },
    show: ({ move }) => showValue(move),
  };
}

/** The moves of a list, each with the game that it was made in. */
function momentsOf({ game, entries }: MoveList): Moment[] {
  const before = [game, ...entries.map(({ after }) => after)];
  return entries.map(({ at, move }, index) => ({ game: before[index]!, at, move }));
}

interface Posed {
  readonly list: MoveList;
  readonly opening: unknown;
}

async function openings(): Promise<Fuzzer<Posed>> {
  const lists = await randomMoveLists(2, LISTS);
  return {
    make: (random: Random) => {
      const list = lists[random.below(lists.length)]!;
      return { list, opening: mutateValue(random, list.opening) };
    },
    check: ({ list: { rules, claim }, opening }): Outcome => {
      const result = openGame(rules, claim, opening as MoveList['opening'], 0);
      if ('refused' in result) return requireCode(result.refused);
      if (!isOpening(opening)) throw new Error('an opening without a form was accepted');
      return 'accepted';
    },
    show: ({ opening }) => showValue(opening),
  };
}

function requireCode({ code }: { readonly code: string }): Outcome {
  if (!/^[A-Z][A-Za-z]+$/.test(code)) throw new Error(`the refusal has no name: ${code}`);
  return 'refused';
}
