import { type LayerCase, single } from './layer-case.js';

const NAMES = [
  'elu',
  'gelu',
  'hardSigmoid',
  'linear',
  'logSoftmax',
  'mish',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'swish',
  'tanh',
] as const;

export const ACTIVATIONS: readonly LayerCase[] = [
  ...NAMES.map((name) =>
    single('Activation', name, [5], (layers) => layers.activation({ activation: name as 'relu' })),
  ),
  single('ReLU', '', [5], (layers) => layers.reLU()),
  single('ReLU', 'at most 0.5', [5], (layers) => layers.reLU({ maxValue: 0.5 })),
  single('LeakyReLU', '', [5], (layers) => layers.leakyReLU({ alpha: 0.1 })),
  single('PReLU', '', [5], (layers) => layers.prelu()),
  single('PReLU', 'shared axes', [3, 4], (layers) => layers.prelu({ sharedAxes: [1] } as never)),
  single('ELU', '', [5], (layers) => layers.elu()),
  single('ThresholdedReLU', '', [5], (layers) => layers.thresholdedReLU({ theta: 0.1 }), { ownGradient: true }),
  single('Softmax', 'of a sequence, axis −1', [3, 4], (layers) => layers.softmax({ axis: -1 })),
  single('Softmax', '', [5], (layers) => layers.softmax({})),
];
