/** One instruction of an operator with everything that proves it, over made-up tensors. */
import { bytesToHex, type Hash, type Hex, toHex } from '../../src/commitments/hash.js';
import { keccak256 } from '../../src/commitments/keccak.js';
import { merkleRoot, openingOf } from '../../src/commitments/merkle.js';
import { chunkList, openWord, tensorHash } from '../../src/commitments/tensor-tree.js';
import { operatorLeaf } from '../../src/program/hash.js';
import {
  createMachine,
  encodeMachineState,
  hashMachineState,
  type MachineState,
  stepMachine,
} from '../../src/referee/machine.js';

/** What an operator may read: the tensors of each kind, in the order of the kinds' numbers. */
export type Sources = readonly (readonly Uint32Array[])[];

export interface SlotFields {
  readonly kind: number;
  readonly index: number;
  readonly words: number;
}

/** The arguments of `executeStep`, by name, so that a test can alter one. */
export interface StepArguments {
  readonly frame: {
    readonly operatorLeaf: Hex;
    readonly state: Hex;
    readonly temporaryRoot: Hex;
    readonly stateRoot: Hex;
    readonly constantRoot: Hex;
    readonly position: number;
    readonly temporaries: number;
    readonly states: number;
    readonly constants: number;
  };
  readonly operator: {
    readonly code: Hex;
    readonly instructions: number;
    readonly words: number;
    readonly slots: readonly bigint[];
  };
  readonly state: Hex;
  readonly code: Hex;
  readonly operand: OperandProof;
}

export interface OperandProof {
  readonly tensor: Hex;
  readonly tensorSiblings: readonly Hex[];
  readonly chunk: readonly Hex[];
  readonly chunkSiblings: readonly Hex[];
}

export const NO_PROOF: OperandProof = {
  tensor: `0x${'00'.repeat(32)}`,
  tensorSiblings: [],
  chunk: [],
  chunkSiblings: [],
};

export interface StepSetting {
  readonly sources: Sources;
  readonly slots: readonly SlotFields[];
  readonly code: Uint8Array;
  readonly state: MachineState;
  /** The operator's number k. */
  readonly position: number;
}

/** The arguments without a proof, which is right where nothing is loaded. */
export function stepArguments({ sources, slots, code, state, position }: StepSetting): StepArguments {
  const [temporaries, states, constants] = sources;
  const record = { code: keccak256(code), instructions: 7, words: 11, slots: slots.map(packFields) };
  return {
    frame: {
      operatorLeaf: toHex(operatorLeaf(record)),
      state: toHex(hashMachineState(state)),
      temporaryRoot: toHex(rootOf(temporaries!)),
      stateRoot: toHex(rootOf(states!)),
      constantRoot: toHex(rootOf(constants!)),
      position,
      temporaries: temporaries!.length,
      states: states!.length,
      constants: constants!.length,
    },
    operator: { ...record, code: toHex(record.code) },
    state: bytesToHex(encodeMachineState(state)),
    code: bytesToHex(code),
    operand: NO_PROOF,
  };
}

/** The proof of one word of one tensor. */
export function proveWord(tensors: readonly Uint32Array[], tensor: number, word: number): OperandProof {
  const words = tensors[tensor]!;
  const opening = openingOf(tensors.map(tensorHash), tensor);
  return {
    tensor: toHex(opening.leaf),
    tensorSiblings: opening.siblings.map(toHex),
    chunk: chunkList(words, Math.floor(word / 256)).map(toHex),
    chunkSiblings: openWord(words, word).siblings.map(toHex),
  };
}

/** The hash of the state after one instruction, by the TypeScript machine. */
export function nextStateHash(code: Uint8Array, operands: readonly Uint32Array[], state: MachineState): Hex {
  const next: MachineState = { pc: state.pc, registers: state.registers.slice() };
  stepMachine(createMachine(code, operands), next);
  return toHex(hashMachineState(next));
}

/** In the order of the contract's parameters. */
export function inOrder({ frame, operator, state, code, operand }: StepArguments) {
  return [frame, operator, state, code, operand] as const;
}

function packFields({ kind, index, words }: SlotFields): bigint {
  return (BigInt(kind) << 64n) | (BigInt(index) << 32n) | BigInt(words);
}

function rootOf(tensors: readonly Uint32Array[]): Hash {
  return merkleRoot(tensors.map(tensorHash));
}
