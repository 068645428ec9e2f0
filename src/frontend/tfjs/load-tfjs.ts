import { createRequire } from 'node:module';

/**
 * tfjs as CommonJS objects. The ESM builds do not load in Node, and only these objects can be patched:
 * tfjs-layers reads the functions of tfjs-core through them at the time of each call.
 */
const require = createRequire(import.meta.url);

export const tf = require('@tensorflow/tfjs-core') as typeof import('@tensorflow/tfjs-core');
export const tfl = require('@tensorflow/tfjs-layers') as typeof import('@tensorflow/tfjs-layers');

export type Tensor = import('@tensorflow/tfjs-core').Tensor;
export type Variable = import('@tensorflow/tfjs-core').Variable;
export type Optimizer = import('@tensorflow/tfjs-core').Optimizer;
export type LayersModel = import('@tensorflow/tfjs-layers').LayersModel;
export type Layer = InstanceType<typeof tfl.layers.Layer>;

type Method = (this: Tensor, ...rest: never[]) => unknown;

/** Methods whose operation does not simply take the tensor as its first argument. */
const SPECIAL_METHODS: Readonly<Record<string, Method>> = {
  flatten() {
    return tf.reshape(this, [this.size]);
  },
  asScalar() {
    return tf.reshape(this, []);
  },
  as1D() {
    return tf.reshape(this, [this.size]);
  },
  asType(dtype: 'float32') {
    return tf.cast(this, dtype);
  },
  toInt() {
    return tf.cast(this, 'int32');
  },
  toFloat() {
    return tf.cast(this, 'float32');
  },
  toBool() {
    return tf.cast(this, 'bool');
  },
  concat(others: Tensor | Tensor[], axis?: number) {
    return tf.concat([this, ...(Array.isArray(others) ? others : [others])], axis);
  },
  stack(others: Tensor | Tensor[], axis?: number) {
    return tf.stack([this, ...(Array.isArray(others) ? others : [others])], axis);
  },
};

/** Methods that are the operation of the same name with the tensor as its first argument. */
const PLAIN_METHODS =
  `abs add all any argMax broadcastTo ceil clipByValue cumsum div dot equal exp expandDims floor gather
  greater greaterEqual less lessEqual log logicalAnd logicalNot logicalOr matMul max maximum mean min minimum mod mul neg
  norm notEqual pad pow relu reshape reverse round rsqrt sigmoid sign slice softmax split sqrt square squaredDifference
  squeeze stridedSlice sub sum tanh tile transpose unstack where`.split(/\s+/);

/**
 * Adds the chained methods (`x.flatten()`, `x.sign()`, …) that only the umbrella package registers: without them the
 * Orthogonal initialiser and some gradients fail.
 */
function addChainedMethods(): void {
  const prototype = tf.Tensor.prototype as unknown as Record<string, Method | undefined>;
  const operations = tf as unknown as Record<string, (...rest: unknown[]) => unknown>;
  for (const [name, method] of Object.entries(SPECIAL_METHODS)) {
    prototype[name] ??= method;
  }
  for (const name of PLAIN_METHODS) {
    prototype[name] ??= function (this: Tensor, ...rest: never[]) {
      return operations[name]?.(this, ...rest);
    };
  }
}

addChainedMethods();
tf.env().set('PROD', true);
