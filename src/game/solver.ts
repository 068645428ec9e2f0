/** The solver's answers, from his own execution. */
import { openingOf } from '../commitments/merkle.js';
import { operatorRecord } from '../program/hash.js';
import { proveStep } from '../program/step-proof.js';
import { encodeMachineState } from '../referee/machine.js';
import { type Context, PHASES } from './context.js';
import { boundProgramOf, type Execution } from './execution.js';
import type { Game, ProveMove, Refusal, RevealAid, RevealMove, Sender } from './game.js';
import { ownList } from './own-list.js';
import { enterLevel, isFoot } from './reveal.js';
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
export async function proofOf({ context }: Game, execution: Execution, from: Sender): Promise<ProveMove> {
  const { step, k: operator, elem: element, a: instruction } = context;
  const { program, hashes } = execution.bundle;
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
      temporaries: await execution.temporaryHashes(step),
      states: await execution.stateHashes(step),
      constants: hashes.constants,
    },
    before: (await execution.elementStates({ step, operator, element })).stateAt(instruction),
  });
  return { kind: 'prove', from, context, operator: record, state, code, operand };
}

async function aidOf(context: Context, execution: Execution): Promise<RevealAid> {
  const { phase, a, step, k, elem: element } = context;
  if (!isFoot(context)) return { enters: 'nothing' };
  const { operators } = execution.bundle.program;
  const { record: program, leaves } = boundProgramOf(execution.bundle);
  if (phase === PHASES.run) return { enters: 'step', program };
  if (phase === PHASES.ops) {
    return {
      enters: 'operator',
      program,
      operator: operatorRecord(operators[a]!),
      path: openingOf(leaves, a).siblings,
    };
  }
  const states = await execution.elementStates({ step, operator: k, element });
  const final = encodeMachineState(states.stateAt(states.count));
  return { enters: 'element', operator: operatorRecord(operators[k]!), final };
}
