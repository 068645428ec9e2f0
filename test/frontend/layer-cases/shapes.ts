import { type LayerCase, single } from './layer-case.js';

const IMAGE = [4, 5, 2];
const SQUARE = [4, 4, 2];

/** The gradient of tfjs's cpu backend exchanges rows and columns, and mixes images up. */
const ONE_IMAGE = { batchSize: 1, remark: 'compared on one square image: tfjs’s gradient is wrong for others' };

export const SHAPES: readonly LayerCase[] = [
  single('Flatten', '', IMAGE, (layers) => layers.flatten({})),
  single('Reshape', '', IMAGE, (layers) => layers.reshape({ targetShape: [10, 4] })),
  single('Permute', '', IMAGE, (layers) => layers.permute({ dims: [2, 3, 1] })),
  single('RepeatVector', '3 times', [5], (layers) => layers.repeatVector({ n: 3 })),
  single('ZeroPadding2D', 'uneven', IMAGE, (layers) =>
    layers.zeroPadding2d({
      padding: [
        [1, 2],
        [0, 1],
      ],
    }),
  ),
  single('Cropping2D', 'uneven', IMAGE, (layers) =>
    layers.cropping2D({
      cropping: [
        [1, 0],
        [1, 2],
      ],
    }),
  ),
  single('UpSampling2D', '2 × 2, nearest', SQUARE, (layers) => layers.upSampling2d({ size: [2, 2] }), ONE_IMAGE),
  single(
    'UpSampling2D',
    '2 × 2, bilinear',
    SQUARE,
    (layers) => layers.upSampling2d({ size: [2, 2], interpolation: 'bilinear' }),
    ONE_IMAGE,
  ),
  single('Rescaling', '', IMAGE, (layers) => layers.rescaling({ scale: 0.5, offset: -0.25 } as never)),
];
