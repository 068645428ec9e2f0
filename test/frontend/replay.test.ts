import { beforeAll, describe, expect, test } from '@jest/globals';
import { recordInWorker } from '../../src/frontend/tfjs/record.js';
import type { OptimizerSpec, RecordingSpec } from '../../src/frontend/tfjs/specification.js';
import { type Batch, trainEagerly } from './support/eager.js';
import { constantGenesis, type Numbers, replay } from './support/replay.js';
import { dense, l2, layer, mlpSpec, sequential, smallSpec } from './support/samples.js';
import { bitsOf, drawing, testNumbers, useCpu } from './support/tfjs-cpu.js';

const LEARNING_RATE = 0.0625;
const STEPS = 3;

function batchesFor(spec: RecordingSpec): Batch[] {
  const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, spec.batchSize);
  const { labels } = spec;
  return Array.from({ length: STEPS }, (_, step) => {
    const labelNumbers = testNumbers(size(labels.shape ?? []), 100 + step);
    const y =
      labels.kind === 'class' ? labelNumbers.map((n) => Math.floor(((n + 1) / 2) * labels.classes)) : labelNumbers;
    return { x: testNumbers(size(spec.inputShape), step + 1), y };
  });
}

/** Trains with tfjs, replays the recording from the same weights and compares the bits after every step. */
async function expectSameTraining(spec: RecordingSpec): Promise<void> {
  const { training, genesis } = await recordInWorker(spec);
  const batches = batchesFor(spec);
  const eager = await trainEagerly(spec, batches, LEARNING_RATE);
  const initial = constantGenesis(genesis);
  let state = training.state.map((_, index) => (eager.weights[0]?.[index] ?? initial[index]) as Numbers);
  for (const [step, batch] of batches.entries()) {
    drawing.step = step;
    const replayed = replay(training, state, { ...batch, learningRate: [LEARNING_RATE] });
    state = replayed.state;
    expect(bitsOf([replayed.results['loss'] as number])).toEqual(bitsOf([eager.losses[step] as number]));
    for (const [index, weights] of (eager.weights[step + 1] as Numbers[]).entries()) {
      expect(bitsOf(state[index] as Numbers)).toEqual(bitsOf(weights));
    }
  }
}

beforeAll(useCpu);

describe('a replayed recording gives the bits of eager tfjs', () => {
  const optimizers: OptimizerSpec[] = [
    { name: 'sgd' },
    { name: 'momentum' },
    { name: 'momentum', momentum: 0.8, nesterov: true },
    { name: 'adam' },
    { name: 'adamax' },
    { name: 'rmsprop', momentum: 0.5 },
    { name: 'adagrad' },
    { name: 'adadelta' },
  ];
  test.each(optimizers)('optimiser %j', async (optimizer) => {
    await expectSameTraining(smallSpec({ optimizer }));
  });

  const losses = [
    'sigmoidCrossEntropy',
    'meanSquaredError',
    'meanAbsoluteError',
    'huber',
    'cosineDistance',
    'categoricalHinge',
  ] as const;
  test.each(losses)('loss %s', async (loss) => {
    await expectSameTraining(smallSpec({ loss, optimizer: { name: 'momentum' } }));
  });

  const activations = [
    'relu',
    'relu6',
    'tanh',
    'sigmoid',
    'hardSigmoid',
    'elu',
    'selu',
    'softplus',
    'softsign',
    'swish',
    'gelu',
    'mish',
    'softmax',
  ];
  test.each(activations)('activation %s', async (activation) => {
    await expectSameTraining(smallSpec({ hidden: [dense('middle', 5, activation)] }));
  });

  test('probabilities after a softmax, dropout, L2 and Adam', async () => {
    const hidden = [
      layer('Dropout', { name: 'dropout', rate: 0.3 }),
      dense('middle', 5, 'relu', { kernel_regularizer: l2(0.01) }),
      layer('GaussianNoise', { name: 'noise', stddev: 0.1 }),
    ];
    await expectSameTraining(smallSpec({ hidden, output: 'softmax', optimizer: { name: 'adam' } }));
  });

  test('batch normalisation keeps its statistics as state', async () => {
    const hidden = [layer('BatchNormalization', { name: 'norm' })];
    await expectSameTraining(smallSpec({ hidden }));
  });

  test('a convolutional network', async () => {
    await expectSameTraining({
      ...smallSpec({ optimizer: { name: 'adam' } }),
      inputShape: [8, 8, 2],
      model: {
        kind: 'topology',
        json: sequential([
          layer('Conv2D', {
            name: 'conv',
            filters: 3,
            kernel_size: [3, 3],
            padding: 'same',
            activation: 'relu',
            batch_input_shape: [null, 8, 8, 2],
          }),
          layer('MaxPooling2D', { name: 'pool', pool_size: [2, 2] }),
          layer('Flatten', { name: 'flat' }),
          dense('out', 4),
        ]),
      },
    });
  });

  test('an LSTM', async () => {
    await expectSameTraining({
      ...smallSpec(),
      inputShape: [5, 3],
      model: {
        kind: 'topology',
        json: sequential([layer('LSTM', { name: 'lstm', units: 4, batch_input_shape: [null, 5, 3] }), dense('out', 4)]),
      },
    });
  });
});

describe('evaluation', () => {
  test('sums loss and hits over the rows of weight 1 and leaves the state alone', async () => {
    const hidden = [layer('Dropout', { name: 'dropout', rate: 0.5 })];
    const spec = smallSpec({ hidden, optimizer: { name: 'adam' } });
    const { training, evaluation, genesis } = await recordInWorker(spec);
    if (evaluation === null) {
      throw new Error('no evaluation');
    }
    expect(evaluation.state.map(({ name }) => name)).toEqual(training.state.map(({ name }) => name));
    expect(evaluation.next).toEqual(evaluation.state.map(({ id }) => id));
    const initial = constantGenesis(genesis);
    const state = training.state.map(({ shape }, index) => {
      return (
        initial[index] ??
        testNumbers(
          shape.reduce((product, size) => product * size, 1),
          index,
        )
      );
    });
    const batch = { x: testNumbers(30, 5), y: [0, 1, 2, 3, 1] };
    const all = replay(evaluation, state, { ...batch, weight: [1, 1, 1, 1, 1] });
    const parts = [0, 1, 2, 3, 4].map((row) => {
      const weight = [0, 0, 0, 0, 0].with(row, 1);
      return replay(evaluation, state, { ...batch, weight }).results;
    });
    const sum = (name: string) => parts.reduce((total, part) => total + (part[name] as number), 0);
    expect(all.results['count']).toBe(5);
    expect(all.results['correct']).toBe(sum('correct'));
    expect(all.results['loss']).toBeCloseTo(sum('loss'), 4);
    expect(all.state).toEqual(state.map((numbers) => Array.from(Float32Array.from(numbers))));
  });

  test('is left out for 0 rows', async () => {
    const { evaluation } = await recordInWorker({ ...smallSpec(), evaluationBatchSize: 0 });
    expect(evaluation).toBeNull();
  });
});

test('the sample network records and replays', async () => {
  const { training, genesis } = await recordInWorker(mlpSpec());
  expect(genesis.calls.map(({ kernel }) => kernel)).toEqual(['GensynInit', 'GensynInit', 'GensynInit']);
  expect(Object.keys(training.results).sort()).toEqual(['accuracy', 'loss']);
});
