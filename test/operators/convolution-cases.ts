/** Convolutions on random geometries. */
import { type Tensor, tf } from '../../src/frontend/tfjs/load-tfjs.js';
import { CaseMaker, type KernelCase } from './support/case-maker.js';

const make = new CaseMaker(1);

type T3 = import('@tensorflow/tfjs-core').Tensor3D;
type T4 = import('@tensorflow/tfjs-core').Tensor4D;
type T5 = import('@tensorflow/tfjs-core').Tensor5D;
type Padding = 'same' | 'valid';
type Pairs = [[number, number], [number, number], [number, number], [number, number]];

const paddings: readonly Padding[] = ['same', 'valid'];

/** A filter with zeros between its taps: a dilated convolution as one that tfjs can differentiate. */
function spreadFilter(filter: Tensor, dilation: number): T4 {
  const [rows, columns, channels, filters] = filter.shape as [number, number, number, number];
  const spread = tf.pad(tf.reshape(filter, [rows, 1, columns, 1, channels, filters]), [
    [0, 0],
    [0, dilation - 1],
    [0, 0],
    [0, dilation - 1],
    [0, 0],
    [0, 0],
  ]);
  const whole = tf.reshape(spread, [rows * dilation, columns * dilation, channels, filters]) as T4;
  return tf.slice(whole, 0, [(rows - 1) * dilation + 1, (columns - 1) * dilation + 1, channels, filters]);
}

function conv2d(): KernelCase {
  const [rows, columns] = [4 + make.below(5), 4 + make.below(5)];
  const taps = [1 + make.below(3), 1 + make.below(3)];
  const strides: [number, number] = [1 + make.below(3), 1 + make.below(2)];
  const pad = make.pick(paddings);
  const [channels, filters] = [1 + make.below(3), 1 + make.below(5)];
  return {
    title: `conv2d ${rows}x${columns} taps ${taps} strides ${strides} ${pad}`,
    inputs: [make.floats([2, rows, columns, channels]), make.floats([...taps, channels, filters])],
    compute: (x, filter) => tf.conv2d(x as T4, filter as T4, strides, pad),
  };
}

function explicitConv2d(): KernelCase {
  const amount = (): [number, number] => [make.below(3), make.below(3)];
  const pad: Pairs = [[0, 0], amount(), amount(), [0, 0]];
  return {
    title: `conv2d with padding ${JSON.stringify(pad)}`,
    inputs: [make.floats([1, 5, 6, 2]), make.floats([3, 2, 2, 3])],
    compute: (x, filter) => tf.conv2d(x as T4, filter as T4, 1, pad),
  };
}

function dilatedConv2d(): KernelCase {
  const dilation = 2 + make.below(2);
  const pad = make.pick(paddings);
  return {
    title: `conv2d dilation ${dilation} ${pad}`,
    inputs: [make.floats([2, 8, 9, 2]), make.floats([2, 3, 2, 3])],
    compute: (x, filter) => tf.conv2d(x as T4, filter as T4, 1, pad, 'NHWC', dilation),
    expected: (x, filter) => tf.conv2d(x as T4, spreadFilter(filter, dilation), 1, pad),
  };
}

function depthwise(): KernelCase {
  const stride = 1 + make.below(3);
  const pad = make.pick(paddings);
  const multiplier = 1 + make.below(3);
  return {
    title: `depthwise stride ${stride} ${pad} multiplier ${multiplier}`,
    inputs: [make.floats([2, 7, 6, 3]), make.floats([3, 2, 3, multiplier])],
    compute: (x, filter) => tf.depthwiseConv2d(x as T4, filter as T4, stride, pad),
  };
}

function dilatedDepthwise(): KernelCase {
  const pad = make.pick(paddings);
  return {
    title: `depthwise dilation 2 ${pad}`,
    inputs: [make.floats([1, 8, 7, 2]), make.floats([2, 3, 2, 2])],
    compute: (x, filter) => tf.depthwiseConv2d(x as T4, filter as T4, 1, pad, 'NHWC', 2),
    expected: (x, filter) => tf.depthwiseConv2d(x as T4, spreadFilter(filter, 2), 1, pad),
  };
}

function separable(): KernelCase {
  return {
    title: 'separableConv2d',
    inputs: [make.floats([1, 6, 6, 2]), make.floats([3, 3, 2, 2]), make.floats([1, 1, 4, 3])],
    compute: (x, depth, point) => tf.separableConv2d(x as T4, depth as T4, point as T4, 1, 'same'),
  };
}

function transposed(): KernelCase {
  const stride = 1 + make.below(3);
  const pad = make.pick(paddings);
  const [rows, columns] = [3, 4].map((extent) => (pad === 'same' ? extent * stride : (extent - 1) * stride + 3));
  return {
    title: `conv2dTranspose stride ${stride} ${pad}`,
    inputs: [make.floats([2, 3, 4, 3]), make.floats([3, 3, 2, 3])],
    compute: (x, filter) => tf.conv2dTranspose(x as T4, filter as T4, [2, rows!, columns!, 2], stride, pad),
  };
}

function conv1d(): KernelCase {
  const [stride, pad] = [1 + make.below(2), make.pick(paddings)];
  return {
    title: `conv1d stride ${stride} ${pad}`,
    inputs: [make.floats([2, 9, 3]), make.floats([3, 3, 4])],
    compute: (x, filter) => tf.conv1d(x as T3, filter as T3, stride, pad),
  };
}

function conv3d(): KernelCase {
  const [stride, pad] = [1 + make.below(2), make.pick(paddings)];
  return {
    title: `conv3d stride ${stride} ${pad}`,
    inputs: [make.floats([1, 4, 5, 4, 2]), make.floats([2, 3, 2, 2, 3])],
    compute: (x, filter) => tf.conv3d(x as T5, filter as T5, stride, pad),
  };
}

/** tfjs cannot differentiate it: its value is linear in both arguments, and conv3d is its adjoint. */
function conv3dTranspose(): KernelCase {
  const weights = make.floats([1, 4, 6, 4, 2]);
  const weighed = () => tf.tensor(Float32Array.from(weights.values), [1, 4, 6, 4, 2]) as T5;
  return {
    title: 'conv3dTranspose',
    inputs: [make.floats([1, 2, 3, 2, 3]), make.floats([2, 2, 2, 2, 3])],
    compute: (x, filter) =>
      tf.sum(tf.mul(tf.conv3dTranspose(x as T5, filter as T5, [1, 4, 6, 4, 2], 2, 'same'), weighed())),
    expected: (x, filter) => tf.sum(tf.mul(x, tf.conv3d(weighed(), filter as T5, 2, 'same'))),
  };
}

type FusedActivation = 'linear' | 'relu' | 'relu6' | 'elu' | 'sigmoid' | 'leakyrelu';

function fusedConv2d(activation: FusedActivation): KernelCase {
  return {
    title: `fused conv2d ${activation}`,
    inputs: [make.floats([2, 5, 4, 2]), make.floats([3, 3, 2, 4]), make.floats([4])],
    compute: (x, filter, bias) =>
      tf.fused.conv2d({
        x: x as T4,
        filter: filter as T4,
        strides: 1,
        pad: 'same',
        bias,
        activation,
        leakyreluAlpha: 0.3,
      }),
  };
}

function dilatedFused(): KernelCase {
  return {
    title: 'fused conv2d dilation 2',
    inputs: [make.floats([2, 7, 6, 2]), make.floats([2, 3, 2, 4]), make.floats([4])],
    compute: (x, filter, bias) =>
      tf.fused.conv2d({ x: x as T4, filter: filter as T4, strides: 1, pad: 'same', dilations: 2, bias }),
    expected: (x, filter, bias) => tf.add(tf.conv2d(x as T4, spreadFilter(filter, 2), 1, 'same'), bias),
  };
}

function fusedDepthwise(activation: FusedActivation): KernelCase {
  return {
    title: `fused depthwise ${activation}`,
    inputs: [make.floats([2, 5, 4, 2]), make.floats([3, 3, 2, 2]), make.floats([4])],
    compute: (x, filter, bias) =>
      tf.fused.depthwiseConv2d({ x: x as T4, filter: filter as T4, strides: 1, pad: 'valid', bias, activation }),
  };
}

function fusedPrelu(): KernelCase {
  return {
    title: 'fused conv2d prelu',
    inputs: [make.floats([1, 5, 4, 2]), make.floats([2, 2, 2, 4]), make.floats([4]), make.floats([4])],
    compute: (x, filter, bias, preluActivationWeights) =>
      tf.fused.conv2d({
        x: x as T4,
        filter: filter as T4,
        strides: 1,
        pad: 'same',
        bias,
        activation: 'prelu',
        preluActivationWeights,
      }),
  };
}

function channelsFirst(): KernelCase {
  return {
    title: 'conv2d NCHW',
    inputs: [make.floats([2, 3, 6, 5]), make.floats([3, 2, 3, 4])],
    compute: (x, filter) => tf.conv2d(x as T4, filter as T4, 2, 'same', 'NCHW'),
    // tfjs's gradient kernels lose track of the format of `same` padding; a transposed call does not.
    expected: (x, filter) =>
      tf.transpose(tf.conv2d(tf.transpose(x, [0, 2, 3, 1]) as T4, filter as T4, 2, 'same'), [0, 3, 1, 2]),
  };
}

const ACTIVATIONS: readonly FusedActivation[] = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'];

export const CONVOLUTION_CASES: readonly KernelCase[] = [
  ...make.times(14, conv2d),
  ...make.times(3, explicitConv2d),
  ...make.times(4, dilatedConv2d),
  ...make.times(6, depthwise),
  ...make.times(2, dilatedDepthwise),
  separable(),
  ...make.times(5, transposed),
  ...make.times(3, conv1d),
  ...make.times(4, conv3d),
  conv3dTranspose(),
  ...ACTIVATIONS.map(fusedConv2d),
  ...ACTIVATIONS.slice(0, 2).map(fusedDepthwise),
  fusedPrelu(),
  dilatedFused(),
  channelsFirst(),
];
