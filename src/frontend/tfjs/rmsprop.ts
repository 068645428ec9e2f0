import { type Optimizer, type Tensor, tf, type Variable } from './load-tfjs.js';
import type { OptimizerSpec } from './specification.js';

type RmspropSpec = OptimizerSpec & { readonly name: 'rmsprop' };
type Gradients = readonly { readonly name: string; readonly tensor: Tensor | null }[];

interface Slot {
  readonly originalName: string;
  readonly variable: Variable;
}

/** What tfjs's optimiser keeps; one slot per trained weight in each list. */
interface RmspropFields {
  learningRate: number | Tensor;
  decay: number;
  momentum: number;
  epsilon: number;
  accumulatedMeanSquares: Slot[];
  accumulatedMoments: Slot[];
  accumulatedMeanGrads: Slot[];
}

/** A placeholder: the learning rate is bound as a tensor inside of the step. */
const RATE = 1;

/**
 * tfjs's RMSProp. Its centred form subtracts epsilon under the root and gives NaN on the second step, so that here the
 * update is our own: as in Keras and TensorFlow, √(mean of squares − square of the mean + epsilon).
 */
export function createRmsprop(spec: RmspropSpec): Optimizer {
  const optimizer = tf.train.rmsprop(RATE, spec.decay, spec.momentum, spec.epsilon, spec.centered);
  if (spec.centered === true) {
    const fields = optimizer as unknown as RmspropFields;
    optimizer.applyGradients = (gradients) => {
      for (const [index, { name, tensor }] of (gradients as unknown as Gradients).entries()) {
        const weight = tf.engine().registeredVariables[name] as Variable;
        const slots = centredSlots(fields, weight, index);
        if (tensor !== null) tf.tidy(() => updateCentred(fields, weight, tensor, slots));
      }
    };
  }
  return optimizer;
}

interface CentredSlots {
  readonly meanSquare: Variable;
  readonly meanGradient: Variable;
  readonly velocity: Variable;
}

function centredSlots(fields: RmspropFields, weight: Variable, index: number): CentredSlots {
  const slot = (list: Slot[], kind: string): Variable => {
    list[index] ??= {
      originalName: `${weight.name}/${kind}`,
      variable: tf.tidy(() => tf.zerosLike(weight).variable(false)),
    };
    return list[index].variable;
  };
  return {
    meanSquare: slot(fields.accumulatedMeanSquares, 'rms'),
    velocity: slot(fields.accumulatedMoments, 'momentum'),
    meanGradient: slot(fields.accumulatedMeanGrads, 'mg'),
  };
}

function updateCentred(fields: RmspropFields, weight: Variable, gradient: Tensor, slots: CentredSlots): void {
  const { decay, momentum, epsilon, learningRate } = fields;
  const average = (old: Tensor, value: Tensor) => tf.add(tf.mul(old, decay), tf.mul(value, 1 - decay));
  const meanSquare = average(slots.meanSquare, tf.square(gradient));
  const meanGradient = average(slots.meanGradient, gradient);
  const variance = tf.add(tf.sub(meanSquare, tf.square(meanGradient)), epsilon);
  const velocity = tf.add(
    tf.mul(slots.velocity, momentum),
    tf.div(tf.mul(gradient, learningRate as Tensor), tf.sqrt(variance)),
  );
  slots.meanSquare.assign(meanSquare);
  slots.meanGradient.assign(meanGradient);
  slots.velocity.assign(velocity);
  weight.assign(tf.sub(weight, velocity));
}
