/** Microcode as bytes. Every list of instructions has one encoding, and every 8 bytes are some instruction. */
import { INSTRUCTION_BYTES } from './machine-instructions.js';

/** One instruction, field by field. `opcode`, `rd`, `ra` and `rb` are bytes; `imm` is an unsigned 32-bit number. */
export interface MachineInstruction {
  readonly opcode: number;
  readonly rd: number;
  readonly ra: number;
  readonly rb: number;
  readonly imm: number;
}

/** Encodes instructions: 8 bytes each, `imm` big-endian. */
export function encodeMicrocode(instructions: readonly MachineInstruction[]): Uint8Array {
  const code = new Uint8Array(instructions.length * INSTRUCTION_BYTES);
  const view = new DataView(code.buffer);
  instructions.forEach(({ opcode, rd, ra, rb, imm }, at) => {
    code.set([opcode, rd, ra, rb], at * INSTRUCTION_BYTES);
    view.setUint32(at * INSTRUCTION_BYTES + 4, imm);
  });
  return code;
}

/** Decodes microcode. Bytes behind the last whole instruction are not executed and are dropped. */
export function decodeMicrocode(code: Uint8Array): MachineInstruction[] {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  return Array.from({ length: Math.floor(code.length / INSTRUCTION_BYTES) }, (_, index) => {
    const at = index * INSTRUCTION_BYTES;
    return {
      opcode: view.getUint8(at),
      rd: view.getUint8(at + 1),
      ra: view.getUint8(at + 2),
      rb: view.getUint8(at + 3),
      imm: view.getUint32(at + 4),
    };
  });
}
