/** Pooling and resizing on random geometries. */
import { type Tensor, tf } from '../../src/frontend/tfjs/load-tfjs.js';
import { CaseMaker, type KernelCase } from './support/case-maker.js';

const make = new CaseMaker(4);

type T4 = import('@tensorflow/tfjs-core').Tensor4D;
type T5 = import('@tensorflow/tfjs-core').Tensor5D;
type Padding = 'same' | 'valid';
type ResizeKind = 'resizeBilinear' | 'resizeNearestNeighbor';
type ResizeMode = 'plain' | 'aligned' | 'half pixels';

const paddings: readonly Padding[] = ['same', 'valid'];

function maxPool(): KernelCase {
  const [size, stride] = [2 + make.below(2), 1 + make.below(3)];
  const pad = make.pick(paddings);
  return {
    title: `maxPool ${size} stride ${stride} ${pad}`,
    inputs: [make.floats([2, 7, 6, 3])],
    compute: (x) => tf.maxPool(x as T4, size, stride, pad),
  };
}

/** Equal maxima: the gradient goes to the first one. */
function maxPoolTies(): KernelCase {
  const x = make.integers([1, 6, 6, 2], 3);
  return {
    title: 'maxPool of few different values',
    inputs: [{ ...x, dtype: 'float32' }],
    compute: (images) => tf.maxPool(images as T4, [3, 2], [2, 1], 'same'),
  };
}

/** The average as a quotient of sums: tfjs's own gradient divides by the whole window where padding is part of it. */
function averageByConvolution(x: Tensor, size: number, stride: number, pad: Padding): Tensor {
  const channels = x.shape[3]!;
  const ones = tf.ones([size, size, channels, 1]) as T4;
  const sums = tf.depthwiseConv2d(x as T4, ones, stride, pad);
  return tf.div(sums, tf.depthwiseConv2d(tf.onesLike(x) as T4, ones, stride, pad));
}

function avgPool(): KernelCase {
  const [size, stride] = [2 + make.below(2), 1 + make.below(3)];
  const pad = make.pick(paddings);
  return {
    title: `avgPool ${size} stride ${stride} ${pad}`,
    inputs: [make.floats([2, 7, 6, 3])],
    compute: (x) => tf.avgPool(x as T4, size, stride, pad),
    expected: (x) => averageByConvolution(x, size, stride, pad),
  };
}

function maxPool3d(): KernelCase {
  const [stride, pad] = [1 + make.below(2), make.pick(paddings)];
  return {
    title: `maxPool3d stride ${stride} ${pad}`,
    inputs: [make.floats([1, 5, 4, 5, 2])],
    compute: (x) => tf.maxPool3d(x as T5, 2, stride, pad),
  };
}

function avgPool3d(): KernelCase {
  const stride = 1 + make.below(2);
  return {
    title: `avgPool3d stride ${stride}`,
    inputs: [make.floats([1, 5, 4, 5, 2])],
    compute: (x) => tf.avgPool3d(x as T5, 2, stride, 'valid'),
  };
}

/**
 * One square image: the cpu backend's bilinear gradient exchanges rows and columns of the shape, and the nearest one reads
 * the second image's `dy` at the wrong place.
 */
function resize(kind: ResizeKind, aligned: boolean): KernelCase {
  const [from, to] = [2 + make.below(5), 1 + make.below(9)];
  return {
    title: `${kind} ${from} to ${to} ${aligned ? 'aligned' : ''}`,
    inputs: [make.floats([1, from, from, 3])],
    compute: (x) => tf.image[kind](x as T4, [to, to], aligned),
  };
}

/** Several oblong images, against the product with the matrices that resize one row and one column. */
function resizeMany(kind: ResizeKind, mode: ResizeMode): KernelCase {
  const [rows, columns] = [2 + make.below(5), 2 + make.below(5)];
  const to: [number, number] = [1 + make.below(9), 2 + make.below(8)];
  return {
    title: `${kind} ${rows}x${columns} to ${to} ${mode}`,
    inputs: [make.floats([2, rows, columns, 2])],
    compute: (x) => tf.image[kind](x as T4, to, mode === 'aligned', mode === 'half pixels'),
    expected: (x) => resizeByMatrices(kind, x as T4, to, mode),
  };
}

function resizeByMatrices(kind: ResizeKind, x: T4, to: readonly number[], mode: ResizeMode): Tensor {
  const matrixOf = (from: number, extent: number): Tensor => {
    const unit = tf.reshape(tf.eye(from), [from, from, 1, 1]) as T4;
    return tf.reshape(tf.image[kind](unit, [extent, 1], mode === 'aligned', mode === 'half pixels'), [from, extent]);
  };
  const rows = matrixOf(x.shape[1], to[0]!);
  const columns = matrixOf(x.shape[2], to[1]!);
  const tall = tf.dot(tf.reshape(tf.transpose(x, [0, 2, 3, 1]), [-1, x.shape[1]]), rows);
  const [batch, , width, channels] = x.shape;
  const turned = tf.transpose(tf.reshape(tall, [batch, width, channels, to[0]!]), [0, 3, 2, 1]);
  const wide = tf.dot(tf.reshape(turned, [-1, width]), columns);
  return tf.transpose(tf.reshape(wide, [batch, to[0]!, channels, to[1]!]), [0, 1, 3, 2]);
}

const RESIZE_KINDS: readonly ResizeKind[] = ['resizeBilinear', 'resizeNearestNeighbor'];
const RESIZE_MODES: readonly ResizeMode[] = ['plain', 'aligned', 'half pixels'];

export const POOLING_CASES: readonly KernelCase[] = [
  ...make.times(6, maxPool),
  maxPoolTies(),
  ...make.times(6, avgPool),
  ...make.times(3, maxPool3d),
  ...make.times(2, avgPool3d),
  ...RESIZE_KINDS.flatMap((kind) => [
    ...make.times(3, () => resize(kind, false)),
    ...make.times(3, () => resize(kind, true)),
    ...RESIZE_MODES.flatMap((mode) => make.times(4, () => resizeMany(kind, mode))),
  ]),
];
