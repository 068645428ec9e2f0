import { describe, expect, test } from '@jest/globals';
import { isGensynError } from '../../src/errors/index.js';
import { fromKeras3 } from '../../src/frontend/tfjs/keras-dialect.js';
import { recordInWorker } from '../../src/frontend/tfjs/record.js';
import { kerasDense, kerasFunctional, kerasSequential } from './support/keras-topologies.js';
import { dense, sequential, smallSpec } from './support/samples.js';

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
