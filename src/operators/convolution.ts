/**
 * Convolutions over any number of spatial axes, and their gradients.
 *
 * Each is one sequential fold `acc + a·b` from +0 over stored, zero-padded inputs, so that all addresses are linear:
 *
 * - forward over (taps, input channels);
 * - input gradient over (taps backwards, output channels), see `input-gradient.ts`;
 * - filter gradient over (batch, windows).
 */
import { f32, type I32, i32, iadd, imul } from '../expr/expression.js';
import {
  type Coordinates,
  coordinatesOf,
  elementAt,
  flatIndex,
  type LazyTensor,
  lazyTensor,
} from '../frontend/lowering/lazy-tensor.js';
import { withBiasAndActivation } from './fused.js';
import { gradientOfInput } from './input-gradient.js';
import { input, integersAttribute, type KernelContext, type KernelTable, output, unsupported } from './kernel.js';
import { storePlain } from './matmul.js';
import { sumOfProducts } from './products.js';
import {
  asFloat,
  fromChannelsLast,
  isChannelsFirst,
  padForWindows,
  tapCell,
  toChannelsLast,
  type WindowAxis,
  windowAxes,
} from './windows.js';

const ZERO = f32(0);

/** The same elements in row-major order under another shape. */
function reshaped(x: LazyTensor, shape: readonly number[]): LazyTensor {
  const compute = (at: Coordinates) => elementAt(x, coordinatesOf(flatIndex(at, shape), x.shape));
  return lazyTensor({ shape, dtype: x.dtype, kind: 'copy', inputs: [x], compute });
}

const cellsOf = (axes: readonly WindowAxis[], windows: Coordinates, taps: Coordinates): I32[] =>
  axes.map((axis, position) => tapCell(axis, windows[position]!, taps[position]!));

/** One kind of convolution: how its folds read the padded input, the filter and `dy`. */
interface Family {
  /** x [n, …reach, c], filter [taps…, c, d] → [n, …windows, d], or [n, …windows, c·d] where it is depthwise. */
  readonly forward: (x: LazyTensor, filter: LazyTensor, axes: readonly WindowAxis[]) => LazyTensor;
  /** The channel of `dy` that input channel `c` meets in turn `d` of the input gradient, with `count` turns. */
  readonly outputChannel: (c: I32, d: I32, count: number) => I32;
  /** x [n, …reach, c], dy → [taps…, c, d]. */
  readonly filterGradient: (
    x: LazyTensor,
    dy: LazyTensor,
    axes: readonly WindowAxis[],
    shape: readonly number[],
  ) => LazyTensor;
}

function forwardFold(x: LazyTensor, filter: LazyTensor, axes: readonly WindowAxis[]): LazyTensor {
  const [channels, filters] = filter.shape.slice(-2) as [number, number];
  const shape = [x.shape[0]!, ...axes.map((axis) => axis.output), filters];
  return sumOfProducts(shape, [...axes.map((axis) => axis.taps), channels], [x, filter], (at, turn) => {
    const [n, ...windows] = at as readonly [I32, ...I32[]];
    const channel = turn.at(-1)!;
    return [
      [n, ...cellsOf(axes, windows, turn), channel],
      [...turn, at.at(-1)!],
    ];
  });
}

const ordinary: Family = {
  forward: forwardFold,
  outputChannel: (_c, d) => d,
  filterGradient: (x, dy, axes, shape) =>
    sumOfProducts(shape, [x.shape[0]!, ...axes.map((axis) => axis.output)], [x, dy], (at, turn) => {
      const [n, ...windows] = turn as readonly [I32, ...I32[]];
      return [
        [n, ...cellsOf(axes, windows, at), at.at(-2)!],
        [...turn, at.at(-1)!],
      ];
    }),
};

/** Every input channel has `d` filters of its own; output channel `c·d + m` is filter m of channel c. */
const depthwise: Family = {
  forward: (x, filter, axes) => {
    const [channels, multiplier] = filter.shape.slice(-2) as [number, number];
    const outer = [x.shape[0]!, ...axes.map((axis) => axis.output)];
    const taps = axes.map((axis) => axis.taps);
    const folded = sumOfProducts([...outer, channels, multiplier], taps, [x, filter], (at, turn) => {
      const [n, ...windows] = at as readonly [I32, ...I32[]];
      return [
        [n, ...cellsOf(axes, windows, turn), at.at(-2)!],
        [...turn, ...at.slice(-2)],
      ];
    });
    return reshaped(folded, [...outer, channels * multiplier]);
  },
  outputChannel: (c, d, count) => iadd(imul(c, i32(count)), d),
  filterGradient: (x, dy, axes, shape) =>
    sumOfProducts(shape, [x.shape[0]!, ...axes.map((axis) => axis.output)], [x, dy], (at, turn) => {
      const [n, ...windows] = turn as readonly [I32, ...I32[]];
      const channel = iadd(imul(at.at(-2)!, i32(shape.at(-1)!)), at.at(-1)!);
      return [
        [n, ...cellsOf(axes, windows, at), at.at(-2)!],
        [...turn, channel],
      ];
    }),
};

const spatial = (shape: readonly number[]): readonly number[] => shape.slice(1, -1);

function channelsLastInput(context: KernelContext, name: string): LazyTensor {
  const { dataFormat } = context.call.attributes;
  if (!['NHWC', 'NDHWC', 'NCHW', undefined, null].includes(dataFormat as string)) {
    throw unsupported(context, 'dataFormat', dataFormat, 'NHWC, NCHW or NDHWC');
  }
  return toChannelsLast(asFloat(input(context, name)), isChannelsFirst(context));
}

/** A tensor shape in the order of the call's data format, with its channels last. */
function channelsLastShape(context: KernelContext, shape: readonly number[]): readonly number[] {
  return isChannelsFirst(context) ? [shape[0]!, ...shape.slice(2), shape[1]!] : shape;
}

function convolve(context: KernelContext, family: Family): LazyTensor {
  const x = channelsLastInput(context, 'x');
  const filter = asFloat(input(context, 'filter'));
  const outputShape = channelsLastShape(context, output(context).shape);
  const taps = filter.shape.slice(0, -2);
  const axes = windowAxes(context, { input: spatial(x.shape), output: spatial(outputShape), taps });
  storePlain(filter, context.builder);
  return family.forward(padForWindows(x, axes, ZERO, context.builder), filter, axes);
}

function inputGradient(context: KernelContext, family: Family): LazyTensor {
  const dy = channelsLastInput(context, 'dy');
  const filter = asFloat(input(context, 'filter'));
  const inputShape = channelsLastShape(context, integersAttribute(context, 'inputShape'));
  const taps = filter.shape.slice(0, -2);
  const axes = windowAxes(context, { input: spatial(inputShape), output: spatial(dy.shape), taps });
  if (axes.some(({ stride, dilation }) => stride > 1 && dilation > 1)) {
    const { dilations } = context.call.attributes;
    throw unsupported(context, 'dilations', dilations, '1 where strides are larger');
  }
  return gradientOfInput({ dy, filter, axes, outputChannel: family.outputChannel, builder: context.builder });
}

function filterGradient(context: KernelContext, family: Family): LazyTensor {
  const x = channelsLastInput(context, 'x');
  const dy = channelsLastInput(context, 'dy');
  const filterShape = integersAttribute(context, 'filterShape');
  const taps = filterShape.slice(0, -2);
  const axes = windowAxes(context, { input: spatial(x.shape), output: spatial(dy.shape), taps });
  storePlain(dy, context.builder);
  return family.filterGradient(padForWindows(x, axes, ZERO, context.builder), dy, axes, filterShape);
}

function fused(context: KernelContext, family: Family): LazyTensor {
  const slopes = context.inputs['preluActivationWeights'];
  if (isChannelsFirst(context) && slopes !== undefined && slopes.shape.length > 1) {
    throw unsupported(context, 'dataFormat', 'NCHW', 'NHWC where prelu has a slope for each cell');
  }
  return withBiasAndActivation(context, convolve(context, family));
}

type Lower = (context: KernelContext, family: Family) => LazyTensor;

/** The kernel's result in the order of its data format. */
const kernel = (lower: Lower, family: Family): KernelTable[string] => ({
  reads: 'often',
  lower: (context) => fromChannelsLast(lower(context, family), isChannelsFirst(context)),
});

/** A filter gradient has no data format. */
const filterKernel = (family: Family): KernelTable[string] => ({
  reads: 'often',
  lower: (context) => filterGradient(context, family),
});

export const CONVOLUTION_KERNELS: KernelTable = {
  Conv2D: kernel(convolve, ordinary),
  FusedConv2D: kernel(fused, ordinary),
  Conv2DBackpropInput: kernel(inputGradient, ordinary),
  Conv2DBackpropFilter: filterKernel(ordinary),
  Conv3D: kernel(convolve, ordinary),
  Conv3DBackpropInputV2: kernel(inputGradient, ordinary),
  Conv3DBackpropFilterV2: filterKernel(ordinary),
  DepthwiseConv2dNative: kernel(convolve, depthwise),
  FusedDepthwiseConv2D: kernel(fused, depthwise),
  DepthwiseConv2dNativeBackpropInput: kernel(inputGradient, depthwise),
  DepthwiseConv2dNativeBackpropFilter: filterKernel(depthwise),
};
