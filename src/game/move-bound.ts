/** How many moves a game can take, from the sizes of its levels alone. */
import { tensorChunks } from '../commitments/tensor-tree.js';
import { blocksOf } from '../commitments/tree.js';

/** The sizes of a dispute's levels. */
export interface LevelSizes {
  /** Training steps between the two leaves that a game is opened with. */
  readonly steps: number;
  /** M, and T. */
  readonly temporaries: number;
  readonly states: number;
  /** Words of the largest output. */
  readonly words: number;
  /** N of the longest operator. */
  readonly instructions: number;
}

/** Lists that narrow a range of `n` to one. */
export function roundsOf(n: number): number {
  let rounds = 0;
  for (let rest = n; rest > 1; rest = blocksOf(rest).size) rounds++;
  return rounds;
}

/** The most moves each side has to make: the solver's last is the proof, the challenger's first is `open`. */
export function moveBound(sizes: LevelSizes): { readonly solver: number; readonly challenger: number } {
  const { steps, temporaries, states, words, instructions } = sizes;
  // A list of temporaries is always revealed, and a dispute about the state goes on from there into the state's tree.
  const operators = Math.max(1, roundsOf(temporaries), 1 + roundsOf(states));
  const tensor = roundsOf(tensorChunks(words)) + 1;
  const pairs = roundsOf(steps) + operators + tensor + Math.max(1, roundsOf(instructions));
  return { solver: pairs + 1, challenger: pairs + 1 };
}
