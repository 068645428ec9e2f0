/** Elementwise application of scalar functions to lazy tensors, with broadcasting. */
import { type Expr, type F32, f32, feq, ftoi, type I32, i32, inot, itof } from '../expr/expression.js';
import {
  broadcastCoordinates,
  type Coordinates,
  elementAt,
  type LazyTensor,
} from '../frontend/lowering/lazy-tensor.js';
import type { TensorType } from '../frontend/recording.js';
import { input, type Kernel, type KernelContext, output, outputTensor } from './kernel.js';

/** Converts an element as tfjs's Cast does: truncation to int32, `≠ 0` to bool. */
export function convert(value: Expr, from: TensorType, to: TensorType): Expr {
  if (to === 'float32') return from === 'float32' ? value : itof(value as I32);
  if (to === 'int32') return from === 'float32' ? ftoi(value as F32) : value;
  if (from === 'bool') return value;
  return inot(from === 'float32' ? feq(value as F32, f32(0)) : inot(value as I32));
}

/** The element that broadcasting to the coordinates' shape reads, as a binary32 value. */
export function floatAt(tensor: LazyTensor, at: Coordinates): F32 {
  return convert(broadcastAt(tensor, at), tensor.dtype, 'float32') as F32;
}

/** The element that broadcasting reads, as an integer. */
function integerAt(tensor: LazyTensor, at: Coordinates): I32 {
  return convert(broadcastAt(tensor, at), tensor.dtype, 'int32') as I32;
}

export function broadcastAt(tensor: LazyTensor, at: Coordinates): Expr {
  return elementAt(tensor, broadcastCoordinates(at, tensor.shape));
}

/** A kernel of one input `x` on binary32 values. */
export function floatUnary(compute: (x: F32, context: KernelContext) => F32, name = 'x'): Kernel {
  const lower = (context: KernelContext): LazyTensor => {
    const x = input(context, name);
    const { dtype } = output(context);
    return outputTensor(context, 'map', [x], (at) => convert(compute(floatAt(x, at), context), 'float32', dtype));
  };
  return { reads: 'once', lower };
}

/** A kernel of one input `x` that has a definition of its own for integers. */
export function numericUnary(float: (x: F32) => F32, integer: (x: I32) => I32): Kernel {
  const lower = (context: KernelContext): LazyTensor => {
    const x = input(context, 'x');
    if (x.dtype === 'float32') return outputTensor(context, 'map', [x], (at) => float(floatAt(x, at)));
    return outputTensor(context, 'map', [x], (at) => integer(integerAt(x, at)));
  };
  return { reads: 'once', lower };
}

/** A kernel that asks something of a binary32 value `x`; integers are converted. */
export function floatPredicate(compute: (x: F32) => I32): Kernel {
  const lower = (context: KernelContext): LazyTensor => {
    const x = input(context, 'x');
    return outputTensor(context, 'map', [x], (at) => compute(floatAt(x, at)));
  };
  return { reads: 'once', lower };
}

/** A kernel of two inputs `a` and `b`: on integers where neither is float32. */
export function numericBinary(float: (a: F32, b: F32) => Expr, integer: (a: I32, b: I32) => Expr): Kernel {
  const lower = (context: KernelContext): LazyTensor => {
    const a = input(context, 'a');
    const b = input(context, 'b');
    if (a.dtype === 'float32' || b.dtype === 'float32') {
      return outputTensor(context, 'map', [a, b], (at) => float(floatAt(a, at), floatAt(b, at)));
    }
    return outputTensor(context, 'map', [a, b], (at) => integer(integerAt(a, at), integerAt(b, at)));
  };
  return { reads: 'once', lower };
}

/** A kernel of two inputs that always computes on binary32 values; the result is converted to the output's type. */
export function floatBinary(compute: (a: F32, b: F32) => F32): Kernel {
  const lower = (context: KernelContext): LazyTensor => {
    const a = input(context, 'a');
    const b = input(context, 'b');
    const { dtype } = output(context);
    return outputTensor(context, 'map', [a, b], (at) =>
      convert(compute(floatAt(a, at), floatAt(b, at)), 'float32', dtype),
    );
  };
  return { reads: 'once', lower };
}

/** A constant of a tensor type. */
export function constantOf(value: number, dtype: TensorType): Expr {
  if (dtype === 'float32') return f32(value);
  return i32(dtype === 'bool' ? Number(value !== 0) : Math.trunc(value));
}
