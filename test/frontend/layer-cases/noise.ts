import { type LayerCase, single } from './layer-case.js';

const remark = 'counter-based: drawn from (seed, step, element)';

export const NOISE: readonly LayerCase[] = [
  single('Dropout', '', [8], (layers) => layers.dropout({ rate: 0.4 }), { remark }),
  single('Dropout', 'noise shape', [4, 3], (layers) => layers.dropout({ rate: 0.4, noiseShape: [6, 1, 3] }), {
    remark,
  }),
  single('SpatialDropout1D', '', [4, 3], (layers) => layers.spatialDropout1d({ rate: 0.4 } as never), { remark }),
  single('GaussianNoise', '', [8], (layers) => layers.gaussianNoise({ stddev: 0.3 }), { remark }),
  single('GaussianDropout', '', [8], (layers) => layers.gaussianDropout({ rate: 0.3 }), { remark }),
  single('AlphaDropout', '', [8], (layers) => layers.alphaDropout({ rate: 0.3 }), { remark }),
];
