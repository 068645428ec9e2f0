/** Microcode as text, for people: one instruction a line, with labels where a loop begins. */
import { decodeMicrocode, type MachineInstruction } from './codec.js';
import { IMMEDIATE, MACHINE_OPCODES, OPCODE_NAMES, SCALAR_BY_OPCODE } from './machine-instructions.js';

/** The lines of a listing: `  12  fadd      r3, r2, 0x3f800000`, with a line `L4:` before the target of a loop. */
export function disassemble(code: Uint8Array): string[] {
  const instructions = decodeMicrocode(code);
  const targets = new Set(instructions.filter(({ opcode }) => opcode === MACHINE_OPCODES.loop).map(({ rb }) => rb));
  return instructions.flatMap((instruction, at) => {
    const line = `${String(at).padStart(4)}  ${disassembleInstruction(instruction)}`;
    return targets.has(at) ? [`L${at}:`, line] : [line];
  });
}

/** One instruction as text: its mnemonic and its operands. */
export function disassembleInstruction(instruction: MachineInstruction): string {
  const { opcode } = instruction;
  const name = OPCODE_NAMES[opcode];
  if (name === undefined) return `${'unknown'.padEnd(9)} ${hexadecimal(opcode)}`;
  return `${name.padEnd(9)} ${operandsOf(instruction).join(', ')}`.trimEnd();
}

/** The name of an opcode, or undefined for a number that no instruction has. */
export function opcodeName(opcode: number): string | undefined {
  return OPCODE_NAMES[opcode];
}

function operandsOf({ opcode, rd, ra, rb, imm }: MachineInstruction): string[] {
  switch (opcode) {
    case MACHINE_OPCODES.halt:
      return [];
    case MACHINE_OPCODES.li:
      return [register(rd), hexadecimal(imm)];
    case MACHINE_OPCODES.mov:
      return [register(rd), register(ra)];
    case MACHINE_OPCODES.loadf:
    case MACHINE_OPCODES.loadi:
      return [register(rd), `slot${imm}[${register(ra)}]`];
    case MACHINE_OPCODES.loop:
      return [register(rd), String(imm), `L${rb}`];
  }
  const arity = SCALAR_BY_OPCODE[opcode]!.args.length;
  const operands = [register(rd), register(ra)];
  if (arity >= 2) operands.push(arity === 2 && rb === IMMEDIATE ? hexadecimal(imm) : register(rb));
  if (arity === 3) operands.push(register(imm));
  return operands;
}

function register(field: number): string {
  return `r${field & 31}`;
}

function hexadecimal(word: number): string {
  return `0x${word.toString(16)}`;
}
