/** One executed instruction as people and documents see it: operands, the state before it and the state after it. */
import { toHex } from '../commitments/hash.js';
import type { DType } from '../numerics/instructions.js';
import type { ElementStates } from '../program/element-states.js';
import { explainInstruction, type InstructionExplanation, type NamedWord } from '../referee/explain-instruction.js';
import { hashMachineState, type MachineState } from '../referee/machine.js';
import { type WordValue, wordValue } from './word-value.js';

/** A word with a name: a register (`r3`), a word of an operand (`slot0[17]`) or an immediate (`imm`). */
export type NamedValue = WordValue & { readonly name: string };

export interface StateReport {
  readonly pc: number;
  /** r0 … r31 as bits (0x-hex). */
  readonly registers: readonly string[];
  /** keccak256 of pc and registers: what a dispute posts. */
  readonly hash: string;
}

export interface InstructionReport {
  /** How many instructions were executed before it: 0 … N−1. */
  readonly index: number;
  /** N: the number of instructions of the element. */
  readonly of: number;
  /** Its mnemonic, such as `fadd`. */
  readonly opcode: string;
  /** Its number in the microcode. */
  readonly pc: number;
  /** The disassembled line. */
  readonly text: string;
  /** The label of the innermost loop around it. */
  readonly loop: string | null;
  /** What it reads. */
  readonly operands: readonly NamedValue[];
  readonly before: StateReport;
  /** The state that an honest machine gets. */
  readonly expected: StateReport;
  /** The state that the run claims. */
  readonly claimed: StateReport;
  /** The register that the instruction sets (or `pc`, where it only jumps); where states differ, one that differs. */
  readonly result: { readonly name: string; readonly expected: WordValue; readonly claimed: WordValue } | null;
}

export interface ReportInstructionParameters {
  /** The states of an honest machine, and those that the run claims. They agree up to `index`. */
  readonly expected: ElementStates;
  readonly claimed: ElementStates;
  readonly index: number;
  /** The type of the operator's output. */
  readonly dtype: DType;
}

/** Reports instruction `index` of an element. @throws `commitment.index-out-of-range` */
export function reportInstruction({ expected, claimed, index, dtype }: ReportInstructionParameters): InstructionReport {
  const before = expected.stateAt(index);
  const [honest, theirs] = [expected.stateAt(index + 1), claimed.stateAt(index + 1)];
  const explanation = explainInstruction(expected.machine, before, dtype);
  return {
    index,
    of: expected.count,
    opcode: explanation.opcode,
    pc: before.pc,
    text: explanation.text,
    loop: explanation.loop,
    operands: explanation.reads.map(namedValue),
    before: reportState(before),
    expected: reportState(honest),
    claimed: reportState(theirs),
    result: resultOf(explanation, honest, theirs, dtype),
  };
}

function reportState(state: MachineState): StateReport {
  return {
    pc: state.pc,
    registers: Array.from(state.registers, (word) => wordValue(word, 'i32').bits),
    hash: toHex(hashMachineState(state)),
  };
}

function namedValue({ name, word, dtype }: NamedWord): NamedValue {
  return { name, ...wordValue(word, dtype) };
}

function resultOf(
  { sets }: InstructionExplanation,
  honest: MachineState,
  theirs: MachineState,
  dtype: DType,
): InstructionReport['result'] {
  const differing = honest.registers.findIndex((word, register) => word !== theirs.registers[register]);
  const register = differing >= 0 ? differing : sets?.register;
  if (honest.pc !== theirs.pc && differing < 0) return pair('pc', honest.pc, theirs.pc, 'i32');
  if (register === undefined) return null;
  const type = register === sets?.register ? sets.dtype : dtype;
  return pair(`r${register}`, honest.registers[register]!, theirs.registers[register]!, type);
}

function pair(name: string, expected: number, claimed: number, dtype: DType) {
  return { name, expected: wordValue(expected, dtype), claimed: wordValue(claimed, dtype) };
}
