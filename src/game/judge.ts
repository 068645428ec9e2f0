/** The two verdicts on facts: whether a tensor's list folds to its node, and what one instruction gives. */
import { equalHashes, type Hash } from '../commitments/hash.js';
import { chunkNode, foldChildNodes, tensorChunks, wordsOfChunkList } from '../commitments/tensor-tree.js';
import { executeStep } from '../program/execute-step.js';
import type { StepFrame } from '../program/step-proof.js';
import type { Context } from './context.js';
import type { ProveMove } from './game.js';
import { revert } from './revert.js';

/** True where a list revealed in TENSOR hashes to the node that it stands below. */
export function listFolds({ a, n, hi, value: words }: Context, list: readonly Hash[]): boolean {
  if (n === 1) return equalHashes(chunkNode(wordsOfChunkList(list, words, a)!, words, a), hi);
  return equalHashes(foldChildNodes(list, n === tensorChunks(words)), hi);
}

/** What a context in PROVE has bound for the referee. */
function frameOf(context: Context): StepFrame {
  const { opLeaf, lo, temp, pre, consts, k, M, T, C } = context;
  return {
    operatorLeaf: opLeaf,
    state: lo,
    temporaryRoot: temp,
    stateRoot: pre,
    constantRoot: consts,
    position: k,
    temporaries: M,
    states: T,
    constants: C,
  };
}

/** True where the disputed instruction gives the state that the solver claims. Reverts for a proof that is refused. */
export function proofHolds({ context, operator, state, code, operand }: ProveMove): boolean {
  const outcome = executeStep({ frame: frameOf(context), operator, state, code, operand });
  if (outcome.refusal !== null) throw revert(outcome.refusal);
  return equalHashes(outcome.nextHash, context.hi);
}
