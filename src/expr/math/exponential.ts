/** The exponential family: 2^n·e^r with |r| ≤ ln2/2, as in Cody and Waite, "Software manual" (1980), chapter 6. */
import type { F32, I32 } from '../expression.js';
import {
  bitsf,
  f32,
  fabs,
  fadd,
  fbits,
  flt,
  fmax,
  fmin,
  fmul,
  fselect,
  fsub,
  i32,
  ishl,
  ishru,
  isub,
} from '../expression.js';
import { pairwise } from './polynomial.js';

const LOG2_E = 1.4426950408889634;
const LN2 = 0.6931471805599453;
/** ln 2 in two parts. The first has 10 significant bits, so its product with a binary exponent is exact. */
const LN2_HIGH = 0.693359375;
const LN2_LOW = -2.1219444005469057e-4;

/** (e^r − 1 − r) / r² on |r| ≤ 0.3468; error below 0.06·2^-24 of e^r. */
const EXP_TAIL = [
  0.4999999403953552, 0.1666652113199234, 0.04166826978325844, 0.008368680253624916, 0.00138204381801188,
];
/** The same with its error measured against e^r − 1: below 0.23·2^-24. */
const EXPM1_TAIL = [0.5, 0.1666654348373413, 0.0416664257645607, 0.008366548456251621, 0.001393860555253923];
/** (2^f − 1) / f on |f| ≤ 0.501; error below 0.06·2^-24 of 2^f. */
const EXP2_TAIL = [
  0.6931471824645996, 0.24022647738456726, 0.055503591895103455, 0.009618498384952545, 0.001339118811301887,
  0.00015330032329075038,
];

/** 1.5·2^23: adding it to |x| < 2^22 leaves the nearest integer (ties to even) in the low bits of the sum. */
const ROUNDER = 12582912;
/** Twice the exponent bias, for a scale that is applied as two factors. */
const TWO_BIASES = 254;

/** A number split into the nearest integer and what is left. */
interface Rounded {
  /** The integer plus the bias, in the low bits of a binary32 pattern; the bits above bit 8 mean nothing. */
  readonly biased: I32;
  /** The integer as a binary32 value. */
  readonly whole: F32;
}

/** Rounds |x| < 2^21 to the nearest integer and leaves `bias` + the integer in the low bits. */
function roundBiased(x: F32, bias: number): Rounded {
  const shifted = fadd(x, f32(ROUNDER + bias));
  return { biased: fbits(shifted), whole: fsub(shifted, f32(ROUNDER + bias)) };
}

/** x − n·ln2 as an exact difference and a small correction: the reduced argument is `exact` − `correction`. */
interface Reduced {
  readonly exact: F32;
  readonly correction: F32;
}

function reduceByLn2(x: F32, whole: F32): Reduced {
  return { exact: fsub(x, fmul(whole, f32(LN2_HIGH))), correction: fmul(whole, f32(LN2_LOW)) };
}

/** e^r − 1 for |r| ≤ ln2/2. Only the polynomial sees r rounded; the linear term keeps both parts. */
function expm1OfReduced({ exact, correction }: Reduced, tail: readonly number[]): F32 {
  const r = fsub(exact, correction);
  const square = fmul(r, r);
  return fadd(exact, fsub(fmul(square, pairwise(r, square, tail)), correction));
}

/** 2^n of a number biased by 127, −126 ≤ n ≤ 127. The shift drops all that stands above the exponent. */
export function powerOfTwo(biased: I32): F32 {
  return bitsf(ishl(biased, i32(23)));
}

/** x·2^n of a number biased by 254. Two factors, so that only the last product rounds where the result is subnormal. */
function scaleInTwo(x: F32, biased: I32): F32 {
  const half = ishru(biased, i32(1));
  return fmul(fmul(x, powerOfTwo(half)), powerOfTwo(isub(biased, half)));
}

/** e^x. NaN → NaN, −∞ → 0, +∞ → +∞; subnormal results are rounded once. */
export function exp(x: F32): F32 {
  return expClamped(fmax(fmin(x, f32(89)), f32(-104)));
}

/** e^x for −104 ≤ x ≤ 89 or NaN. */
export function expClamped(x: F32): F32 {
  const { biased, whole } = roundBiased(fmul(x, f32(LOG2_E)), TWO_BIASES);
  return scaleInTwo(fadd(expm1OfReduced(reduceByLn2(x, whole), EXP_TAIL), f32(1)), biased);
}

/** e^x / 2 for 0 ≤ x ≤ 91 or NaN: finite as long as the half is. */
export function halfExp(x: F32): F32 {
  const { biased, whole } = roundBiased(fmul(x, f32(LOG2_E)), TWO_BIASES - 1);
  return scaleInTwo(fadd(expm1OfReduced(reduceByLn2(x, whole), EXP_TAIL), f32(1)), biased);
}

/** e^x − 1, accurate near 0. Keeps −0; −∞ → −1. */
export function expm1(x: F32): F32 {
  const clamped = fmax(fmin(x, f32(89)), f32(-18));
  // Biased by 126, so that the scale is half of 2^n and stays finite for n = 128.
  const { biased, whole } = roundBiased(fmul(clamped, f32(LOG2_E)), 126);
  const reduced = expm1OfReduced(reduceByLn2(clamped, whole), EXPM1_TAIL);
  const scale = powerOfTwo(biased);
  const half = fadd(fmul(reduced, scale), fsub(scale, f32(0.5)));
  // Where x²/2 is below half an ulp the result is x; this keeps −0 and the last bit of subnormal numbers.
  return fselect(flt(fabs(x), f32(2 ** -25)), x, fadd(half, half));
}

/** 2^x. NaN → NaN, −∞ → 0, +∞ → +∞. */
export function exp2(x: F32): F32 {
  const clamped = fmax(fmin(x, f32(129)), f32(-151));
  const { biased, whole } = roundBiased(clamped, TWO_BIASES);
  return scaleInTwo(exp2OfReduced(fsub(clamped, whole)), biased);
}

/** 2^(high + low), the sum carried exactly as far as its fraction needs it; used by `pow`. */
export function exp2OfSum(high: F32, low: F32): F32 {
  const clamped = fmax(fmin(fadd(high, low), f32(129)), f32(-151));
  const { biased, whole } = roundBiased(clamped, TWO_BIASES);
  const fraction = fadd(fsub(high, whole), low);
  // Where the sum was clamped the fraction means nothing, but it must not leave the polynomial's range.
  const bounded = fmax(fmin(fraction, f32(0.501)), f32(-0.501));
  return scaleInTwo(exp2OfReduced(bounded), biased);
}

/** 2^f for |f| ≤ 0.501. */
function exp2OfReduced(f: F32): F32 {
  return fadd(fmul(f, pairwise(f, fmul(f, f), EXP2_TAIL)), f32(1));
}

/** The same as {@link EXP2_TAIL} with an error below 1.6·2^-24, for use where 2^x is a small part of a result. */
const EXP2_SHORT_TAIL = [
  0.6931470036506653, 0.24022242426872253, 0.055507078766822815, 0.009671562351286411, 0.0013271271018311381,
];

/** 2^x for −126 ≤ x ≤ 126 or NaN: the short form, without clamps, with one scale and a larger error. */
export function exp2Short(x: F32): F32 {
  const { biased, whole } = roundBiased(x, 127);
  const f = fsub(x, whole);
  const value = fadd(fmul(f, pairwise(f, fmul(f, f), EXP2_SHORT_TAIL)), f32(1));
  return fmul(value, powerOfTwo(biased));
}

/** (e^r − 1 − r) / r² with an error below 1.8·2^-24 of e^r. */
const EXP_SHORT_TAIL = [0.499992311000824, 0.16667118668556213, 0.041890278458595276, 0.008312209509313107];

/** e^(2x) for 0 ≤ x ≤ 40 or NaN, for use where it is a part of a result: ln2/2 in one piece, and a shorter tail. */
export function expOfDoubleShort(x: F32): F32 {
  const { biased, whole } = roundBiased(fmul(x, f32(2 * LOG2_E)), 127);
  const half = fsub(x, fmul(whole, f32(LN2 / 2)));
  const r = fadd(half, half);
  const square = fmul(r, r);
  const value = fadd(fadd(r, fmul(square, pairwise(r, square, EXP_SHORT_TAIL))), f32(1));
  return fmul(value, powerOfTwo(biased));
}
