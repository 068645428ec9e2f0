import type { LayersModel, Variable } from './load-tfjs.js';
import type { OptimizerSlot } from './optimizers.js';

/** A variable of the state with its name and role, for people and for exported weights. */
export interface NamedVariable {
  readonly variable: Variable;
  readonly name: string;
  readonly role: string;
}

/** The model's weights in its order: what is trained, and moving statistics. */
export function modelWeights(model: LayersModel): NamedVariable[] {
  const trained = new Set(model.trainableWeights.map((weight) => weight.read()));
  return model.weights.map((weight) => {
    const variable = weight.read() as Variable;
    return { variable, name: weight.originalName, role: trained.has(variable) ? 'parameter' : 'statistic' };
  });
}

/**
 * The state in its order: weights, the optimiser's slots, then variables that the model's code made itself.
 * Names are unique: `dense_1/kernel`, `adam/m/dense_1/kernel`, `adam/beta1Power`.
 *
 * @param trained - the weights that have slots, in the optimiser's order
 */
export function nameState(
  weights: readonly NamedVariable[],
  trained: readonly Variable[],
  slots: readonly OptimizerSlot[],
  all: Iterable<Variable>,
): NamedVariable[] {
  const unique = uniqueNames();
  const named = new Map<Variable, NamedVariable>();
  const put = (variable: Variable, name: string, role: string) => {
    if (!named.has(variable)) {
      named.set(variable, { variable, name: unique(name), role });
    }
  };
  for (const { variable, name, role } of weights) {
    put(variable, name, role);
  }
  for (const { variable, role, weight } of slots) {
    const owner = weight === null ? undefined : named.get(trained[weight] as Variable);
    put(variable, owner === undefined ? role : `${role}/${owner.name}`, role);
  }
  for (const variable of all) {
    put(variable, `variable/${variable.name}`, 'variable');
  }
  return [...named.values()];
}

function uniqueNames(): (name: string) => string {
  const used = new Set<string>();
  return (name) => {
    let candidate = name;
    for (let suffix = 2; used.has(candidate); suffix++) {
      candidate = `${name}_${suffix}`;
    }
    used.add(candidate);
    return candidate;
  };
}
