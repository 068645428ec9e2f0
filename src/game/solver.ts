/** The solver's answers, from his own execution. */
import type { Hash } from '../commitments/hash.js';
import { openingOf } from '../commitments/merkle.js';
import { proveStep } from '../program/step-proof.js';
import { aidOf } from './aid.js';
import type { Execution } from './execution.js';
import type { Game, ProveMove, Refusal, RevealMove, Sender } from './game.js';
import { ownList } from './own-list.js';
import { enterLevel } from './reveal.js';
import { isOwnTree, siblingsInSolversTree } from './revealed-nodes.js';
import { orRefusal } from './revert.js';

/** The list for the context on the table, with what the next level needs; or why there is none. */
export async function revealOf(game: Game, execution: Execution): Promise<RevealMove | { readonly refused: Refusal }> {
  const { context, rules } = game;
  const aid = await aidOf(context, execution);
  const entered = orRefusal(() => enterLevel(rules, context, aid));
  if ('refused' in entered) return entered;
  return { kind: 'reveal', from: 'solver', context, list: await ownList(entered, execution), aid };
}

/** The proof of the disputed instruction. Either side can give it where it has the step's temporaries. */
export async function proofOf(game: Game, execution: Execution, from: Sender): Promise<ProveMove> {
  const { context } = game;
  const { step, k: operator, elem: element, a: instruction } = context;
  const { program, hashes } = execution.bundle;
  const temporaries = await execution.temporaryHashes(step);
  const {
    operator: record,
    state,
    code,
    operand,
  } = proveStep({
    program,
    operator,
    operands: await execution.operandsOf({ step, operator }),
    hashes: {
      temporaries,
      temporarySiblings: siblingsFor(game, temporaries),
      states: await execution.stateHashes(step),
      constants: hashes.constants,
    },
    before: (await execution.elementStates({ step, operator, element })).stateAt(instruction),
  });
  return { kind: 'prove', from, context, operator: record, state, code, operand };
}

/** The game's own tree of temporaries decides: where it is not this side's, the siblings come from the revealed lists. */
function siblingsFor({ context, revealed }: Game, own: readonly Hash[]) {
  return (index: number): readonly Hash[] => {
    const agreed = Math.min(context.k, context.M);
    const theirs = isOwnTree(own, context.temp) ? null : siblingsInSolversTree({ index, own, agreed, revealed });
    return theirs ?? openingOf(own, index).siblings;
  };
}
