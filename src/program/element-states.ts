/**
 * The chain of machine states inside one output element: what a dispute bisects. Nothing is stored of it but a few
 * states that were asked for; everything between them is computed again.
 */
import type { Hash } from '../commitments/hash.js';
import type { WordSource } from '../commitments/word-source.js';
import { fail } from '../errors/index.js';
import { outputWords } from '../expr/operator.js';
import { compileMicrocode } from '../referee/compile-microcode.js';
import {
  createMachine,
  hashMachineState,
  type Machine,
  type MachineState,
  runMachine,
  startState,
} from '../referee/machine.js';
import type { Program } from './program.js';

export interface ElementParameters {
  readonly program: Program;
  /** k, 0 … M+T−1. */
  readonly operator: number;
  readonly element: number;
  readonly step: number;
  /** The words of each operand of the operator, in order. */
  readonly operands: readonly WordSource[];
  /**
   * Bits that are flipped in r0 of the state after the last instruction; 0 unless told. This is how a solver whose
   * output was tampered with answers: all his states are honest up to the last instruction, whose result cannot come
   * out of an honest machine.
   */
  readonly resultFlip?: number;
}

/** The machine states 0 … N of one element; state t is the one before instruction t. */
export interface ElementStates {
  readonly code: Uint8Array;
  readonly machine: Machine;
  /** N: the number of instructions. */
  readonly count: number;
  /** State `index`, a copy. @throws `commitment.index-out-of-range` */
  stateAt(index: number): MachineState;
  /** The hashes of some states. Costs one run up to the largest index, or less. @throws `commitment.index-out-of-range` */
  hashesAt(indices: readonly number[]): Hash[];
}

/** Two rounds of a dispute: their states are where the next round begins. */
const MAX_KEPT = 64;

/**
 * The machine states of an element.
 *
 * @throws `program.…` for an operator that does not fit the referee machine
 */
export function statesOfElement(parameters: ElementParameters): ElementStates {
  const { element, step, resultFlip = 0 } = parameters;
  const { code, instructions: count } = microcodeOf(parameters);
  const machine = createMachine(code, parameters.operands);
  const kept = new Map<number, MachineState>();

  const honestState = (index: number): MachineState => {
    const from = nearest(kept, index);
    const state = from === undefined ? startState(element, step) : copyState(kept.get(from)!);
    runMachine(machine, state, index - (from ?? 0));
    keep(kept, index, state);
    return state;
  };
  const stateAt = (index: number): MachineState => {
    checkIndex(index, count);
    const state = copyState(honestState(index));
    if (index === count) state.registers[0]! ^= resultFlip;
    return state;
  };
  return {
    code,
    machine,
    count,
    stateAt,
    hashesAt: (indices) => {
      const hashes = new Map<number, Hash>();
      // In ascending order each state begins where the one before it ended.
      for (const index of [...indices].sort((a, b) => a - b)) hashes.set(index, hashMachineState(stateAt(index)));
      return indices.map((index) => hashes.get(index)!);
    },
  };
}

function copyState({ pc, registers }: MachineState): MachineState {
  return { pc, registers: registers.slice() };
}

function microcodeOf({ program, operator: k, element, operands }: ElementParameters) {
  const entry = program.operators[k];
  if (entry === undefined) throw new Error(`operator ${k} of ${program.operators.length}`);
  const { operator, label } = entry;
  if (element >= outputWords(operator)) throw new Error(`element ${element} of ${outputWords(operator)}`);
  const [have, want] = [operands.map(({ length }) => length), operator.operands.map(({ words }) => words)];
  if (have.join() !== want.join())
    throw new Error(`operands of ${have.join()} words for an operator of ${want.join()}`);
  return compileMicrocode(operator, label);
}

function checkIndex(index: number, count: number): void {
  if (Number.isSafeInteger(index) && index >= 0 && index <= count) return;
  throw fail('commitment.index-out-of-range', { what: 'machine state', index, count: count + 1 });
}

/** The largest kept index up to `index`. */
function nearest(kept: ReadonlyMap<number, MachineState>, index: number): number | undefined {
  let best: number | undefined;
  for (const at of kept.keys()) {
    if (at <= index && (best === undefined || at > best)) best = at;
  }
  return best;
}

function keep(kept: Map<number, MachineState>, index: number, state: MachineState): void {
  kept.delete(index);
  kept.set(index, state);
  const [oldest] = kept.keys();
  if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
}
