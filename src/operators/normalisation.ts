/** Normalisation with given statistics. */
import { f32, fadd, fdiv, fmul, fsqrt, fsub } from '../expr/expression.js';
import type { LazyTensor } from '../frontend/lowering/lazy-tensor.js';
import { floatAt } from './elementwise.js';
import { input, type KernelContext, type KernelTable, numberAttribute, outputTensor } from './kernel.js';

/** `(x − mean) · scale / √(variance + ε) + offset`. */
function fusedBatchNorm(context: KernelContext): LazyTensor {
  const [x, mean, variance] = [input(context, 'x'), input(context, 'mean'), input(context, 'variance')];
  const { scale, offset } = context.inputs;
  const epsilon = f32(numberAttribute(context, 'varianceEpsilon', 0.001));
  const inputs = [x, mean, variance, scale, offset].filter((tensor) => tensor !== undefined);
  return outputTensor(context, 'map', inputs, (at) => {
    const centred = fsub(floatAt(x, at), floatAt(mean, at));
    const scaled = scale === undefined ? centred : fmul(centred, floatAt(scale, at));
    const normal = fdiv(scaled, fsqrt(fadd(floatAt(variance, at), epsilon)));
    return offset === undefined ? normal : fadd(normal, floatAt(offset, at));
  });
}

export const NORMALISATION_KERNELS: KernelTable = {
  FusedBatchNorm: { reads: 'once', lower: fusedBatchNorm },
};
