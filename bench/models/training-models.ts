/** The models of the training comparison, as jobs for us. */
import { fileURLToPath } from 'node:url';
import type { compileJob } from '../../src/job/compile.js';
import { fixturePath } from '../repository.js';
import { CNN, MLP, TRANSFORMER } from '../shapes.js';

type Job = Parameters<typeof compileJob>[0];

/** Further steps start again at 0: the learning-rate table has an end. */
export const STEPS = 65_536;

export const TRAINING_MODELS = ['mlp', 'cnn', 'transformer'] as const;
export type TrainingModel = (typeof TRAINING_MODELS)[number];

/** @throws where the name is no model's */
export function trainingModel(name: string): TrainingModel {
  const found = TRAINING_MODELS.find((model) => model === name);
  if (found === undefined) throw new Error(`no training model ${name}`);
  return found;
}

/** Where the module is that builds a model. */
export function moduleUrl(model: 'cnn' | 'transformer'): URL {
  return new URL(`./${model}.js`, import.meta.url);
}

/** The job of a model; its batches come from the data of the fixtures. */
export function trainingJob(model: TrainingModel): Job {
  return { schema: 'gensyn.job/1', name: `bench-${model}`, seed: 1, ...PARTS[model](), ...SCHEDULE };
}

const SCHEDULE = {
  loss: 'softmaxCrossEntropy',
  optimizer: { name: 'adam' },
  steps: STEPS,
  checkpointEvery: 256,
} as const;

type Parts = Pick<Job, 'model' | 'data' | 'learningRate' | 'batchSize'>;

const PARTS: Readonly<Record<TrainingModel, () => Parts>> = {
  mlp: () => ({ model: { layers: mlpLayers() }, data: images([MLP.widths[0]]), ...rates(MLP) }),
  cnn: () => ({ model: moduleOf('cnn'), data: images([28, 28, 1]), ...rates(CNN) }),
  transformer: () => ({
    model: moduleOf('transformer'),
    data: { train: { text: { file: fixturePath('data/alice.txt.gz'), length: TRANSFORMER.tokens } } },
    ...rates(TRANSFORMER),
  }),
};

function rates({ learningRate, batchSize }: { readonly learningRate: number; readonly batchSize: number }) {
  return { learningRate, batchSize };
}

function moduleOf(model: 'cnn' | 'transformer'): Job['model'] {
  return { module: fileURLToPath(moduleUrl(model)) };
}

function mlpLayers() {
  const [, ...outputs] = MLP.widths;
  return outputs.map((units, at) => ({
    className: 'Dense',
    config: { units, activation: at === outputs.length - 1 ? 'linear' : 'relu' },
  }));
}

function images(shape: number[]): Job['data'] {
  return {
    train: {
      features: { file: fixturePath('data/fashion-train-images-idx3-ubyte.gz'), shape, scale: 1 / 255 },
      labels: { file: fixturePath('data/fashion-train-labels-idx1-ubyte.gz'), classes: 10 },
    },
  };
}
