import { describe, expect, test } from '@jest/globals';
import { isGensynError } from '../../src/errors/index.js';
import { fromKeras3 } from '../../src/frontend/tfjs/keras-dialect.js';
import { recordInWorker } from '../../src/frontend/tfjs/record.js';
import { dense, sequential, smallSpec } from './support/samples.js';

const POLICY = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null };

function kerasDense(name: string, more: object = {}): object {
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

function kerasSequential(...layers: object[]): object {
  return {
    module: 'keras',
    class_name: 'Sequential',
    config: { name: 'model', dtype: POLICY, layers: [INPUT, ...layers] },
    registered_name: null,
  };
}

function kerasFunctional(kwargs: object): object {
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

function reasonOf(topology: object): string {
  try {
    fromKeras3(topology);
  } catch (error) {
    if (isGensynError(error, 'frontend.keras-dialect')) {
      return error.message;
    }
    throw error;
  }
  return 'nothing was refused';
}

describe('Keras 3 topologies', () => {
  test.each([
    ['Sequential', kerasSequential(kerasDense('out'))],
    ['Functional', kerasFunctional({ mask: null })],
  ])('%s: is recorded with its activation and regulariser', async (_name, json) => {
    const { training } = await recordInWorker({ ...smallSpec(), model: { kind: 'topology', json } });
    expect(training.state.map(({ name }) => name)).toEqual(['out/kernel', 'out/bias']);
    expect(training.calls.some(({ kernel, scope }) => kernel === 'Sigmoid' && scope === 'out')).toBe(true);
    expect(training.calls.some(({ scope }) => scope === 'regularizer')).toBe(true);
  });

  test.each([
    ['an option that tfjs ignores', kerasSequential(kerasDense('out', { groups: 2 })), 'groups'],
    [
      'an activation of another meaning',
      kerasSequential(kerasDense('out', { activation: 'hard_sigmoid' })),
      'hard_sigmoid',
    ],
    [
      'another dtype policy',
      kerasSequential(kerasDense('out', { dtype: { class_name: 'DTypePolicy', config: { name: 'mixed_float16' } } })),
      'mixed_float16',
    ],
    ['call arguments', kerasFunctional({ use_causal_mask: true }), 'use_causal_mask'],
  ])('%s is refused', (_name, topology, mention) => {
    expect(reasonOf(topology)).toContain(mention);
  });

  test('a topology of Keras 2 is left as it is, but for L1 and L2', () => {
    const plain = sequential([dense('out', 4)]);
    expect(fromKeras3(plain)).toEqual(plain);
    const regularized = sequential([
      dense('out', 4, 'linear', { kernel_regularizer: { class_name: 'L2', config: { l2: 0.5 } } }),
    ]);
    expect(JSON.stringify(fromKeras3(regularized))).toContain('{"class_name":"L1L2","config":{"l1":0,"l2":0.5}}');
  });
});
