/** Each layer trains like tfjs: forward, gradient and update are judged by somebody else's kernels. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { LAYER_TOLERANCE } from '../../scripts/layer-docs.js';
import { overrideGradients } from '../../src/frontend/tfjs/gradient-overrides.js';
import { tf, tfl } from '../../src/frontend/tfjs/load-tfjs.js';
import { createPatches } from '../../src/frontend/tfjs/patches.js';
import type { RecordingSpec } from '../../src/frontend/tfjs/specification.js';
import type { LayerCase, Symbolic } from './layer-cases/layer-case.js';
import { LAYER_FAMILIES } from './layer-cases/layer-cases.js';
import type { Batch } from './support/eager.js';
import { useCpu } from './support/tfjs-cpu.js';
import { batchFor, distanceToTfjs } from './support/train-both.js';

beforeAll(useCpu);

const BATCH_SIZE = 6;
const OUTPUTS = 3;

/** A trained layer in front, the layer of the case, and a trained layer behind, so that every gradient matters. */
function specOf({ input, tokens, first, apply, batchSize }: LayerCase): RecordingSpec {
  const { layers } = tfl;
  const shape = input.slice();
  const x = tfl.input(tokens === undefined ? { shape } : { shape, dtype: 'int32' });
  const units = shape.at(-1)!;
  const bare = tokens !== undefined || first === true;
  const before = bare ? x : (layers.dense({ units, activation: 'tanh' }).apply(x) as Symbolic);
  const output = apply(layers, before);
  const flat = output.shape.length > 2 ? (layers.flatten().apply(output) as Symbolic) : output;
  const model = tfl.model({ inputs: x, outputs: layers.dense({ units: OUTPUTS }).apply(flat) as Symbolic });
  const json = model.toJSON(null, false) as object;
  model.dispose();
  return {
    model: { kind: 'topology', json },
    loss: 'meanSquaredError',
    optimizer: { name: 'sgd' },
    metrics: [],
    batchSize: batchSize ?? BATCH_SIZE,
    evaluationBatchSize: 0,
    inputShape: shape,
    labels: { kind: 'values', shape: [OUTPUTS] },
  };
}

function dataFor(spec: RecordingSpec, { tokens, sparse }: LayerCase): Batch {
  const batch = batchFor(spec, tokens);
  return sparse === true ? { ...batch, x: batch.x.map((value) => Math.max(0, value)) } : batch;
}

/** Lends tfjs the gradients that it lacks, and cleans its tensors up. */
async function withGradients<Result>(lent: boolean, run: () => Promise<Result>): Promise<Result> {
  const gradients = createPatches();
  tf.engine().startScope();
  try {
    if (lent) overrideGradients(gradients);
    return await run();
  } finally {
    tf.engine().endScope();
    gradients.restore();
  }
}

describe.each(Object.entries(LAYER_FAMILIES))('%s', (_family, cases) => {
  test.each(cases.map((each): [string, LayerCase] => [`${each.layer} ${each.options}`, each]))(
    '%s trains like tfjs',
    async (_name, each) => {
      const spec = specOf(each);
      const found = await withGradients(each.ownGradient === true, () => distanceToTfjs(spec, dataFor(spec, each)));
      const tolerance = each.tolerance ?? LAYER_TOLERANCE;
      expect(found.loss).toBeLessThanOrEqual(tolerance);
      expect(found.weights).toBeLessThanOrEqual(tolerance);
    },
  );
});
