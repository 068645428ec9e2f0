/**
 * The referee machine's instruction set and the meaning of the fields of an instruction.
 *
 * An instruction is 8 bytes: opcode u8, rd u8, ra u8, rb u8, imm u32 (big-endian). A register field counts modulo 32.
 * Scalar instructions have the opcodes and the meaning of `numerics/instructions.ts`:
 *
 * - one operand: `rd := op(ra)`;
 * - two operands: `rd := op(ra, rb)`, and where the field rb is {@link IMMEDIATE}, `rd := op(ra, imm)`;
 * - three operands: `rd := op(ra, rb, rc)`, where rc is the register `imm` modulo 32.
 *
 * Registers have no type: a binary32 operand is the value of the register's bits, and a binary32 result is written as
 * bits with a canonical NaN. The opcode 0x34 (select) copies bits as they are.
 */
import { INSTRUCTIONS, type Instruction } from '../numerics/instructions.js';

/** Instructions of the machine that no expression contains. Numbers are never reused, never changed. */
export const MACHINE_OPCODES = {
  /** Steps to itself, like an unknown opcode and a program counter past the end. */
  halt: 0x00,
  /** `rd := imm` */
  li: 0x01,
  /** `rd := ra` */
  mov: 0x02,
  /** `rd := canonical(slot[imm][ra])`: the word of a binary32 operand, with any NaN made canonical. */
  loadf: 0x03,
  /** `rd := slot[imm][ra]`: the word of an operand as it is. */
  loadi: 0x04,
  /** `rd := rd + 1; if rd < imm (unsigned) then continue at instruction rb`: the end of a counted loop. */
  loop: 0x05,
} as const;

/** The value of the field rb that makes `imm` the second operand. */
export const IMMEDIATE = 0xff;

export const REGISTER_COUNT = 32;
export const INSTRUCTION_BYTES = 8;
/** The most instructions that an operator's microcode may have: 2 KiB. */
export const MAX_INSTRUCTIONS = 256;
/** The most operands that an operator may have. */
export const MAX_SLOTS = 8;

/** The scalar instruction of each opcode, by opcode; undefined where an opcode is the machine's own or unknown. */
export const SCALAR_BY_OPCODE: readonly (Instruction | undefined)[] = scalarByOpcode();

/** The name of each opcode that exists, by opcode. */
export const OPCODE_NAMES: readonly (string | undefined)[] = opcodeNames();

function scalarByOpcode(): (Instruction | undefined)[] {
  const table = new Array<Instruction | undefined>(256).fill(undefined);
  for (const instruction of Object.values(INSTRUCTIONS)) table[instruction.opcode] = instruction;
  // Two names share this opcode; the machine's registers have no type, so it copies bits.
  table[INSTRUCTIONS.iselect.opcode] = INSTRUCTIONS.iselect;
  return table;
}

function opcodeNames(): (string | undefined)[] {
  const table = new Array<string | undefined>(256).fill(undefined);
  for (const [name, { opcode }] of Object.entries(INSTRUCTIONS)) table[opcode] = name;
  table[INSTRUCTIONS.iselect.opcode] = 'select';
  for (const [name, opcode] of Object.entries(MACHINE_OPCODES)) table[opcode] = name;
  return table;
}
