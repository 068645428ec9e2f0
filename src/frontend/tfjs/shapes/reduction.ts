import type { TensorType } from '../../recording.js';
import { tf } from '../load-tfjs.js';
import { widerType } from './elementwise.js';
import { one, rule, type Shaped, type ShapeTable } from './kernel-signature.js';

function reduce(x: Shaped, axis: number | number[], keepDims: boolean, dtype: TensorType): Shaped[] {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const shape: number[] = [];
  for (const [dimension, size] of x.shape.entries()) {
    if (!axes.includes(dimension)) {
      shape.push(size);
    } else if (keepDims) {
      shape.push(1);
    }
  }
  return one(shape, dtype);
}

/** Kernels that fold dimensions away. Sum and Prod of bool count in int32; Mean is always float32. */
export const REDUCTION_SHAPES: ShapeTable = [
  ...rule('Sum Prod', ({ x }, { axis, keepDims }) => reduce(x, axis, keepDims, widerType(x.dtype, 'int32'))),
  ...rule('Mean', ({ x }, { axis, keepDims }) => reduce(x, axis, keepDims, 'float32')),
  ...rule('Max', ({ x }, { reductionIndices, keepDims }) => reduce(x, reductionIndices, keepDims, x.dtype)),
  ...rule('Min All Any', ({ x }, { axis, keepDims }) => reduce(x, axis, keepDims, x.dtype)),
  ...rule('ArgMax ArgMin', ({ x }, { axis }) => reduce(x, axis, false, 'int32')),
];
