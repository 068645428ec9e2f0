/** Calls of single kernels with their attributes, for what has no operation of its own or no gradient. */
import type { Attribute } from '../../src/frontend/recording.js';
import { testNumbers } from '../frontend/support/tfjs-cpu.js';
import type { TestCall, TestTensor } from '../lowering/support/run-kernel.js';

let seed = 0;
const size = (shape: readonly number[]): number => shape.reduce((total, extent) => total * extent, 1);

function floats(shape: readonly number[], scale = 3, offset = 0): TestTensor {
  const values = testNumbers(size(shape), ++seed).map((value) => Math.fround(value * scale + offset));
  return { shape, dtype: 'float32', values };
}
function integers(shape: readonly number[], below: number, from = 0): TestTensor {
  const values = testNumbers(size(shape), ++seed).map((value) => from + Math.floor(((value + 1) / 2) * (below - from)));
  return { shape, dtype: 'int32', values };
}
const flags = (shape: readonly number[]): TestTensor => ({ ...integers(shape, 2), dtype: 'bool' });

type Attributes = Readonly<Record<string, Attribute>>;
const call = (kernel: string, inputs: Readonly<Record<string, TestTensor>>, attributes: Attributes = {}): TestCall => ({
  kernel,
  inputs,
  attributes,
});
const list = (...tensors: TestTensor[]): Record<string, TestTensor> =>
  Object.fromEntries(tensors.map((t, at) => [at, t]));

const SPECIAL: TestTensor = {
  shape: [13],
  dtype: 'float32',
  values: [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, Infinity, -Infinity, Number.NaN, 3e-39],
};
const POSITIVE = ['Sqrt', 'Rsqrt', 'Log', 'Log1p'];
const UNARY =
  'Abs Neg Square Sqrt Rsqrt Reciprocal Exp Expm1 Log Log1p Tanh Sigmoid Softplus Erf Sin Cos Tan Relu Relu6 Elu Selu Sign Floor Ceil Round IsNan IsFinite IsInf';
const UNARY_CALLS = UNARY.split(' ').flatMap((kernel) => {
  const x = floats([3, 5], POSITIVE.includes(kernel) ? 2 : 4, POSITIVE.includes(kernel) ? 2.5 : 0);
  return [call(kernel, { x })];
});
/** Kernels whose special values are tfjs's; the others' are IEEE's and tested with the functions. */
const SPECIAL_CALLS = 'Abs Neg Square Sqrt Reciprocal Exp Relu Relu6 Floor Ceil Round IsNan IsFinite IsInf Elu'
  .split(' ')
  .map((kernel) => call(kernel, { x: SPECIAL }));

const BINARY =
  'Add Sub Multiply RealDiv Maximum Minimum SquaredDifference Equal NotEqual Less LessEqual Greater GreaterEqual';
const BINARY_CALLS = BINARY.split(' ').flatMap((kernel) => [
  call(kernel, { a: floats([4, 3]), b: floats([4, 3]) }),
  call(kernel, { a: floats([2, 1, 3]), b: floats([4, 1]) }),
  call(kernel, { a: floats([]), b: floats([5]) }),
  ...(kernel === 'RealDiv' ? [] : [call(kernel, { a: integers([7], 5, -5), b: integers([7], 5, -5) })]),
]);

const AXES: readonly (readonly [readonly number[], Attribute])[] = [
  [[4, 5], 1],
  [[4, 5], [0]],
  [
    [3, 4, 5],
    [0, 2],
  ],
  [[3, 4, 5], [1]],
  [[2, 70], [1]],
  [[130], [0]],
  [[9, 11], null],
  [[100, 3], [0]],
  [[70, 20], [0]],
  [[1, 5], [0]],
];
function reductions(kernel: string, make: (shape: readonly number[]) => TestTensor): TestCall[] {
  return AXES.flatMap(([shape, axis]) => {
    // The tfjs kernels take no `null`.
    const axes = axis ?? shape.map((_, at) => at);
    const attributes = kernel === 'Max' ? { reductionIndices: axes } : { axis: axes };
    return [false, true].map((keepDims) => call(kernel, { x: make(shape) }, { ...attributes, keepDims }));
  });
}
const REDUCTIONS = [
  ...['Sum', 'Mean', 'Max', 'Min'].flatMap((kernel) => reductions(kernel, (shape) => floats(shape))),
  ...reductions('Prod', (shape) => floats(shape, 0.1, 1)),
  ...reductions('Sum', (shape) => integers(shape, 9, -9)),
  ...reductions('All', (shape) => flags(shape)),
  ...reductions('Any', (shape) => flags(shape)),
  call('ArgMax', { x: floats([6, 7]) }, { axis: 1 }),
  call('ArgMax', { x: floats([6, 7, 2]) }, { axis: 1 }),
  call('ArgMin', { x: floats([6, 7]) }, { axis: 0 }),
];

const matmul = (a: readonly number[], b: readonly number[], transposeA: boolean, transposeB: boolean): TestCall =>
  call('BatchMatMul', { a: floats(a), b: floats(b) }, { transposeA, transposeB });
const fused = (activation: string, more: Record<string, TestTensor> = {}): TestCall =>
  call(
    '_FusedMatMul',
    { a: floats([1, 5, 7]), b: floats([1, 7, 6]), bias: floats([6]), ...more },
    { transposeA: false, transposeB: false, activation, leakyreluAlpha: 0.3 },
  );
const PRODUCTS = [
  matmul([1, 4, 5], [1, 5, 3], false, false),
  matmul([1, 5, 4], [1, 5, 3], true, false),
  matmul([1, 4, 5], [1, 3, 5], false, true),
  matmul([3, 5, 4], [3, 6, 5], true, true),
  matmul([3, 4, 5], [1, 5, 2], false, false),
  matmul([1, 1, 5], [1, 5, 1], false, false),
  ...['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'].map((name) => fused(name)),
  fused('prelu', { preluActivationWeights: floats([6]) }),
];

const MOVES = [
  call('Reshape', { x: floats([4, 6]) }, { shape: [2, 12] }),
  call('ExpandDims', { input: floats([4, 6]) }, { dim: 1 }),
  call('Transpose', { x: floats([2, 3, 4]) }, { perm: [2, 0, 1] }),
  call('Slice', { x: floats([5, 6]) }, { begin: [1, 2], size: [3, 4] }),
  call('Tile', { x: floats([2, 3]) }, { reps: [2, 3] }),
  call(
    'PadV2',
    { x: floats([2, 3]) },
    {
      paddings: [
        [1, 0],
        [2, 1],
      ],
      constantValue: 0.5,
    },
  ),
  call('Reverse', { x: floats([3, 4]) }, { dims: [1] }),
  call('Concat', list(floats([2, 3]), floats([2, 1]), floats([2, 4])), { axis: 1 }),
  call('Concat', list(...Array.from({ length: 17 }, () => floats([1, 3]))), { axis: 0 }),
  call('Pack', list(floats([2, 3]), floats([2, 3])), { axis: 1 }),
  call('Pack', list(...Array.from({ length: 9 }, () => floats([2]))), { axis: 0 }),
  call('Unpack', { value: floats([3, 2, 4]) }, { axis: 1 }),
  call('SplitV', { x: floats([3, 7]) }, { numOrSizeSplits: [2, 1, 4], axis: 1 }),
  call('AddN', list(...Array.from({ length: 14 }, () => floats([3])))),
  call('GatherV2', { x: floats([5, 3]), indices: integers([4], 5) }, { axis: 0, batchDims: 0 }),
  call('GatherV2', { x: floats([2, 5, 3]), indices: integers([2, 2], 5) }, { axis: 1, batchDims: 0 }),
  call('GatherV2', { x: floats([3, 6]), indices: integers([3, 2], 6) }, { axis: 1, batchDims: 1 }),
  call('UnsortedSegmentSum', { x: floats([9, 2]), segmentIds: integers([9], 4) }, { numSegments: 4 }),
  call('OneHot', { indices: integers([5], 6, -1) }, { depth: 5, onValue: 1, offValue: 0, dtype: 'float32' }),
  call('OneHot', { indices: integers([2, 3], 4) }, { depth: 4, onValue: 7, offValue: -1, dtype: 'int32' }),
];

const NO_MASKS = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };

const OTHERS = [
  // As the layers of tfjs call it.
  call(
    'DepthwiseConv2dNative',
    { x: floats([1, 5, 4, 2]), filter: floats([3, 2, 2, 2]) },
    { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: null },
  ),
  call('Pow', { a: floats([9], 2, 2.1), b: floats([9]) }),
  call('FloorDiv', { a: integers([9], 9, -9), b: integers([9], 5, 1) }),
  call('Mod', { a: integers([9], 9, -9), b: integers([9], 5, 1) }),
  call('Mod', { a: floats([9]), b: floats([9], 1, 2) }),
  call('Softmax', { logits: floats([4, 5]) }, { dim: 1 }),
  call('Softmax', { logits: floats([2, 100], 20) }, { dim: 1 }),
  call('LeakyRelu', { x: floats([9]) }, { alpha: 0.1 }),
  call('Prelu', { x: floats([3, 4]), alpha: floats([4]) }),
  call('EluGrad', { dy: floats([9]), y: floats([9], 0.9) }),
  call('Step', { x: SPECIAL }, { alpha: 0.25 }),
  call('ClipByValue', { x: floats([9]) }, { clipValueMin: -1, clipValueMax: 1 }),
  call('Select', { condition: flags([3, 4]), t: floats([3, 4]), e: floats([3, 4]) }),
  call('LogicalAnd', { a: flags([9]), b: flags([9]) }),
  call('LogicalOr', { a: flags([9]), b: flags([9]) }),
  call('LogicalNot', { x: flags([9]) }),
  call('Cast', { x: floats([9]) }, { dtype: 'int32' }),
  call('Cast', { x: SPECIAL }, { dtype: 'bool' }),
  call('Cast', { x: integers([9], 5, -5) }, { dtype: 'float32' }),
  call('Cast', { x: integers([9], 3, -1) }, { dtype: 'bool' }),
  call('Fill', {}, { shape: [2, 3], value: 2.5, dtype: 'float32' }),
  call('Range', {}, { start: 1, stop: 9, step: 2, dtype: 'int32' }),
  call('ZerosLike', { x: floats([3]) }),
  call('OnesLike', { x: floats([3]) }),
  call('Identity', { x: floats([3, 2]) }),
  call('StridedSlice', { x: floats([6, 7]) }, { begin: [1, 0], end: [5, 7], strides: [2, 3], ...NO_MASKS }),
  call('StridedSlice', { x: floats([6]) }, { begin: [-5], end: [6], strides: [1], ...NO_MASKS }),
];

/** Single kernel calls by family, to be compared with tfjs's cpu backend. */
export const KERNEL_CALLS: Readonly<Record<string, readonly TestCall[]>> = {
  unary: UNARY_CALLS,
  special: SPECIAL_CALLS,
  binary: BINARY_CALLS,
  reductions: REDUCTIONS,
  products: PRODUCTS,
  moves: MOVES,
  others: OTHERS,
};
