/** Random operators over the whole instruction table, with values that machines like to disagree on. */
import {
  acc,
  apply,
  type Expr,
  f32Bits,
  i32,
  index,
  load,
  loadByte,
  reduceIndex,
  result,
  trainingStep,
} from '../../src/expr/expression.js';
import { defineOperator, type Operator } from '../../src/expr/operator.js';
import { type DType, INSTRUCTIONS, type Instruction, type InstructionName } from '../../src/numerics/instructions.js';

/** Bits that are edges of binary32 or of integers; NaNs of every kind among them. */
export const ADVERSARIAL_WORDS: readonly number[] = [
  0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x00800000, 0x807fffff, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000,
  0x7fc00000, 0x7fc00001, 0xffc00000, 0x7f800001, 0xffffffff, 0x7fffffff, 0x3f800000, 0xbf800000, 0x3f000000,
  0x4b000000, 0x4b7fffff, 0x4f000000, 0xcf000000, 0x4effffff, 0x33800000, 0x34000000, 2, 3, 31, 32, 33, 255, 0x3fc00000,
  0x40490fdb,
];

export interface Random {
  /** A number from 0 to `below` − 1. */
  below(below: number): number;
  word(): number;
}

/** A small counter-based generator (splitmix32's mixer), so that a test's seed fixes everything. */
export function createRandom(seed: number): Random {
  let counter = seed | 0;
  const next = (): number => {
    counter = (counter + 0x9e3779b9) | 0;
    let mixed = Math.imul(counter ^ (counter >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
  return {
    below: (below) => next() % below,
    word: () => (next() % 3 === 0 ? next() : ADVERSARIAL_WORDS[next() % ADVERSARIAL_WORDS.length]!),
  };
}

export function randomWords(random: Random, length: number): Uint32Array {
  return Uint32Array.from({ length }, () => random.word());
}

/** Everything that can be read in one region of an operator, by type. */
type Pool = Record<DType, Expr[]>;

/** An operator with up to `size` random instructions in each region. */
export function randomOperator(random: Random, size: number): Operator {
  const domain = Array.from({ length: random.below(5) }, () => 1 + random.below(4));
  const reduction = Array.from({ length: random.below(4) }, () => [1, 2, 3, 4, 2, 3, 0][random.below(7)]!);
  const operands = Array.from({ length: 1 + random.below(3) }, () => ({
    dtype: 'f32' as const,
    words: 1 + random.below(40),
  }));
  const element: Pool = { f32: [], i32: [trainingStep, ...domain.map((_, axis) => index(axis))] };
  grow(random, element, operands.length, size);
  if (reduction.length === 0)
    return defineOperator({ kind: 'random', domain, operands, finish: pickMany(random, element) });

  const init = Array.from({ length: 1 + random.below(4) }, () => pick(random, element));
  const fold = copyOf(
    element,
    init.map(({ dtype }, slot) => acc(slot, dtype)),
  );
  fold.i32.push(...reduction.map((_, axis) => reduceIndex(axis)));
  grow(random, fold, operands.length, size);
  const update = init.map(({ dtype }, slot) =>
    random.below(4) === 0 ? acc(slot, dtype) : pickMany(random, fold, dtype),
  );
  const finish = copyOf(
    element,
    init.map(({ dtype }, slot) => result(slot, dtype)),
  );
  grow(random, finish, operands.length, Math.ceil(size / 2));
  return defineOperator({
    kind: 'random',
    domain,
    reduction,
    operands,
    init,
    update,
    finish: pickMany(random, finish),
  });
}

function copyOf(pool: Pool, more: readonly Expr[]): Pool {
  return {
    f32: [...pool.f32, ...more.filter(({ dtype }) => dtype === 'f32')],
    i32: [...pool.i32, ...more.filter(({ dtype }) => dtype === 'i32')],
  };
}

/** Late entries more often than early ones, so that expressions grow deep. */
function pick(random: Random, pool: Pool, dtype: DType = random.below(2) === 0 ? 'f32' : 'i32'): Expr {
  const choices = pool[dtype];
  if (choices.length === 0 || random.below(6) === 0)
    return dtype === 'f32' ? f32Bits(random.word()) : i32(random.word());
  return choices[Math.max(random.below(choices.length), random.below(choices.length))]!;
}

/** One entry, or several in one value, so that many must live at once. */
function pickMany(random: Random, pool: Pool, dtype: DType = random.below(2) === 0 ? 'f32' : 'i32'): Expr {
  const count = random.below(3) === 0 ? random.below(24) : 0;
  const picked = Array.from({ length: 1 + count }, () => pick(random, pool, dtype));
  return picked.reduce((a, b) => apply(dtype === 'f32' ? 'fmin' : 'irotl', a, b));
}

function grow(random: Random, pool: Pool, operands: number, size: number): void {
  for (let count = random.below(size + 1); count >= 0; count--) {
    const grown = random.below(3) === 0 ? randomLoad(random, pool, operands) : randomInstruction(random, pool);
    pool[grown.dtype].push(grown);
  }
}

function randomLoad(random: Random, pool: Pool, operands: number): Expr {
  const operand = random.below(operands);
  const at = randomAddress(random, pool) as Expr<'i32'>;
  return random.below(4) === 0 ? loadByte(operand, at) : load(operand, at, random.below(3) === 0 ? 'i32' : 'f32');
}

/** An affine address, or any integer at all. */
function randomAddress(random: Random, pool: Pool): Expr {
  if (random.below(5) === 0) return pick(random, pool, 'i32');
  let sum: Expr = i32(random.below(9) - 3);
  for (let terms = random.below(4); terms > 0; terms--) {
    const scaled = apply('imul', pick(random, pool, 'i32'), i32(random.below(7) - 1));
    sum = apply(random.below(5) === 0 ? 'isub' : 'iadd', sum, scaled);
  }
  return sum;
}

const NAMES = Object.keys(INSTRUCTIONS) as InstructionName[];

function randomInstruction(random: Random, pool: Pool): Expr {
  const name = NAMES[random.below(NAMES.length)]!;
  const { args }: Instruction = INSTRUCTIONS[name];
  return apply(name, ...args.map((dtype) => pick(random, pool, dtype)));
}
