/** Model topologies as Keras 3 writes them. */

const POLICY = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null };

export function kerasDense(name: string, more: object = {}): object {
  return {
    module: 'keras.layers',
    class_name: 'Dense',
    config: {
      name,
      trainable: true,
      dtype: POLICY,
      units: 4,
      activation: 'silu',
      use_bias: true,
      kernel_initializer: {
        module: 'keras.initializers',
        class_name: 'GlorotUniform',
        config: { seed: null },
        registered_name: null,
      },
      kernel_regularizer: {
        module: 'keras.regularizers',
        class_name: 'L2',
        config: { l2: 0.25 },
        registered_name: null,
      },
      quantization_config: null,
      ...more,
    },
    registered_name: null,
    build_config: { input_shape: [null, 6] },
  };
}

const INPUT = {
  module: 'keras.layers',
  class_name: 'InputLayer',
  config: { batch_shape: [null, 6], dtype: 'float32', sparse: false, name: 'in' },
  registered_name: null,
};

export function kerasSequential(...layers: object[]): object {
  return {
    module: 'keras',
    class_name: 'Sequential',
    config: { name: 'model', dtype: POLICY, layers: [INPUT, ...layers] },
    registered_name: null,
  };
}

export function kerasFunctional(kwargs: object): object {
  const tensor = {
    class_name: '__keras_tensor__',
    config: { shape: [null, 6], dtype: 'float32', keras_history: ['in', 0, 0] },
  };
  return {
    module: 'keras.src.models.functional',
    class_name: 'Functional',
    config: {
      name: 'model',
      layers: [
        { ...INPUT, name: 'in', inbound_nodes: [] },
        { ...kerasDense('out'), name: 'out', inbound_nodes: [{ args: [tensor], kwargs }] },
      ],
      input_layers: ['in', 0, 0],
      output_layers: ['out', 0, 0],
    },
    registered_name: 'Functional',
  };
}

/** A valid topology of each kind. */
export const KERAS_TOPOLOGIES: readonly object[] = [
  kerasSequential(kerasDense('out')),
  kerasFunctional({ mask: null }),
];
