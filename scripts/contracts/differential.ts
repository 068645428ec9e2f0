/**
 * Compares compiled bytecode with the TypeScript machine: after every instruction of a program, and after every row of
 * a table of operands. Both sides fold what they see into one hash; where the hashes differ, halving finds the place.
 */
import { bytesToHex, type Hex, zeroHash } from '../../src/commitments/hash.js';
import { keccak256 } from '../../src/commitments/keccak.js';
import { merkleNode } from '../../src/commitments/merkle.js';
import { decodeMicrocode, encodeMicrocode } from '../../src/referee/codec.js';
import { disassembleInstruction } from '../../src/referee/disassemble.js';
import {
  createMachine,
  encodeMachineState,
  hashMachineState,
  type MachineState,
  stepMachine,
} from '../../src/referee/machine.js';
import { REGISTER_COUNT } from '../../src/referee/machine-instructions.js';
import type { Contracts } from './harness.js';

/** A program to run on both machines. */
export interface MachineRun {
  readonly code: Uint8Array;
  readonly operands: readonly Uint32Array[];
  readonly start: MachineState;
  /** How many instructions to execute; every state after one is compared. */
  readonly count: number;
}

/** Runs on both machines. Returns where they first differ, in words for people, or undefined. */
export async function compareRun({ harness }: Contracts, run: MachineRun): Promise<string | undefined> {
  const onChain = async (count: number): Promise<readonly [Hex, Hex]> =>
    harness('run', [
      bytesToHex(run.code),
      bytesToHex(encodeMachineState(run.start)),
      run.operands.map((words) => bytesToHex(bigEndian(words))),
      BigInt(count),
    ]);
  const isEqual = async (count: number): Promise<boolean> => (await onChain(count))[0] === runHere(run, count).digest;
  if (await isEqual(run.count)) return undefined;
  const count = await firstFailing(run.count, isEqual);
  const before = runHere(run, count - 1).state;
  const instruction = decodeMicrocode(run.code)[before.pc];
  const text = instruction === undefined ? 'past the end' : disassembleInstruction(instruction);
  const [, claimed] = await onChain(count);
  return `instruction ${count}: ${text}\nbefore   ${hexOf(before)}\nhere     ${hexOf(runHere(run, count).state)}\non chain ${claimed}`;
}

/**
 * Applies an operation to rows of three words (a, b, c; those that it has not are ignored) on both machines. Returns the
 * first row where they differ, in words for people, or undefined.
 */
export async function compareRows(
  { harness }: Contracts,
  opcode: number,
  rows: Uint32Array,
): Promise<string | undefined> {
  const expected = applyHere(opcode, rows);
  const isEqual = async (count: number): Promise<boolean> => {
    const digest = await harness('applyScalar', [BigInt(opcode), bytesToHex(bigEndian(rows.subarray(0, 3 * count)))]);
    return digest === bytesToHex(keccak256(bigEndian(expected.subarray(0, count))));
  };
  if (await isEqual(expected.length)) return undefined;
  const row = (await firstFailing(expected.length, isEqual)) - 1;
  const words = [...rows.subarray(3 * row, 3 * row + 3), expected[row]!].map((word) => word.toString(16));
  return `opcode ${opcode.toString(16)} of ${words.slice(0, 3).join(', ')} is not ${words[3]} on chain`;
}

/** The words of a row's results: rd of `op rd, r1, r2, r3`. */
export function applyHere(opcode: number, rows: Uint32Array): Uint32Array {
  const code = encodeMicrocode([{ opcode, rd: 0, ra: 1, rb: 2, imm: 3 }]);
  const machine = createMachine(code, []);
  const state: MachineState = { pc: 0, registers: new Uint32Array(REGISTER_COUNT) };
  return Uint32Array.from({ length: Math.floor(rows.length / 3) }, (_, row) => {
    state.pc = 0;
    state.registers.set(rows.subarray(3 * row, 3 * row + 3), 1);
    stepMachine(machine, state);
    return state.registers[0]!;
  });
}

function runHere(run: MachineRun, count: number): { digest: Hex; state: MachineState } {
  const machine = createMachine(run.code, run.operands);
  const state: MachineState = { pc: run.start.pc, registers: run.start.registers.slice() };
  let digest = zeroHash();
  let hash = hashMachineState(state);
  for (let done = 0; done < count; done++) {
    if (stepMachine(machine, state)) hash = hashMachineState(state);
    digest = merkleNode(digest, hash);
  }
  return { digest: bytesToHex(digest), state };
}

/** The least count from 1 to `count` that fails, where `count` does and prefixes of equal runs are equal. */
async function firstFailing(count: number, isEqual: (count: number) => Promise<boolean>): Promise<number> {
  let low = 0;
  let high = count;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isEqual(middle)) low = middle;
    else high = middle;
  }
  return high;
}

/** Words as bytes, each big-endian, which is how the harness reads them. */
function bigEndian(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => {
    view.setUint32(4 * index, word);
  });
  return bytes;
}

function hexOf(state: MachineState): Hex {
  return bytesToHex(encodeMachineState(state));
}
