/** Whole models as Keras 2 and Keras 3 write them: every option of every layer, and all of it understood. */
import { describe, expect, test } from '@jest/globals';
import { isGensynError } from '../../src/errors/index.js';
import { recordInWorker } from '../../src/frontend/tfjs/record.js';
import type { RecordingSpec } from '../../src/frontend/tfjs/specification.js';
import { smallSpec } from './support/samples.js';

const initializer = (className: string, config: object = {}) => ({
  module: 'keras.initializers',
  class_name: className,
  config: { ...config, ...(['Zeros', 'Ones'].includes(className) ? {} : { seed: null }) },
  registered_name: null,
});
const glorot = initializer('GlorotUniform');
const zeros = initializer('Zeros');
const ones = initializer('Ones');

/** What Keras writes for a weight: its initialiser, and null for what it does not have. */
const weight = (name: string, initial: object) => ({
  [`${name}_initializer`]: initial,
  [`${name}_regularizer`]: null,
  [`${name}_constraint`]: null,
});
const kernelAndBias = { use_bias: true, ...weight('kernel', glorot), ...weight('bias', zeros) };

const OPTIONS: Readonly<Record<string, object>> = {
  Dense: { activation: 'linear', activity_regularizer: null, quantization_config: null, ...kernelAndBias },
  Conv2D: {
    kernel_size: [3, 3],
    strides: [1, 1],
    padding: 'same',
    data_format: 'channels_last',
    dilation_rate: [1, 1],
    groups: 1,
    activation: 'relu',
    activity_regularizer: null,
    ...kernelAndBias,
  },
  BatchNormalization: {
    axis: -1,
    momentum: 0.99,
    epsilon: 0.001,
    center: true,
    scale: true,
    synchronized: false,
    ...weight('beta', zeros),
    ...weight('gamma', ones),
    moving_mean_initializer: zeros,
    moving_variance_initializer: ones,
  },
  MaxPooling2D: { pool_size: [2, 2], padding: 'valid', strides: [2, 2], data_format: 'channels_last' },
  ReLU: { max_value: null, negative_slope: 0, threshold: 0 },
  Conv2DTranspose: {
    kernel_size: [2, 2],
    strides: [2, 2],
    padding: 'same',
    output_padding: null,
    data_format: 'channels_last',
    dilation_rate: [1, 1],
    groups: 1,
    activation: 'linear',
    activity_regularizer: null,
    ...kernelAndBias,
  },
  SeparableConv2D: {
    kernel_size: [3, 3],
    strides: [1, 1],
    padding: 'same',
    data_format: 'channels_last',
    dilation_rate: [1, 1],
    groups: 1,
    depth_multiplier: 2,
    activation: 'silu',
    activity_regularizer: null,
    use_bias: true,
    ...weight('bias', zeros),
    ...weight('depthwise', glorot),
    ...weight('pointwise', glorot),
  },
  GlobalAveragePooling2D: { data_format: 'channels_last', keepdims: false },
  Dropout: { rate: 0.25, seed: null, noise_shape: null },
  Embedding: {
    embeddings_initializer: initializer('RandomUniform', { minval: -0.05, maxval: 0.05 }),
    embeddings_regularizer: null,
    embeddings_constraint: null,
    activity_regularizer: null,
    mask_zero: false,
  },
  LSTM: {
    return_sequences: false,
    return_state: false,
    go_backwards: false,
    stateful: false,
    unroll: false,
    zero_output_for_mask: false,
    activation: 'tanh',
    recurrent_activation: 'sigmoid',
    ...kernelAndBias,
    ...weight('recurrent', initializer('Orthogonal', { gain: 1 })),
    unit_forget_bias: true,
    activity_regularizer: null,
    dropout: 0,
    recurrent_dropout: 0,
    seed: null,
  },
  GRU: {
    return_sequences: true,
    return_state: false,
    go_backwards: false,
    stateful: false,
    unroll: false,
    zero_output_for_mask: false,
    activation: 'tanh',
    recurrent_activation: 'sigmoid',
    ...kernelAndBias,
    ...weight('recurrent', initializer('Orthogonal', { gain: 1 })),
    activity_regularizer: null,
    dropout: 0,
    recurrent_dropout: 0,
    reset_after: true,
    seed: null,
  },
  LayerNormalization: {
    axis: -1,
    epsilon: 0.001,
    center: true,
    scale: true,
    rms_scaling: false,
    ...weight('beta', zeros),
    ...weight('gamma', ones),
  },
};

const POLICY = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null };

function keras3Layer(className: string, name: string, more: object = {}): object {
  return {
    module: 'keras.layers',
    class_name: className,
    config: { name, trainable: true, dtype: POLICY, ...OPTIONS[className], ...more },
    registered_name: null,
    build_config: { input_shape: [null] },
  };
}

function keras3(inputShape: readonly number[], dtype: string, layers: readonly object[]): object {
  const input = { batch_shape: [null, ...inputShape], dtype, sparse: false, ragged: false, name: 'input' };
  const first = { module: 'keras.layers', class_name: 'InputLayer', config: input, registered_name: null };
  return {
    module: 'keras',
    class_name: 'Sequential',
    config: { name: 'model', trainable: true, dtype: POLICY, layers: [first, ...layers] },
    registered_name: null,
    compile_config: { optimizer: 'adam', loss: 'mse' },
  };
}

/** tf.keras 2.x: no modules, plain types, one direction of a pair. */
function asKeras2(model: unknown): unknown {
  if (Array.isArray(model)) return model.map(asKeras2);
  if (typeof model !== 'object' || model === null) return model === 'forward_gru' ? 'gru' : model;
  const entries = Object.entries(model).filter(
    ([key]) => !/^(module|registered_name|build_config|compile_config|backward_layer)$/.test(key),
  );
  return Object.fromEntries(
    entries.map(([key, value]): [string, unknown] => {
      if (value === 'silu') return [key, 'swish'];
      if (key === 'batch_shape') return ['batch_input_shape', value];
      if (key === 'dtype') return [key, typeof value === 'string' ? value : 'float32'];
      return [key, asKeras2(value)];
    }),
  );
}

const convolutional = keras3([8, 8, 1], 'float32', [
  keras3Layer('Conv2D', 'conv', { filters: 4 }),
  keras3Layer('BatchNormalization', 'norm'),
  keras3Layer('MaxPooling2D', 'pool'),
  keras3Layer('ReLU', 'relu'),
  keras3Layer('Conv2DTranspose', 'up', { filters: 2 }),
  keras3Layer('SeparableConv2D', 'apart', { filters: 3 }),
  keras3Layer('GlobalAveragePooling2D', 'mean'),
  keras3Layer('Dropout', 'drop'),
  keras3Layer('Dense', 'out', { units: 4 }),
]);

/** Keras 3 writes both directions; tfjs makes the second one itself. */
const bidirectional = (backward: object) =>
  keras3Layer('Bidirectional', 'both', {
    merge_mode: 'concat',
    layer: keras3Layer('GRU', 'forward_gru', { units: 3 }),
    backward_layer: keras3Layer('GRU', 'backward_gru', { units: 3, go_backwards: true, ...backward }),
  });

const recurrent = keras3([5], 'int32', [
  keras3Layer('Embedding', 'tokens', { input_dim: 9, output_dim: 3 }),
  bidirectional({}),
  keras3Layer('LayerNormalization', 'norm'),
  keras3Layer('LSTM', 'lstm', { units: 4 }),
  keras3Layer('Dense', 'out', { units: 4 }),
]);

function specOf(json: unknown, inputShape: readonly number[]): RecordingSpec {
  return { ...smallSpec(), model: { kind: 'topology', json }, inputShape, evaluationBatchSize: 0 };
}

const weightsOf = async (spec: RecordingSpec) => {
  const { training } = await recordInWorker(spec);
  return training.state.map(({ name }) => name);
};

describe.each([
  ['Keras 3', (model: object): unknown => model],
  ['Keras 2', asKeras2],
])('%s', (_version, written) => {
  test('a convolutional network', async () => {
    expect(await weightsOf(specOf(written(convolutional), [8, 8, 1]))).toEqual([
      'conv/kernel',
      'conv/bias',
      'norm/gamma',
      'norm/beta',
      'up/kernel',
      'up/bias',
      'apart/depthwise_kernel',
      'apart/pointwise_kernel',
      'apart/bias',
      'out/kernel',
      'out/bias',
      'norm/moving_mean',
      'norm/moving_variance',
    ]);
  });

  test('a recurrent network over tokens', async () => {
    const weights = await weightsOf(specOf(written(recurrent), [5]));
    expect(weights).toContain('tokens/embeddings');
    expect(weights).toContain('both/forward_gru/kernel');
    expect(weights).toContain('both/backward_gru/kernel');
    expect(weights.filter((name) => name.startsWith('lstm/'))).toHaveLength(3);
  });
});

describe('what would train another model is refused with the layer', () => {
  const cases: [string, object, string[]][] = [
    ['grouped filters', keras3Layer('Conv2D', 'conv', { filters: 4, groups: 2 }), ['conv', 'groups = 2']],
    [
      'a dilated depthwise convolution',
      keras3Layer('DepthwiseConv2D', 'deep', { kernel_size: [2, 2], dilation_rate: [2, 2] }),
      ['deep', 'dilationRate'],
    ],
    ['an option of a newer Keras', keras3Layer('Dropout', 'drop', { new_option: 1 }), ['drop', 'newOption']],
    [
      'two directions that differ',
      keras3Layer('TimeDistributed', 'each', { layer: bidirectional({ activation: 'relu' }) }),
      ['both', 'mirror image'],
    ],
    ['kept dimensions', keras3Layer('GlobalAveragePooling2D', 'mean', { keepdims: true }), ['mean', 'keepdims']],
  ];
  test.each(cases)('%s', async (_title, layer, mentions) => {
    const out = keras3Layer('Dense', 'out', { units: 4 });
    const json = keras3([8, 8, 1], 'float32', [layer, keras3Layer('Flatten', 'flat'), out]);
    const refusal = await weightsOf(specOf(json, [8, 8, 1])).catch((error: unknown) => error);
    expect(isGensynError(refusal)).toBe(true);
    for (const mention of mentions) expect((refusal as Error).message).toContain(mention);
  });
});
