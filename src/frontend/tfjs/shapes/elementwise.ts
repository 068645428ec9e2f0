import type { TensorType } from '../../recording.js';
import { tf } from '../load-tfjs.js';
import { listed, one, rule, type ShapeTable } from './kernel-signature.js';

const TYPE_RANK: Readonly<Record<TensorType, number>> = { bool: 0, int32: 1, float32: 2 };

/** The wider of two types, as tfjs's `upcastType`. */
export function widerType(first: TensorType, second: TensorType): TensorType {
  return TYPE_RANK[first] >= TYPE_RANK[second] ? first : second;
}

function broadcast(first: number[], second: number[]): number[] {
  return tf.backend_util.assertAndGetBroadcastShape(first, second);
}

/** Kernels whose output elements each read one element of every input. */
export const ELEMENTWISE_SHAPES: ShapeTable = [
  ...rule(
    `Abs Acos Acosh Asin Asinh Atan Atanh Ceil ClipByValue Cos Cosh Cumprod Cumsum Elu Erf Exp Expm1 Floor Identity LRN Log
     Log1p Neg OnesLike Reciprocal Relu Relu6 Reverse Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Sqrt Square Step Tan
     Tanh ZerosLike`,
    ({ x }) => one(x.shape, x.dtype),
  ),
  ...rule('LeakyRelu', ({ x }) => one(x.shape, 'float32')),
  ...rule('Prelu', ({ x, alpha }) => one(broadcast(x.shape, alpha.shape), 'float32')),
  ...rule('IsNan IsInf IsFinite LogicalNot', ({ x }) => one(x.shape, 'bool')),
  ...rule('EluGrad', ({ dy }) => one(dy.shape, 'float32')),
  ...rule('LRNGrad', ({ x }) => one(x.shape, 'float32')),
  ...rule('Softmax LogSoftmax', ({ logits }) => one(logits.shape, 'float32')),
  ...rule('Add Atan2 BitwiseAnd FloorDiv Maximum Minimum Mod Multiply Pow RealDiv SquaredDifference Sub', ({ a, b }) =>
    one(broadcast(a.shape, b.shape), widerType(a.dtype, b.dtype)),
  ),
  ...rule('Equal Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr LogicalXor NotEqual', ({ a, b }) =>
    one(broadcast(a.shape, b.shape), 'bool'),
  ),
  ...rule('AddN', (inputs) => {
    const [first] = listed(inputs);
    return one(first.shape, first.dtype);
  }),
  ...rule('Select', ({ t, e }) => one(t.shape, widerType(t.dtype, e.dtype))),
  ...rule('Cast', ({ x }, { dtype }) => one(x.shape, dtype)),
  ...rule('FusedBatchNorm', ({ x }) => one(x.shape, x.dtype)),
];
