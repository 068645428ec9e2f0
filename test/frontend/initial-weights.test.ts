/** Weights of others as the genesis state: by name, in the shapes of the model, and nothing guessed. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { isGensynError } from '../../src/errors/index.js';
import type { NamedTensor, RecordingSpec } from '../../src/frontend/tfjs/specification.js';
import { dense, layer, sequential, smallSpec } from './support/samples.js';
import { testNumbers, useCpu } from './support/tfjs-cpu.js';
import { batchFor, trainByProduct } from './support/train-both.js';

beforeAll(useCpu);

function tensor(name: string, shape: readonly number[], seed = 1): NamedTensor {
  const values = testNumbers(
    shape.reduce((size, extent) => size * extent, 1),
    seed,
  );
  return { name, shape, values: Float32Array.from(values) };
}

/** All that smallSpec's two dense layers hold, under a prefix. */
const complete = (prefix = '', suffix = ''): NamedTensor[] => [
  tensor(`${prefix}last/bias${suffix}`, [4], 4),
  tensor(`${prefix}first/kernel${suffix}`, [6, 7], 1),
  tensor(`${prefix}first/bias${suffix}`, [7], 2),
  tensor(`${prefix}last/kernel${suffix}`, [7, 4], 3),
];

async function initialOf(spec: RecordingSpec) {
  const { initial, recorded } = await trainByProduct(spec, batchFor(spec));
  const named = recorded.training.state.map(({ name }, at) => [name, initial[at]] as const);
  return { weights: Object.fromEntries(named), warnings: recorded.warnings };
}

async function refusalOf(spec: RecordingSpec): Promise<string> {
  try {
    await trainByProduct(spec, batchFor(spec));
  } catch (error) {
    if (isGensynError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('weights by name', () => {
  test.each([
    ['', ''],
    ['sequential/', ''],
    ['', ':0'],
  ])('with %j in front and %j behind', async (prefix, suffix) => {
    const initialWeights = complete(prefix, suffix);
    const { weights, warnings } = await initialOf({ ...smallSpec(), initialWeights });
    expect(warnings).toEqual([]);
    for (const { name, values } of complete()) expect(weights[name]).toEqual(Array.from(values));
  });

  test('Keras puts the cell between a recurrent layer and its weights', async () => {
    const json = sequential([
      layer('LSTM', {
        name: 'memory',
        units: 2,
        batch_input_shape: [null, 3, 2],
        recurrent_initializer: 'glorotUniform',
      }),
      dense('out', 4),
    ]);
    const initialWeights = [
      tensor('model/memory/lstm_cell/kernel', [2, 8], 1),
      tensor('model/memory/lstm_cell/recurrent_kernel', [2, 8], 2),
      tensor('model/memory/lstm_cell/bias', [8], 3),
      tensor('model/out/kernel', [2, 4], 4),
      tensor('model/out/bias', [4], 5),
    ];
    const spec = { ...smallSpec(), inputShape: [3, 2], model: { kind: 'topology', json } as const, initialWeights };
    const { weights } = await initialOf(spec);
    expect(weights['memory/recurrent_kernel']).toEqual(Array.from(initialWeights[1]!.values));
  });

  test.each(['', 'sequential/'])('of a manifest, with %j in front', async (prefix) => {
    const tensors = complete(prefix);
    const specs = tensors.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }));
    const data = Float32Array.from(tensors.flatMap(({ values }) => [...values])).buffer;
    const { json } = smallSpec().model as { json: object };
    const { weights } = await initialOf({
      ...smallSpec(),
      model: { kind: 'topology', json, weights: { specs, data } },
    });
    for (const { name, values } of complete()) expect(weights[name]).toEqual(Array.from(values));
  });

  test('what belongs to no weight is named', async () => {
    const initialWeights = [...complete(), tensor('adam/m/first/bias', [7])];
    const { warnings } = await initialOf({ ...smallSpec(), initialWeights });
    expect(warnings).toEqual(['The weight file has tensors that are no weights: adam/m/first/bias.']);
  });

  const wrong: [string, NamedTensor[], string, string[]][] = [
    ['a weight that is missing', complete().slice(1), 'frontend.weights-missing', ["'last/bias'", 'first/kernel']],
    [
      'another shape',
      [tensor('first/kernel', [7, 6]), ...complete().filter(({ name }) => name !== 'first/kernel')],
      'frontend.weights-shape',
      ['[6, 7]', '[7, 6]'],
    ],
    [
      'two that fit',
      [...complete('a/'), ...complete('b/')],
      'frontend.weights-ambiguous',
      ['a/first/kernel', 'b/first/kernel'],
    ],
  ];
  test.each(wrong)('%s is refused', async (_title, initialWeights, code, mentions) => {
    const refusal = await refusalOf({ ...smallSpec(), initialWeights });
    for (const mention of [code, ...mentions]) expect(refusal).toContain(mention);
  });
});
