import { tf } from '../load-tfjs.js';
import { one, rule, type ShapeTable } from './kernel-signature.js';

const { backend_util: geometry } = tf;
type Pair = [number, number];
type Triple = [number, number, number];
type Shape4D = [number, number, number, number];
type Shape5D = [number, number, number, number, number];

/** Convolutions, pooling and resizing, with their gradients; the arithmetic of windows is tfjs's own. */
export const CONVOLUTION_SHAPES: ShapeTable = [
  ...rule('Conv2D FusedConv2D', ({ x, filter }, { strides, pad, dataFormat, dilations, dimRoundingMode }) => {
    const format = geometry.convertConv2DDataFormat(dataFormat ?? 'NHWC');
    const window = geometry.computeConv2DInfo(
      x.shape as Shape4D,
      filter.shape as Shape4D,
      strides as Pair,
      dilations as Pair,
      pad,
      dimRoundingMode,
      false,
      format,
    );
    return one(window.outShape, x.dtype);
  }),
  ...rule(
    'DepthwiseConv2dNative FusedDepthwiseConv2D',
    ({ x, filter }, { strides, pad, dilations, dimRoundingMode }) => {
      const window = geometry.computeConv2DInfo(
        x.shape as Shape4D,
        filter.shape as Shape4D,
        strides as Pair,
        (dilations ?? [1, 1]) as Pair,
        pad,
        dimRoundingMode,
        true,
      );
      return one(window.outShape, x.dtype);
    },
  ),
  ...rule('Conv3D', ({ x, filter }, { strides, pad, dilations }) => {
    const window = geometry.computeConv3DInfo(
      x.shape as Shape5D,
      filter.shape as Shape5D,
      strides as Triple,
      dilations as Triple,
      pad as 'valid' | 'same',
    );
    return one(window.outShape, x.dtype);
  }),
  ...rule('Conv2DBackpropInput DepthwiseConv2dNativeBackpropInput Conv3DBackpropInputV2', (_, { inputShape }) =>
    one(inputShape, 'float32'),
  ),
  ...rule('Conv2DBackpropFilter DepthwiseConv2dNativeBackpropFilter Conv3DBackpropFilterV2', (_, { filterShape }) =>
    one(filterShape, 'float32'),
  ),
  ...rule('MaxPool AvgPool', ({ x }, { filterSize, strides, pad, dimRoundingMode }) => {
    const window = geometry.computePool2DInfo(
      x.shape as Shape4D,
      filterSize as Pair,
      strides as Pair,
      1,
      pad,
      dimRoundingMode,
    );
    return one(window.outShape, x.dtype);
  }),
  ...rule('MaxPool3D AvgPool3D', ({ x }, { filterSize, strides, pad, dimRoundingMode }) => {
    const window = geometry.computePool3DInfo(
      x.shape as Shape5D,
      filterSize as Triple,
      strides as Triple,
      1,
      pad,
      dimRoundingMode,
    );
    return one(window.outShape, 'float32');
  }),
  ...rule('MaxPoolGrad AvgPoolGrad MaxPool3DGrad AvgPool3DGrad', ({ input }) => one(input.shape, 'float32')),
  ...rule('ResizeBilinear ResizeNearestNeighbor', ({ images }, { size }) => {
    const [batch = 0, , , channels = 0] = images.shape;
    const [height = 0, width = 0] = size;
    return one([batch, height, width, channels], 'float32');
  }),
  ...rule('ResizeBilinearGrad ResizeNearestNeighborGrad', ({ images }) => one(images.shape, 'float32')),
];
