/** Random programs for the referee machine, drawn from its instruction table and from what is not in it. */
import { encodeMicrocode, type MachineInstruction } from '../../src/referee/codec.js';
import { MACHINE_OPCODES, OPCODE_NAMES, REGISTER_COUNT } from '../../src/referee/machine-instructions.js';
import { type Random, randomWords } from '../../test/referee/random-operators.js';
import type { MachineRun } from './differential.js';

const KNOWN_OPCODES = OPCODE_NAMES.flatMap((name, opcode) => (name === undefined ? [] : [opcode]));
/** Loops run often, so that programs live long; halt is rare. */
const LIVELY_OPCODES = KNOWN_OPCODES.filter((opcode) => opcode !== MACHINE_OPCODES.halt);

/**
 * A program of up to 60 instructions over up to 3 operands, from a random state: register fields of all values, slots and
 * indices within and beyond what exists, loops that jump anywhere, now and then an opcode that does not exist.
 */
export function randomRun(random: Random, count: number): MachineRun {
  const length = 1 + random.below(60);
  const operands = Array.from({ length: random.below(4) }, () => randomWords(random, random.below(40)));
  const instructions = Array.from({ length }, () => randomInstruction(random, length, operands.length));
  if (random.below(16) !== 0) instructions.push(endlessLoop(random));
  const cut = random.below(8) === 0 ? random.below(8) : 0;
  const code = encodeMicrocode(instructions);
  return {
    code: code.subarray(0, code.length - cut),
    operands,
    start: { pc: random.below(30) === 0 ? random.word() : random.below(4), registers: randomRegisters(random) },
    count,
  };
}

/** Back to the start, as good as always; without it most programs soon run off their end. */
function endlessLoop(random: Random): MachineInstruction {
  return { opcode: MACHINE_OPCODES.loop, rd: random.below(256), ra: 0, rb: 0, imm: 0xffffffff };
}

function randomRegisters(random: Random): Uint32Array {
  return Uint32Array.from({ length: REGISTER_COUNT }, () => (random.below(3) === 0 ? random.below(50) : random.word()));
}

function randomInstruction(random: Random, length: number, operandCount: number): MachineInstruction {
  const opcode = random.below(150) === 0 ? random.below(256) : LIVELY_OPCODES[random.below(LIVELY_OPCODES.length)]!;
  const fields = { opcode, rd: random.below(256), ra: random.below(256), rb: random.below(256), imm: random.word() };
  if (random.below(4) === 0) fields.rb = 0xff;
  switch (opcode) {
    case MACHINE_OPCODES.loop:
      // Mostly jumps backwards and bounds that are far away.
      if (random.below(50) !== 0) fields.rb = random.below(length);
      break;
    case MACHINE_OPCODES.li:
      if (random.below(2) === 0) fields.imm = random.below(45);
      break;
    case MACHINE_OPCODES.loadf:
    case MACHINE_OPCODES.loadi:
      if (random.below(20) !== 0) fields.imm = random.below(operandCount + 1);
      break;
  }
  return fields;
}
