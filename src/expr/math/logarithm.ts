/** Logarithms: x = 2^k·m with m in [√½, √2), and log m by its series in s = f/(2+f), f = m − 1 (fdlibm `e_logf.c`). */

import { CANONICAL_NAN } from '../../numerics/float32.js';
import type { F32, I32 } from '../expression.js';
import {
  bitsf,
  f32,
  f32Bits,
  fabs,
  fadd,
  fbits,
  fdiv,
  feq,
  flt,
  fmul,
  fselect,
  fsub,
  i32,
  ishl,
  ishrs,
  isub,
  itof,
} from '../expression.js';
import { horner } from './polynomial.js';

/** ln 2 in two parts. The first has 16 significant bits, so its product with a binary exponent is exact. */
const LN2_HIGH = 0.693145751953125;
const LN2_LOW = 1.42860677e-6;

/** (ln((1+s)/(1−s)) / s − 2) / s² as a polynomial in s², |s| ≤ 0.1717; error below 0.03·2^-24 of the logarithm. */
const LOG_TAIL = [0.6666677594184875, 0.3997756242752075, 0.29871734976768494];

const SQRT_HALF_BITS = 0x3f3504f3;
const SMALLEST_NORMAL = 2 ** -126;
const NAN = f32Bits(CANONICAL_NAN);

/** A positive number as 2^exponent·mantissa, the mantissa in [√½, √2). */
interface Scaled {
  readonly exponent: F32;
  readonly mantissa: F32;
}

/** Splits a positive normal number. */
function splitNormal(x: F32): Scaled {
  const bits = fbits(x);
  const exponent: I32 = ishrs(isub(bits, i32(SQRT_HALF_BITS)), i32(23));
  return { exponent: itof(exponent), mantissa: bitsf(isub(bits, ishl(exponent, i32(23)))) };
}

/** Splits any positive finite number. */
export function splitPositive(x: F32): Scaled {
  const subnormal = flt(x, f32(SMALLEST_NORMAL));
  const { exponent, mantissa } = splitNormal(fselect(subnormal, fmul(x, f32(2 ** 23)), x));
  return { exponent: fsub(exponent, fselect(subnormal, f32(23), f32(0))), mantissa };
}

/** ln(2^exponent·mantissa), without special cases. */
function logOfScaled({ exponent, mantissa }: Scaled): F32 {
  const f = fsub(mantissa, f32(1));
  const s = fdiv(f, fadd(f, f32(2)));
  const square = fmul(s, s);
  const tail = fmul(square, horner(square, LOG_TAIL));
  const halfSquare = fmul(fmul(f, f32(0.5)), f);
  const small = fadd(fmul(s, fadd(halfSquare, tail)), fmul(exponent, f32(LN2_LOW)));
  return fadd(fsub(f, fsub(halfSquare, small)), fmul(exponent, f32(LN2_HIGH)));
}

/** ln x of a positive normal finite number: the short form of {@link log}. */
export function logOfNormal(x: F32): F32 {
  return logOfScaled(splitNormal(x));
}

/** ln x. ±0 → −∞, +∞ → +∞, negative → NaN. */
export function log(x: F32): F32 {
  const general = logOfScaled(splitPositive(x));
  const notPositive = fselect(feq(x, f32(0)), f32(-Infinity), NAN);
  const bounded = fselect(feq(x, f32(Infinity)), x, general);
  return fselect(flt(f32(0), x), bounded, notPositive);
}

/** ln(1 + x), accurate near 0. −1 → −∞, below → NaN; keeps −0. */
export function log1p(x: F32): F32 {
  const sum = fadd(x, f32(1));
  // ln(1+x) = ln(sum) + ln(1 + lost/sum), where `lost` is what rounding took from the sum.
  const lost = fsub(x, fsub(sum, f32(1)));
  const corrected = fadd(log(sum), fselect(flt(sum, f32(2 ** 24)), fdiv(lost, sum), f32(0)));
  const positive = fselect(feq(sum, f32(0)), f32(-Infinity), corrected);
  return fselect(flt(fabs(x), f32(2 ** -25)), x, positive);
}

/** log1p of e in [0, 1] by the same series in s = e/(2+e), |s| ≤ ⅓; error below 0.08·2^-24. */
const LOG1P_TAIL = [0.6666641235351562, 0.40021735429763794, 0.27998629212379456, 0.28026700019836426];

/** ln(1 + e) for 0 ≤ e ≤ 1 or NaN: the short form of {@link log1p}. */
export function log1pOfUnit(e: F32): F32 {
  const s = fdiv(e, fadd(e, f32(2)));
  const square = fmul(s, s);
  const halfSquare = fmul(fmul(e, f32(0.5)), e);
  const small = fmul(s, fadd(halfSquare, fmul(square, horner(square, LOG1P_TAIL))));
  return fsub(e, fsub(halfSquare, small));
}
