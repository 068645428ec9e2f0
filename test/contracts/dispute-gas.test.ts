import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seeded } from '../game/support/random.js';
import type { Depths } from './deep-dispute.js';
import { type DeepPlay, playDeep } from './deep-play.js';
import { type GameChain, startGameChain } from './game-chain.js';

const GAS_LIMIT = 2_400_000;
const MOVE_LIMIT = 16;
const INSTRUCTIONS_LOG2 = 60;
/** What the types of the contract allow: steps and instructions of 32 bits, operators of 24, words of 32. */
const MOST: Depths = { steps: 31, operators: 23, words: 31, instructions: 31 };
/** The job's checkpoints stand every 2^8 steps, and its fixture has more than one instruction. */
const LEAST: Depths = { steps: 8, operators: 0, words: 0, instructions: 1 };

let chain: GameChain;
beforeAll(async () => {
  chain = await startGameChain();
  // The first fall of a deployment pays 34 k once for storage that every later one finds there.
  await playDeep(chain, { steps: 8, operators: 5, words: 9, instructions: 3 });
});
afterAll(async () => {
  await chain.stop();
});

function randomSplits(count: number, seed: number): Depths[] {
  const random = seeded(seed);
  const splits: Depths[] = [];
  while (splits.length < count) {
    const steps = LEAST.steps + random.below(MOST.steps - LEAST.steps + 1);
    const [operators, words] = [random.below(MOST.operators + 1), random.below(MOST.words + 1)];
    const instructions = INSTRUCTIONS_LOG2 - steps - operators - words;
    if (instructions < LEAST.instructions || instructions > MOST.instructions) continue;
    splits.push({ steps, operators, words, instructions });
  }
  return splits;
}

/** The dearest of all 13,393 splits by the sum of their levels' costs, and what models of today look like. */
const NAMED: readonly Depths[] = [
  { steps: 31, operators: 0, words: 0, instructions: 29 },
  { steps: 29, operators: 0, words: 0, instructions: 31 },
  { steps: 11, operators: 23, words: 0, instructions: 26 },
  { steps: 17, operators: 11, words: 20, instructions: 12 },
  { steps: 16, operators: 16, words: 20, instructions: 8 },
  { steps: 17, operators: 9, words: 21, instructions: 13 },
  { steps: 20, operators: 10, words: 18, instructions: 12 },
];

function show({ steps, operators, words, instructions }: Depths, { gas, moves }: DeepPlay): void {
  if (process.env['SHOW_GAS'] === undefined) return;
  process.stderr.write(
    `${steps} + ${operators} + ${words} + ${instructions}: ${gas} gas, ${moves.length / 2} moves a side\n`,
  );
  for (const { side, phase, name, gas: used, floor } of moves) {
    process.stderr.write(`  ${side} ${phase} ${name} ${used} (data alone ${floor})\n`);
  }
}

describe('a dispute over 2^60 instructions, from the genesis, with a word of a tensor of 1 GiB at its foot', () => {
  test.each([...NAMED, ...randomSplits(10, 60)])(
    'costs at most 2.4 M gas and 16 moves a side: $steps + $operators + $words + $instructions',
    async (depths) => {
      const played = await playDeep(chain, depths);
      show(depths, played);
      expect(played.game.ending).toBe('proved');
      for (const side of ['solver', 'challenger'] as const) {
        expect(played.moves.filter((move) => move.side === side).length).toBeLessThanOrEqual(MOVE_LIMIT);
      }
      expect(played.gas).toBeLessThanOrEqual(GAS_LIMIT);
    },
  );
});
