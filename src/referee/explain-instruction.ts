/** One instruction in the state it is executed in, for people: its text, where it stands, what it reads and sets. */
import type { DType } from '../numerics/instructions.js';
import type { MachineInstruction } from './codec.js';
import { disassembleInstruction, opcodeName } from './disassemble.js';
import type { Machine, MachineState } from './machine.js';
import { IMMEDIATE, MACHINE_OPCODES, SCALAR_BY_OPCODE } from './machine-instructions.js';

/** A word with a name: a register (`r3`), a word of an operand (`slot0[17]`) or an immediate (`imm`). */
export interface NamedWord {
  readonly name: string;
  readonly word: number;
  readonly dtype: DType;
}

export interface InstructionExplanation {
  /** Its mnemonic; `halt` past the end of the code, `unknown` for an opcode that no instruction has. */
  readonly opcode: string;
  /** The disassembled line, without its number and columns. */
  readonly text: string;
  /** The label of the innermost loop around it, such as `L4`. */
  readonly loop: string | null;
  readonly reads: readonly NamedWord[];
  /** The register that it sets, and the type of what it sets it to. */
  readonly sets: { readonly register: number; readonly dtype: DType } | null;
}

/**
 * Explains the instruction that a state stands before.
 *
 * @param fallback - the type of words that the machine only moves
 */
export function explainInstruction(machine: Machine, before: MachineState, fallback: DType): InstructionExplanation {
  const instruction = machine.instructions[before.pc];
  if (instruction === undefined) {
    return { opcode: 'halt', text: 'halt (past the end)', loop: null, reads: [], sets: null };
  }
  return {
    opcode: opcodeName(instruction.opcode) ?? 'unknown',
    text: disassembleInstruction(instruction).replace(/\s+/g, ' '),
    loop: innermostLoop(machine.instructions, before.pc),
    reads: readsOf(instruction, machine, before, fallback),
    sets: setsOf(instruction, fallback),
  };
}

/** The loop with the last beginning among those that span the place. */
function innermostLoop(instructions: readonly MachineInstruction[], pc: number): string | null {
  const begins = instructions.flatMap(({ opcode, rb }, end) =>
    opcode === MACHINE_OPCODES.loop && rb <= pc && pc <= end ? [rb] : [],
  );
  return begins.length === 0 ? null : `L${Math.max(...begins)}`;
}

function readsOf(
  instruction: MachineInstruction,
  { operands }: Machine,
  { registers }: MachineState,
  fallback: DType,
): NamedWord[] {
  const { opcode, rd, ra, rb, imm } = instruction;
  const read = (field: number, dtype: DType): NamedWord => {
    const register = field & 31;
    return { name: `r${register}`, word: registers[register]!, dtype };
  };
  switch (opcode) {
    case MACHINE_OPCODES.mov:
      return [read(ra, fallback)];
    case MACHINE_OPCODES.loop:
      return [read(rd, 'i32')];
    case MACHINE_OPCODES.loadf:
    case MACHINE_OPCODES.loadi: {
      const at = registers[ra & 31]!;
      const dtype = opcode === MACHINE_OPCODES.loadf ? 'f32' : 'i32';
      return [read(ra, 'i32'), { name: `slot${imm}[${at}]`, word: operands[imm]?.at(at) ?? 0, dtype }];
    }
  }
  const args = scalarTypes(opcode, fallback)?.args ?? [];
  const fields = [ra, rb, imm];
  return args.map((dtype, at) => {
    const isImmediate = args.length === 2 && at === 1 && rb === IMMEDIATE;
    return isImmediate ? { name: 'imm', word: imm, dtype } : read(fields[at]!, dtype);
  });
}

function setsOf({ opcode, rd }: MachineInstruction, fallback: DType): InstructionExplanation['sets'] {
  const register = rd & 31;
  switch (opcode) {
    case MACHINE_OPCODES.li:
    case MACHINE_OPCODES.mov:
      return { register, dtype: fallback };
    case MACHINE_OPCODES.loadf:
      return { register, dtype: 'f32' };
    case MACHINE_OPCODES.loadi:
    case MACHINE_OPCODES.loop:
      return { register, dtype: 'i32' };
  }
  const types = scalarTypes(opcode, fallback);
  return types === undefined ? null : { register, dtype: types.result };
}

/** A choice copies bits, whatever they stand for. */
function scalarTypes(opcode: number, fallback: DType): { args: readonly DType[]; result: DType } | undefined {
  const scalar = SCALAR_BY_OPCODE[opcode];
  if (scalar === undefined) return undefined;
  if (opcodeName(opcode) === 'select') return { args: ['i32', fallback, fallback], result: fallback };
  return { args: scalar.args, result: scalar.result };
}
