/**
 * The referee's verdict on one instruction, from a proof alone: the same rules, in the same order and under the same
 * names as `executeStep` of `contracts/src/Referee.sol`.
 */
import { equalHashes, type Hash } from '../commitments/hash.js';
import { keccak256 } from '../commitments/keccak.js';
import { verifyOpening } from '../commitments/merkle.js';
import {
  CHUNK_WORDS,
  chunkWords,
  tensorChunks,
  verifyWordOpening,
  wordsOfChunkList,
} from '../commitments/tensor-tree.js';
import { isLeafOf, siblingCount } from '../commitments/tree.js';
import { CANONICAL_NAN, isForeignNaN } from '../numerics/float32.js';
import { decodeMicrocode, type MachineInstruction } from '../referee/codec.js';
import { hashMachineState, MACHINE_STATE_BYTES, type MachineState, stepMachine } from '../referee/machine.js';
import {
  INSTRUCTION_BYTES,
  MACHINE_OPCODES,
  MAX_INSTRUCTIONS,
  MAX_SLOTS,
  REGISTER_COUNT,
} from '../referee/machine-instructions.js';
import { operatorLeaf } from './hash.js';
import { SLOT_KINDS } from './program.js';
import { type LoadTarget, loadTarget, type OperandProof, type StepFrame, type StepProof } from './step-proof.js';

/** Why a proof is refused; the names are those of the contracts' errors. */
export type StepRefusal =
  | 'CodeTooLong'
  | 'TooManySlots'
  | 'WrongStateLength'
  | 'WrongOperator'
  | 'WrongState'
  | 'WrongCode'
  | 'LeafOutOfRange'
  | 'WrongSiblingCount'
  | 'WrongRoot'
  | 'WrongEntryCount'
  | 'NonZeroPadding'
  | 'WrongChunkSiblingCount'
  | 'WrongTensor';

export type StepOutcome =
  | { readonly refusal: null; readonly next: MachineState; readonly nextHash: Hash }
  | { readonly refusal: StepRefusal };

/** Checks a proof and executes its instruction. Never throws for a proof whose fields have their types. */
export function executeStep(proof: StepProof): StepOutcome {
  const refusal = checkBound(proof);
  if (refusal !== null) return { refusal };
  const state = decodeState(proof.state);
  const instruction = decodeMicrocode(proof.code)[state.pc];
  const load = loadTarget(instruction, state);
  const loaded = load === undefined ? 0 : loadProven(proof, load);
  if (typeof loaded === 'string') return { refusal: loaded };
  if (instruction !== undefined) execute(load === undefined ? instruction : assignment(instruction, loaded), state);
  return { refusal: null, next: state, nextHash: hashMachineState(state) };
}

function checkBound({ frame, operator, state, code }: StepProof): StepRefusal | null {
  if (code.length > MAX_INSTRUCTIONS * INSTRUCTION_BYTES) return 'CodeTooLong';
  if (operator.slots.length > MAX_SLOTS) return 'TooManySlots';
  if (state.length !== MACHINE_STATE_BYTES) return 'WrongStateLength';
  if (!equalHashes(operatorLeaf(operator), frame.operatorLeaf)) return 'WrongOperator';
  if (!equalHashes(keccak256(state), frame.state)) return 'WrongState';
  return equalHashes(keccak256(code), operator.code) ? null : 'WrongCode';
}

/** The inverse of `encodeMachineState`, for exactly 132 bytes. */
export function decodeState(bytes: Uint8Array): MachineState {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const registers = Uint32Array.from({ length: REGISTER_COUNT }, (_, register) => view.getUint32(4 + 4 * register));
  return { pc: view.getUint32(0), registers };
}

/** A slot that does not exist, a source that may not be read and an index beyond the end give 0 without a proof. */
function loadProven({ frame, operator, operand }: StepProof, { slot, index }: LoadTarget): number | StepRefusal {
  const packed = operator.slots[slot];
  if (packed === undefined) return 0;
  const words = Number(packed & 0xffffffffn);
  const source = Number((packed >> 32n) & 0xffffffffn);
  const { root, count, readable } = sourceTree(frame, packed >> 64n);
  if (source >= readable || index >= words) return 0;
  if (!isLeafOf(count, source)) return 'LeafOutOfRange';
  if (operand.tensorSiblings.length !== siblingCount(count, source)) return 'WrongSiblingCount';
  if (!verifyOpening(root, count, source, operand.tensor, operand.tensorSiblings)) return 'WrongRoot';
  return openedWord(operand, words, index);
}

interface SourceTree {
  readonly root: Hash;
  readonly count: number;
  /** How many leaves, from the first on, the operator may read. */
  readonly readable: number;
}

function sourceTree(frame: StepFrame, kind: bigint): SourceTree {
  switch (kind) {
    case BigInt(SLOT_KINDS.temporary): {
      const readable = Math.min(frame.position, frame.temporaries);
      return { root: frame.temporaryRoot, count: frame.temporaries, readable };
    }
    case BigInt(SLOT_KINDS.state):
      return { root: frame.stateRoot, count: frame.states, readable: frame.states };
    case BigInt(SLOT_KINDS.constant):
      return { root: frame.constantRoot, count: frame.constants, readable: frame.constants };
    default:
      return { root: frame.temporaryRoot, count: 0, readable: 0 };
  }
}

function openedWord({ tensor, chunk: list, chunkSiblings }: OperandProof, words: number, index: number) {
  const chunk = Math.floor(index / CHUNK_WORDS);
  if (list.length !== Math.ceil(chunkWords(words, chunk) / 8)) return 'WrongEntryCount';
  const opened = wordsOfChunkList(list, words, chunk);
  if (opened === undefined) return 'NonZeroPadding';
  if (chunkSiblings.length !== siblingCount(tensorChunks(words), chunk)) return 'WrongChunkSiblingCount';
  const word = opened[index % CHUNK_WORDS]!;
  const isProven = verifyWordOpening(tensor, words, index, word, { chunk: opened, siblings: chunkSiblings });
  return isProven ? word : 'WrongTensor';
}

/** A load whose word is known is an assignment of it. */
function assignment({ opcode, rd }: MachineInstruction, word: number): MachineInstruction {
  const imm = opcode === MACHINE_OPCODES.loadf && isForeignNaN(word) ? CANONICAL_NAN : word;
  return { opcode: MACHINE_OPCODES.li, rd, ra: 0, rb: 0, imm };
}

/** Executes one instruction in place, wherever the state's program counter stands. */
function execute(instruction: MachineInstruction, state: MachineState): void {
  const instructions: MachineInstruction[] = [];
  instructions[state.pc] = instruction;
  stepMachine({ instructions, operands: [] }, state);
}
