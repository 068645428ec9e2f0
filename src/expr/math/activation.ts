/** The saturating functions of machine learning: tanh, sigmoid, softplus, erf. */
import type { F32 } from '../expression.js';
import { f32, fabs, fadd, fdiv, flt, fmax, fmin, fmul, fneg, fselect, fsub } from '../expression.js';
import { exp2Short, expClamped, expOfDoubleShort } from './exponential.js';
import { log1pOfUnit } from './logarithm.js';
import { pairwise } from './polynomial.js';
import { withSignOf } from './rounding.js';

/** (tanh x − x) / x³ as a polynomial in x², |x| ≤ 0.55; error below 0.6·2^-24. */
const TANH_BELOW = 0.55;
const TANH_TAIL = [-0.33332958817481995, 0.13320964574813843, -0.052685316652059555, 0.01646064594388008];

/** tanh x: odd; ±∞ → ±1; keeps −0. A polynomial near 0, and 1 − 2/(e^(2|x|) + 1) elsewhere. */
export function tanh(x: F32): F32 {
  const magnitude = fmin(fabs(x), f32(10));
  const square = fmul(magnitude, magnitude);
  const near = fadd(magnitude, fmul(fmul(magnitude, square), pairwise(square, fmul(square, square), TANH_TAIL)));
  const far = fsub(f32(1), fdiv(f32(2), fadd(expOfDoubleShort(magnitude), f32(1))));
  return withSignOf(x, fselect(flt(magnitude, f32(TANH_BELOW)), near, far));
}

/** 1 / (1 + e^−x) in a form without overflow: with e = e^−|x|, it is 1/(1+e) or e/(1+e). */
export function sigmoid(x: F32): F32 {
  const e = expClamped(fmax(fneg(fabs(x)), f32(-104)));
  const sum = fadd(e, f32(1));
  const quotient = fdiv(fselect(flt(x, f32(0)), e, f32(1)), sum);
  // What rounding took from the sum is given back to first order; 1 − quotient is 1/sum where x < 0, and for x ≥ 0,
  // where the error is small anyway, it gives back a part of it.
  const lost = fsub(e, fsub(sum, f32(1)));
  return fsub(quotient, fmul(quotient, fmul(lost, fsub(f32(1), quotient))));
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|). */
export function softplus(x: F32): F32 {
  const e = expClamped(fmax(fneg(fabs(x)), f32(-104)));
  return fadd(fmax(x, f32(0)), log1pOfUnit(e));
}

/** erf(x)/x − 1 as a polynomial in x², |x| ≤ 0.93; error below 0.3·2^-24. */
const ERF_BELOW = 0.925;
const ERF_NEAR = [
  0.12837915122509003, -0.3761249780654907, 0.11281827092170715, -0.026766231283545494, 0.00499176187440753,
  -0.0005980213754810393,
];
/** log2(1 − erf t) / t, 0.92 ≤ t ≤ 4; the error it leaves in erf is below 0.05·2^-24. */
const ERF_FAR = [
  -1.628096580505371, -0.9171668887138367, -0.15183457732200623, 0.0330059640109539, -0.004632668569684029,
  0.0003080276947002858,
];

/** The error function: odd; ±∞ → ±1; keeps −0. A polynomial near 0, and 1 − 2^polynomial elsewhere. */
export function erf(x: F32): F32 {
  const magnitude = fmin(fabs(x), f32(4));
  const square = fmul(magnitude, magnitude);
  const near = fadd(magnitude, fmul(magnitude, pairwise(square, fmul(square, square), ERF_NEAR)));
  const exponent = fmul(magnitude, pairwise(magnitude, square, ERF_FAR));
  const far = fsub(f32(1), exp2Short(exponent));
  return withSignOf(x, fselect(flt(magnitude, f32(ERF_BELOW)), near, far));
}
