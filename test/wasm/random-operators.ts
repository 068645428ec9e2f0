/** Random valid operators with adversarial operands, to compare a backend with the definition. */
import {
  acc,
  apply,
  type Expr,
  f32Bits,
  i32,
  iadd,
  imul,
  index,
  iremu,
  load,
  loadByte,
  reduceIndex,
  result,
  trainingStep,
} from '../../src/expr/expression.js';
import { defineOperator, type Operand, product } from '../../src/expr/operator.js';
import { INSTRUCTIONS, type Instruction, type InstructionName } from '../../src/numerics/instructions.js';
import { adversarialWords, type OperatorCase, type Random } from './operator-programs.js';

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

/** An elementwise operator, or a fold with one or two accumulators. */
export function randomCase(random: Random): OperatorCase {
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

/** Every scalar instruction on adversarial words, over so many elements. */
export function instructionCases(random: Random, words: number): OperatorCase[] {
  return NAMES.map((name) => {
    const { args }: Instruction = INSTRUCTIONS[name];
    const operands = args.map((dtype) => ({ dtype, words }));
    const finish = apply(name, ...args.map((dtype, at) => load(at, index(0), dtype)));
    const operator = defineOperator({ kind: 'map', domain: [words], operands, finish });
    return { operator, operands: operands.map(() => adversarialWords(random, words)) };
  });
}
