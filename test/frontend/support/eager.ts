import type { LayersModel, Optimizer, Tensor, Variable } from '../../../src/frontend/tfjs/load-tfjs.js';
import { tf, tfl } from '../../../src/frontend/tfjs/load-tfjs.js';
import type { OptimizerSpec, RecordingSpec } from '../../../src/frontend/tfjs/specification.js';
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
): Promise<EagerRun> {
  const restore = replaceDraws();
  try {
    const topology = (spec.model as { json: object }).json;
    const model = await tfl.loadLayersModel(tf.io.fromMemory({ modelTopology: topology }));
    const optimizer = eagerOptimizer(spec.optimizer, learningRate);
    const weights = [readWeights(model)];
    const losses = batches.map((batch, index) => {
      drawing.step = index;
      streams.next = 0;
      const loss = eagerStep(spec, model, optimizer, batch);
      weights.push(readWeights(model));
      return loss;
    });
    return { weights, losses };
  } finally {
    restore();
  }
}

const streams = { next: 0 };

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
  }
}

function eagerOptimizer(spec: OptimizerSpec, rate: number): Optimizer {
  switch (spec.name) {
    case 'sgd':
      return tf.train.sgd(rate);
    case 'momentum':
      return tf.train.momentum(rate, spec.momentum ?? 0.9, spec.nesterov);
    case 'rmsprop':
      return tf.train.rmsprop(rate, spec.decay, spec.momentum);
    default:
      return tf.train[spec.name](rate);
  }
}

function readWeights(model: LayersModel): Numbers[] {
  return model.weights.map((weight) => Array.from(weight.read().dataSync()));
}

/** tfjs's dropout and noise with draws that replay can repeat. */
function replaceDraws(): () => void {
  const operations = tf as unknown as Record<string, unknown>;
  const saved = { dropout: operations['dropout'], randomNormal: operations['randomNormal'] };
  const kernel = (name: string, shape: number[]) =>
    tf.engine().runKernel(name, {}, { shape, stream: streams.next++ }) as Tensor;
  operations['dropout'] = (x: Tensor, rate: number) => {
    const multiplier = tf.div(tf.floor(tf.add(kernel('GensynUniform', x.shape), 1 - rate)), 1 - rate);
    return tf.mul(x, multiplier);
  };
  operations['randomNormal'] = (shape: number[], mean: number, deviation: number) =>
    tf.add(tf.mul(kernel('GensynNormal', shape), deviation), mean);
  return () => Object.assign(operations, saved);
}
