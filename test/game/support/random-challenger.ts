/** A challenger without a case: points anywhere, refutes what folds, and proves what is not his to prove. */

import { openingOf } from '../../../src/commitments/merkle.js';
import { chunkWords } from '../../../src/commitments/tensor-tree.js';
import { blocksOf } from '../../../src/commitments/tree.js';
import { type Context, PHASES } from '../../../src/game/context.js';
import type { Game, Move } from '../../../src/game/game.js';
import type { Opening } from '../../../src/game/open-game.js';
import { intervalCount } from '../../../src/game/open-game.js';
import type { Claimed, Player } from './play.js';
import type { Random } from './random.js';

/** How many entries of a list can be pointed at. */
export function choices(context: Context, listLength: number): number {
  const { phase, n, a, value } = context;
  if (phase === PHASES.tensor && n === 1) return chunkWords(value, a);
  return phase === PHASES.step ? listLength + 1 : blocksOf(n).count;
}

/** Any entry; half of the time one of the last, where odd nodes and short blocks are. */
export function randomSelect({ context, list }: Game, random: Random): Move {
  const count = choices(context, list.length);
  const index = random.chance(0.5) ? random.below(count) : count - 1 - random.below(Math.min(count, 2));
  return { kind: 'select', from: 'challenger', context, list, index };
}

export function randomChallenger(random: Random): Player {
  return async (game, now) => {
    if (game.turn !== 'challenger') return { do: 'wait', until: now + 1 };
    return { do: 'move', move: randomSelect(game, random) };
  };
}

/** Any two leaves of a trace. */
export function randomOpening({ rules, claim, leaves }: Claimed, random: Random): Omit<Opening, 'bond'> {
  const intervals = intervalCount(rules);
  const i = random.below(intervals);
  const j = i + 1 + random.below(intervals - i);
  const path = (leaf: number) => (leaf === 0 || leaf === intervals ? [] : openingOf(leaves, leaf).siblings);
  const leafJ = j === intervals ? claim.finalRoot : leaves[j]!;
  return { i, leafI: leaves[i]!, pathI: path(i), j, leafJ, pathJ: path(j) };
}
