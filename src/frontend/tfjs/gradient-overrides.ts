import { fail } from '../../errors/index.js';
import { broadcastGradients } from './broadcast-gradients.js';
import { CONVOLUTION_GRADIENTS, splitDilatedConvolutions } from './convolution-gradients.js';
import { type Tensor, tf } from './load-tfjs.js';
import { MOVEMENT_GRADIENTS } from './movement-gradients.js';
import type { Patches } from './patches.js';

type GradientConfiguration = Parameters<typeof tf.registerGradient>[0];
type GradientFunction = GradientConfiguration['gradFunc'];

function numbers(attribute: unknown): number[] {
  return attribute as number[];
}

/** tfjs slices and adds once per repeat, 187,000 kernels for a large transformer. Here: one sum over the repeats. */
const tileGradient: GradientFunction = (dy, saved, attributes) => {
  const [x] = saved as [Tensor];
  const repeats = numbers(attributes['reps']);
  return {
    x: () => {
      const shape: number[] = [];
      const repeatAxes: number[] = [];
      for (const [dimension, size] of x.shape.entries()) {
        const repeat = repeats[dimension] ?? 1;
        if (repeat !== 1) {
          repeatAxes.push(shape.length);
          shape.push(repeat);
        }
        shape.push(size);
      }
      const split = tf.reshape(dy as Tensor, shape);
      return tf.reshape(repeatAxes.length === 0 ? split : tf.sum(split, repeatAxes), x.shape);
    },
  };
};

function reducedShape(x: Tensor, axis: unknown): { kept: number[]; removed: number } {
  const axes = tf.util.parseAxisParam(axis as number | number[], x.shape);
  const kept = x.shape.map((size, dimension) => (axes.includes(dimension) ? 1 : size));
  const removed = axes.reduce((count, dimension) => count * (x.shape[dimension] ?? 1), 1);
  return { kept, removed };
}

/** tfjs multiplies by ones that it fills on the host, as many as the input has elements. Here: by a Fill. Same bits. */
const sumGradient: GradientFunction = (dy, saved, attributes) => {
  const [x] = saved as [Tensor];
  const { kept } = reducedShape(x, attributes['axis']);
  return { x: () => tf.mul(tf.reshape(dy as Tensor, kept), tf.fill(x.shape, 1)) };
};

/** As for Sum. */
const meanGradient: GradientFunction = (dy, saved, attributes) => {
  const [x] = saved as [Tensor];
  const { kept, removed } = reducedShape(x, attributes['axis']);
  return { x: () => tf.div(tf.mul(tf.reshape(dy as Tensor, kept), tf.fill(x.shape, 1)), removed) };
};

/** tfjs takes seven kernels per batch row where `batchDims` is 1. Here: one scatter-add with flat indices. */
function gatherGradient(original: GradientFunction | undefined): GradientFunction {
  return (dy, saved, attributes) => {
    const [x, indices] = saved as [Tensor, Tensor];
    const axis = tf.util.parseAxisParam(attributes['axis'] as number, x.shape)[0];
    if ((attributes['batchDims'] !== 1 || axis !== 1) && original !== undefined) {
      return original(dy, saved, attributes);
    }
    const [rows = 1, columns = 1, ...inner] = x.shape;
    const scatter = () => {
      const rowStart = tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(columns, 'int32'));
      const perRow = tf.reshape(rowStart, [rows, ...indices.shape.slice(1).map(() => 1)]);
      const flat = tf.reshape(tf.add(indices, perRow), [indices.size]) as import('@tensorflow/tfjs-core').Tensor1D;
      const sums = tf.unsortedSegmentSum(tf.reshape(dy as Tensor, [indices.size, ...inner]), flat, rows * columns);
      return tf.reshape(sums, x.shape);
    };
    return { x: scatter, indices: () => indices };
  };
}

/** tfjs has no gradient for Einsum. That of `a,b->out` is `out,b->a` and `out,a->b`. */
const einsumGradient: GradientFunction = (dy, saved, attributes) => {
  const equation = String(attributes['equation']).replace(/\s/g, '');
  const [left = '', out = ''] = equation.split('->');
  const operands = left.split(',');
  if (operands.length > 2) {
    throw fail('frontend.model-invalid', { reason: `einsum '${equation}' of more than two operands has no gradient.` });
  }
  const gradients: Record<string, () => Tensor> = {};
  for (const [position, own] of operands.entries()) {
    const other = operands[1 - position];
    // What is summed up in this operand alone has the same gradient all along.
    const shared = [...own].filter((letter) => `${out}${other ?? ''}`.includes(letter));
    gradients[position] = () => {
      const sums =
        other === undefined
          ? tf.einsum(`${out}->${shared.join('')}`, dy as Tensor)
          : tf.einsum(`${out},${other}->${shared.join('')}`, dy as Tensor, saved[1 - position] as Tensor);
      const { shape } = saved[position] as Tensor;
      if (shared.length === own.length) return sums;
      const among = [...own].map((letter, axis) => (shared.includes(letter) ? (shape[axis] ?? 1) : 1));
      return tf.broadcastTo(tf.reshape(sums, among), shape as [number]);
    };
  }
  return gradients;
};

/** Comparisons are flat: their gradient is zero. tfjs has none, so that ThresholdedReLU cannot train. */
const comparisonGradient: GradientFunction = (_dy, saved) => {
  const [a, b] = saved as [Tensor, Tensor];
  return { a: () => tf.fill(a.shape, 0), b: () => tf.fill(b.shape, 0) };
};

/** As for comparisons: Masking asks whether any number of a row differs from the mask, and could only come first. */
const logicalGradient: GradientFunction = (_dy, saved) => {
  const [x] = saved as [Tensor];
  return { x: () => tf.fill(x.shape, 0) };
};

/** Registers gradients in place of, or missing from, tfjs's own. */
export function overrideGradients(patches: Patches): void {
  splitDilatedConvolutions(patches);
  const comparisons = ['Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual'];
  const overrides: GradientConfiguration[] = [
    { kernelName: 'Tile', inputsToSave: ['x'], gradFunc: tileGradient },
    { kernelName: 'Sum', inputsToSave: ['x'], gradFunc: sumGradient },
    { kernelName: 'Mean', inputsToSave: ['x'], gradFunc: meanGradient },
    {
      kernelName: 'GatherV2',
      inputsToSave: ['x', 'indices'],
      gradFunc: gatherGradient(tf.getGradient('GatherV2')?.gradFunc),
    },
    { kernelName: 'Einsum', saveAllInputs: true, gradFunc: einsumGradient },
    ...CONVOLUTION_GRADIENTS,
    ...MOVEMENT_GRADIENTS,
    ...broadcastGradients(),
    { kernelName: 'Any', inputsToSave: ['x'], gradFunc: logicalGradient },
    { kernelName: 'All', inputsToSave: ['x'], gradFunc: logicalGradient },
    ...comparisons
      .filter((kernelName) => tf.getGradient(kernelName) === undefined)
      .map((kernelName) => ({ kernelName, inputsToSave: ['a', 'b'], gradFunc: comparisonGradient })),
  ];
  for (const override of overrides) {
    const original = tf.getGradient(override.kernelName);
    tf.registerGradient(override);
    patches.onRestore(() => {
      if (original === undefined) {
        tf.unregisterGradient(override.kernelName);
      } else {
        tf.registerGradient(original);
      }
    });
  }
}
