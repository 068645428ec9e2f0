import { type LayerCase, single } from './layer-case.js';

const LINE = [6, 2];
const IMAGE = [5, 6, 2];
const VOLUME = [4, 4, 4, 2];

export const POOLING: readonly LayerCase[] = [
  single('MaxPooling1D', '2', LINE, (layers) => layers.maxPooling1d({ poolSize: 2 })),
  single('MaxPooling2D', '2 × 2', IMAGE, (layers) => layers.maxPooling2d({ poolSize: 2 })),
  single('MaxPooling2D', 'overlapping, same', IMAGE, (layers) =>
    layers.maxPooling2d({ poolSize: [3, 3], strides: [2, 2], padding: 'same' }),
  ),
  single('MaxPooling2D', 'channels first', [2, 4, 4], (layers) =>
    layers.maxPooling2d({ poolSize: 2, dataFormat: 'channelsFirst' }),
  ),
  single('MaxPooling3D', '2 × 2 × 2', VOLUME, (layers) => layers.maxPooling3d({ poolSize: [2, 2, 2] })),
  single('AveragePooling1D', '2', LINE, (layers) => layers.averagePooling1d({ poolSize: 2 })),
  single('AveragePooling2D', '2 × 2', IMAGE, (layers) => layers.averagePooling2d({ poolSize: 2 })),
  single(
    'AveragePooling2D',
    'overlapping',
    IMAGE,
    (layers) => layers.averagePooling2d({ poolSize: [3, 3], strides: [2, 2] }),
    { remark: 'padding `same`: tfjs’s gradient counts the padding, ours does not; tested as a kernel' },
  ),
  single('AveragePooling3D', '2 × 2 × 2', VOLUME, (layers) => layers.averagePooling3d({ poolSize: [2, 2, 2] })),
  single('GlobalAveragePooling1D', '', LINE, (layers) => layers.globalAveragePooling1d({})),
  single('GlobalAveragePooling2D', '', IMAGE, (layers) => layers.globalAveragePooling2d({})),
  single('GlobalMaxPooling1D', '', LINE, (layers) => layers.globalMaxPooling1d({})),
  single('GlobalMaxPooling2D', '', IMAGE, (layers) => layers.globalMaxPooling2d({})),
];
