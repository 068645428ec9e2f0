/** Operators of random shapes, for which the backend has kernels of their own, and those that are like them. */
import { f32Bits, fadd, fmax, fmin, fmul, index, load } from '../../src/expr/expression.js';
import { defineOperator, type Operator, product } from '../../src/expr/operator.js';
import { operatorProblem } from '../../src/program/validate-operator.js';
import { type ConvolutionShape, convolution, filterGradient, inputGradient } from './convolution-forms.js';
import { concatenation, matmul, reshapedSum, reshapedTranspose, segmentSum, words } from './operator-forms.js';
import { adversarialWords, type Random } from './operator-programs.js';
import { randomCase } from './random-operators.js';

/** Around the widths of vectors and tiles. */
const SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33];

const flag = (random: Random): boolean => random.below(2) === 0;

function randomMatmul(random: Random): Operator {
  return matmul({
    batch: random.pick([1, 1, 2, 3]),
    rows: random.pick(SIZES),
    columns: random.pick(SIZES),
    turns: random.pick([1, 2, 3, 4, 5, 7, 16, 17]),
    transposeLeft: flag(random),
    transposeRight: flag(random),
    epilogue: random.pick(['none', 'bias', 'relu', 'residual', 'rowScale'] as const),
  });
}

/** One or several channels and filters, strides beyond the kernel, dilations. */
function randomConvolution(random: Random): Operator {
  const pair = (sizes: readonly number[]): [number, number] => [random.pick(sizes), random.pick(sizes)];
  const shape: ConvolutionShape = {
    batch: random.pick([1, 2, 3]),
    outputs: pair([1, 2, 3, 5]),
    kernel: pair([1, 2, 3]),
    strides: pair([1, 1, 2, 3]),
    dilations: pair([1, 1, 2]),
    channels: random.pick([1, 3, 4, 5, 8]),
    filters: random.pick([1, 3, 4, 5, 8, 9, 17]),
  };
  return random.pick([convolution, filterGradient, inputGradient])(shape);
}

function randomSegmentSum(random: Random): Operator {
  return segmentSum({
    segments: random.pick([1, 2, 3, 7, 12]),
    columns: random.pick([4, 8, 12, 16, 7]),
    rows: random.pick([[0], [1], [2], [9], [17], [3, 5], [2, 0]]),
    scaled: flag(random),
  });
}

function randomConcatenation(random: Random): Operator {
  const heads = random.pick([1, 1, 2, 4]);
  const widths = Array.from({ length: 1 + random.below(4) }, () => heads * random.pick([1, 2, 3, 8, 9, 16]));
  return concatenation(random.pick([1, 2, 3, 5, 8]), widths, heads, flag(random));
}

const SHAPES = [
  [2, 3, 5, 4],
  [4, 4, 8],
  [3, 1, 16],
  [2, 9, 3],
  [5, 24],
] as const;

function randomTranspose(random: Random): Operator {
  const shape = random.pick(SHAPES);
  const order = shape.map((_, axis) => ({ axis, key: random.word() })).sort((a, b) => a.key - b.key);
  const axes = order.map(({ axis }) => axis);
  const size = shape.reduce<number>((total, extent) => total * extent, 1);
  const rows = random.pick([1, 2, 3, 4, 8, 12].filter((count) => size % count === 0));
  return flag(random) ? reshapedTranspose(shape, axes, [rows, size / rows]) : reshapedSum(shape, axes, rows);
}

/** Smallest and largest of a value and of a constant that may be anything, before and after a product. */
function randomExtreme(random: Random): Operator {
  const size = random.pick([...SIZES, 64, 70]);
  const bound = (): ReturnType<typeof f32Bits> => f32Bits(adversarialWords(random, 1)[0]!);
  const extreme = random.pick([fmin, fmax]);
  const value = load(0, index(0), 'f32');
  const clipped = flag(random) ? extreme(value, bound()) : extreme(bound(), value);
  const finish = random.pick([clipped, fmul(clipped, load(1, index(0), 'f32')), fmax(fadd(clipped, value), bound())]);
  return defineOperator({ kind: 'map', domain: [size], operands: words(size, size), finish });
}

const MAKERS = [
  randomMatmul,
  randomMatmul,
  randomConvolution,
  randomConvolution,
  randomSegmentSum,
  randomConcatenation,
  randomTranspose,
  randomExtreme,
  (random: Random): Operator => randomCase(random).operator,
] as const;

/** So that the reference interpreter is done soon. */
const MOST_TURNS = 12_000;

/** An operator that a program may have: the makers do not know all rules. */
export function randomForm(random: Random): Operator {
  for (;;) {
    const operator = random.pick(MAKERS)(random);
    const turns = product(operator.domain) * Math.max(1, product(operator.reduction));
    if (turns <= MOST_TURNS && operatorProblem(operator) === undefined) return operator;
  }
}
