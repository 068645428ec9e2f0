/**
 * Losses that tfjs-layers knows by name but does not export, by Keras's definitions: float32 [batch, …] from
 * [batch, …, n], a mean or sum over the last axis.
 */
import { type Tensor, tf } from './load-tfjs.js';
import type { LossName } from './specification.js';

type Loss = (target: Tensor, prediction: Tensor) => Tensor;

/** Keras's guard against 0 in logarithms and quotients. */
const EPSILON = 1e-7;
const LOG_2 = 0.6931471805599453;

const atLeastEpsilon = (x: Tensor): Tensor => tf.maximum(x, EPSILON);
const probability = (x: Tensor): Tensor => tf.clipByValue(x, EPSILON, 1);
const margin: Loss = (target, prediction) => tf.relu(tf.sub(1, tf.mul(target, prediction)));

const meanSquaredLogarithmicError: Loss = (target, prediction) => {
  const log = (x: Tensor) => tf.log(tf.add(atLeastEpsilon(x), 1));
  return tf.mean(tf.square(tf.sub(log(prediction), log(target))), -1);
};

const categoricalHinge: Loss = (target, prediction) => {
  const right = tf.sum(tf.mul(target, prediction), -1);
  const worst = tf.max(tf.mul(tf.sub(1, target), prediction), -1);
  return tf.relu(tf.add(tf.sub(worst, right), 1));
};

/** ln cosh d = d + ln(1 + e^−2d) − ln 2, which does not overflow. */
const logCosh: Loss = (target, prediction) => {
  const difference = tf.sub(prediction, target);
  return tf.mean(tf.sub(tf.add(difference, tf.softplus(tf.mul(difference, -2))), LOG_2), -1);
};

const kullbackLeiblerDivergence: Loss = (target, prediction) => {
  const wanted = probability(target);
  return tf.sum(tf.mul(target, tf.log(tf.div(wanted, probability(prediction)))), -1);
};

const cosineProximity: Loss = (target, prediction) => {
  const unit = (x: Tensor) => tf.div(x, tf.sqrt(atLeastEpsilon(tf.sum(tf.square(x), -1, true))));
  return tf.neg(tf.sum(tf.mul(unit(target), unit(prediction)), -1));
};

export const KERAS_LOSSES: Partial<Record<LossName, Loss>> = {
  meanSquaredLogarithmicError,
  categoricalHinge,
  logCosh,
  kullbackLeiblerDivergence,
  cosineProximity,
  meanAbsolutePercentageError: (target, prediction) =>
    tf.mul(tf.mean(tf.abs(tf.div(tf.sub(target, prediction), atLeastEpsilon(tf.abs(target)))), -1), 100),
  hinge: (target, prediction) => tf.mean(margin(target, prediction), -1),
  squaredHinge: (target, prediction) => tf.mean(tf.square(margin(target, prediction)), -1),
  poisson: (target, prediction) => tf.mean(tf.sub(prediction, tf.mul(target, tf.log(tf.add(prediction, EPSILON)))), -1),
};
