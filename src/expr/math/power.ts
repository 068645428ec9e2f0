/**
 * x^y = 2^(y·log2|x|) with log2 and the product carried in two parts, as in fdlibm's `e_powf.c` (without its second
 * interval), and the special cases of IEEE-754-2019 §9.2.1 and C99 F.9.4.4.
 */
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
  ffloor,
  flt,
  fmax,
  fmin,
  fmul,
  fselect,
  fsub,
  i32,
  iand,
  ilts,
  imul,
  inot,
  ior,
} from '../expression.js';
import { exp2OfSum } from './exponential.js';
import { splitPositive } from './logarithm.js';
import { horner } from './polynomial.js';

/** A number as the unevaluated sum of two; `high` has at most 12 significant bits, so products of highs are exact. */
interface Split {
  readonly high: F32;
  readonly low: F32;
}

/** The leading 12 significant bits. */
function leading(x: F32): F32 {
  return bitsf(iand(fbits(x), i32(0xfffff000)));
}

/** (ln((1+s)/(1−s))·3/(2s) − 3 − s²) / s⁴ as a polynomial in s², |s| ≤ 0.1717; error below 4·10^-6 · 2^-24. */
const LOG_TAIL = [0.5999999642372131, 0.4285795986652374, 0.33269423246383667, 0.29339203238487244];

/** 2 / (3·ln 2), its leading 12 bits, and the rest. */
const SCALE = 0.9617966939259756;
const SCALE_HIGH = 0.961669921875;
const SCALE_LOW = SCALE - SCALE_HIGH;

/** s = (m − 1)/(m + 1) in two parts, m in [√½, √2). */
function splitRatio(mantissa: F32): Split & { readonly whole: F32 } {
  const numerator = fsub(mantissa, f32(1));
  const denominator = fadd(mantissa, f32(1));
  const whole = fdiv(numerator, denominator);
  const high = leading(whole);
  const denominatorHigh = leading(denominator);
  const denominatorLow = fsub(mantissa, fsub(denominatorHigh, f32(1)));
  const remainder = fsub(fsub(numerator, fmul(high, denominatorHigh)), fmul(high, denominatorLow));
  return { whole, high, low: fdiv(remainder, denominator) };
}

/** log2 of a positive finite number in two parts, with a relative error of about 2^-33. */
function splitLog2(x: F32): Split {
  const { exponent, mantissa } = splitPositive(x);
  const s = splitRatio(mantissa);
  const square = fmul(s.whole, s.whole);
  const tail = fadd(fmul(fmul(square, square), horner(square, LOG_TAIL)), fmul(s.low, fadd(s.high, s.whole)));
  const squareHigh = fmul(s.high, s.high);
  const seriesHigh = leading(fadd(fadd(f32(3), squareHigh), tail));
  const seriesLow = fsub(tail, fsub(fsub(seriesHigh, f32(3)), squareHigh));
  const product = fmul(s.high, seriesHigh);
  const productRest = fadd(fmul(s.low, seriesHigh), fmul(seriesLow, s.whole));
  const naturalHigh = leading(fadd(product, productRest));
  const naturalLow = fsub(productRest, fsub(naturalHigh, product));
  const mantissaHigh = fmul(naturalHigh, f32(SCALE_HIGH));
  const mantissaLow = fadd(fmul(naturalHigh, f32(SCALE_LOW)), fmul(naturalLow, f32(SCALE)));
  const high = leading(fadd(fadd(mantissaHigh, mantissaLow), exponent));
  return { high, low: fsub(mantissaLow, fsub(fsub(high, exponent), mantissaHigh)) };
}

/** |x|^y for x positive and finite; y is bounded, so that no product overflows. */
function powOfPositive(x: F32, y: F32): F32 {
  const logarithm = splitLog2(x);
  const yHigh = leading(y);
  const low = fadd(fmul(fsub(y, yHigh), logarithm.high), fmul(y, logarithm.low));
  const product = fmul(yHigh, logarithm.high);
  return exp2OfSum(product, low);
}

/** 1 where y is an integer; infinities and all numbers from 2^24 count as even. */
function parity(y: F32): { readonly isInteger: I32; readonly isOdd: I32 } {
  const half = fmul(y, f32(0.5));
  const isInteger = feq(ffloor(y), y);
  const halfIsInteger = feq(ffloor(half), half);
  return { isInteger, isOdd: ilts(halfIsInteger, isInteger) };
}

/**
 * x^y with the special cases of C99: y = ±0 and x = 1 give 1 even for NaN; (±0)^y and (±∞)^y are 0 or ∞, negative for
 * odd integers y and negative x; a negative finite x with a y that is no integer gives NaN.
 */
export function pow(x: F32, y: F32): F32 {
  const magnitude = fabs(x);
  // |log2| of a number other than 1 is at least 2^-24: beyond 2^36 every power is 0, 1 or ∞.
  const exponent = fmax(fmin(y, f32(2 ** 36)), f32(-(2 ** 36)));
  const { isInteger, isOdd } = parity(y);
  const undefinedPower = iand(flt(x, f32(0)), inot(isInteger));
  const general = fselect(undefinedPower, f32Bits(CANONICAL_NAN), powOfPositive(magnitude, exponent));
  const isZeroOrNotFinite = ior(feq(magnitude, f32(0)), inot(flt(magnitude, f32(Infinity))));
  const limit = fselect(flt(y, f32(0)), fdiv(f32(1), magnitude), magnitude);
  const unsigned = fselect(iand(isZeroOrNotFinite, feq(y, y)), limit, general);
  const signBit = iand(fbits(x), imul(isOdd, i32(0x80000000)));
  const signed = bitsf(ior(fbits(unsigned), signBit));
  return fselect(ior(feq(x, f32(1)), feq(y, f32(0))), f32(1), signed);
}
