import { type LayerCase, single } from './layer-case.js';

const LINE = [7, 2];
const IMAGE = [6, 5, 2];
const VOLUME = [4, 4, 3, 2];

const OWN_GRADIENT = { ownGradient: true } as const;
const DILATED = 'dilations train too, which tfjs’s do not: tested as a kernel';

export const CONVOLUTIONS: readonly LayerCase[] = [
  single('Conv1D', 'valid', LINE, (layers) => layers.conv1d({ filters: 3, kernelSize: 3 })),
  single('Conv1D', 'same, stride 2', LINE, (layers) =>
    layers.conv1d({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }),
  ),
  single('Conv2D', 'valid', IMAGE, (layers) => layers.conv2d({ filters: 3, kernelSize: 3 }), { remark: DILATED }),
  single('Conv2D', 'same, stride 2, relu', IMAGE, (layers) =>
    layers.conv2d({ filters: 3, kernelSize: [3, 2], strides: 2, padding: 'same', activation: 'relu' }),
  ),
  single('Conv2D', '1 × 1, no bias', IMAGE, (layers) => layers.conv2d({ filters: 3, kernelSize: 1, useBias: false })),
  single('Conv2D', 'channels first', [2, 5, 4], (layers) =>
    layers.conv2d({ filters: 3, kernelSize: 3, dataFormat: 'channelsFirst' }),
  ),
  single('Conv3D', 'valid', VOLUME, (layers) => layers.conv3d({ filters: 2, kernelSize: 2 })),
  single('Conv3D', 'same, stride 2', VOLUME, (layers) =>
    layers.conv3d({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' }),
  ),
  single('DepthwiseConv2D', 'valid', IMAGE, (layers) => layers.depthwiseConv2d({ kernelSize: 3 })),
  single('DepthwiseConv2D', 'same, multiplier 2', IMAGE, (layers) =>
    layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same' }),
  ),
  single('SeparableConv2D', 'same', IMAGE, (layers) =>
    layers.separableConv2d({ filters: 3, kernelSize: 3, padding: 'same' }),
  ),
  single('Conv2DTranspose', 'valid', IMAGE, (layers) => layers.conv2dTranspose({ filters: 2, kernelSize: 3 })),
  single('Conv2DTranspose', 'same, stride 2', IMAGE, (layers) =>
    layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' }),
  ),
  single(
    'Conv3DTranspose',
    'stride 2',
    [2, 2, 2, 2],
    (layers) => layers.conv3dTranspose({ filters: 2, kernelSize: 2, strides: 2 }),
    OWN_GRADIENT,
  ),
  single('ConvLSTM2D', '3 × 3', [2, 4, 4, 1], (layers) =>
    layers.convLstm2d({ filters: 2, kernelSize: 3, padding: 'same' } as never),
  ),
];
