/** Every loss that a job can name, against the one that tfjs has under the name. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { LOSS_ALIASES, LOSS_NAMES, type LossName, type RecordingSpec } from '../../src/frontend/tfjs/specification.js';
import { dense, sequential, smallSpec } from './support/samples.js';
import { useCpu } from './support/tfjs-cpu.js';
import { batchFor, distanceToTfjs, trainByProduct } from './support/train-both.js';

beforeAll(useCpu);

/** What a model has to end with for its loss: these take numbers above 0, or between 0 and 1. */
const OUTPUTS: Partial<Record<LossName, string>> = {
  poisson: 'softplus',
  meanSquaredLogarithmicError: 'softplus',
  kullbackLeiblerDivergence: 'softmax',
  logLoss: 'sigmoid',
};

/** Targets above 0 where the loss asks for them. */
const POSITIVE: readonly LossName[] = [
  'poisson',
  'meanSquaredLogarithmicError',
  'kullbackLeiblerDivergence',
  'logLoss',
];

const ofValues = LOSS_NAMES.filter((name) => name !== 'custom' && name !== 'softmaxCrossEntropy');

describe('a loss of values trains like tfjs', () => {
  test.each(ofValues)('%s', async (loss) => {
    const spec = smallSpec({ loss, output: OUTPUTS[loss] ?? 'linear' });
    const batch = batchFor(spec);
    const y = POSITIVE.includes(loss) ? batch.y.map((value) => Math.abs(value) * 0.9 + 0.05) : batch.y;
    const { weights, loss: distance } = await distanceToTfjs(spec, { ...batch, y });
    expect(distance).toBeLessThanOrEqual(5e-5);
    expect(weights).toBeLessThanOrEqual(5e-5);
  });
});

describe('a loss of classes', () => {
  test.each(['linear', 'softmax'])('softmaxCrossEntropy behind a %s layer', async (output) => {
    const spec = smallSpec({ output });
    expect((await distanceToTfjs(spec, batchFor(spec))).weights).toBeLessThanOrEqual(2e-5);
  });

  test.each(['hinge', 'squaredHinge'] as const)('%s takes −1 and 1 for two classes', async (loss) => {
    const model = [dense('hidden', 3, 'tanh', { batch_input_shape: [null, 6] }), dense('out', 1)];
    const classes: RecordingSpec = {
      ...smallSpec({ loss }),
      model: { kind: 'topology', json: sequential(model) },
      labels: { kind: 'class', classes: 2 },
    };
    const values: RecordingSpec = { ...classes, labels: { kind: 'values', shape: [1] } };
    const batch = batchFor(classes);
    const ours = await trainByProduct(classes, batch);
    const signs = await trainByProduct(values, { ...batch, y: batch.y.map((label) => 2 * label - 1) });
    expect(ours.final).toEqual(signs.final);
  });
});

test('every other name of a loss leads to one of the list', () => {
  expect(Object.values(LOSS_ALIASES).every((name) => LOSS_NAMES.includes(name))).toBe(true);
  expect(Object.keys(LOSS_ALIASES).some((alias) => (LOSS_NAMES as readonly string[]).includes(alias))).toBe(false);
});
