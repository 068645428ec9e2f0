/**
 * Gradients of convolutions that tfjs refuses (dilations) or does not have (transposed 3d), by the same backward kernels:
 * ours also know dilations and the rounding of window counts.
 */
import { type Tensor, tf } from './load-tfjs.js';
import type { Patches } from './patches.js';

type GradientConfiguration = Parameters<typeof tf.registerGradient>[0];
type GradientFunction = GradientConfiguration['gradFunc'];
type Attributes = Record<string, unknown>;

/** Runs a kernel of one output. */
function kernel(name: string, inputs: Record<string, Tensor>, attributes: Attributes): Tensor {
  return tf.engine().runKernel(name, inputs, attributes as never) as Tensor;
}

/** The gradient of a convolution by its two backward kernels, with all of the call's own attributes. */
function convolutionGradient(ofInput: string, ofFilter: string): GradientFunction {
  return (given, saved, attributes) => {
    const [x, filter] = saved as [Tensor, Tensor];
    const dy = given as Tensor;
    const own = attributes as Attributes;
    // Layers leave the dilations out as null.
    const windows = { ...own, dilations: own['dilations'] ?? 1 };
    return {
      x: () => kernel(ofInput, { dy, filter }, { ...windows, inputShape: x.shape }),
      filter: () => kernel(ofFilter, { x, dy }, { ...windows, filterShape: filter.shape }),
    };
  };
}

/** A transposed convolution is linear in `dy` and in the filter. */
const transposed3dGradient: GradientFunction = (given, saved, attributes) => {
  const [dy, filter] = saved as [Tensor, Tensor];
  const x = given as Tensor;
  const { inputShape: _replaced, ...windows } = attributes as Attributes;
  const strides = { dilations: 1, ...windows };
  return {
    dy: () => kernel('Conv3D', { x, filter }, strides),
    filter: () => kernel('Conv3DBackpropFilterV2', { x, dy }, { ...strides, filterShape: filter.shape }),
  };
};

/** Gradients of convolutions in place of, or missing from, tfjs's own. */
export const CONVOLUTION_GRADIENTS: readonly GradientConfiguration[] = [
  {
    kernelName: 'Conv2D',
    inputsToSave: ['x', 'filter'],
    gradFunc: convolutionGradient('Conv2DBackpropInput', 'Conv2DBackpropFilter'),
  },
  {
    kernelName: 'Conv3D',
    inputsToSave: ['x', 'filter'],
    gradFunc: convolutionGradient('Conv3DBackpropInputV2', 'Conv3DBackpropFilterV2'),
  },
  {
    kernelName: 'DepthwiseConv2dNative',
    inputsToSave: ['x', 'filter'],
    gradFunc: convolutionGradient('DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'),
  },
  { kernelName: 'Conv3DBackpropInputV2', inputsToSave: ['dy', 'filter'], gradFunc: transposed3dGradient },
];

type FusedConvolution = typeof tf.fused.conv2d;

/**
 * tfjs's fused convolution has a gradient of its own, which refuses dilations, and tfjs-layers calls it for every
 * convolution. A dilated one without activation is made of its two parts here: the same numbers.
 */
export function splitDilatedConvolutions(patches: Patches): void {
  patches.replace(tf.fused, 'conv2d', (original) => (parameters: Parameters<FusedConvolution>[0]) => {
    const { x, filter, strides, pad, dataFormat, dilations = 1, dimRoundingMode, bias, activation } = parameters;
    const isDilated = [dilations].flat().some((dilation) => dilation !== 1);
    const isLinear = (activation ?? 'linear') === 'linear';
    if (!isDilated || !isLinear || (dataFormat ?? 'NHWC') !== 'NHWC') return (original as FusedConvolution)(parameters);
    const sums = tf.conv2d(x, filter, strides, pad, 'NHWC', dilations, dimRoundingMode);
    return bias === undefined || bias === null ? sums : tf.add(sums, bias);
  });
}
