/**
 * What happens between the gradients and the weights where tfjs has nothing to compare with: AdamW, centred RMSProp,
 * clipping, constraints, micro-batches. Gradients come from tfjs's cpu backend, updates from the published formulas.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Tensor, tf, tfl, type Variable } from '../../src/frontend/tfjs/load-tfjs.js';
import type { GradientClip, OptimizerSpec, RecordingSpec } from '../../src/frontend/tfjs/specification.js';
import { distance } from '../lowering/support/run-kernel.js';
import {
  adamw,
  CLIPPING,
  centredRmsprop,
  eachColumn,
  type Rule,
  sgd,
  type Weights,
} from './support/published-updates.js';
import { dense, layer, sequential, smallSpec } from './support/samples.js';
import { useCpu } from './support/tfjs-cpu.js';
import { batchFor, LEARNING_RATE, STEPS, type TrainedByProduct, trainByProduct } from './support/train-both.js';

beforeAll(useCpu);

const TOLERANCE = 5e-5;

function specWith(optimizer: OptimizerSpec, more: Partial<RecordingSpec> = {}): RecordingSpec {
  return { ...smallSpec({ loss: 'meanSquaredError', optimizer }), ...more };
}

interface Judged {
  readonly ours: TrainedByProduct;
  readonly weights: Weights;
}

/** Trains with the product, and by a rule with tfjs's gradients from the same initial weights. */
async function trainBoth(
  spec: RecordingSpec,
  rule: Rule,
  change: (gradients: Weights) => Weights = (gradients) => gradients,
): Promise<Judged> {
  const batch = batchFor(spec);
  const ours = await trainByProduct(spec, batch);
  const json = (spec.model as { json: object }).json;
  const model = await tfl.loadLayersModel(tf.io.fromMemory({ modelTopology: json }));
  const variables = model.weights.map((weight) => weight.read() as Variable);
  const weights = variables.map((_, at) => ours.initial[at]!.slice());
  const x = tf.tensor(Float32Array.from(batch.x), [spec.batchSize, ...spec.inputShape]);
  const y = tf.tensor(Float32Array.from(batch.y), [spec.batchSize, 4]);
  for (let step = 0; step < STEPS; step++) {
    variables.forEach((variable, at) => {
      variable.assign(tf.tensor(Float32Array.from(weights[at]!), variable.shape));
    });
    const loss = () =>
      tf.losses.meanSquaredError(y, model.apply(x) as Tensor) as import('@tensorflow/tfjs-core').Scalar;
    const { grads } = tf.variableGrads(loss, variables);
    rule(weights, change(variables.map(({ name }) => Array.from(grads[name]!.dataSync()))));
  }
  return { ours, weights };
}

async function expectSameWeights(spec: RecordingSpec, rule: Rule, change?: (gradients: Weights) => Weights) {
  const { ours, weights } = await trainBoth(spec, rule, change);
  weights.forEach((expected, at) => {
    expect(distance(ours.final[at]!, expected)).toBeLessThanOrEqual(TOLERANCE);
  });
}

describe('optimisers that tfjs lacks', () => {
  test('AdamW takes weight decay off the weights, not off the gradients', async () => {
    await expectSameWeights(
      specWith({ name: 'adamw', weightDecay: 0.1 }),
      adamw(LEARNING_RATE, () => 0.1),
    );
  });

  test('AdamW leaves alone what is named in decayExcept', async () => {
    const isBias = (list: number) => list % 2 === 1;
    await expectSameWeights(
      specWith({ name: 'adamw', weightDecay: 0.1, decayExcept: ['bias'] }),
      adamw(LEARNING_RATE, (list) => (isBias(list) ? 0 : 0.1)),
    );
  });

  test('centred RMSProp subtracts the square of the mean', async () => {
    await expectSameWeights(
      specWith({ name: 'rmsprop', centered: true, momentum: 0.5 }),
      centredRmsprop(LEARNING_RATE, 0.5),
    );
  });
});

describe('gradients are clipped before the update', () => {
  const bounds: [keyof typeof CLIPPING, number][] = [
    ['value', 0.02],
    ['norm', 0.05],
    ['globalNorm', 0.1],
  ];
  test.each(bounds)('by %s', async (kind, bound) => {
    const clip: GradientClip = { [kind]: bound };
    await expectSameWeights(specWith({ name: 'sgd', clip }), sgd(LEARNING_RATE), CLIPPING[kind](bound));
  });

  test.each(bounds)('a bound by %s that nothing exceeds changes no bit', async (kind) => {
    const batch = batchFor(specWith({ name: 'adam' }));
    const bounded = await trainByProduct(specWith({ name: 'adam', clip: { [kind]: 1e6 } }), batch);
    expect(bounded.final).toEqual((await trainByProduct(specWith({ name: 'adam' }), batch)).final);
  });
});

describe('micro-batches', () => {
  test.each([2, 4])('%d parts train like the whole batch', async (microBatches) => {
    await expectSameWeights(specWith({ name: 'sgd' }, { microBatches }), sgd(LEARNING_RATE));
  });

  test('the accuracy is that of the whole batch', async () => {
    const batch = batchFor(smallSpec());
    const whole = await trainByProduct(smallSpec(), batch);
    const parts = await trainByProduct({ ...smallSpec(), microBatches: 4 }, batch);
    expect(whole.accuracies).toHaveLength(STEPS);
    expect(parts.accuracies).toEqual(whole.accuracies);
  });

  test('parts that the batch cannot be cut into are refused', async () => {
    const spec = specWith({ name: 'sgd' }, { microBatches: 3 });
    await expect(trainByProduct(spec, batchFor(spec))).rejects.toThrow(
      /microBatches is 3.*divisor of the batch size 8/,
    );
  });
});

describe('constraints hold after every update', () => {
  const EPSILON = 1e-7;
  const COLUMNS = 5;
  const constraints: [string, object, (kernel: number[]) => void][] = [
    ['NonNeg', {}, (kernel) => kernel.splice(0, kernel.length, ...kernel.map((value) => Math.max(0, value)))],
    ['UnitNorm', { axis: 0 }, (kernel) => eachColumn(kernel, COLUMNS, (norm) => 1 / (norm + EPSILON))],
    [
      'MaxNorm',
      { maxValue: 0.5, axis: 0 },
      (kernel) => eachColumn(kernel, COLUMNS, (norm) => Math.min(0.5, norm) / (norm + EPSILON)),
    ],
    [
      'MinMaxNorm',
      { minValue: 0.3, maxValue: 0.6, rate: 0.5, axis: 0 },
      (kernel) =>
        eachColumn(
          kernel,
          COLUMNS,
          (norm) => (0.5 * Math.min(0.6, Math.max(0.3, norm)) + 0.5 * norm) / (norm + EPSILON),
        ),
    ],
  ];

  test.each(constraints)('%s', async (className, config, constrain) => {
    const held = dense('held', COLUMNS, 'tanh', { kernelConstraint: { className, config } });
    const spec = specWith({ name: 'sgd' }, { model: smallSpec({ hidden: [held] }).model });
    const step = sgd(LEARNING_RATE);
    await expectSameWeights(spec, (weights, gradients) => {
      step(weights, gradients);
      constrain(weights[2]!);
    });
  });
});

test('normalisation without scale or centre, which tfjs cannot train, is that with ones and zeros', async () => {
  const withNorm = (more: object): RecordingSpec =>
    specWith(
      { name: 'sgd' },
      {
        model: {
          kind: 'topology',
          json: sequential([
            dense('first', 5, 'tanh', { batch_input_shape: [null, 6] }),
            layer('BatchNormalization', { name: 'batch', ...more }),
            layer('LayerNormalization', { name: 'row', ...more }),
            dense('last', 4),
          ]),
        },
      },
    );
  const frozen = await trainByProduct(withNorm({ scale: false, center: false }), batchFor(withNorm({})));
  const names = frozen.recorded.training.state.map(({ name }) => name);
  expect(names.filter((name) => /gamma|beta/.test(name))).toEqual([]);
  const full = await trainByProduct(withNorm({}), batchFor(withNorm({})));
  expect(distance([frozen.losses[0]!], [full.losses[0]!])).toBeLessThanOrEqual(TOLERANCE);
  expect(frozen.losses.at(-1)).toBeLessThan(frozen.losses[0]!);
});
