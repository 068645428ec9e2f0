import { describe, expect, test } from '@jest/globals';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import {
  acc,
  apply,
  type Expr,
  f32,
  f32Bits,
  fadd,
  fmul,
  i32,
  iadd,
  imul,
  index,
  iremu,
  iselect,
  load,
  loadByte,
  reduceIndex,
  result,
  trainingStep,
} from '../../src/expr/expression.js';
import { defineOperator, type Operand, product } from '../../src/expr/operator.js';
import { INSTRUCTIONS, type Instruction, type InstructionName } from '../../src/numerics/instructions.js';
import { adversarialWords, differences, type OperatorCase, Random } from './operator-programs.js';

const NAMES = Object.keys(INSTRUCTIONS) as InstructionName[];

/** Random expressions over what a region offers. */
class ExpressionMaker {
  readonly #random: Random;
  readonly #operands: readonly Operand[];
  readonly #leaves: readonly Expr[];

  constructor(random: Random, operands: readonly Operand[], leaves: readonly Expr[]) {
    this.#random = random;
    this.#operands = operands;
    this.#leaves = leaves;
  }

  make(dtype: 'f32' | 'i32', depth: number): Expr {
    if (depth <= 0) return this.#leaf(dtype);
    const names = NAMES.filter((name) => INSTRUCTIONS[name].result === dtype);
    const name = this.#random.pick(names);
    const { args }: Instruction = INSTRUCTIONS[name];
    return apply(name, ...args.map((type) => this.make(type, depth - 1 - this.#random.below(2))));
  }

  #leaf(dtype: 'f32' | 'i32'): Expr {
    const random = this.#random;
    const fitting = this.#leaves.filter((leaf) => leaf.dtype === dtype);
    if (fitting.length > 0 && random.below(3) === 0) return random.pick(fitting);
    if (random.below(5) === 0) {
      const word = adversarialWords(random, 1)[0]!;
      return dtype === 'f32' ? f32Bits(word) : i32(word);
    }
    const operand = random.below(this.#operands.length);
    if (dtype === 'i32' && random.below(4) === 0) return loadByte(operand, this.#address());
    return load(operand, this.#address(), dtype);
  }

  /** Mostly affine, sometimes wild. */
  #address(): Expr<'i32'> {
    const random = this.#random;
    const integers = this.#leaves.filter((leaf): leaf is Expr<'i32'> => leaf.dtype === 'i32');
    let address: Expr<'i32'> = i32(random.below(6) - 2);
    for (const leaf of integers) {
      if (random.below(4) > 0) address = iadd(address, imul(leaf, i32(random.pick([1, 1, 1, 2, 7, -1, 16]))));
    }
    if (random.below(6) === 0) address = iremu(address, i32(1 + random.below(30)));
    if (random.below(10) === 0) address = load(0, address, 'i32');
    return address;
  }
}

function randomCase(random: Random): OperatorCase {
  const extents = (most: number): number[] =>
    Array.from({ length: random.below(most + 1) }, () => random.pick([1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33]));
  const domain = extents(3);
  while (product(domain) > 1500) domain.pop();
  const folds = random.below(2) === 0;
  const reduction = folds ? extents(2).map((extent) => Math.min(extent, 9)) : [];
  const operands: Operand[] = Array.from({ length: 1 + random.below(3) }, () => ({
    dtype: random.pick(['f32', 'i32'] as const),
    words: random.pick([1, 3, 4, 5, 64, 300, 2000]),
  }));
  const dtype = random.pick(['f32', 'f32', 'i32'] as const);
  const element = [...domain.map((_, axis) => index(axis)), trainingStep];
  const depth = 1 + random.below(4);
  const data = operands.map(({ words }) => adversarialWords(random, words));
  if (!folds) {
    const finish = new ExpressionMaker(random, operands, element).make(dtype, depth);
    return { operator: defineOperator({ kind: 'map', domain, operands, finish }), operands: data };
  }
  const types = Array.from({ length: 1 + random.below(2) }, () => random.pick(['f32', 'i32'] as const));
  const turn = [
    ...element,
    ...reduction.map((_, axis) => reduceIndex(axis)),
    ...types.map((type, at) => acc(at, type)),
  ];
  const end = [...element, ...types.map((type, at) => result(at, type))];
  const operator = defineOperator({
    kind: 'fold',
    domain,
    reduction,
    operands,
    init: types.map((type) => new ExpressionMaker(random, operands, element).make(type, random.below(2))),
    update: types.map((type) => new ExpressionMaker(random, operands, turn).make(type, depth)),
    finish: new ExpressionMaker(random, operands, end).make(dtype, random.below(3)),
  });
  return { operator, operands: data };
}

describe('generated kernels', () => {
  test('every instruction gives the definition’s bits on adversarial values, in vectors and alone', async () => {
    const random = new Random(7);
    const cases = NAMES.flatMap((name) => {
      const { args }: Instruction = INSTRUCTIONS[name];
      return [403, 3].map((words): OperatorCase => {
        const operands = args.map((dtype) => ({ dtype, words }));
        const finish = apply(name, ...args.map((dtype, at) => load(at, index(0), dtype)));
        const operator = defineOperator({ kind: 'map', domain: [words], operands, finish });
        return { operator, operands: operands.map(() => adversarialWords(random, words)) };
      });
    });
    expect(await differences(wasmBackend, 1, cases)).toEqual([]);
  });

  test.each([1, 2, 3])('random operators equal the definition (%i threads)', async (threads) => {
    const random = new Random(1000 + threads);
    const cases = Array.from({ length: threads === 1 ? 150 : 60 }, () => randomCase(random));
    expect(await differences(wasmBackend, threads, cases)).toEqual([]);
  });

  test('reads outside of an operand give 0', async () => {
    const operands: Operand[] = [{ dtype: 'f32', words: 10 }];
    const data = [adversarialWords(new Random(3), 10)];
    const cases = [-3, 0, 3, 9, 100, -2147483648].flatMap((shift) =>
      [1, 2, -1].map((stride): OperatorCase => {
        const finish = load(0, iadd(imul(index(0), i32(stride)), i32(shift)), 'f32');
        return { operator: defineOperator({ kind: 'map', domain: [14], operands, finish }), operands: data };
      }),
    );
    expect(await differences(wasmBackend, 1, cases)).toEqual([]);
  });

  test('sizes from 1 to 70 in each place of a broadcast sum and of a fold', async () => {
    const random = new Random(11);
    const cases: OperatorCase[] = [];
    for (let size = 1; size <= 70; size++) {
      const operands: Operand[] = [
        { dtype: 'f32', words: 3 * size },
        { dtype: 'f32', words: size },
      ];
      const data = operands.map(({ words }) => adversarialWords(random, words));
      const matrix = load(0, iadd(imul(index(0), i32(size)), index(1)), 'f32');
      const broadcast = fadd(matrix, load(1, index(1), 'f32'));
      cases.push({
        operator: defineOperator({ kind: 'map', domain: [3, size], operands, finish: broadcast }),
        operands: data,
      });
      const column = load(0, iadd(imul(reduceIndex(0), i32(size)), index(0)), 'f32');
      const row = load(0, iadd(imul(index(0), i32(size)), reduceIndex(0)), 'f32');
      const fold = { kind: 'sum', operands, init: [f32(0)], finish: result(0, 'f32') };
      const sumColumn = defineOperator({
        ...fold,
        domain: [size],
        reduction: [3],
        update: [fadd(acc(0, 'f32'), column)],
      });
      const sumRow = defineOperator({ ...fold, domain: [3], reduction: [size], update: [fadd(acc(0, 'f32'), row)] });
      cases.push({ operator: sumColumn, operands: data }, { operator: sumRow, operands: data });
    }
    expect(await differences(wasmBackend, 2, cases)).toEqual([]);
  });

  test('an argument of the largest value is a fold with two accumulators', async () => {
    const operands: Operand[] = [{ dtype: 'f32', words: 12 * 31 }];
    const value = load(0, iadd(imul(index(0), i32(31)), reduceIndex(0)), 'f32');
    const better = apply('flt', acc(0, 'f32'), value);
    const operator = defineOperator({
      kind: 'argmax',
      domain: [12],
      reduction: [31],
      operands,
      init: [f32(Number.NEGATIVE_INFINITY), i32(-1)],
      update: [apply('fselect', better, value, acc(0, 'f32')), iselect(better, reduceIndex(0), acc(1, 'i32'))],
      finish: result(1, 'i32'),
    });
    const data = [adversarialWords(new Random(5), 12 * 31)];
    expect(await differences(wasmBackend, 1, [{ operator, operands: data }])).toEqual([]);
  });

  test('empty folds are their initial value', async () => {
    const operands: Operand[] = [{ dtype: 'f32', words: 9 }];
    const data = [adversarialWords(new Random(5), 9)];
    const update = [fmul(acc(0, 'f32'), load(0, reduceIndex(0), 'f32'))];
    const fold = { kind: 'fold', operands, init: [load(0, index(0), 'f32')], update, finish: result(0, 'f32') };
    const cases = [[0], [3, 0], [], [1]].map((reduction) => {
      const update1 = reduction.length === 0 ? [fadd(acc(0, 'f32'), f32(1))] : update;
      return { operator: defineOperator({ ...fold, update: update1, domain: [9], reduction }), operands: data };
    });
    expect(await differences(wasmBackend, 1, cases)).toEqual([]);
  });
});
