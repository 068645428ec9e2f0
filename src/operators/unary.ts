/** Functions of one tensor. */
import {
  type F32,
  f32,
  fabs,
  fdiv,
  feq,
  ffloor,
  fle,
  flt,
  fmax,
  fmin,
  fmul,
  fnearest,
  fneg,
  fselect,
  fsqrt,
  type I32,
  i32,
  ilts,
  imul,
  inot,
  iselect,
  isub,
} from '../expr/expression.js';
import {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  ceil,
  cos,
  cosh,
  erf,
  exp,
  expm1,
  log,
  log1p,
  sigmoid,
  sign,
  sin,
  sinh,
  softplus,
  tan,
  tanh,
} from '../expr/math.js';
import { elementAt, type LazyTensor } from '../frontend/lowering/lazy-tensor.js';
import type { TensorType } from '../frontend/recording.js';
import { broadcastAt, convert, floatPredicate, floatUnary, numericUnary } from './elementwise.js';
import { input, type KernelContext, type KernelTable, numberAttribute, outputTensor, unsupported } from './kernel.js';

const ZERO = f32(0);
const ONE = f32(1);

export const relu = (x: F32): F32 => fmax(x, ZERO);
export const relu6 = (x: F32): F32 => fmin(fmax(x, ZERO), f32(6));
export const leakyRelu = (x: F32, alpha: number): F32 => fselect(flt(x, ZERO), fmul(f32(alpha), x), x);
export const elu = (x: F32): F32 => fselect(fle(ZERO, x), x, expm1(x));

/** Klambauer et al., "Self-normalizing neural networks", 2017; the constants to binary64, as tfjs has them. */
const SELU_SCALE = 1.0507009873554805;
const SELU_SCALE_ALPHA = 1.7580993408473768;
const selu = (x: F32): F32 => fselect(fle(ZERO, x), fmul(f32(SELU_SCALE), x), fmul(f32(SELU_SCALE_ALPHA), expm1(x)));

/** NaN stays NaN, and a number that is not positive gives `alpha`. */
function step(x: F32, alpha: number): F32 {
  return fselect(feq(x, x), fselect(flt(ZERO, x), ONE, f32(alpha)), x);
}

function cast(context: KernelContext): LazyTensor {
  const x = input(context, 'x');
  const to = context.call.attributes['dtype'];
  if (to !== 'float32' && to !== 'int32' && to !== 'bool') {
    throw unsupported(context, 'dtype', to, 'float32, int32 or bool');
  }
  const kind = sameWords(x.dtype, to) ? 'copy' : 'map';
  return outputTensor(context, kind, [x], (at) => convert(elementAt(x, at), x.dtype, to));
}

/** True where a cast changes no word. */
function sameWords(from: TensorType, to: TensorType): boolean {
  return from === to || (from === 'bool' && to === 'int32');
}

function clip(context: KernelContext): LazyTensor {
  const x = input(context, 'x');
  const [low, high] = [numberAttribute(context, 'clipValueMin'), numberAttribute(context, 'clipValueMax')];
  const clipFloat = floatUnary((value) => fmin(fmax(value, f32(low)), f32(high)));
  const clipInteger = numericUnary(
    (value) => value,
    (value) => {
      const above = iselect(ilts(value, i32(Math.ceil(low))), i32(Math.ceil(low)), value);
      return iselect(ilts(i32(Math.floor(high)), above), i32(Math.floor(high)), above);
    },
  );
  return (x.dtype === 'float32' ? clipFloat : clipInteger).lower(context) as LazyTensor;
}

function logicalNot(context: KernelContext): LazyTensor {
  const x = input(context, 'x');
  return outputTensor(context, 'map', [x], (at) => inot(convert(broadcastAt(x, at), x.dtype, 'bool') as I32));
}

const isFinite = (x: F32): I32 => flt(fabs(x), f32(Infinity));

export const UNARY_KERNELS: KernelTable = {
  Abs: numericUnary(fabs, (x) => iselect(ilts(x, i32(0)), isub(i32(0), x), x)),
  Neg: numericUnary(fneg, (x) => isub(i32(0), x)),
  Square: numericUnary(
    (x) => fmul(x, x),
    (x) => imul(x, x),
  ),
  Sqrt: floatUnary(fsqrt),
  Rsqrt: floatUnary((x) => fdiv(ONE, fsqrt(x))),
  Reciprocal: floatUnary((x) => fdiv(ONE, x)),
  Exp: floatUnary(exp),
  Expm1: floatUnary(expm1),
  Log: floatUnary(log),
  Log1p: floatUnary(log1p),
  Tanh: floatUnary(tanh),
  Sigmoid: floatUnary(sigmoid),
  Softplus: floatUnary(softplus),
  Erf: floatUnary(erf),
  Sin: floatUnary(sin),
  Cos: floatUnary(cos),
  Tan: floatUnary(tan),
  Sinh: floatUnary(sinh),
  Cosh: floatUnary(cosh),
  Asin: floatUnary(asin),
  Acos: floatUnary(acos),
  Atan: floatUnary(atan),
  Asinh: floatUnary(asinh),
  Acosh: floatUnary(acosh),
  Atanh: floatUnary(atanh),
  Relu: numericUnary(relu, (x) => iselect(ilts(x, i32(0)), i32(0), x)),
  Relu6: floatUnary(relu6),
  LeakyRelu: floatUnary((x, context) => leakyRelu(x, numberAttribute(context, 'alpha', 0.2))),
  Elu: floatUnary(elu),
  Selu: floatUnary(selu),
  Step: floatUnary((x, context) => step(x, numberAttribute(context, 'alpha', 0))),
  Sign: numericUnary(sign, (x) => isub(ilts(i32(0), x), ilts(x, i32(0)))),
  Floor: numericUnary(ffloor, (x) => x),
  Ceil: numericUnary(ceil, (x) => x),
  Round: numericUnary(fnearest, (x) => x),
  ClipByValue: { reads: 'once', lower: clip },
  IsNan: floatPredicate((x) => inot(feq(x, x))),
  IsFinite: floatPredicate(isFinite),
  IsInf: floatPredicate((x) => feq(fabs(x), f32(Infinity))),
  LogicalNot: { reads: 'once', lower: logicalNot },
  Cast: { reads: 'once', lower: cast },
};

/** Activations that `_FusedMatMul` applies, by tfjs's names. */
export const ACTIVATIONS: Readonly<Record<string, (x: F32, alpha: number) => F32>> = {
  linear: (x) => x,
  relu,
  relu6,
  elu,
  sigmoid,
  leakyrelu: leakyRelu,
};
