/**
 * The drill: one bit of one element of one operator's output is flipped in one training step, in training and in every
 * later answer of that run, so that a cheat can be played from end to end.
 */
import type { Executor, Words } from '../backends/backend.js';
import { fail } from '../errors/index.js';
import { outputWords } from '../expr/operator.js';
import type { Program } from '../program/program.js';

export interface Fault {
  /** The training step, from 0. */
  readonly step: number;
  /** The operator, 0 … M+T−1. */
  readonly operator: number;
  readonly element: number;
  /** 0 … 31. */
  readonly bit: number;
}

/** Refuses a fault that points at nothing. */
export function checkFault(fault: Fault, program: Program, steps: number): void {
  const operator = program.operators[fault.operator]?.operator;
  const bounds: [name: keyof Fault, limit: number][] = [
    ['step', steps],
    ['operator', program.operators.length],
    ['element', operator === undefined ? 0 : outputWords(operator)],
    ['bit', 32],
  ];
  for (const [name, limit] of bounds) {
    if (fault[name] >= limit) throw fail('run.fault-out-of-range', { part: name, given: fault[name], limit });
  }
}

/** Runs training steps like `executor.run`, with the fault where its step is among them. */
export async function runWithFault(
  executor: Executor,
  from: number,
  steps: number,
  fault: Fault | null,
): Promise<Words[]> {
  if (fault === null || fault.step < from || fault.step >= from + steps) return executor.run(from, steps);
  const before = await executor.run(from, fault.step - from);
  const during = await executor.runObserved(fault.step, flipping(fault));
  const after = await executor.run(fault.step + 1, from + steps - fault.step - 1);
  return [...before, during, ...after];
}

/** A visitor that flips the fault's bit and then shows the output to another visitor. */
export function flipping(fault: Fault | null, visit?: (operator: number, output: Words) => void) {
  return (operator: number, output: Words): void => {
    if (fault !== null && operator === fault.operator) output[fault.element]! ^= 1 << fault.bit;
    visit?.(operator, output);
  };
}

/**
 * The bits that the fault flips in one element, 0 where it does not meet it. Inside the element the machine is honest
 * until its last instruction: these bits are flipped in r0 of the state after it (`resultFlip` of `statesOfElement`).
 */
export function flippedBits(
  fault: Fault | null,
  place: { readonly step: number; readonly operator: number; readonly element: number },
): number {
  const isMet = fault?.step === place.step && fault.operator === place.operator && fault.element === place.element;
  return isMet ? (1 << fault.bit) >>> 0 : 0;
}
