import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { rateOf } from '../measure.js';
import { type Meter, type MeterOptions, textOption } from '../meter.js';
import { MLP, numbers } from '../shapes.js';
import { loadTfjs, type Tfjs } from './tfjs.js';

/**
 * Steps per second of the MLP on tfjs, every time on the same batch that lies ready as tensors: gathering rows, which is
 * part of our step, is not part of tfjs's. Options: `backend`.
 */
export async function startTfjsTrainingMeter(options: MeterOptions): Promise<Meter> {
  const tf = await loadTfjs(textOption(options, 'backend'));
  const step = trainingStep(tf);
  const rate = rateOf((count) => {
    let loss = Number.NaN;
    for (let done = 0; done < count; done++) loss = step();
    if (!Number.isFinite(loss)) throw new Error('the training diverged, so its speed means nothing');
  });
  return { sample: (_, milliseconds) => rate(milliseconds), close: async () => {} };
}

/** One step; gives the loss, which also makes sure that the backend has finished. */
function trainingStep(tf: Tfjs): () => number {
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
  const classes = Int32Array.from({ length: batchSize }, (_, row) => row % widths[3]);
  const labels = tf.oneHot(tf.tensor1d(classes, 'int32'), widths[3]);
  const optimizer = tf.train.adam(learningRate);
  const lossOf = () =>
    tf.losses.softmaxCrossEntropy(
      labels,
      layers.reduce<Tensor>(
        (a, { weights, bias, activation }) => tf.fused.matMul({ a, b: weights, bias, activation }),
        features,
      ),
    ) as Scalar;
  return () => {
    const loss = optimizer.minimize(lossOf, true)!;
    const [value] = loss.dataSync();
    loss.dispose();
    return value!;
  };
}
