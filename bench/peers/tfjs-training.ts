import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { rateOf } from '../measure.js';
import { type Meter, type MeterOptions, textOption } from '../meter.js';
import type { LayersModel, ModelTools } from '../models/model-tools.js';
import { moduleUrl, type TrainingModel, trainingModel } from '../models/training-models.js';
import { CNN, MLP, numbers, TRANSFORMER } from '../shapes.js';
import { loadTfjs, loadTfjsLayers, type Tfjs } from './tfjs.js';

/** What is trained: the logits of a batch that lies ready, their labels, and how fast it learns. */
interface Trained {
  readonly logits: () => Tensor;
  readonly labels: Tensor;
  readonly learningRate: number;
}

/**
 * Steps per second of a model on tfjs, every time on the same batch that lies ready as tensors: gathering rows, which is
 * part of our step, is not part of tfjs's. Options: `backend`, `model` (one of `TRAINING_MODELS`).
 */
export async function startTfjsTrainingMeter(options: MeterOptions): Promise<Meter> {
  const tf = await loadTfjs(textOption(options, 'backend'));
  const step = trainingStep(tf, await MODELS[trainingModel(textOption(options, 'model'))](tf));
  const rate = rateOf((count) => {
    let loss = Number.NaN;
    for (let done = 0; done < count; done++) loss = step();
    if (!Number.isFinite(loss)) throw new Error('the training diverged, so its speed means nothing');
  });
  return { sample: (_, milliseconds) => rate(milliseconds), close: async () => {} };
}

/** One step; gives the loss, which also makes sure that the backend has finished. */
function trainingStep(tf: Tfjs, { logits, labels, learningRate }: Trained): () => number {
  const optimizer = tf.train.adam(learningRate);
  const lossOf = () => tf.losses.softmaxCrossEntropy(labels, logits()) as Scalar;
  return () => {
    const loss = optimizer.minimize(lossOf, true)!;
    const [value] = loss.dataSync();
    loss.dispose();
    return value!;
  };
}

const MODELS: Readonly<Record<TrainingModel, (tf: Tfjs) => Promise<Trained>>> = {
  mlp: async (tf) => mlp(tf),
  cnn: async (tf) => {
    const { batchSize, learningRate, classes } = CNN;
    const images = tf.tensor4d(numbers(batchSize * 28 * 28), [batchSize, 28, 28, 1]);
    const labels = tf.oneHot(classesOf(tf, [batchSize], classes), classes);
    return { logits: await logitsOf(tf, 'cnn', images), labels, learningRate };
  },
  transformer: async (tf) => {
    const { batchSize, learningRate, tokens, vocabulary } = TRANSFORMER;
    const text = classesOf(tf, [batchSize, tokens], vocabulary);
    const labels = tf.oneHot(classesOf(tf, [batchSize, tokens], vocabulary), vocabulary);
    return { logits: await logitsOf(tf, 'transformer', text), labels, learningRate };
  },
};

function classesOf(tf: Tfjs, shape: number[], count: number): Tensor {
  const length = shape.reduce((all, extent) => all * extent, 1);
  const classes = Int32Array.from({ length }, (_, at) => at % count);
  return tf.tensor(classes, shape, 'int32');
}

/** The model of a module, applied to a batch. */
async function logitsOf(tf: Tfjs, name: 'cnn' | 'transformer', batch: Tensor): Promise<() => Tensor> {
  const { default: build } = (await import(moduleUrl(name).href)) as { default: (tools: ModelTools) => LayersModel };
  const model = build({ tf, tfl: loadTfjsLayers() });
  return () => model.apply(batch, { training: true }) as Tensor;
}

function mlp(tf: Tfjs): Trained {
  const { widths, batchSize, learningRate } = MLP;
  const layers = widths.slice(1).map((outputs, at) => {
    const inputs = widths[at]!;
    const weights = numbers(inputs * outputs).map((value) => value / Math.sqrt(inputs));
    return {
      weights: tf.variable(tf.tensor2d(weights, [inputs, outputs])),
      bias: tf.variable(tf.zeros([outputs])),
      activation: at === widths.length - 2 ? ('linear' as const) : ('relu' as const),
    };
  });
  const features = tf.tensor2d(numbers(batchSize * widths[0]), [batchSize, widths[0]]);
  const labels = tf.oneHot(classesOf(tf, [batchSize], widths[3]), widths[3]);
  const logits = () =>
    layers.reduce<Tensor>(
      (a, { weights, bias, activation }) => tf.fused.matMul({ a: a as never, b: weights as never, bias, activation }),
      features,
    );
  return { logits, labels, learningRate };
}
