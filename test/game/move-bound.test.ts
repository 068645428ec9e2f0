import { describe, expect, test } from '@jest/globals';
import { moveBound, roundsOf } from '../../src/game/move-bound.js';

describe('the number of moves', () => {
  test('falls by five bits a list', () => {
    expect([1, 2, 32, 33, 1024, 1025, 2 ** 20, 2 ** 32].map(roundsOf)).toEqual([0, 1, 1, 2, 2, 3, 4, 7]);
    expect(roundsOf(64)).toBe(2);
  });

  test('is at most 16 each for every split of 2^60 instructions over the levels; 17 for a state of millions of tensors of 1 or 2 words', () => {
    let [most, mostOfState, mostOfTiny, splits] = [0, 0, 0, 0];
    for (let run = 0; run <= 32; run++) {
      for (let operators = 0; operators <= 23; operators++) {
        for (let words = 0; words <= 31; words++) {
          const instructions = 60 - run - operators - words;
          if (instructions < 0 || instructions > 31) continue;
          splits++;
          const sizes = { steps: 2 ** run, words: 2 ** words, instructions: 2 ** instructions };
          const temporary = moveBound({ ...sizes, temporaries: 2 ** operators - 1, states: 1 });
          const half = 2 ** Math.max(0, operators - 1);
          const state = moveBound({ ...sizes, temporaries: half, states: half });
          most = Math.max(most, temporary.solver, temporary.challenger);
          if (words >= 2) mostOfState = Math.max(mostOfState, state.solver, state.challenger);
          else mostOfTiny = Math.max(mostOfTiny, state.solver, state.challenger);
        }
      }
    }
    expect(splits).toBeGreaterThan(5000);
    expect(most).toBe(16);
    expect(mostOfState).toBe(16);
    expect(mostOfTiny).toBe(17);
  });

  test('is the prototype’s for the split of the protocol', () => {
    const split = { steps: 2 ** 17, temporaries: 2 ** 11, states: 1, words: 2 ** 20, instructions: 2 ** 12 };
    expect(moveBound(split)).toEqual({ solver: 15, challenger: 15 });
  });
});
