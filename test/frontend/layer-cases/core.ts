import { tfl } from '../../../src/frontend/tfjs/load-tfjs.js';
import { type LayerCase, type Layers, type Symbolic, single } from './layer-case.js';

const NORMALISED = [4, 3];

/** The same layer used twice: its gradient is the sum of both. */
function tied(layers: Layers, x: Symbolic): Symbolic {
  const shared = layers.dense({ units: 4, activation: 'tanh', name: 'shared' });
  return shared.apply(shared.apply(x) as Symbolic) as Symbolic;
}

export const CORE: readonly LayerCase[] = [
  single('Dense', '', [5], (layers) => layers.dense({ units: 3 })),
  single('Dense', 'on a sequence', NORMALISED, (layers) => layers.dense({ units: 3 })),
  single('Dense', 'regularisers L2 and L1L2', [5], (layers) =>
    layers.dense({
      units: 3,
      kernelRegularizer: tfl.regularizers.l1l2({ l1: 0.01, l2: 0.02 }),
      biasRegularizer: tfl.regularizers.l2({ l2: 0.05 }),
    }),
  ),
  { layer: 'Dense', options: 'used twice (tied weights)', input: [4], apply: tied },
  single('BatchNormalization', '', NORMALISED, (layers) => layers.batchNormalization(), {
    tolerance: 1e-4,
    remark: 'moving statistics are state',
  }),
  single('BatchNormalization', 'of images, momentum 0.9', [3, 3, 2], (layers) =>
    layers.batchNormalization({ momentum: 0.9, epsilon: 1e-2 }),
  ),
  single('LayerNormalization', '', NORMALISED, (layers) => layers.layerNormalization()),
  single('LayerNormalization', 'two axes', NORMALISED, (layers) => layers.layerNormalization({ axis: [1, 2] })),
];
