/** Kernels without tensor inputs: constants, counters and random values. */
import { type Expr, f32, fadd, fmul, i32, iadd, imul, itof } from '../expr/expression.js';
import { normal, uniform } from '../expr/random.js';
import { flatIndex, type LazyTensor } from '../frontend/lowering/lazy-tensor.js';
import { streamKey } from '../numerics/threefry.js';
import { constantOf } from './elementwise.js';
import { type Kernel, type KernelContext, type KernelTable, numberAttribute, output, outputTensor } from './kernel.js';

function filled(valueOf: (context: KernelContext) => number): Kernel {
  const lower = (context: KernelContext): LazyTensor => {
    const value = constantOf(valueOf(context), output(context).dtype);
    return outputTensor(context, 'fill', [], () => value);
  };
  return { reads: 'once', lower };
}

/** `start + i·step`. */
function range(context: KernelContext): LazyTensor {
  const { dtype } = output(context);
  const [start, step] = [numberAttribute(context, 'start'), numberAttribute(context, 'step', 1)];
  return outputTensor(context, 'range', [], ([position]): Expr => {
    if (dtype === 'float32') return fadd(f32(start), fmul(itof(position!), f32(step)));
    return iadd(i32(start), imul(position!, i32(step)));
  });
}

/** `start + i·step` from `start` to `stop`, the step rounded once. */
function linSpace(context: KernelContext): LazyTensor {
  const [start, stop] = [numberAttribute(context, 'start'), numberAttribute(context, 'stop')];
  const count = output(context).shape[0]!;
  const step = count > 1 ? (stop - start) / (count - 1) : 0;
  return outputTensor(context, 'range', [], ([position]): Expr => fadd(f32(start), fmul(itof(position!), f32(step))));
}

/** Random values of a stream: element n of the tensor is element n of the stream in this training step. */
function random(kind: string, draw: typeof uniform): Kernel {
  const lower = (context: KernelContext): LazyTensor => {
    const key = streamKey(context.builder.seed, numberAttribute(context, 'stream'));
    return outputTensor(context, kind, [], (at) => draw(key, flatIndex(at, output(context).shape)));
  };
  return { reads: 'once', lower };
}

export const SOURCE_KERNELS: KernelTable = {
  Fill: filled((context) => numberAttribute(context, 'value')),
  ZerosLike: filled(() => 0),
  OnesLike: filled(() => 1),
  Range: { reads: 'once', lower: range },
  LinSpace: { reads: 'once', lower: linSpace },
  GensynUniform: random('uniform', uniform),
  GensynNormal: random('normal', normal),
};
