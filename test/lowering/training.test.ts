import { beforeAll, describe, expect, test } from '@jest/globals';
import { storedTensor } from '../../src/frontend/lowering/lazy-tensor.js';
import type { LoweringLimits } from '../../src/frontend/lowering/limits.js';
import { type BatchBinding, lowerRecording } from '../../src/frontend/lowering/lower-recording.js';
import type { Recording } from '../../src/frontend/recording.js';
import { recordInWorker } from '../../src/frontend/tfjs/record.js';
import type { OptimizerSpec, RecordingSpec } from '../../src/frontend/tfjs/specification.js';
import { type Program, temporaryCount } from '../../src/program/program.js';
import { fitsReferee } from '../../src/referee/compile-microcode.js';
import { type Numbers, replay } from '../frontend/support/replay.js';
import { dense, l2, layer, mlpSpec, moduleSpec, smallSpec } from '../frontend/support/samples.js';
import { testNumbers, useCpu } from '../frontend/support/tfjs-cpu.js';
import { distance, runSteps, valuesOf, wordsOf } from './support/run-kernel.js';

beforeAll(useCpu);

const LEARNING_RATE = 0.0625;
const STEPS = 2;
const size = (shape: readonly number[]): number => shape.reduce((total, extent) => total * extent, 1);

/** Data for the batch inputs of a recording, the same in each step. */
function dataFor(recording: Recording): Record<string, Numbers> {
  return Object.fromEntries(
    recording.batch.map(({ name, shape, dtype }, at): [string, Numbers] => {
      const numbers = testNumbers(size(shape), 50 + at);
      if (name === 'learningRate') return [name, [LEARNING_RATE]];
      if (name === 'weight') return [name, numbers.map((_, row) => Number(row < 3))];
      return [name, dtype === 'int32' ? numbers.map((value) => Math.floor((value + 1) * 2)) : numbers];
    }),
  );
}

/** Binds every batch input to a constant. */
function constantBindings(recording: Recording, data: Readonly<Record<string, Numbers>>): Record<string, BatchBinding> {
  return Object.fromEntries(
    recording.batch.map(({ name, shape, dtype }): [string, BatchBinding] => [
      name,
      (builder) => {
        const words = wordsOf({ shape, dtype, values: data[name]! });
        const constant = { name, dtype: dtype === 'float32' ? ('f32' as const) : ('i32' as const), shape };
        return storedTensor(builder.constant(constant, words), shape, dtype);
      },
    ]),
  );
}

function lower(recording: Recording, limits: Partial<LoweringLimits> = {}) {
  return lowerRecording({ recording, bind: constantBindings(recording, dataFor(recording)), seed: 3, limits });
}

async function genesisOf(genesis: Recording): Promise<readonly Uint32Array[]> {
  const { program, constants } = lower(genesis);
  const empty = genesis.state.map(({ shape }) => new Uint32Array(size(shape)));
  return (await runSteps(program, constants, empty, 1)).state;
}

function expectWithinLimits(program: Program): void {
  expect(temporaryCount(program)).toBeGreaterThanOrEqual(1);
  for (const { operator, slots } of program.operators) {
    expect(slots.length).toBeLessThanOrEqual(8);
    expect(fitsReferee(operator)).toBe(true);
  }
}

/** Trains from our own genesis: the program, and the replayed recording on tfjs. */
async function expectSameTraining(spec: RecordingSpec, tolerance: number): Promise<void> {
  const { training, genesis } = await recordInWorker(spec);
  const initial = await genesisOf(genesis);
  const { program, constants } = lower(training);
  expectWithinLimits(program);
  const found = await runSteps(program, constants, initial, STEPS);

  const data = dataFor(training);
  let state: readonly Numbers[] = initial.map((words, at) => valuesOf(words, training.state[at]!.dtype));
  for (let step = 0; step < STEPS; step++) {
    const replayed = replay(training, state, data);
    state = replayed.state;
    const results = valuesOf(found.results[step]!, 'float32');
    Object.keys(program.results).forEach((name, at) => {
      expect(distance([results[at]!], [replayed.results[name]!])).toBeLessThanOrEqual(tolerance);
    });
  }
  state.forEach((expected, at) => {
    expect(distance(valuesOf(found.state[at]!, training.state[at]!.dtype), expected)).toBeLessThanOrEqual(tolerance);
  });

  const stored = lower(training, { recompute: -1 });
  const unfused = await runSteps(stored.program, stored.constants, initial, STEPS);
  expect(unfused.state).toEqual(found.state);
}

describe('a lowered training step computes what tfjs computes', () => {
  const optimizers: OptimizerSpec[] = [
    { name: 'sgd' },
    { name: 'momentum', momentum: 0.8, nesterov: true },
    { name: 'adam' },
    { name: 'rmsprop', momentum: 0.5 },
    { name: 'adadelta' },
  ];
  test.each(optimizers)('optimiser %j', async (optimizer) => {
    await expectSameTraining(smallSpec({ optimizer }), 2e-4);
  });

  const losses = ['sigmoidCrossEntropy', 'huber'] as const;
  test.each(losses)('loss %s', async (loss) => {
    await expectSameTraining(smallSpec({ loss, optimizer: { name: 'momentum' } }), 2e-5);
  });

  const activations = 'relu hardSigmoid elu softplus swish gelu softmax'.split(' ');
  test.each(activations)('activation %s', async (activation) => {
    await expectSameTraining(smallSpec({ hidden: [dense('middle', 5, activation)] }), 2e-5);
  });

  test('regularisers', async () => {
    const middle = dense('middle', 5, 'relu', { kernel_regularizer: l2(0.01) });
    await expectSameTraining(smallSpec({ hidden: [middle] }), 2e-5);
  });

  test('batch normalisation', async () => {
    await expectSameTraining(smallSpec({ hidden: [layer('BatchNormalization', { name: 'norm' })] }), 2e-4);
  });
});

describe('whole models train as in tfjs', () => {
  const modelOf = (body: string, inputShape: readonly number[]): RecordingSpec =>
    moduleSpec(`export default ({ tfl, layers: L }) => tfl.sequential({ layers: [${body}] });`, {
      inputShape: [...inputShape],
      batchSize: 3,
      evaluationBatchSize: 0,
      loss: 'meanSquaredError',
      metrics: [],
      labels: { kind: 'values', shape: [2] },
      optimizer: { name: 'momentum' },
    });

  test('convolutions and pooling', async () => {
    const body = `L.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [9, 8, 2] }),
      L.maxPooling2d({ poolSize: 2 }), L.depthwiseConv2d({ kernelSize: 3, padding: 'same', depthMultiplier: 2 }),
      L.separableConv2d({ filters: 4, kernelSize: 3, padding: 'same' }), L.averagePooling2d({ poolSize: 2, strides: 1 }),
      L.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }), L.zeroPadding2d(),
      L.conv2d({ filters: 4, kernelSize: 3, strides: 2, useBias: false }),
      L.globalAveragePooling2d({ dataFormat: 'channelsLast' }), L.dense({ units: 2 })`;
    await expectSameTraining(modelOf(body, [9, 8, 2]), 2e-5);
  });

  test('recurrence, with orthogonal initial weights', async () => {
    const body = `L.lstm({ units: 4, returnSequences: true, inputShape: [4, 3] }),
      L.gru({ units: 4, returnSequences: true }), L.simpleRNN({ units: 4 }), L.dense({ units: 2 })`;
    await expectSameTraining(modelOf(body, [4, 3]), 2e-5);
  });
});

test('a multi-layer perceptron with Adam has about forty operators', async () => {
  const { training, evaluation, genesis } = await recordInWorker(mlpSpec());
  const { program } = lower(training);
  expectWithinLimits(program);
  expectWithinLimits(lower(evaluation!).program);
  expectWithinLimits(lower(genesis).program);
  expect(program.operators.length).toBeLessThanOrEqual(55);
  const kinds = program.operators.map(({ operator }) => operator.kind);
  expect(kinds.filter((kind) => kind === 'matmul')).toHaveLength(8);
  expect(kinds.filter((kind) => kind === 'identity')).toHaveLength(0);
});

test('the same recording gives the same program', async () => {
  const { training } = await recordInWorker(smallSpec({ optimizer: { name: 'adam' } }));
  expect(JSON.stringify(lower(training))).toBe(JSON.stringify(lower(training)));
});
