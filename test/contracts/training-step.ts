/** A training step of a compiled job, with every tensor that its operators read and write. */

import { toHex } from '../../src/commitments/hash.js';
import { merkleRoot, openingOf } from '../../src/commitments/merkle.js';
import { chunkList, openWord, tensorHash } from '../../src/commitments/tensor-tree.js';
import { inMemory } from '../../src/commitments/word-source.js';
import { prepare } from '../../src/expr/evaluate.js';
import { outputWords } from '../../src/expr/operator.js';
import type { Bundle } from '../../src/job/bundle.js';
import { operatorLeaf, operatorRecord } from '../../src/program/hash.js';
import { type ProgramOperator, type SlotKind, temporaryCount } from '../../src/program/program.js';
import { decodeMicrocode } from '../../src/referee/codec.js';
import { hashMachineState, type MachineState } from '../../src/referee/machine.js';
import { MACHINE_OPCODES } from '../../src/referee/machine-instructions.js';
import { NO_PROOF, type OperandProof, type StepArguments, stepArguments } from './step-fixture.js';

export type Tensors = Readonly<Record<SlotKind, readonly Uint32Array[]>>;

/** Runs the first step with the interpreter that defines operators. */
export function firstStep({ program, genesis, constants }: Bundle): Tensors {
  const temporary: Uint32Array[] = [];
  const tensors = {
    temporary,
    state: genesis.map(ownCopy),
    constant: constants.map((words) => ownCopy(inMemory(words))),
  };
  for (const operator of program.operators.slice(0, temporaryCount(program))) {
    const evaluate = prepare(operator.operator);
    const operands = operandsOf(tensors, operator);
    temporary.push(
      Uint32Array.from({ length: outputWords(operator.operator) }, (_, element) => evaluate(operands, element, 0)),
    );
  }
  return tensors;
}

export function operandsOf(tensors: Tensors, { slots }: ProgramOperator): Uint32Array[] {
  return slots.map(({ kind, index }) => tensors[kind][index]!);
}

/** What proves one instruction of operator `position` to the referee, from the hashes that a job binds. */
export function proveInstruction(
  { program, hashes }: Bundle,
  tensors: Tensors,
  position: number,
  code: Uint8Array,
  state: MachineState,
): StepArguments {
  const operator = program.operators[position]!;
  const record = operatorRecord(operator);
  const empty = stepArguments({ sources: [[], [], []], slots: [], code, state, position });
  return {
    ...empty,
    frame: {
      operatorLeaf: toHex(operatorLeaf(record)),
      state: toHex(hashMachineState(state)),
      temporaryRoot: toHex(merkleRoot(tensors.temporary.map(tensorHash))),
      stateRoot: toHex(hashes.genesisRoot),
      constantRoot: toHex(merkleRoot(hashes.constants)),
      position,
      temporaries: temporaryCount(program),
      states: program.state.length,
      constants: program.constants.length,
    },
    operator: { ...record, code: toHex(record.code) },
    operand: proveLoad(tensors, operator, code, state),
  };
}

function proveLoad(
  tensors: Tensors,
  operator: ProgramOperator,
  code: Uint8Array,
  { pc, registers }: MachineState,
): OperandProof {
  const instruction = decodeMicrocode(code)[pc];
  const isLoad = instruction?.opcode === MACHINE_OPCODES.loadf || instruction?.opcode === MACHINE_OPCODES.loadi;
  const slot = isLoad ? operator.slots[instruction.imm] : undefined;
  if (slot === undefined) return NO_PROOF;
  const words = tensors[slot.kind][slot.index]!;
  const index = registers[instruction!.ra & 31]!;
  if (index >= words.length) return NO_PROOF;
  const { leaf, siblings } = openingOf(tensors[slot.kind].map(tensorHash), slot.index);
  return {
    tensor: toHex(leaf),
    tensorSiblings: siblings.map(toHex),
    chunk: chunkList(words, Math.floor(index / 256)).map(toHex),
    chunkSiblings: openWord(words, index).siblings.map(toHex),
  };
}

/** Memory that no backend writes to. */
function ownCopy(words: Uint32Array): Uint32Array {
  return Uint32Array.from(words);
}
