import { type Optimizer, type Tensor, tf, type Variable } from './load-tfjs.js';
import type { RecordingSession } from './recording-session.js';
import type { GradientClip, OptimizerSpec } from './specification.js';

/** Something that puts a weight back where it belongs, after each update. */
export interface Constraint {
  apply(weight: Tensor): Tensor;
}

export interface TrainedWeight {
  readonly variable: Variable;
  /** For people, and for what is said by name: `dense_1/kernel`. */
  readonly name: string;
  readonly constraint?: Constraint | null;
}

export interface UpdateParts {
  readonly session: RecordingSession;
  readonly optimizer: Optimizer;
  readonly spec: OptimizerSpec;
  /** The weights that the optimiser changes, in the order in which it keeps its slots. */
  readonly trained: readonly TrainedWeight[];
}

type Loss = () => Tensor;

/** Keras's default for AdamW. */
const DEFAULT_WEIGHT_DECAY = 0.004;

/**
 * One update of the weights: gradients of each loss, their mean, clipping, weight decay, the optimiser, constraints.
 *
 * @param losses - scalars, one for each micro-batch
 * @param learningRate - a scalar
 * @returns the mean of the losses
 */
export function update(parts: UpdateParts, losses: readonly Loss[], learningRate: Tensor): Tensor {
  const { session, optimizer, spec, trained } = parts;
  const variables = trained.map(({ variable }) => variable);
  const micro = losses.map((loss) => tf.variableGrads(loss as () => import('@tensorflow/tfjs-core').Scalar, variables));
  const averaged = variables.map(({ name }) => meanOf(micro.map(({ grads }) => grads[name] as Tensor)));
  const gradients = spec.clip === undefined ? averaged : session.within('clip', () => clip(averaged, spec.clip!));
  session.within('optimizer', () => {
    if (spec.name === 'adamw') decay(trained, spec, learningRate);
    optimizer.applyGradients(variables.map(({ name }, index) => ({ name, tensor: gradients[index] as Tensor })));
  });
  applyConstraints(session, trained);
  return meanOf(micro.map(({ value }) => value));
}

/** The mean of some tensors of one shape; one alone keeps its bits. */
export function meanOf(values: readonly Tensor[]): Tensor {
  return values.length === 1 ? (values[0] as Tensor) : tf.div(tf.addN(values.slice()), values.length);
}

/** Gradients within their bounds; those that are within already keep their bits. */
function clip(gradients: readonly Tensor[], { norm, globalNorm, value }: GradientClip): Tensor[] {
  const squares = (gradient: Tensor) => tf.sum(tf.square(gradient));
  const scaled = (gradient: Tensor, length: Tensor, bound: number) =>
    tf.mul(gradient, tf.div(bound, tf.maximum(length, bound)));
  if (value !== undefined) return gradients.map((gradient) => tf.clipByValue(gradient, -value, value));
  if (norm !== undefined) return gradients.map((gradient) => scaled(gradient, tf.sqrt(squares(gradient)), norm));
  if (globalNorm === undefined) return gradients.slice();
  const total = tf.sqrt(tf.addN(gradients.map(squares)));
  return gradients.map((gradient) => scaled(gradient, total, globalNorm));
}

function decay(
  trained: readonly TrainedWeight[],
  { weightDecay = DEFAULT_WEIGHT_DECAY, decayExcept = [] }: OptimizerSpec & { readonly name: 'adamw' },
  learningRate: Tensor,
): void {
  const share = tf.mul(learningRate, weightDecay);
  for (const { variable, name } of trained) {
    if (!decayExcept.includes(name.split('/').at(-1) ?? name))
      variable.assign(tf.sub(variable, tf.mul(variable, share)));
  }
}

/** tfjs keeps constraints and never applies them in `minimize`: its optimisers assign to the bare variable. */
function applyConstraints(session: RecordingSession, trained: readonly TrainedWeight[]): void {
  for (const { variable, name, constraint } of trained) {
    if (constraint === undefined || constraint === null) continue;
    session.within(`${name}/constraint`, () => variable.assign(constraint.apply(variable)));
  }
}
