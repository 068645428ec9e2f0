/**
 * The referee machine: 32 registers, a program counter, no memory, read-only operands. Every instruction has a defined
 * result for every state, so the machine is total; a contract implements the same function.
 */
import { keccak256 } from '../commitments/keccak.js';
import type { WordSource } from '../commitments/word-source.js';
import { bitsOf, CANONICAL_NAN, isForeignNaN, valueOf } from '../numerics/float32.js';
import type { Instruction } from '../numerics/instructions.js';
import { decodeMicrocode, type MachineInstruction } from './codec.js';
import { IMMEDIATE, MACHINE_OPCODES, REGISTER_COUNT, SCALAR_BY_OPCODE } from './machine-instructions.js';

export interface MachineState {
  /** The number of the next instruction (not a byte offset), unsigned 32 bits. */
  pc: number;
  /** r0 … r31. */
  readonly registers: Uint32Array;
}

/** Microcode made ready to run on some operands. */
export interface Machine {
  readonly instructions: readonly MachineInstruction[];
  readonly operands: readonly WordSource[];
}

/** Bytes of a machine state's preimage: the program counter and 32 registers. */
export const MACHINE_STATE_BYTES = 4 * (1 + REGISTER_COUNT);

/** Decodes microcode for runs over `operands` (one for each slot; words, with any length). */
export function createMachine(code: Uint8Array, operands: readonly WordSource[]): Machine {
  return { instructions: decodeMicrocode(code), operands };
}

/** The state before the first instruction: r0 = element, r1 = training step, all else 0. */
export function startState(element: number, trainingStep: number): MachineState {
  const registers = new Uint32Array(REGISTER_COUNT);
  registers[0] = element;
  registers[1] = trainingStep;
  return { pc: 0, registers };
}

/** Executes one instruction in place. Returns false where the state steps to itself (and always will). */
export function stepMachine(machine: Machine, state: MachineState): boolean {
  const instruction = machine.instructions[state.pc];
  if (instruction === undefined) return false;
  const scalar = SCALAR_BY_OPCODE[instruction.opcode];
  if (scalar !== undefined) {
    state.registers[instruction.rd & 31] = evaluateScalar(scalar, instruction, state.registers);
    state.pc += 1;
    return true;
  }
  return stepMachineOwn(machine, instruction, state);
}

/** Executes `count` instructions in place. `count` may be anything up to 2^32 − 1; a halted machine costs nothing. */
export function runMachine(machine: Machine, state: MachineState, count: number): void {
  for (let done = 0; done < count; done++) {
    if (!stepMachine(machine, state)) return;
  }
}

/** The word of one output element: r0 after exactly `count` instructions. */
export function runElement(machine: Machine, element: number, trainingStep: number, count: number): number {
  const state = startState(element, trainingStep);
  runMachine(machine, state, count);
  return state.registers[0]!;
}

/** The preimage of a state's hash: pc and r0 … r31, each u32 big-endian, 132 bytes. */
export function encodeMachineState(state: MachineState): Uint8Array {
  const bytes = new Uint8Array(MACHINE_STATE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, state.pc);
  state.registers.forEach((word, register) => {
    view.setUint32(4 + 4 * register, word);
  });
  return bytes;
}

/** keccak256 of {@link encodeMachineState}. */
export function hashMachineState(state: MachineState): Uint8Array {
  return keccak256(encodeMachineState(state));
}

function evaluateScalar(scalar: Instruction, instruction: MachineInstruction, registers: Uint32Array): number {
  const { args, result, evaluate } = scalar;
  const { ra, rb, imm } = instruction;
  const second = args.length === 2 && rb === IMMEDIATE ? imm : registers[rb & 31]!;
  const a = registers[ra & 31]!;
  const value = evaluate(
    args[0] === 'f32' ? valueOf(a) : a | 0,
    args[1] === 'f32' ? valueOf(second) : second | 0,
    args[2] === 'f32' ? valueOf(registers[imm & 31]!) : registers[imm & 31]! | 0,
  );
  return result === 'f32' ? bitsOf(value) : value;
}

function stepMachineOwn(machine: Machine, instruction: MachineInstruction, state: MachineState): boolean {
  const { opcode, ra, rb, imm } = instruction;
  const rd = instruction.rd & 31;
  const { registers } = state;
  switch (opcode) {
    case MACHINE_OPCODES.li:
      registers[rd] = imm;
      break;
    case MACHINE_OPCODES.mov:
      registers[rd] = registers[ra & 31]!;
      break;
    case MACHINE_OPCODES.loadf: {
      const word = loadWord(machine.operands, imm, registers[ra & 31]!);
      registers[rd] = isForeignNaN(word) ? CANONICAL_NAN : word;
      break;
    }
    case MACHINE_OPCODES.loadi:
      registers[rd] = loadWord(machine.operands, imm, registers[ra & 31]!);
      break;
    case MACHINE_OPCODES.loop:
      registers[rd] = registers[rd]! + 1;
      state.pc = registers[rd]! < imm ? rb : state.pc + 1;
      return true;
    default:
      return false;
  }
  state.pc += 1;
  return true;
}

/** A slot that does not exist and an index at or beyond its end give 0. */
function loadWord(operands: readonly WordSource[], slot: number, at: number): number {
  return operands[slot]?.at(at) ?? 0;
}
