/** Kernels that move, scan, choose or contract elements. */
import { type Tensor, tf } from '../../src/frontend/tfjs/load-tfjs.js';
import { CaseMaker, type KernelCase } from './support/case-maker.js';

const make = new CaseMaker(2);

type T3 = import('@tensorflow/tfjs-core').Tensor3D;
type T4 = import('@tensorflow/tfjs-core').Tensor4D;

/** Contractions as people write attention, and every other kind of letter: batch, summed in one operand, outer. */
const EQUATIONS: readonly (readonly [equation: string, a: readonly number[], b?: readonly number[]])[] = [
  ['bti,bsi->bts', [2, 3, 4], [2, 5, 4]],
  ['bthd,bshd->bhts', [2, 3, 2, 4], [2, 5, 2, 4]],
  ['bhts,bshd->bthd', [2, 2, 3, 5], [2, 5, 2, 4]],
  ['abc,cde->abde', [2, 3, 4], [4, 2, 3]],
  ['abde,cde->abc', [2, 3, 2, 3], [4, 2, 3]],
  ['ij,jk->ik', [3, 4], [4, 5]],
  ['ij,ij->', [3, 4], [3, 4]],
  ['i,j->ij', [3], [4]],
  ['ij->ji', [3, 4]],
  ['abc->cab', [2, 3, 4]],
  ['ij->i', [3, 70]],
  ['ijk,k->i', [2, 3, 4], [4]],
  ['ijk,kl->j', [2, 3, 4], [4, 5]],
];

const einsum = ([equation, a, b]: (typeof EQUATIONS)[number]): KernelCase => ({
  title: `einsum ${equation}`,
  inputs: [make.floats(a), ...(b === undefined ? [] : [make.floats(b)])],
  compute: (...operands) => tf.einsum(equation, ...operands),
  expected: (...operands) => einsumByProducts(equation, operands),
});

/** An einsum as a sum over a broadcast product: tfjs's own has no gradient, and is wrong where one operand alone is summed. */
function einsumByProducts(equation: string, operands: readonly Tensor[]): Tensor {
  const [left = '', result = ''] = equation.split('->');
  const letters = [...new Set(`${result}${left.replace(',', '')}`)];
  const spread = left.split(',').map((term, at) => {
    const present = letters.filter((letter) => term.includes(letter));
    const ordered = tf.transpose(
      operands[at]!,
      present.map((letter) => term.indexOf(letter)),
    );
    const extents = letters.map((letter) => (term.includes(letter) ? operands[at]!.shape[term.indexOf(letter)]! : 1));
    return tf.reshape(ordered, extents);
  });
  const product = spread.reduce((all, one) => tf.mul(all, one));
  const summed = letters.flatMap((letter, axis) => (result.includes(letter) ? [] : [axis]));
  return summed.length === 0 ? product : tf.sum(product, summed);
}

/** A product with a constant matrix of ones and zeros: scans as tfjs differentiates them on every axis. */
function cumsumByMatrix(x: Tensor, axis: number, exclusive: boolean, reverse: boolean): Tensor {
  const size = x.shape[axis]!;
  const counts = Array.from({ length: size }, (_, from) =>
    Array.from({ length: size }, (_unused, to) => {
      const distance = reverse ? from - to : to - from;
      return Number(distance >= (exclusive ? 1 : 0));
    }),
  );
  const order = x.shape.map((_, at) => at).filter((at) => at !== axis);
  const last = tf.transpose(x, [...order, axis]);
  const scanned = tf.reshape(tf.dot(tf.reshape(last, [-1, size]), tf.tensor2d(counts)), last.shape);
  const back = x.shape.map((_, at) => (at === axis ? order.length : order.indexOf(at)));
  return tf.transpose(scanned, back);
}

const cumsum = (shape: readonly number[], axis: number, exclusive: boolean, reverse: boolean): KernelCase => ({
  title: `cumsum [${shape}] axis ${axis} ${exclusive ? 'exclusive' : ''} ${reverse ? 'reverse' : ''}`,
  inputs: [make.floats(shape)],
  compute: (x) => tf.cumsum(x, axis, exclusive, reverse),
  expected: (x) => cumsumByMatrix(x, axis, exclusive, reverse),
});

const cumprod = (shape: readonly number[], axis: number, exclusive: boolean, reverse: boolean): KernelCase => ({
  title: `cumprod [${shape}] axis ${axis} ${exclusive ? 'exclusive' : ''} ${reverse ? 'reverse' : ''}`,
  inputs: [make.floats(shape, 0.2, 1)],
  compute: (x) => tf.cumprod(x, axis, exclusive, reverse),
  variables: [],
});

/** A mirrored border as a gather of cells, whose gradient tfjs gets right. */
function mirrorByGather(x: Tensor, paddings: readonly [number, number][], mode: 'reflect' | 'symmetric'): Tensor {
  const again = mode === 'symmetric' ? 1 : 0;
  return paddings.reduce((padded, [before, after], axis) => {
    const size = x.shape[axis]!;
    const cells = Array.from({ length: before + size + after }, (_, at) => {
      const moved = at - before;
      if (moved < 0) return -again - moved;
      return moved < size ? moved : 2 * (size - 1) + again - moved;
    });
    return tf.gather(padded, tf.tensor1d(cells, 'int32'), axis);
  }, x);
}

function mirrorPad(mode: 'reflect' | 'symmetric'): KernelCase {
  const paddings: [number, number][] = [
    [make.below(3), make.below(3)],
    [0, make.below(3)],
    [make.below(2), 1],
  ];
  return {
    title: `mirrorPad ${mode} ${JSON.stringify(paddings)}`,
    inputs: [make.floats([4, 5, 3])],
    compute: (x) => tf.mirrorPad(x, paddings, mode),
    expected: (x) => mirrorByGather(x, paddings, mode),
  };
}

const rowsOfIndices = (count: number, shape: readonly number[]) => {
  const columns = shape.map((extent) => make.integers([count], extent).values);
  const values = Array.from({ length: count }, (_, row) => columns.map((column) => column[row]!)).flat();
  return { shape: [count, shape.length], dtype: 'int32' as const, values };
};

const flatIndices = (indices: Tensor, columns: number): Tensor => {
  const [row, column] = tf.unstack(indices, 1) as [Tensor, Tensor];
  return tf.add(tf.mul(row, tf.scalar(columns, 'int32')), column);
};

const gatherNd: KernelCase = {
  title: 'gatherND of slices',
  inputs: [make.floats([4, 3, 2]), rowsOfIndices(6, [4, 3])],
  compute: (params, indices) => tf.gatherND(params, indices),
  expected: (params, indices) => tf.gather(tf.reshape(params, [12, 2]), flatIndices(indices, 3)),
};

const scatterNd: KernelCase = {
  title: 'scatterND of slices, with equal indices',
  inputs: [make.floats([9, 2]), rowsOfIndices(9, [3, 2])],
  compute: (updates, indices) => tf.scatterND(indices, updates, [3, 2, 2] as never),
  expected: (updates, indices) =>
    tf.reshape(tf.dot(tf.transpose(tf.cast(tf.oneHot(flatIndices(indices, 2), 6), 'float32')), updates), [3, 2, 2]),
};

const topK = (shape: readonly number[], k: number): KernelCase => ({
  title: `topk [${shape}] k ${k}`,
  inputs: [make.floats(shape)],
  compute: (x) => tf.topk(x, k).values,
  // A choice by fixed positions: tfjs has no gradient for its own.
  expected: (x) => {
    const order = tf.topk(tf.tensor(x.dataSync(), x.shape), k).indices;
    return tf.sum(tf.mul(tf.expandDims(x, -2), tf.cast(tf.oneHot(order as never, x.shape.at(-1)!), 'float32')), -1);
  },
});

const topKPositions: KernelCase = {
  title: 'topk positions among equal values',
  inputs: [make.integers([3, 8], 4)],
  compute: (x) => tf.topk(x, 5).indices,
  variables: [],
};

const moves: readonly KernelCase[] = [
  {
    title: 'depthToSpace',
    inputs: [make.floats([2, 2, 3, 8])],
    compute: (x) => tf.depthToSpace(x as T4, 2),
    expected: (x) => tf.reshape(tf.transpose(tf.reshape(x, [2, 2, 3, 2, 2, 2]), [0, 1, 3, 2, 4, 5]), [2, 4, 6, 2]),
  },
  {
    title: 'spaceToBatchND',
    inputs: [make.floats([2, 5, 4, 3])],
    compute: (x) =>
      tf.spaceToBatchND(
        x,
        [3, 2],
        [
          [1, 0],
          [1, 1],
        ],
      ),
  },
  {
    title: 'batchToSpaceND',
    inputs: [make.floats([12, 2, 3, 2])],
    compute: (x) =>
      tf.batchToSpaceND(
        x,
        [2, 3],
        [
          [1, 0],
          [2, 1],
        ],
      ),
  },
  {
    title: 'localResponseNormalization',
    inputs: [make.floats([2, 3, 2, 7])],
    compute: (x) => tf.localResponseNormalization(x as T4, 2, 1.5, 0.7, 0.6),
  },
  {
    title: 'localResponseNormalization of all channels',
    inputs: [make.floats([2, 3, 4])],
    compute: (x) => tf.localResponseNormalization(x as T3),
  },
  { title: 'prod', inputs: [make.floats([3, 4], 0.5, 1)], compute: (x) => tf.prod(x, 1) },
  { title: 'linspace', inputs: [make.floats([7])], compute: (x) => tf.mul(x, tf.linspace(-1, 2, 7)) },
];

const FLAGS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

export const MOVEMENT_CASES: readonly KernelCase[] = [
  ...EQUATIONS.map(einsum),
  ...FLAGS.map(([exclusive, reverse]) => cumsum([3, 7], 1, exclusive, reverse)),
  cumsum([6, 2, 3], 0, false, true),
  cumsum([2, 5, 3], 1, true, false),
  ...FLAGS.map(([exclusive, reverse]) => cumprod([2, 9], 1, exclusive, reverse)),
  mirrorPad('reflect'),
  mirrorPad('reflect'),
  mirrorPad('symmetric'),
  mirrorPad('symmetric'),
  gatherNd,
  scatterNd,
  topK([3, 6], 2),
  topK([2, 3, 5], 5),
  topK([9], 3),
  topKPositions,
  ...moves,
];
