import { fail } from '../../errors/index.js';
import { type LayersModel, type Tensor, tf, tfl } from './load-tfjs.js';
import { LOSS_NAMES, type LossName } from './specification.js';

/** Loss per example: float32 [batch, …], not yet reduced over what is left of the label's own dimensions. */
export type LossPerExample = (target: Tensor, prediction: Tensor) => Tensor;

/**
 * The loss of a name, for what the model's last layer gives: probabilities after a softmax or sigmoid activation
 * (as `categoricalCrossentropy` and `binaryCrossentropy` of a compiled model), logits otherwise.
 *
 * @throws frontend.unknown-loss
 */
export function chooseLoss(name: LossName, model: LayersModel): LossPerExample {
  const none = tf.Reduction.NONE;
  switch (name) {
    case 'softmaxCrossEntropy':
      return lastActivation(model) === 'softmax'
        ? (target, prediction) => tfl.metrics.categoricalCrossentropy(target, prediction)
        : (target, prediction) => tf.losses.softmaxCrossEntropy(target, prediction, undefined, 0, none);
    case 'sigmoidCrossEntropy':
      return lastActivation(model) === 'sigmoid'
        ? (target, prediction) => tfl.metrics.binaryCrossentropy(target, prediction)
        : (target, prediction) => tf.losses.sigmoidCrossEntropy(target, prediction, undefined, 0, none);
    case 'meanSquaredError':
      return (target, prediction) => tf.losses.meanSquaredError(target, prediction, undefined, none);
    case 'meanAbsoluteError':
      return (target, prediction) => tf.losses.absoluteDifference(target, prediction, undefined, none);
    case 'huber':
      return (target, prediction) => tf.losses.huberLoss(target, prediction, undefined, 1, none);
    default:
      throw fail('frontend.unknown-loss', { name: String(name), supported: LOSS_NAMES.join(', ') });
  }
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
