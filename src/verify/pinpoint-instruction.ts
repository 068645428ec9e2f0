/** From an element that two executions compute differently to the first instruction whose next states differ. */
import { equalHashes } from '../commitments/hash.js';
import { type ElementParameters, type ElementStates, statesOfElement } from '../program/element-states.js';
import { type InstructionReport, reportInstruction } from './instruction-report.js';

export type PinpointParameters = Omit<ElementParameters, 'resultFlip'> & {
  /** The bits of the element's right value, and of the one that is claimed. */
  readonly expected: number;
  readonly claimed: number;
};

/**
 * Finds the instruction at which a claimed element leaves the honest execution.
 *
 * The claim's own states are those of a solver who answers consistently with the word he claims: both sides execute the
 * same microcode on the same operands, so he can only be wrong where that word appears, in the state after the last
 * instruction.
 */
export function pinpointInstruction({ expected, claimed, ...parameters }: PinpointParameters): InstructionReport {
  const honest = statesOfElement(parameters);
  const word = honest.stateAt(honest.count).registers[0]!;
  if (word !== expected) {
    throw new Error(`the referee machine computes ${word} and the backend ${expected}: one of the two is broken`);
  }
  const theirs = statesOfElement({ ...parameters, resultFlip: (expected ^ claimed) >>> 0 });
  const index = firstDifferingInstruction(honest, theirs);
  const { dtype } = parameters.program.operators[parameters.operator]!.operator;
  return reportInstruction({ expected: honest, claimed: theirs, index, dtype });
}

/** Bisects: the states before the found instruction are equal, those after it are not. Both must end differently. */
function firstDifferingInstruction(honest: ElementStates, theirs: ElementStates): number {
  let [low, high] = [0, honest.count];
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    const [mine, other] = [honest.hashesAt([middle])[0]!, theirs.hashesAt([middle])[0]!];
    if (equalHashes(mine, other)) low = middle;
    else high = middle;
  }
  return low;
}
