import { fail } from '../../errors/index.js';
import { tf } from './load-tfjs.js';
import type { RecordingSession } from './recording-session.js';
import type { NamedTensor, RecordingSpec } from './specification.js';
import type { NamedVariable } from './state-names.js';

const MOST_NAMES_SHOWN = 12;

/** The numbers that a specification gives for its weights: by name, or in the manifest of its model file. */
export function givenWeights({ initialWeights, model }: RecordingSpec): readonly NamedTensor[] | null {
  if (initialWeights !== undefined) return initialWeights;
  if (model.kind !== 'topology' || model.weights === undefined) return null;
  const { data, specs } = model.weights;
  const tensors = tf.io.decodeWeights(data, specs as Parameters<typeof tf.io.decodeWeights>[1]);
  return Object.entries(tensors).map(([name, tensor]) => ({
    name,
    shape: tensor.shape,
    values: Float32Array.from(tensor.dataSync()),
  }));
}

/**
 * Lets the weights begin with given numbers. A tensor belongs to the weight of its name; Keras's paths also fit with
 * the model's name in front and a recurrent layer's cell inside: `model/lstm/lstm_cell/kernel` is `lstm/kernel`.
 * To be called before the first step. Tensors that belong to no weight are named in a warning.
 *
 * @throws frontend.weights-missing, frontend.weights-ambiguous, frontend.weights-shape
 */
export function assignInitialWeights(
  session: RecordingSession,
  weights: readonly NamedVariable[],
  given: readonly NamedTensor[],
): void {
  const used = new Set<NamedTensor>();
  for (const { name, variable } of weights) {
    const tensor = tensorFor(name, given);
    if (tensor.shape.join() !== variable.shape.join()) {
      throw fail('frontend.weights-shape', {
        weight: name,
        model: variable.shape.join(', '),
        tensor: tensor.name,
        file: tensor.shape.join(', '),
      });
    }
    used.add(tensor);
    variable.assign(tf.tensor(tensor.values, tensor.shape.slice(), 'float32'));
  }
  const unused = given.filter((tensor) => !used.has(tensor)).map(({ name }) => name);
  if (unused.length > 0) session.warnings.add(`The weight file has tensors that are no weights: ${list(unused)}.`);
}

function tensorFor(weight: string, given: readonly NamedTensor[]): NamedTensor {
  const exact = given.find(({ name }) => plainName(name) === weight);
  if (exact !== undefined) return exact;
  const fitting = given.filter(({ name }) => plainName(name).endsWith(`/${weight}`));
  if (fitting.length > 1) {
    throw fail('frontend.weights-ambiguous', { weight, tensors: list(fitting.map(({ name }) => name)) });
  }
  if (fitting[0] === undefined) {
    throw fail('frontend.weights-missing', { weight, tensors: list(given.map(({ name }) => name)) });
  }
  return fitting[0];
}

/** Without the `:0` of TensorFlow, and without the cell that Keras puts between a recurrent layer and its weight. */
function plainName(name: string): string {
  const parts = name.replace(/:0$/, '').split('/');
  return parts.filter((part, at) => !(at > 0 && at < parts.length - 1 && /(^|_)cell(_\d+)?$/.test(part))).join('/');
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES_SHOWN).join(', ');
  return names.length > MOST_NAMES_SHOWN ? `${shown} and ${names.length - MOST_NAMES_SHOWN} more` : shown || 'none';
}
