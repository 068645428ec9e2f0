import { fail } from '../../errors/index.js';
import { KERAS_LOSSES } from './keras-losses.js';
import { type LayersModel, type Tensor, tf, tfl } from './load-tfjs.js';
import { LOSS_NAMES, type LossName } from './specification.js';

/** Loss per example: float32 [batch, …], not yet reduced over what is left of the label's own dimensions. */
export type LossPerExample = (target: Tensor, prediction: Tensor) => Tensor;

const NONE = tf.Reduction.NONE;

/** What does not hang on the model. The hinge losses of Keras take targets −1 and 1. */
const LOSSES: Partial<Record<LossName, LossPerExample>> = {
  meanSquaredError: (target, prediction) => tf.losses.meanSquaredError(target, prediction, undefined, NONE),
  meanAbsoluteError: (target, prediction) => tf.losses.absoluteDifference(target, prediction, undefined, NONE),
  huber: (target, prediction) => tf.losses.huberLoss(target, prediction, undefined, 1, NONE),
  logLoss: (target, prediction) => tf.losses.logLoss(target, prediction, undefined, undefined, NONE),
  cosineDistance: (target, prediction) => tf.losses.cosineDistance(target, prediction, -1, undefined, NONE),
  ...KERAS_LOSSES,
};

/**
 * The loss of a name, for what the model's last layer gives: probabilities after a softmax or sigmoid activation
 * (as `categoricalCrossentropy` and `binaryCrossentropy` of a compiled model), logits otherwise.
 *
 * @throws frontend.unknown-loss, frontend.custom-loss
 */
export function chooseLoss(name: LossName, model: LayersModel): LossPerExample {
  if (name === 'softmaxCrossEntropy') {
    return lastActivation(model) === 'softmax'
      ? (target, prediction) => tfl.metrics.categoricalCrossentropy(target, prediction)
      : (target, prediction) => tf.losses.softmaxCrossEntropy(target, prediction, undefined, 0, NONE);
  }
  if (name === 'sigmoidCrossEntropy') {
    return lastActivation(model) === 'sigmoid'
      ? (target, prediction) => tfl.metrics.binaryCrossentropy(target, prediction)
      : (target, prediction) => tf.losses.sigmoidCrossEntropy(target, prediction, undefined, 0, NONE);
  }
  const loss = Object.hasOwn(LOSSES, name) ? LOSSES[name] : undefined;
  if (loss !== undefined) {
    return loss;
  }
  throw name === 'custom'
    ? fail('frontend.custom-loss', { found: 'a model' })
    : fail('frontend.unknown-loss', { name: String(name), supported: LOSS_NAMES.join(', ') });
}

/** The activation the model ends with: its last layer's, or the kind of an activation layer; '' for none. */
export function lastActivation(model: LayersModel): string {
  const layer = model.layers.at(-1);
  if (layer === undefined) {
    return '';
  }
  const className = layer.getClassName();
  if (className === 'Softmax') {
    return 'softmax';
  }
  return String(layer.getConfig()['activation'] ?? '');
}
