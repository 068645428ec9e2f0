/**
 * A made-up execution of any size, deep enough to cost what a dispute can cost: hashes that nobody checks are random, the
 * others fit, and the last instruction loads a word of a tensor of 1 GiB.
 */
import { parentHash } from '../../src/commitments/blake3.js';
import type { Hash } from '../../src/commitments/hash.js';
import { keccak256 } from '../../src/commitments/keccak.js';
import { merkleNode, merkleRoot } from '../../src/commitments/merkle.js';
import { chunkList, chunkNode, chunkWords, tensorChunks } from '../../src/commitments/tensor-tree.js';
import { blocksOf, climb, siblingCount } from '../../src/commitments/tree.js';
import { type Context, PHASES } from '../../src/game/context.js';
import type { Game, GameRules, Move, RevealAid } from '../../src/game/game.js';
import {
  type OperatorRecord,
  operatorLeaf,
  type ProgramRecord,
  packSlot,
  programRecordHash,
} from '../../src/program/hash.js';
import type { OperandProof } from '../../src/program/step-proof.js';
import { encodeMicrocode } from '../../src/referee/codec.js';
import { encodeMachineState, hashMachineState } from '../../src/referee/machine.js';
import { MACHINE_OPCODES, REGISTER_COUNT } from '../../src/referee/machine-instructions.js';
import { sampleLeaves, sampleWords } from '../commitments/samples.js';

/** Powers of two that multiply to the number of instructions. */
export interface Depths {
  readonly steps: number;
  readonly operators: number;
  readonly words: number;
  readonly instructions: number;
}

const GIBIBYTE_WORDS = 2 ** 28;
const WORD = 123_456_789;
const TENSOR = 999;
const STATES_LOG2 = 11;
const OPERAND_CHUNK = Math.floor(WORD / 256);

const LOAD = { opcode: MACHINE_OPCODES.loadf, rd: 1, ra: 2, rb: 3, imm: 7 };
const CODE = encodeMicrocode(Array.from({ length: 256 }, (_, at) => ({ ...LOAD, ra: at })));
const BEFORE = { pc: 200, registers: new Uint32Array(REGISTER_COUNT).fill(WORD) };

export type DeepDispute = ReturnType<typeof deepDispute>;

/** A dispute over 2^(sum of the depths) instructions; E = 2^checkpointLog2. */
export function deepDispute(depths: Depths, checkpointLog2 = 8) {
  const [temporaries, states] = [2 ** depths.operators, 2 ** STATES_LOG2];
  const operator: OperatorRecord = {
    code: keccak256(CODE),
    instructions: 2 ** depths.instructions,
    words: 2 ** depths.words,
    slots: Array.from({ length: 8 }, () => packSlot({ kind: 'state', index: TENSOR }, GIBIBYTE_WORDS)),
  };
  const operand = operandProof(states);
  const pre = climb(states, TENSOR, operand.tensor, operand.tensorSiblings, merkleNode)!;
  const k = temporaries - 1;
  const path = sampleLeaves(siblingCount(temporaries + states, k), 5);
  const ops = climb(temporaries + states, k, operatorLeaf(operator), path, merkleNode)!;
  const program: ProgramRecord = { temporaries, states, constants: 3, ops, consts: sampleLeaves(1, 6)[0]! };
  const rules: GameRules = {
    programHash: programRecordHash(program),
    genesisRoot: sampleLeaves(1, 7)[0]!,
    steps: 2 ** depths.steps,
    checkpointEvery: 2 ** checkpointLog2,
    clock: 1_000_000,
  };
  return { rules, program, operator, path, operand, pre, lists: operatorLists(temporaries) };
}

/** The proof of one word of one state tensor, from random siblings. */
function operandProof(states: number): OperandProof {
  const words = sampleWords(256);
  const chunkSiblings = sampleLeaves(20, 1);
  const leaf = chunkNode(words, GIBIBYTE_WORDS, OPERAND_CHUNK);
  const tensor = climb(GIBIBYTE_WORDS / 256, OPERAND_CHUNK, leaf, chunkSiblings, parentHash)!;
  return {
    tensor,
    tensorSiblings: sampleLeaves(siblingCount(states, TENSOR), 2),
    chunk: chunkList(words, 0),
    chunkSiblings,
  };
}

/** The lists of operators by the length of their range: each has the next one's node as its last entry. */
function operatorLists(count: number): ReadonlyMap<number, Hash[]> {
  const ranges = [count];
  for (let size = blocksOf(count).size; size > 1; size = blocksOf(size).size) ranges.push(size);
  const lists = new Map<number, Hash[]>();
  let node = sampleLeaves(1, 8)[0]!;
  for (const range of ranges.reverse()) {
    const list = chain(blocksOf(range).count, range, node);
    lists.set(range, list);
    node = merkleRoot(list);
  }
  return lists;
}

/** The move of whoever is to move. */
export function deepMove(deep: DeepDispute, { turn, context, list }: Game): Move {
  if (turn === 'challenger') {
    return { kind: 'select', from: 'challenger', context, list, index: lastChoice(context) };
  }
  if (context.phase === PHASES.prove) {
    const { operator, operand } = deep;
    return { kind: 'prove', from: 'solver', context, operator, state: encodeMachineState(BEFORE), code: CODE, operand };
  }
  return { kind: 'reveal', from: 'solver', context, list: deepList(deep, context), aid: aidOf(deep, context) };
}

/** The last entry: the ends that both agree on are then what the lists say. */
function lastChoice({ phase, n, a, value }: Context): number {
  return phase === PHASES.tensor && n === 1 ? chunkWords(value, a) - 1 : blocksOf(n).count - 1;
}

/** What the phase needs that the move leads to. */
function deepList({ operator, pre, lists }: DeepDispute, { phase, a, n, value }: Context): Hash[] {
  const foot = n === 1;
  if (phase === PHASES.run) return foot ? lists.get([...lists.keys()].at(-1)!)! : chain(blocksOf(n).count - 1, a, pre);
  if (phase === PHASES.ops && !foot) return lists.get(n)!;
  if (phase === PHASES.ops) {
    const chunks = tensorChunks(operator.words);
    return chunks === 1 ? chunkList(sampleWords(operator.words), 0) : sampleLeaves(blocksOf(chunks).count, 9);
  }
  if (phase === PHASES.tensor) {
    return foot ? chunkList(sampleWords(chunkWords(value, a)), 0) : sampleLeaves(blocksOf(n).count, a + n);
  }
  const links = phase === PHASES.word ? operator.instructions : n;
  return chain(blocksOf(links).count - 1, links, hashMachineState(BEFORE));
}

function aidOf({ program, operator, path }: DeepDispute, { phase, n, value }: Context): RevealAid {
  if (phase === PHASES.run && n === 1) return { enters: 'step', program };
  if (phase === PHASES.ops && n === 1) return { enters: 'operator', program, operator, path };
  if (phase !== PHASES.word) return { enters: 'nothing' };
  const registers = sampleWords(REGISTER_COUNT);
  registers[0] = value;
  return { enters: 'element', operator, final: encodeMachineState({ pc: 255, registers }) };
}

/** Random hashes, the last of them given. */
function chain(length: number, seed: number, last: Hash): Hash[] {
  return length === 0 ? [] : [...sampleLeaves(length - 1, seed), last];
}
