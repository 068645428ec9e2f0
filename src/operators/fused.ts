/** Bias and activation of the kernels that have them built in; they become the `finish` of the fold before them. */
import { type Expr, type F32, f32, fadd, flt, fmul, fselect } from '../expr/expression.js';
import { type Coordinates, elementAt, type LazyTensor, lazyTensor } from '../frontend/lowering/lazy-tensor.js';
import { broadcastAt, floatAt } from './elementwise.js';
import { type KernelContext, numberAttribute, unsupported, unsupportedType } from './kernel.js';
import { ACTIVATIONS } from './unary.js';

/** `activation(product + bias)` with the call's `bias`, `preluActivationWeights` and `activation`, broadcast from the right. */
export function withBiasAndActivation(context: KernelContext, product: LazyTensor): LazyTensor {
  if (product.dtype !== 'float32') throw unsupportedType(context, product.dtype, 'float32');
  const { bias, preluActivationWeights: slopes } = context.inputs;
  const activate = activationOf(context, slopes);
  const compute = (at: Coordinates): Expr => {
    const sum = elementAt(product, at) as F32;
    return activate(bias === undefined ? sum : fadd(sum, floatAt(bias, at)), at);
  };
  const inputs = [product, bias, slopes].filter((tensor) => tensor !== undefined);
  return lazyTensor({ shape: product.shape, dtype: 'float32', kind: product.kind, inputs, compute });
}

function activationOf(context: KernelContext, slopes: LazyTensor | undefined): (x: F32, at: Coordinates) => F32 {
  const name = context.call.attributes['activation'] ?? 'linear';
  if (name === 'prelu' && slopes !== undefined) {
    return (x, at) => fselect(flt(x, f32(0)), fmul(broadcastAt(slopes, at) as F32, x), x);
  }
  const activation = typeof name === 'string' && Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (activation === undefined) throw unsupported(context, 'activation', name, Object.keys(ACTIVATIONS).join(', '));
  const alpha = numberAttribute(context, 'leakyreluAlpha', 0.2);
  return (x) => activation(x, alpha);
}
