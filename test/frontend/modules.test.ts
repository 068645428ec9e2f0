/** Modules that build a model or bring a training step of their own. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type ErrorCode, isGensynError } from '../../src/errors/index.js';
import { recordInWorker } from '../../src/frontend/tfjs/record.js';
import type { RecordingSpec } from '../../src/frontend/tfjs/specification.js';
import { moduleSpec, smallSpec } from './support/samples.js';
import { useCpu } from './support/tfjs-cpu.js';
import { batchFor, distanceToTfjs, trainByProduct } from './support/train-both.js';

beforeAll(useCpu);

async function refusalOf(spec: RecordingSpec, limits?: Parameters<typeof recordInWorker>[1]) {
  try {
    await recordInWorker(spec, limits);
  } catch (error) {
    if (isGensynError(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const VALUES: Partial<RecordingSpec> = {
  loss: 'custom',
  metrics: [],
  evaluationBatchSize: 0,
  labels: { kind: 'values', shape: [4] },
};

/** Linear regression, whose step is `body`. */
function stepModule(body: string, more: Partial<RecordingSpec> = {}): RecordingSpec {
  const source = `export default ({ tf, tfl, inputShape }) => {
    const weight = tf.variable(tfl.initializers.glorotNormal().apply([inputShape[0], 4]), true, 'weight');
    const bias = tf.variable(tf.zeros([4]), true, 'bias');
    const predict = (x) => tf.add(tf.matMul(x, weight), bias);
    return { variables: { weight, bias }, ${body} };
  };`;
  return moduleSpec(source, { ...VALUES, ...more });
}

const MINIMIZE = `step: ({ minimize }) => ({
  loss: minimize(({ x, y }) => tf.losses.meanSquaredError(y, predict(x))),
})`;

describe('a training step of its own', () => {
  test('with minimize trains like the same model with the loss of that name', async () => {
    const model = moduleSpec(
      `export default ({ tfl, layers }) =>
        tfl.sequential({ layers: [layers.dense({ units: 4, inputShape: [6] })] });`,
      { ...VALUES, loss: 'meanSquaredError' },
    );
    const batch = batchFor(model);
    const own = await trainByProduct(stepModule(MINIMIZE), batch);
    expect(own.final).toEqual((await trainByProduct(model, batch)).final);
    expect(own.recorded.training.state.map(({ name, role }) => [name, role])).toEqual([
      ['weight', 'parameter'],
      ['bias', 'parameter'],
    ]);
  });

  test('takes the job’s optimiser, clipping and micro-batches', async () => {
    const more: Partial<RecordingSpec> = { optimizer: { name: 'adam', clip: { globalNorm: 0.5 } }, microBatches: 2 };
    const { recorded, losses } = await trainByProduct(stepModule(MINIMIZE, more), batchFor(stepModule(MINIMIZE)));
    expect(recorded.training.state.map(({ name }) => name)).toContain('adam/m/weight');
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
  });

  test('may update its variables itself, and then says that the optimiser has no part', async () => {
    const body = `step: ({ x, y, learningRate }) => {
      const { value, grads } = tf.variableGrads(() => tf.losses.meanSquaredError(y, predict(x)), [weight]);
      weight.assign(tf.sub(weight, tf.mul(grads[weight.name], learningRate)));
      return { loss: value };
    }`;
    const { recorded, losses, initial, final } = await trainByProduct(stepModule(body), batchFor(stepModule(body)));
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    expect(final[1]).toEqual(initial[1]);
    expect(recorded.warnings.join()).toContain('never calls minimize');
  });

  test('evaluates where it says how', async () => {
    const body = `${MINIMIZE}, evaluate: ({ x, y, weight }) => {
      const rows = tf.mean(tf.square(tf.sub(y, predict(x))), -1);
      return { loss: tf.sum(tf.mul(rows, weight)), count: tf.sum(weight) };
    }`;
    const spec = stepModule(body, { evaluationBatchSize: 5 });
    const { evaluation } = await recordInWorker(spec);
    expect(Object.keys(evaluation!.results)).toEqual(['loss', 'count']);
    const without = await recordInWorker(stepModule(MINIMIZE, { evaluationBatchSize: 5 }));
    expect(without.evaluation).toBeNull();
    expect(without.warnings.join()).toContain('no evaluate');
  });

  test('is given the seed, the batch size and the shapes', async () => {
    const source = `export default ({ seed, batchSize, inputShape, classes }) => {
      throw new Error(JSON.stringify({ seed, batchSize, inputShape, classes }));
    };`;
    const { message } = await refusalOf(moduleSpec(source, { seed: 7 }));
    expect(message).toContain('{"seed":7,"batchSize":8,"inputShape":[6],"classes":4}');
  });
});

describe('what a module returns is checked', () => {
  const cases: [string, ErrorCode, RecordingSpec, string][] = [
    ['a key that is not known', 'frontend.module-invalid', stepModule(`${MINIMIZE}, predict`), "'predict'"],
    ['no step', 'frontend.module-invalid', stepModule('steps: 1, step: 5'), "'steps'"],
    ['a step that is none', 'frontend.module-invalid', stepModule('step: 5'), 'not a function'],
    ['no loss', 'frontend.module-invalid', stepModule('step: () => ({})'), "'loss'"],
    ['a loss of several numbers', 'frontend.module-invalid', stepModule('step: ({ x }) => ({ loss: x })'), '[8,6]'],
    [
      'a variable that is none',
      'frontend.module-invalid',
      moduleSpec('export default () => ({ variables: { w: 1 }, step: () => ({}) });', VALUES),
      'variable w',
    ],
    [
      'a step beside a loss of the job',
      'frontend.custom-loss',
      stepModule(MINIMIZE, { loss: 'huber' }),
      'the loss huber',
    ],
    ['a model beside the loss custom', 'frontend.custom-loss', { ...smallSpec(), ...VALUES }, 'a model'],
  ];
  test.each(cases)('%s', async (_title, code, spec, mention) => {
    const refusal = await refusalOf(spec);
    expect(refusal.code).toBe(code);
    expect(refusal.message).toContain(mention);
  });
});

describe('a module is told where it does what cannot be recorded', () => {
  const places: [string, ErrorCode, string][] = [
    ['a read', 'frontend.host-read', 'if (x.dataSync()[0] > 0) return { loss: tf.sum(x) };'],
    ['a read by promise', 'frontend.host-read', 'x.data();'],
    ['a draw', 'frontend.host-randomness', 'Math.random();'],
    ['a large constant', 'frontend.host-constant', 'tf.tensor1d(Array.from({ length: 99 }, (_, i) => i));'],
  ];
  test.each(places)('%s', async (_title, code, statement) => {
    const spec = stepModule(`step: ({ x }) => {
      const y = tf.relu(x);
      ${statement}
      return { loss: tf.sum(y) };
    }`);
    const refusal = await refusalOf(spec);
    expect(refusal.code).toBe(code);
    expect(refusal.message).toContain('(the module, line 7, column ');
  });

  test('the clock makes two steps differ, and the first differing kernel is named', async () => {
    const refusal = await refusalOf(stepModule('step: ({ x }) => ({ loss: tf.sum(tf.mul(x, performance.now())) })'));
    expect(refusal.code).toBe('frontend.not-static');
    expect(refusal.message).toContain('Multiply');
  });
});

describe('a module runs within limits', () => {
  test('of time', async () => {
    const refusal = await refusalOf(moduleSpec('export default () => { for (;;); };'), {
      milliseconds: 3000,
      megabytes: 1024,
    });
    expect(refusal.code).toBe('frontend.worker-limit');
    expect(refusal.message).toContain('3 seconds');
  });

  test('of memory', async () => {
    const source =
      'export default () => { const all = []; for (;;) all.push(Array.from({ length: 1e5 }, () => ({}))); };';
    const refusal = await refusalOf(moduleSpec(source), { milliseconds: 120_000, megabytes: 64 });
    expect(refusal.code).toBe('frontend.worker-limit');
    expect(refusal.message).toContain('64 MB');
  });
});

/** Two heads over a sequence, composed of matrix products; `x` is shared by queries, keys and values. */
const attention = (scores: string, values: string) => `export default ({ tf, tfl, layers }) => {
  class Attention extends tfl.layers.Layer {
    static get className() { return 'Attention'; }
    build([, , width]) {
      const kernel = (name) => this.addWeight(name, [width, 2, 3], 'float32', tfl.initializers.glorotNormal());
      this.kernels = ['query', 'key', 'value'].map(kernel);
      this.built = true;
    }
    computeOutputShape([batch, length]) { return [batch, length, 6]; }
    call(inputs) {
      const x = Array.isArray(inputs) ? inputs[0] : inputs;
      const [batch, length, width] = x.shape;
      const heads = (kernel) => tf.transpose(
        tf.reshape(tf.matMul(tf.reshape(x, [-1, width]), tf.reshape(kernel.read(), [width, 6])), [batch, length, 2, 3]),
        [0, 2, 1, 3]);
      const [query, key, value] = this.kernels.map(heads);
      const weights = tf.softmax(tf.div(${scores}, Math.sqrt(3)));
      return tf.reshape(tf.transpose(${values}, [0, 2, 1, 3]), [batch, length, 6]);
    }
  }
  const dense = (units, more) => layers.dense({ units, ...more });
  return tfl.sequential({ layers: [
    dense(5, { inputShape: [4, 3], activation: 'tanh' }), new Attention({ name: 'attention' }),
    layers.layerNormalization({}), layers.flatten(), dense(4),
  ] });
};`;

describe('attention as a user composes it trains like tfjs', () => {
  const products = attention('tf.matMul(query, key, false, true)', 'tf.matMul(weights, value)');
  const einsums = attention("tf.einsum('bhqd,bhkd->bhqk', query, key)", "tf.einsum('bhqk,bhkd->bhqd', weights, value)");

  test('of matrix products', async () => {
    const spec = moduleSpec(products, { inputShape: [4, 3], metrics: [], evaluationBatchSize: 0 });
    const { weights, loss } = await distanceToTfjs(spec, batchFor(spec));
    expect(Math.max(weights, loss)).toBeLessThanOrEqual(5e-5);
  });

  test('of einsum, whose gradient tfjs lacks, like the one of matrix products', async () => {
    const more: Partial<RecordingSpec> = { inputShape: [4, 3], metrics: [], evaluationBatchSize: 0 };
    const batch = batchFor(moduleSpec(products, more));
    const byProducts = await trainByProduct(moduleSpec(products, more), batch);
    const byEinsum = await trainByProduct(moduleSpec(einsums, more), batch);
    byEinsum.final.forEach((numbers, at) => {
      numbers.forEach((number, index) => {
        expect(number).toBeCloseTo(byProducts.final[at]![index]!, 4);
      });
    });
  });
});

test('a variable that two layers share is one weight, and its gradient is the sum of both', async () => {
  const tied = `export default ({ tf, tfl, layers }) => {
    const first = layers.dense({ name: 'first', units: 4, inputShape: [6], activation: 'tanh' });
    class Back extends tfl.layers.Layer {
      static get className() { return 'Back'; }
      computeOutputShape([batch]) { return [batch, 6]; }
      call(inputs) {
        const x = Array.isArray(inputs) ? inputs[0] : inputs;
        return tf.matMul(x, first.kernel.read(), false, true);
      }
    }
    return tfl.sequential({ layers: [first, new Back({ name: 'back' }), layers.dense({ name: 'last', units: 4 })] });
  };`;
  const spec = moduleSpec(tied, { metrics: [], evaluationBatchSize: 0 });
  const { weights } = await distanceToTfjs(spec, batchFor(spec));
  expect(weights).toBeLessThanOrEqual(2e-5);
  const { recorded } = await trainByProduct(spec, batchFor(spec));
  expect(recorded.training.state.map(({ name }) => name)).toEqual([
    'first/kernel',
    'first/bias',
    'last/kernel',
    'last/bias',
  ]);
});
