/** sinh, cosh and the inverse hyperbolic functions: polynomials near 0, exponentials and logarithms elsewhere. */
import { CANONICAL_NAN } from '../../numerics/float32.js';
import type { F32 } from '../expression.js';
import {
  f32,
  f32Bits,
  fabs,
  fadd,
  fdiv,
  feq,
  fle,
  flt,
  fma,
  fmin,
  fmul,
  fneg,
  fselect,
  fsqrt,
  fsub,
} from '../expression.js';
import { halfExp } from './exponential.js';
import { log } from './logarithm.js';
import { pairwise } from './polynomial.js';
import { withSignOf } from './rounding.js';

const LN2 = 0.6931471805599453;
const ONE = f32(1);

/** a + a³·tail(a²). */
function oddSeries(a: F32, tail: readonly number[]): F32 {
  const square = fmul(a, a);
  return fadd(a, fmul(fmul(a, square), pairwise(square, fmul(square, square), tail)));
}

/** (sinh a − a) / a³ as a polynomial in a², a ≤ 1; error below 0.07·2^-24 of sinh a. */
const SINH_TAIL = [0.1666666716337204, 0.008333339355885983, 0.00019838102161884308, 0.000002806280235745362];

/** Beyond this both functions overflow. */
const OVERFLOW = 90;

/** sinh x: odd; ±∞ → ±∞; keeps −0. With h = e^|x|/2 it is h − 1/(4h), below 1 a polynomial. */
export function sinh(x: F32): F32 {
  const magnitude = fmin(fabs(x), f32(OVERFLOW));
  const half = halfExp(magnitude);
  const far = fsub(half, fdiv(f32(0.25), half));
  return withSignOf(x, fselect(flt(magnitude, ONE), oddSeries(magnitude, SINH_TAIL), far));
}

/** cosh x: even; ±∞ → +∞. */
export function cosh(x: F32): F32 {
  const half = halfExp(fmin(fabs(x), f32(OVERFLOW)));
  return fadd(half, fdiv(f32(0.25), half));
}

/** (asinh a − a) / a³ as a polynomial in a², a ≤ 1; error below 0.23·2^-24 of asinh a. */
const ASINH_TAIL = [
  -0.166666641831398, 0.07499723136425018, -0.044582825154066086, 0.02987024560570717, -0.020132653415203094,
  0.011618178337812424, -0.004601466469466686, 0.0008715299773029983,
];

/** From here on ln(2a) is the value. */
const HUGE = 4096;

/** ln(a + √(a² + one)) for one = ±1 and a ≥ 1 (a ≥ 3 where it is −1), with what rounding takes from each part given back. */
function logOfSum(a: F32, one: F32): F32 {
  const square = fmul(a, a);
  const lostSquare = fma(a, a, fneg(square));
  const sum = fadd(square, one);
  const lostSum = fadd(fsub(square, sum), one);
  const root = fsqrt(sum);
  const lostRoot = fdiv(fadd(fma(fneg(root), root, sum), fadd(lostSum, lostSquare)), fadd(root, root));
  const whole = fadd(a, root);
  const lost = fadd(fadd(fsub(a, whole), root), lostRoot);
  const isHuge = fle(f32(HUGE), a);
  return fadd(log(fselect(isHuge, a, whole)), fselect(isHuge, f32(LN2), fdiv(lost, whole)));
}

/** asinh x: odd; ±∞ → ±∞; keeps −0. */
export function asinh(x: F32): F32 {
  const magnitude = fabs(x);
  const near = oddSeries(magnitude, ASINH_TAIL);
  return withSignOf(x, fselect(flt(magnitude, ONE), near, logOfSum(magnitude, ONE)));
}

/** acosh x = 2·asinh √((x − 1)/2), the difference exact below 3. NaN below 1; 1 → +0; +∞ → +∞. */
export function acosh(x: F32): F32 {
  const near = oddSeries(fsqrt(fmul(fsub(x, ONE), f32(0.5))), ASINH_TAIL);
  return fselect(flt(x, f32(3)), fadd(near, near), logOfSum(x, f32(-1)));
}

/** (atanh a − a) / a³ as a polynomial in a², a ≤ ½; error below 0.1·2^-24 of atanh a. */
const ATANH_TAIL = [
  0.3333333134651184, 0.2000047266483307, 0.14263980090618134, 0.11469875276088715, 0.06493489444255829,
  0.15751780569553375,
];

/** atanh x: odd; ±1 → ±∞; NaN beyond; keeps −0. ½·ln((1 + a)/(1 − a)), the rounding of the quotient given back. */
export function atanh(x: F32): F32 {
  const magnitude = fabs(x);
  const above = fadd(ONE, magnitude);
  const below = fsub(ONE, magnitude);
  const quotient = fdiv(above, below);
  const lost = fadd(fsub(magnitude, fsub(above, ONE)), fma(fneg(quotient), below, above));
  const far = fmul(f32(0.5), fadd(log(quotient), fdiv(lost, above)));
  const inside = fselect(flt(magnitude, f32(0.5)), oddSeries(magnitude, ATANH_TAIL), far);
  const atOne = fselect(feq(magnitude, ONE), f32(Infinity), f32Bits(CANONICAL_NAN));
  return withSignOf(x, fselect(flt(magnitude, ONE), inside, atOne));
}
