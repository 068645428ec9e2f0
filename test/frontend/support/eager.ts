import type { LayersModel, Optimizer, Tensor, Variable } from '../../../src/frontend/tfjs/load-tfjs.js';
import { tf, tfl } from '../../../src/frontend/tfjs/load-tfjs.js';
import type { LossName, ModelSource, OptimizerSpec, RecordingSpec } from '../../../src/frontend/tfjs/specification.js';
import { replaceDraws, restartDraws } from './draws.js';
import type { Numbers } from './replay.js';
import { drawing } from './tfjs-cpu.js';

export interface EagerRun {
  /** The weights before the first step and after each one, in the model's order. */
  readonly weights: Numbers[][];
  readonly losses: number[];
}

export type Batch = Readonly<Record<'x' | 'y', Numbers>>;

/** Trains a topology with tfjs as its users would: numbers on the cpu backend, its own losses and gradients. */
export async function trainEagerly(
  spec: RecordingSpec,
  batches: readonly Batch[],
  learningRate: number,
  initialWeights?: readonly Numbers[],
): Promise<EagerRun> {
  const model = await eagerModel(spec.model);
  if (initialWeights !== undefined) writeWeights(model, initialWeights);
  const restore = replaceDraws();
  try {
    const optimizer = eagerOptimizer(spec.optimizer, learningRate);
    const weights = [readWeights(model)];
    const losses = batches.map((batch, index) => {
      drawing.step = index;
      restartDraws();
      const loss = eagerStep(spec, model, optimizer, batch);
      weights.push(readWeights(model));
      return loss;
    });
    return { weights, losses };
  } finally {
    restore();
  }
}

async function eagerModel(source: ModelSource): Promise<LayersModel> {
  if (source.kind === 'topology') {
    return tfl.loadLayersModel(tf.io.fromMemory({ modelTopology: source.json as object }));
  }
  const module = (await import(source.url)) as { default(tools: object): LayersModel };
  return module.default({ tf, tfl, layers: tfl.layers });
}

function writeWeights(model: LayersModel, values: readonly Numbers[]): void {
  for (const [index, weight] of model.weights.entries()) {
    const variable = weight.read() as Variable;
    variable.assign(tf.tensor(Float32Array.from(values[index] as Numbers), variable.shape));
  }
}

function eagerStep(spec: RecordingSpec, model: LayersModel, optimizer: Optimizer, batch: Batch): number {
  return tf.tidy(() => {
    const x = tf.tensor(Float32Array.from(batch.x), [spec.batchSize, ...spec.inputShape]);
    const y =
      spec.labels.kind === 'class'
        ? tf.oneHot(tf.tensor1d(Int32Array.from(batch.y), 'int32'), spec.labels.classes)
        : tf.tensor(Float32Array.from(batch.y), [spec.batchSize, ...spec.labels.shape]);
    const trained = model.trainableWeights.map((weight) => weight.read() as Variable);
    const total = () => {
      const prediction = model.apply(x, { training: true }) as Tensor;
      const regularizers = (model as unknown as { calculateLosses(): Tensor[] }).calculateLosses();
      return regularizers.reduce((sum, term) => tf.add(sum, term), eagerLoss(spec, y, prediction));
    };
    const loss = optimizer.minimize(total as never, true, trained) as Tensor;
    return loss.dataSync()[0] as number;
  });
}

function eagerLoss(spec: RecordingSpec, y: Tensor, prediction: Tensor): Tensor {
  const endsInSoftmax = JSON.stringify(spec.model).endsWith('"activation":"softmax"}}]}}}');
  switch (spec.loss) {
    case 'softmaxCrossEntropy':
      return endsInSoftmax
        ? tf.mean(tfl.metrics.categoricalCrossentropy(y, prediction))
        : tf.losses.softmaxCrossEntropy(y, prediction);
    case 'sigmoidCrossEntropy':
      return tf.losses.sigmoidCrossEntropy(y, prediction);
    case 'meanSquaredError':
      return tf.losses.meanSquaredError(y, prediction);
    case 'meanAbsoluteError':
      return tf.losses.absoluteDifference(y, prediction);
    case 'huber':
      return tf.losses.huberLoss(y, prediction);
    case 'logLoss':
      return tf.losses.logLoss(y, prediction);
    case 'cosineDistance':
      return tf.losses.cosineDistance(y, prediction, -1);
    default:
      return tf.mean(lossOfLayers(spec.loss)(y, prediction));
  }
}

/** The loss that tfjs-layers itself finds under a name of Keras, as a compiled model holds it. */
function lossOfLayers(name: LossName): (y: Tensor, prediction: Tensor) => Tensor {
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1] })] });
  model.compile({ loss: name === 'logCosh' ? 'logcosh' : name, optimizer: 'sgd' });
  // Sequential keeps the model that it compiles in a field of its own.
  const compiled = (model as unknown as { model: LayersModel }).model;
  return compiled.lossFunctions[0] as (y: Tensor, prediction: Tensor) => Tensor;
}

function eagerOptimizer(spec: OptimizerSpec, rate: number): Optimizer {
  switch (spec.name) {
    case 'sgd':
      return tf.train.sgd(rate);
    case 'momentum':
      return tf.train.momentum(rate, spec.momentum ?? 0.9, spec.nesterov);
    case 'rmsprop':
      return tf.train.rmsprop(rate, spec.decay, spec.momentum);
    case 'adamw':
      throw new Error('tfjs has no AdamW');
    default:
      return tf.train[spec.name](rate);
  }
}

function readWeights(model: LayersModel): Numbers[] {
  return model.weights.map((weight) => Array.from(weight.read().dataSync()));
}
