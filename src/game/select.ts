/** The challenger's move: the first entry of a list that differs from his own becomes the range. */
import type { Hash } from '../commitments/hash.js';
import { CHUNK_WORDS, wordsOfChunkList } from '../commitments/tensor-tree.js';
import { blockRange, blocksOf } from '../commitments/tree.js';
import { type Context, PHASES } from './context.js';
import { revert } from './revert.js';

/** The context after entry `index` of a list was pointed at. */
export function narrow(context: Context, list: readonly Hash[], index: number): Context {
  switch (context.phase) {
    case PHASES.run:
    case PHASES.machine:
      return narrowChain(context, list, index);
    case PHASES.step:
    case PHASES.ops:
      return narrowOperators(context, list, index);
    case PHASES.tensor:
      return context.n === 1 ? pointAtWord(context, list, index) : narrowTree(context, list, index);
    default:
      throw revert('WrongPhase', context.phase);
  }
}

function narrowChain(context: Context, list: readonly Hash[], index: number): Context {
  const { first, count } = block(context.n, index);
  const { phase, a } = context;
  const lo = index === 0 ? context.lo : list[index - 1]!;
  const hi = index === list.length ? context.hi : list[index]!;
  const next = phase === PHASES.machine && count === 1 ? PHASES.prove : phase;
  return { ...context, phase: next, lo, hi, a: a + first, n: count };
}

function narrowOperators(context: Context, list: readonly Hash[], index: number): Context {
  const isStep = context.phase === PHASES.step;
  // All temporaries are as the challenger has them: the state operators remain, which give the root after the step.
  if (isStep && index === list.length) return { ...context, phase: PHASES.ops, a: context.M, n: context.T };
  return { ...narrowTree(context, list, index), phase: PHASES.ops };
}

function narrowTree(context: Context, list: readonly Hash[], index: number): Context {
  const { first, count } = block(context.n, index);
  return { ...context, hi: list[index]!, a: context.a + first, n: count };
}

function pointAtWord(context: Context, list: readonly Hash[], index: number): Context {
  const { a: chunk, value: words } = context;
  const elem = CHUNK_WORDS * chunk + index;
  const chunkOfWords = wordsOfChunkList(list, words, chunk)!;
  if (index >= chunkOfWords.length) throw revert('BadIndex', index, chunkOfWords.length);
  return { ...context, phase: PHASES.word, elem, value: chunkOfWords[index]! };
}

function block(n: number, index: number): { first: number; count: number } {
  const { count } = blocksOf(n);
  if (index >= count) throw revert('BadIndex', index, count);
  return blockRange(n, index);
}
