/** Gradients that tfjs gives in the shape of the result where an input was broadcast. */
import { type Tensor, tf } from './load-tfjs.js';

type GradientConfiguration = Parameters<typeof tf.registerGradient>[0];
type GradientFunction = GradientConfiguration['gradFunc'];

const KERNELS = ['Maximum', 'Minimum', 'SquaredDifference'] as const;

/** Sums a gradient up over the axes along which `shape` was broadcast. */
function unbroadcast(gradient: Tensor, shape: readonly number[]): Tensor {
  const skipped = gradient.rank - shape.length;
  const axes = gradient.shape.flatMap((size, axis) => {
    return axis < skipped || (shape[axis - skipped] === 1 && size !== 1) ? [axis] : [];
  });
  return tf.reshape(axes.length === 0 ? gradient : tf.sum(gradient, axes), shape as number[]);
}

function withShapesOfInputs(original: GradientFunction): GradientFunction {
  return (dy, saved, attributes) => {
    const [a, b] = saved as [Tensor, Tensor];
    const gradients = original(dy, saved, attributes) as Record<'a' | 'b', () => Tensor>;
    return { a: () => unbroadcast(gradients.a(), a.shape), b: () => unbroadcast(gradients.b(), b.shape) };
  };
}

/** The same gradients in the shapes of the inputs. */
export function broadcastGradients(): GradientConfiguration[] {
  return KERNELS.flatMap((kernelName) => {
    const original = tf.getGradient(kernelName);
    if (original === undefined) return [];
    return [{ kernelName, inputsToSave: ['a', 'b'], gradFunc: withShapesOfInputs(original.gradFunc) }];
  });
}
