import { type Tensor, tf } from '../../../src/frontend/tfjs/load-tfjs.js';
import type { KernelCase } from './case-maker.js';
import type { TensorFunction } from './record-function.js';

/** The inputs that a case is differentiated by. */
export function variablesOf({ inputs, variables }: KernelCase): readonly number[] {
  return variables ?? inputs.flatMap(({ dtype }, at) => (dtype === 'float32' ? [at] : []));
}

/** The gradient of a case's function (or of another one with its inputs) by its variables, from `dy` as the last input. */
export function gradientOf(one: KernelCase, compute: KernelCase['compute'] = one.compute): TensorFunction {
  const chosen = variablesOf(one);
  return (...given: Tensor[]) => {
    const [values, dy] = [given.slice(0, -1), given.at(-1)!];
    const ofVariables = (...some: Tensor[]): Tensor => {
      const all = values.map((value, at) => (chosen.includes(at) ? some[chosen.indexOf(at)]! : value));
      return compute(...all);
    };
    return tf.grads(ofVariables)(
      chosen.map((at) => values[at]!),
      dy,
    );
  };
}
