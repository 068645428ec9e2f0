/** What the solver adds to a list where a level begins; all of it but the last machine state follows from the job. */
import { openingOf } from '../commitments/merkle.js';
import type { Bundle } from '../job/bundle.js';
import { operatorRecord } from '../program/hash.js';
import { encodeMachineState } from '../referee/machine.js';
import { type Context, PHASES } from './context.js';
import { boundProgramOf, type Execution } from './execution.js';
import type { OperatorAid, RevealAid, StepAid } from './game.js';
import { isFoot } from './reveal.js';

/** What the next reveal needs. */
export async function aidOf(context: Context, execution: Execution): Promise<RevealAid> {
  const { phase, a, step, k, elem: element } = context;
  const { bundle } = execution;
  if (!isFoot(context)) return { enters: 'nothing' };
  if (phase === PHASES.run) return stepAid(bundle);
  if (phase === PHASES.ops) return operatorAid(bundle, a);
  const states = await execution.elementStates({ step, operator: k, element });
  const final = encodeMachineState(states.stateAt(states.count));
  return { enters: 'element', operator: operatorRecord(bundle.program.operators[k]!), final };
}

/** The program, at the end of RUN. */
export function stepAid(bundle: Bundle): StepAid {
  return { enters: 'step', program: boundProgramOf(bundle).record };
}

/** Operator k, at the end of OPS. */
export function operatorAid(bundle: Bundle, k: number): OperatorAid {
  const { record: program, leaves } = boundProgramOf(bundle);
  const operator = operatorRecord(bundle.program.operators[k]!);
  return { enters: 'operator', program, operator, path: openingOf(leaves, k).siblings };
}
