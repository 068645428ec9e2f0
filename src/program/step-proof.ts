/**
 * The proof of one machine instruction: everything that the referee needs to execute it, and nothing of the tensors but
 * the one chunk that the instruction reads (protocol §1, `prove`).
 */
import { type Hash, zeroHash } from '../commitments/hash.js';
import { merkleRoot, openingOf } from '../commitments/merkle.js';
import { CHUNK_WORDS, chunkList, openWord } from '../commitments/tensor-tree.js';
import type { WordSource } from '../commitments/word-source.js';
import { decodeMicrocode, type MachineInstruction } from '../referee/codec.js';
import { compileMicrocode } from '../referee/compile-microcode.js';
import { encodeMachineState, hashMachineState, type MachineState } from '../referee/machine.js';
import { MACHINE_OPCODES } from '../referee/machine-instructions.js';
import { type OperatorRecord, operatorLeaf, operatorRecord } from './hash.js';
import { type Program, type Slot, type SlotKind, temporaryCount } from './program.js';

/** What a dispute has bound by the time it comes to one instruction. */
export interface StepFrame {
  readonly operatorLeaf: Hash;
  /** Hash of the machine state before the instruction. */
  readonly state: Hash;
  /** Root over the hashes of the step's M temporaries, as far as both sides agree. */
  readonly temporaryRoot: Hash;
  /** Root over the T state tensors before the step. */
  readonly stateRoot: Hash;
  /** Root over the C constants. */
  readonly constantRoot: Hash;
  /** The operator's number k; it may read temporaries below min(k, M). */
  readonly position: number;
  readonly temporaries: number;
  readonly states: number;
  readonly constants: number;
}

/** Proof of the word that a load reads; all empty where the instruction reads none, or 0 by definition. */
export interface OperandProof {
  /** BLAKE3 hash of the operand. */
  readonly tensor: Hash;
  /** Its siblings in the tree of temporaries, state tensors or constants. */
  readonly tensorSiblings: readonly Hash[];
  /** The word's chunk, eight words an entry, zero behind the end. */
  readonly chunk: readonly Hash[];
  /** The chunk's siblings in the operand. */
  readonly chunkSiblings: readonly Hash[];
}

export interface StepProof {
  readonly frame: StepFrame;
  readonly operator: OperatorRecord;
  /** The machine state before the instruction: 132 bytes. */
  readonly state: Uint8Array;
  readonly code: Uint8Array;
  readonly operand: OperandProof;
}

/** The hashes of every tensor of a training step that its operators may read. */
export interface StepHashes {
  /** M hashes. Those from min(k, M) on may be the other side's: they are siblings and are never read. */
  readonly temporaries: readonly Hash[];
  /** T hashes of the state before the step. */
  readonly states: readonly Hash[];
  /** C hashes. */
  readonly constants: readonly Hash[];
  /** The siblings of a temporary in the other side's tree; unless told, those among `temporaries`. */
  readonly temporarySiblings?: (index: number) => readonly Hash[];
}

export interface ProveStepParameters {
  readonly program: Program;
  /** k, 0 … M+T−1. */
  readonly operator: number;
  /** The words of each operand of the operator, in order. */
  readonly operands: readonly WordSource[];
  readonly hashes: StepHashes;
  /** The machine state before the instruction. */
  readonly before: MachineState;
}

/** A load's slot and the index of the word that it reads. */
export interface LoadTarget {
  readonly slot: number;
  readonly index: number;
}

/** Builds the proof of the instruction that a state stands before. Costs one hash of the operand where it loads. */
export function proveStep(parameters: ProveStepParameters): StepProof {
  const { program, operator: k, hashes, before } = parameters;
  const entry = program.operators[k];
  if (entry === undefined) throw new Error(`operator ${k} of ${program.operators.length}`);
  const { code } = compileMicrocode(entry.operator, entry.label);
  const operator = operatorRecord(entry);
  return {
    frame: {
      operatorLeaf: operatorLeaf(operator),
      state: hashMachineState(before),
      temporaryRoot: merkleRoot(hashes.temporaries),
      stateRoot: merkleRoot(hashes.states),
      constantRoot: merkleRoot(hashes.constants),
      position: k,
      temporaries: temporaryCount(program),
      states: program.state.length,
      constants: program.constants.length,
    },
    operator,
    state: encodeMachineState(before),
    code,
    operand: operandProof(parameters, entry.slots, loadTarget(decodeMicrocode(code)[before.pc], before)),
  };
}

/** What an instruction loads in a state, or undefined where it is no load. */
export function loadTarget(instruction: MachineInstruction | undefined, state: MachineState): LoadTarget | undefined {
  if (instruction === undefined) return undefined;
  const { opcode, imm, ra } = instruction;
  if (opcode !== MACHINE_OPCODES.loadf && opcode !== MACHINE_OPCODES.loadi) return undefined;
  return { slot: imm, index: state.registers[ra & 31]! };
}

/** No word is read, or it is 0 whatever the operands hold. */
const NO_OPERAND: OperandProof = { tensor: zeroHash(), tensorSiblings: [], chunk: [], chunkSiblings: [] };

const HASHES_OF = {
  temporary: 'temporaries',
  state: 'states',
  constant: 'constants',
} as const satisfies Readonly<Record<SlotKind, keyof StepHashes>>;

function operandProof(
  { program, operator: k, operands, hashes }: ProveStepParameters,
  slots: readonly Slot[],
  load: LoadTarget | undefined,
): OperandProof {
  const source = load === undefined ? undefined : slots[load.slot];
  if (load === undefined || source === undefined) return NO_OPERAND;
  const words = operands[load.slot]!;
  const isReadable = source.kind !== 'temporary' || source.index < Math.min(k, temporaryCount(program));
  if (!isReadable || load.index >= words.length) return NO_OPERAND;
  const { leaf, siblings } = openingOf(hashes[HASHES_OF[source.kind]], source.index);
  const theirs = source.kind === 'temporary' ? hashes.temporarySiblings?.(source.index) : undefined;
  return {
    tensor: leaf,
    tensorSiblings: theirs ?? siblings,
    chunk: chunkList(words, Math.floor(load.index / CHUNK_WORDS)),
    chunkSiblings: openWord(words, load.index).siblings,
  };
}
