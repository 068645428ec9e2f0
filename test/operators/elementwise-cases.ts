/** Functions of one or two elements, with their gradients, on intervals where they are defined and smooth. */
import { type Tensor, tf } from '../../src/frontend/tfjs/load-tfjs.js';
import { CaseMaker, type KernelCase } from './support/case-maker.js';

const make = new CaseMaker(3);

type Unary = readonly [name: string, compute: (x: Tensor) => Tensor, scale: number, offset: number];

const UNARY: readonly Unary[] = [
  ['abs', tf.abs, 3, 0],
  ['neg', tf.neg, 3, 0],
  ['square', tf.square, 3, 0],
  ['sqrt', tf.sqrt, 2, 2.5],
  ['rsqrt', tf.rsqrt, 2, 2.5],
  ['reciprocal', tf.reciprocal, 1, 2],
  ['exp', tf.exp, 3, 0],
  ['expm1', tf.expm1, 2, 0],
  ['log', tf.log, 2, 2.5],
  ['log1p', tf.log1p, 1, 1],
  ['sin', tf.sin, 6, 0],
  ['cos', tf.cos, 6, 0],
  ['tan', tf.tan, 1.2, 0],
  ['sinh', tf.sinh, 3, 0],
  ['cosh', tf.cosh, 3, 0],
  ['tanh', tf.tanh, 3, 0],
  ['asin', tf.asin, 0.9, 0],
  ['acos', tf.acos, 0.9, 0],
  ['atan', tf.atan, 4, 0],
  ['asinh', tf.asinh, 4, 0],
  ['acosh', tf.acosh, 2, 3.5],
  ['atanh', tf.atanh, 0.9, 0],
  ['erf', tf.erf, 2, 0],
  ['sigmoid', tf.sigmoid, 5, 0],
  ['softplus', tf.softplus, 5, 0],
  ['relu', tf.relu, 3, 0],
  ['relu6', tf.relu6, 8, 0],
  ['elu', tf.elu, 3, 0],
  ['selu', tf.selu, 3, 0],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.3), 3, 0],
  ['clipByValue', (x) => tf.clipByValue(x, -1, 1.5), 3, 0],
  ['floor', tf.floor, 3, 0],
  ['ceil', tf.ceil, 3, 0],
  ['round', tf.round, 3, 0],
  ['sign', tf.sign, 3, 0],
  ['step', tf.step, 3, 0],
  ['logSoftmax', (x) => tf.logSoftmax(x), 3, 0],
  ['softmax', (x) => tf.softmax(x), 3, 0],
  ['logSumExp', (x) => tf.logSumExp(x, 1), 3, 0],
  ['norm', (x) => tf.norm(x, 'euclidean', 1), 3, 0],
];

/** The cpu backend has no LogSoftmax kernel. */
const logSoftmaxByParts = (x: Tensor): Tensor => tf.sub(x, tf.logSumExp(x, 1, true));

const unary = ([name, compute, scale, offset]: Unary): KernelCase => ({
  title: name,
  inputs: [make.floats([4, 7], scale, offset)],
  compute,
  ...(name === 'logSoftmax' ? { expected: logSoftmaxByParts } : {}),
});

type Binary = readonly [name: string, compute: (a: Tensor, b: Tensor) => Tensor, scale: number, offset: number];

const BINARY: readonly Binary[] = [
  ['add', tf.add, 3, 0],
  ['sub', tf.sub, 3, 0],
  ['mul', tf.mul, 3, 0],
  ['div', tf.div, 1, 2],
  ['pow', tf.pow, 1, 2],
  ['maximum', tf.maximum, 3, 0],
  ['minimum', tf.minimum, 3, 0],
  ['squaredDifference', tf.squaredDifference, 3, 0],
  ['atan2', tf.atan2, 3, 0],
  ['mod', tf.mod, 1, 2],
  ['prelu', tf.prelu, 3, 0],
];

/** The first pair has equal shapes, in the others the second input is broadcast. */
const SHAPES: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [4, 3],
    [4, 3],
  ],
  [[2, 3, 4], [4]],
  [
    [3, 4],
    [3, 1],
  ],
];

const binary = ([name, compute, scale, offset]: Binary): KernelCase[] =>
  SHAPES.map(([a, b]) => ({
    title: `${name} [${a}] [${b}]`,
    inputs: [make.floats(a, scale, offset), make.floats(b, scale, offset)],
    compute,
    // Some of tfjs's gradients lose the shape of an input that is broadcast; prelu has one for its own way.
    ...(name === 'prelu' ? {} : { expected: (x: Tensor, y: Tensor) => compute(x, tf.add(y, tf.zerosLike(x))) }),
  }));

const reductions: readonly KernelCase[] = [
  { title: 'sum', inputs: [make.floats([3, 70])], compute: (x) => tf.sum(x, 1) },
  { title: 'mean', inputs: [make.floats([3, 70])], compute: (x) => tf.mean(x, 0) },
  { title: 'max', inputs: [make.floats([3, 9])], compute: (x) => tf.max(x, 1) },
  { title: 'min', inputs: [make.floats([3, 9])], compute: (x) => tf.min(x, 1) },
  {
    title: 'matMul',
    inputs: [make.floats([2, 3, 4]), make.floats([2, 5, 4])],
    compute: (a, b) => tf.matMul(a, b, false, true),
  },
  ...(['linear', 'relu'] as const).map(
    (activation): KernelCase => ({
      title: `fused matMul ${activation}`,
      inputs: [make.floats([3, 4]), make.floats([4, 5]), make.floats([5])],
      compute: (a, b, bias) => tf.fused.matMul({ a, b, bias, activation }),
    }),
  ),
  {
    title: 'batchNorm',
    inputs: [make.floats([6, 4]), make.floats([4]), make.floats([4], 0.4, 1), make.floats([4]), make.floats([4])],
    compute: (x, mean, variance, offset, scale) =>
      tf.batchNorm(x, mean as never, variance as never, offset as never, scale as never, 0.01),
  },
];

const moves: readonly KernelCase[] = [
  {
    title: 'concat',
    inputs: [make.floats([2, 3]), make.floats([2, 1]), make.floats([2, 4])],
    compute: (...x) => tf.concat(x, 1),
  },
  { title: 'stack', inputs: [make.floats([2, 3]), make.floats([2, 3])], compute: (...x) => tf.stack(x, 1) },
  { title: 'unstack', inputs: [make.floats([3, 2])], compute: (x) => tf.unstack(x, 0)[1]! },
  { title: 'split', inputs: [make.floats([3, 7])], compute: (x) => tf.split(x, [2, 1, 4], 1)[2]! },
  { title: 'slice', inputs: [make.floats([5, 6])], compute: (x) => tf.slice(x, [1, 2], [3, 4]) },
  { title: 'reverse', inputs: [make.floats([3, 4])], compute: (x) => tf.reverse(x, 1) },
  { title: 'transpose', inputs: [make.floats([2, 3, 4])], compute: (x) => tf.transpose(x, [2, 0, 1]) },
  {
    title: 'pad',
    inputs: [make.floats([2, 3])],
    compute: (x) =>
      tf.pad(x, [
        [1, 0],
        [2, 1],
      ]),
  },
  { title: 'tile', inputs: [make.floats([2, 3])], compute: (x) => tf.tile(x, [2, 3]) },
  { title: 'expandDims', inputs: [make.floats([2, 3])], compute: (x) => tf.expandDims(x, 1) },
  {
    title: 'where',
    inputs: [{ ...make.integers([3, 4], 2), dtype: 'bool' }, make.floats([3, 4]), make.floats([3, 4])],
    compute: (condition, a, b) => tf.where(condition, a, b),
  },
  { title: 'gather', inputs: [make.floats([5, 3]), make.integers([7], 5)], compute: (x, rows) => tf.gather(x, rows) },
  {
    title: 'unsortedSegmentSum',
    inputs: [make.floats([9, 2]), make.integers([9], 4)],
    compute: (x, segments) => tf.unsortedSegmentSum(x, segments as never, 4),
  },
  { title: 'addN', inputs: [make.floats([3]), make.floats([3]), make.floats([3])], compute: (...x) => tf.addN(x) },
];

export const ELEMENTWISE_CASES: readonly KernelCase[] = [
  ...UNARY.map(unary),
  ...BINARY.flatMap(binary),
  ...reductions,
  ...moves,
];
