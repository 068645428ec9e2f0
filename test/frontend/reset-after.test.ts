/** GRU as Keras builds it by default, which tfjs lacks: against Keras's formula, number by number in binary64. */
import { beforeAll, expect, test } from '@jest/globals';
import type { RecordingSpec } from '../../src/frontend/tfjs/specification.js';
import { layer, sequential, smallSpec } from './support/samples.js';
import { useCpu } from './support/tfjs-cpu.js';
import { batchFor, LEARNING_RATE, trainByProduct } from './support/train-both.js';

beforeAll(useCpu);

const [UNITS, FEATURES, LENGTH, BATCH] = [2, 3, 4, 5];
type Weights = readonly (readonly number[])[];

function gruSpec(wrapped: boolean): RecordingSpec {
  const gru = (more: object) =>
    layer('GRU', { name: 'gru', units: UNITS, reset_after: true, recurrent_activation: 'sigmoid', ...more });
  const shape = { batch_input_shape: [null, LENGTH, FEATURES] };
  const both = layer('Bidirectional', { name: 'both', merge_mode: 'concat', layer: gru({}), ...shape });
  return {
    ...smallSpec({ loss: 'meanSquaredError' }),
    model: { kind: 'topology', json: sequential([wrapped ? both : gru(shape)]) },
    batchSize: BATCH,
    evaluationBatchSize: 0,
    inputShape: [LENGTH, FEATURES],
    labels: { kind: 'values', shape: [wrapped ? 2 * UNITS : UNITS] },
  };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The last state of one example; `x` row-major [LENGTH, FEATURES]. */
function lastState(x: readonly number[], [kernel, recurrent, bias]: Weights): number[] {
  const columns = 3 * UNITS;
  const product = (values: readonly number[], matrix: readonly number[], column: number) =>
    values.reduce((sum, value, row) => sum + value * matrix[row * columns + column]!, 0);
  let state = new Array<number>(UNITS).fill(0);
  for (let time = 0; time < LENGTH; time++) {
    const input = x.slice(time * FEATURES, (time + 1) * FEATURES);
    const fromInput = (gate: number, unit: number) =>
      product(input, kernel!, gate * UNITS + unit) + bias![gate * UNITS + unit]!;
    const fromState = (gate: number, unit: number) =>
      product(state, recurrent!, gate * UNITS + unit) + bias![columns + gate * UNITS + unit]!;
    state = state.map((value, unit) => {
      const update = sigmoid(fromInput(0, unit) + fromState(0, unit));
      const reset = sigmoid(fromInput(1, unit) + fromState(1, unit));
      return update * value + (1 - update) * Math.tanh(fromInput(2, unit) + reset * fromState(2, unit));
    });
  }
  return state;
}

function lossOf(batch: { x: readonly number[]; y: readonly number[] }, weights: Weights): number {
  const size = LENGTH * FEATURES;
  const outputs = Array.from({ length: BATCH }, (_, row) =>
    lastState(batch.x.slice(row * size, (row + 1) * size), weights),
  );
  const errors = outputs.flat().map((output, at) => (output - batch.y[at]!) ** 2);
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

/** The gradient by central differences. */
function slopeOf(weights: Weights, tensor: number, at: number, loss: (weights: Weights) => number): number {
  const step = 1e-5;
  const moved = (by: number) =>
    loss(weights.map((numbers, index) => (index === tensor ? numbers.with(at, numbers[at]! + by) : numbers)));
  return (moved(step) - moved(-step)) / (2 * step);
}

test('trains by Keras’s formula', async () => {
  const spec = gruSpec(false);
  const batch = batchFor(spec);
  const { initial, final, losses, recorded } = await trainByProduct(spec, batch);
  expect(recorded.training.state.map(({ name, shape }) => [name, shape])).toEqual([
    ['gru/kernel', [FEATURES, 3 * UNITS]],
    ['gru/recurrent_kernel', [UNITS, 3 * UNITS]],
    ['gru/bias', [2, 3 * UNITS]],
  ]);
  let weights: Weights = initial;
  for (const loss of losses) {
    const before = weights;
    expect(loss).toBeCloseTo(lossOf(batch, before), 5);
    weights = before.map((numbers, tensor) =>
      numbers.map((value, at) => value - LEARNING_RATE * slopeOf(before, tensor, at, (moved) => lossOf(batch, moved))),
    );
  }
  final.forEach((numbers, tensor) => {
    for (const [at, value] of numbers.entries()) expect(value).toBeCloseTo(weights[tensor]![at]!, 5);
  });
});

test('both directions of a Bidirectional have it', async () => {
  const spec = gruSpec(true);
  const { recorded } = await trainByProduct(spec, batchFor(spec));
  const biases = recorded.training.state.filter(({ name }) => name.endsWith('/bias'));
  expect(biases.map(({ shape }) => shape)).toEqual([
    [2, 3 * UNITS],
    [2, 3 * UNITS],
  ]);
});
