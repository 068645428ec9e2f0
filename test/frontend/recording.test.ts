import { describe, expect, test } from '@jest/globals';
import type { Recording } from '../../src/frontend/recording.js';
import { recordInWorker } from '../../src/frontend/tfjs/record.js';
import { dense, layer, mlpSpec, moduleSpec, sequential, smallSpec } from './support/samples.js';

/** Everything a recording says, typed arrays included. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, entry) =>
    ArrayBuffer.isView(entry) ? Array.from(entry as Float32Array) : entry,
  );
}

function kernelsOf(recording: Recording): string[] {
  return recording.calls.map(({ kernel }) => kernel);
}

test('the same specification gives the same recording', async () => {
  const [first, second] = await Promise.all([recordInWorker(mlpSpec()), recordInWorker(mlpSpec())]);
  expect(textOf(first)).toBe(textOf(second));
});

describe('the form of a recording', () => {
  test('is single assignment: an id has one origin, and inputs are known before they are used', async () => {
    const { training, evaluation, genesis } = await recordInWorker(mlpSpec());
    for (const recording of [training, evaluation as Recording, genesis]) {
      const known = new Set([...recording.state, ...recording.batch, ...recording.constants].map(({ id }) => id));
      expect(known.size).toBe(recording.state.length + recording.batch.length + recording.constants.length);
      for (const call of recording.calls) {
        expect(Object.values(call.inputs).every((id) => known.has(id))).toBe(true);
        for (const { id } of call.outputs) {
          expect(known.has(id)).toBe(false);
          known.add(id);
        }
      }
      expect([...recording.next, ...Object.values(recording.results)].every((id) => known.has(id))).toBe(true);
      expect(recording.next).toHaveLength(recording.state.length);
      expect(recording.state).toEqual(training.state);
    }
  });

  test('puts the weights before the slots and names both by layer', async () => {
    const { training } = await recordInWorker(smallSpec({ optimizer: { name: 'adam' } }));
    expect(training.state.map(({ name, role }) => [name, role])).toEqual([
      ['first/kernel', 'parameter'],
      ['first/bias', 'parameter'],
      ['last/kernel', 'parameter'],
      ['last/bias', 'parameter'],
      ['adam/m/first/kernel', 'adam/m'],
      ['adam/m/first/bias', 'adam/m'],
      ['adam/m/last/kernel', 'adam/m'],
      ['adam/m/last/bias', 'adam/m'],
      ['adam/v/first/kernel', 'adam/v'],
      ['adam/v/first/bias', 'adam/v'],
      ['adam/v/last/kernel', 'adam/v'],
      ['adam/v/last/bias', 'adam/v'],
      ['adam/beta1Power', 'adam/beta1Power'],
      ['adam/beta2Power', 'adam/beta2Power'],
    ]);
  });

  test('names the batch inputs with their types', async () => {
    const { training, evaluation, genesis } = await recordInWorker(smallSpec());
    const inputs = ({ batch }: Recording) => batch.map(({ name, dtype, shape }) => `${name} ${dtype} [${shape}]`);
    expect(inputs(training)).toEqual(['x float32 [8,6]', 'y int32 [8]', 'learningRate float32 []']);
    expect(inputs(evaluation as Recording)).toEqual(['x float32 [5,6]', 'y int32 [5]', 'weight float32 [5]']);
    expect(genesis.batch).toEqual([]);
    expect(Object.keys(evaluation?.results ?? {}).sort()).toEqual(['correct', 'count', 'loss']);
  });

  test('gives every draw a stream of its own, and a frozen layer no update', async () => {
    const hidden = [
      layer('Dropout', { name: 'one', rate: 0.5, seed: 7 }),
      layer('GaussianNoise', { name: 'two', stddev: 1 }),
      dense('frozen', 7, 'relu', { trainable: false }),
    ];
    const { training, evaluation } = await recordInWorker(smallSpec({ hidden }));
    const draws = training.calls.filter(({ kernel }) => kernel.startsWith('Gensyn'));
    expect(draws.map(({ kernel, scope, attributes }) => [kernel, scope, attributes['stream']])).toEqual([
      ['GensynUniform', 'one', 0],
      ['GensynNormal', 'two', 1],
    ]);
    expect(kernelsOf(evaluation as Recording).some((kernel) => kernel.startsWith('Gensyn'))).toBe(false);
    const frozen = training.state.findIndex(({ name }) => name === 'frozen/kernel');
    expect(training.state[frozen]?.role).toBe('statistic');
    expect(training.next[frozen]).toBe(training.state[frozen]?.id);
  });

  test('says which layer a call belongs to, backwards too', async () => {
    const { training } = await recordInWorker(smallSpec());
    const scopes = new Set(training.calls.map(({ phase, scope }) => `${phase} ${scope}`));
    for (const expected of ['forward first', 'backward first', 'backward last', 'backward loss', 'update optimizer']) {
      expect(scopes).toContain(expected);
    }
  });
});

describe('genesis', () => {
  test('initialises by class and config, without seeds', async () => {
    const initializer = { class_name: 'RandomNormal', config: { mean: 0, stddev: 0.5, seed: 3 } };
    const hidden = [
      dense('drawn', 3, 'relu', {
        kernel_initializer: initializer,
        bias_initializer: { class_name: 'Ones', config: {} },
      }),
    ];
    const { genesis } = await recordInWorker(smallSpec({ hidden }));
    const drawn = genesis.calls.find(({ scope }) => scope === 'drawn');
    expect(drawn?.attributes).toEqual({
      className: 'RandomNormal',
      config: { mean: 0, stddev: 0.5 },
      shape: [7, 3],
      dtype: 'float32',
      stream: 1,
    });
    expect(genesis.calls.map(({ attributes }) => attributes['stream'])).toEqual([0, 1, 2]);
    const bias = genesis.next[genesis.state.findIndex(({ name }) => name === 'drawn/bias')];
    expect(genesis.constants.find(({ id }) => id === bias)?.fill).toBe(1);
  });

  test('takes loaded weights as they are', async () => {
    const values = Float32Array.from({ length: 28 }, (_, index) => index / 8);
    const json = sequential([dense('only', 4, 'linear', { batch_input_shape: [null, 6] })]);
    const specs = [
      { name: 'only/kernel', shape: [6, 4], dtype: 'float32' },
      { name: 'only/bias', shape: [4], dtype: 'float32' },
    ];
    const { genesis } = await recordInWorker({
      ...smallSpec(),
      model: { kind: 'topology', json, weights: { specs, data: values.buffer } },
    });
    expect(genesis.calls).toEqual([]);
    const loaded = genesis.next.map((id) => genesis.constants.find((constant) => constant.id === id)?.values ?? []);
    expect(loaded.map((array) => Array.from(array))).toEqual([
      Array.from(values.slice(0, 24)),
      Array.from(values.slice(24)),
    ]);
  });

  test('LSTM: the bias is joined of three', async () => {
    const { genesis } = await recordInWorker({
      ...smallSpec(),
      inputShape: [5, 3],
      model: {
        kind: 'topology',
        json: sequential([
          layer('LSTM', { name: 'lstm', units: 4, unit_forget_bias: true, batch_input_shape: [null, 5, 3] }),
          dense('out', 4),
        ]),
      },
    });
    expect(kernelsOf(genesis)).toContain('Concat');
  });
});

test('a module may draw its own initial weights and give a model by promise', async () => {
  const spec = moduleSpec(`export default async ({ tf, tfl, layers }) => {
    const weights = [tf.randomUniform([6, 4], -1, 1), tf.zeros([4])];
    return tfl.sequential({ layers: [layers.dense({ units: 4, inputShape: [6], weights })] });
  };`);
  const { genesis } = await recordInWorker(spec);
  expect(genesis.calls.map(({ attributes }) => attributes['className'])).toEqual(['RandomUniform']);
});

test('two classes may be one probability', async () => {
  const spec = { ...smallSpec({ output: 'sigmoid', loss: 'sigmoidCrossEntropy' }), metrics: ['accuracy'] as const };
  const json = sequential([dense('only', 1, 'sigmoid', { batch_input_shape: [null, 6] })]);
  const { training } = await recordInWorker({
    ...spec,
    model: { kind: 'topology', json },
    labels: { kind: 'class', classes: 2 },
  });
  expect(Object.keys(training.results).sort()).toEqual(['accuracy', 'loss']);
});

test('tokens: one label per position, int32 inputs', async () => {
  const { training } = await recordInWorker({
    ...smallSpec(),
    inputShape: [5],
    labels: { kind: 'class', classes: 9, shape: [5] },
    model: {
      kind: 'topology',
      json: sequential([
        layer('InputLayer', { name: 'in', batch_input_shape: [null, 5], dtype: 'int32' }),
        layer('Embedding', { name: 'tokens', input_dim: 9, output_dim: 4 }),
        layer('LayerNormalization', { name: 'norm' }),
        dense('out', 9),
      ]),
    },
  });
  expect(training.batch.map(({ dtype, shape }) => `${dtype} [${shape}]`)).toEqual([
    'int32 [8,5]',
    'int32 [8,5]',
    'float32 []',
  ]);
});
