/** The solver's move: entering the next level, and what a list must be. */
import { type Hash, zeroHash } from '../commitments/hash.js';
import { keccak256 } from '../commitments/keccak.js';
import { merkleRoot } from '../commitments/merkle.js';
import { chunkWords, tensorChunks, wordsOfChunkList } from '../commitments/tensor-tree.js';
import { blocksOf } from '../commitments/tree.js';
import { decodeState } from '../program/execute-step.js';
import { type OperatorRecord, operatorLeaf, type ProgramRecord, programRecordHash } from '../program/hash.js';
import { hashMachineState, MACHINE_STATE_BYTES, startState } from '../referee/machine.js';
import { MAX_SLOTS } from '../referee/machine-instructions.js';
import { type Context, PHASES } from './context.js';
import type { ElementAid, GameRules, OperatorAid, RevealAid, StepAid } from './game.js';
import { requireCount, requireHash, requireOpening, revert } from './revert.js';

/** Enters the next level where the context stands at the foot of one; `aid` must be what that needs, and nothing else. */
export function enterLevel(rules: GameRules, context: Context, aid: RevealAid): Context {
  const { phase, n } = context;
  switch (aid.enters) {
    case 'step':
      if (phase !== PHASES.run || n !== 1) throw revert('WrongPhase', phase);
      return enterStep(rules, context, aid);
    case 'operator':
      if (phase !== PHASES.ops || n !== 1) throw revert('WrongPhase', phase);
      return enterTensor(rules, context, aid);
    case 'element':
      if (phase !== PHASES.word) throw revert('WrongPhase', phase);
      return enterMachine(context, aid);
    case 'nothing':
      if (isFoot(context) || phase === PHASES.prove) throw revert('WrongPhase', phase);
      return context;
  }
}

/** Whether the solver's next move enters another level. */
export function isFoot({ phase, n }: Context): boolean {
  return phase === PHASES.word || (n === 1 && (phase === PHASES.run || phase === PHASES.ops));
}

/** Checks a list against the context that it is revealed in. In STEP it binds the root of the temporaries. */
export function settleList(context: Context, list: readonly Hash[]): Context {
  const { phase, n, hi } = context;
  const { count } = blocksOf(n);
  switch (phase) {
    case PHASES.run:
    case PHASES.machine:
      requireCount(list, count - 1);
      return context;
    case PHASES.step:
      requireCount(list, count);
      return { ...context, temp: merkleRoot(list) };
    case PHASES.ops:
      requireCount(list, count);
      requireHash('BadProof', merkleRoot(list), hi);
      return context;
    case PHASES.tensor:
      if (n === 1) requireChunk(context, list);
      else requireCount(list, count);
      return context;
    default:
      throw revert('WrongPhase', phase);
  }
}

function enterStep(rules: GameRules, context: Context, { program }: StepAid): Context {
  requireProgram(rules, program);
  const { temporaries: M, states: T, constants: C, consts } = program;
  const { a: step, lo: pre } = context;
  // A number that is not bound yet holds T: the contract has no other place for what a choice may need next.
  return { ...context, phase: PHASES.step, step, pre, lo: zeroHash(), a: 0, n: M, value: T, M, T, C, consts };
}

function enterTensor(rules: GameRules, context: Context, { program, operator, path }: OperatorAid): Context {
  requireProgram(rules, program);
  const { a: k, M, T } = context;
  const opLeaf = boundedLeaf(operator);
  requireOpening({ leaf: opLeaf, index: k, count: M + T, siblings: path }, program.ops);
  const { words } = operator;
  return { ...context, phase: PHASES.tensor, k, opLeaf, value: words, a: 0, n: tensorChunks(words) };
}

function enterMachine(context: Context, { operator, final }: ElementAid): Context {
  requireHash('BadProof', boundedLeaf(operator), context.opLeaf);
  if (final.length !== MACHINE_STATE_BYTES) throw revert('WrongStateLength', final.length, MACHINE_STATE_BYTES);
  const result = decodeState(final).registers[0]!;
  // INVARIANT: the disputed word is what the machine leaves, so a wrong word is a wrong last state.
  if (result !== context.value) throw revert('WrongValue', result, context.value);
  return machineContext(context, operator, keccak256(final));
}

/** The context over the chain of an element's machine states, whose last one has the hash `hi`. */
export function machineContext(context: Context, { instructions }: OperatorRecord, hi: Hash): Context {
  const lo = hashMachineState(startState(context.elem, context.step));
  return { ...context, phase: PHASES.machine, lo, hi, a: 0, n: instructions || 1 };
}

function requireProgram(rules: GameRules, program: ProgramRecord): void {
  requireHash('BadProof', programRecordHash(program), rules.programHash);
}

function boundedLeaf(operator: OperatorRecord): Hash {
  if (operator.slots.length > MAX_SLOTS) throw revert('TooManySlots', operator.slots.length, MAX_SLOTS);
  return operatorLeaf(operator);
}

/** Number of entries, and zeros behind the end: what BLAKE3 hashes of a short block is not only its words. */
function requireChunk({ value: words, a: chunk }: Context, list: readonly Hash[]): void {
  requireCount(list, Math.ceil(chunkWords(words, chunk) / 8));
  if (wordsOfChunkList(list, words, chunk) === undefined) throw revert('NonZeroPadding');
}
