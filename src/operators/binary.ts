/** Arithmetic, comparisons, logic and selection. */
import {
  type Expr,
  type F32,
  f32,
  fabs,
  fadd,
  fdiv,
  feq,
  ffloor,
  fle,
  flt,
  fmax,
  fmin,
  fmul,
  fselect,
  fsub,
  type I32,
  i32,
  iadd,
  iand,
  ieq,
  ilts,
  imul,
  inot,
  ior,
  iselect,
  isub,
  ixor,
} from '../expr/expression.js';
import { atan2, floorDiv, floorMod, pow } from '../expr/math.js';
import { elementAt, type LazyTensor } from '../frontend/lowering/lazy-tensor.js';
import { broadcastAt, convert, floatBinary, numericBinary } from './elementwise.js';
import {
  input,
  type Kernel,
  type KernelContext,
  type KernelTable,
  listOfInputs,
  output,
  outputTensor,
} from './kernel.js';

const minimumOf = (a: I32, b: I32): I32 => iselect(ilts(b, a), b, a);
const maximumOf = (a: I32, b: I32): I32 => iselect(ilts(a, b), b, a);
const square = (x: F32): F32 => fmul(x, x);
const squareInteger = (x: I32): I32 => imul(x, x);

/** Floored modulus: the sign of the divisor. */
function floatMod(a: F32, b: F32): F32 {
  return fsub(a, fmul(b, ffloor(fdiv(a, b))));
}

function prelu(x: F32, alpha: F32): F32 {
  return fselect(flt(x, f32(0)), fmul(alpha, x), x);
}

/** `elu`'s derivative by its result `b`. */
function eluGradient(dy: F32, y: F32): F32 {
  return fselect(fle(f32(0), y), dy, fmul(dy, fadd(y, f32(1))));
}

/** Binary kernels whose inputs have other names than `a` and `b`. */
function renamed(kernel: Kernel, a: string, b: string): Kernel {
  const lower = (context: KernelContext): LazyTensor | readonly LazyTensor[] =>
    kernel.lower({ ...context, inputs: { a: input(context, a), b: input(context, b) } });
  return { reads: kernel.reads, lower };
}

/** `condition ? t : e`. A condition of rank 1 chooses whole rows of tensors of a higher rank. */
function select(context: KernelContext): LazyTensor {
  const condition = input(context, 'condition');
  const [t, e] = [input(context, 't'), input(context, 'e')];
  const { dtype } = output(context);
  const rows = condition.shape.length === 1 && t.shape.length > 1;
  return outputTensor(context, 'map', [condition, t, e], (at) => {
    const chosen = rows ? elementAt(condition, at.slice(0, 1)) : broadcastAt(condition, at);
    const yes = convert(broadcastAt(t, at), t.dtype, dtype);
    const no = convert(broadcastAt(e, at), e.dtype, dtype);
    if (dtype === 'float32') return fselect(chosen as I32, yes as F32, no as F32);
    return iselect(chosen as I32, yes as I32, no as I32);
  });
}

/** Inputs of an operator are few, so that a long sum is stored in between. */
const ADDENDS = 6;

/** The sum of a list of tensors, from left to right. */
function addN(context: KernelContext): LazyTensor {
  const { dtype, shape } = output(context);
  const add = (a: Expr, b: Expr): Expr => (dtype === 'float32' ? fadd(a as F32, b as F32) : iadd(a as I32, b as I32));
  const [first, ...rest] = listOfInputs(context);
  let sum = first!;
  for (let from = 0; from < rest.length; from += ADDENDS) {
    const [left, right] = [sum, rest.slice(from, from + ADDENDS)];
    if (from > 0) context.builder.store(left);
    sum = outputTensor(context, 'map', [left, ...right], (at) =>
      right.reduce((total, next) => add(total, elementAt(next, at)), elementAt(left, at)),
    );
  }
  return sum.shape === shape ? sum : outputTensor(context, 'copy', [sum], (at) => elementAt(sum, at));
}

export const BINARY_KERNELS: KernelTable = {
  Add: numericBinary(fadd, iadd),
  Sub: numericBinary(fsub, isub),
  Multiply: numericBinary(fmul, imul),
  RealDiv: floatBinary(fdiv),
  FloorDiv: numericBinary((a, b) => ffloor(fdiv(a, b)), floorDiv),
  Mod: numericBinary(floatMod, floorMod),
  Maximum: numericBinary(fmax, maximumOf),
  Minimum: numericBinary(fmin, minimumOf),
  Pow: floatBinary(pow),
  Atan2: floatBinary(atan2),
  SquaredDifference: numericBinary(
    (a, b) => square(fsub(a, b)),
    (a, b) => squareInteger(isub(a, b)),
  ),
  Prelu: renamed(floatBinary(prelu), 'x', 'alpha'),
  EluGrad: renamed(floatBinary(eluGradient), 'dy', 'y'),
  Equal: numericBinary(feq, ieq),
  NotEqual: numericBinary(
    (a, b) => inot(feq(a, b)),
    (a, b) => inot(ieq(a, b)),
  ),
  Less: numericBinary(flt, ilts),
  LessEqual: numericBinary(fle, (a, b) => inot(ilts(b, a))),
  Greater: numericBinary(
    (a, b) => flt(b, a),
    (a, b) => ilts(b, a),
  ),
  GreaterEqual: numericBinary(
    (a, b) => fle(b, a),
    (a, b) => inot(ilts(a, b)),
  ),
  LogicalAnd: numericBinary((a, b) => iand(isTrue(a), isTrue(b)), iand),
  LogicalOr: numericBinary((a, b) => ior(isTrue(a), isTrue(b)), ior),
  LogicalXor: numericBinary((a, b) => ixor(isTrue(a), isTrue(b)), ixor),
  Select: { reads: 'once', lower: select },
  AddN: { reads: 'once', lower: addN },
};

function isTrue(x: F32): I32 {
  return flt(f32(0), fabs(x));
}

/** Kept beside `minimumOf`: integers are compared as signed. */
export const integerExtremes = { minimumOf, maximumOf, lowest: i32(-(2 ** 31)), highest: i32(2 ** 31 - 1) };
