/** asin, acos, atan, atan2: one polynomial each on a short interval, and a quarter turn in two parts. */
import type { F32, I32 } from '../expression.js';
import {
  f32,
  fabs,
  fadd,
  fbits,
  fdiv,
  feq,
  flt,
  fmax,
  fmin,
  fmul,
  fselect,
  fsqrt,
  fsub,
  i32,
  ilts,
} from '../expression.js';
import { pairwise } from './polynomial.js';
import { withSignOf } from './rounding.js';

/** π/2 as a binary32 number and what is left; π is twice both. */
const QUARTER_HIGH = 1.5707963705062866;
const QUARTER_LOW = -4.371139000186241e-8;

/** A quarter turn (or `turns` of them) minus an angle. */
function quarterMinus(angle: F32, turns = 1): F32 {
  return fsub(f32(turns * QUARTER_HIGH), fsub(angle, f32(turns * QUARTER_LOW)));
}

/** (asin a − a) / a³ as a polynomial in a², a ≤ 0.55; error below 0.08·2^-24 of asin a. */
const ASIN_TAIL = [
  0.1666666567325592, 0.07500287890434265, 0.04453375190496445, 0.03186318278312683, 0.013589370995759964,
  0.03944240137934685,
];
/** Where half of an angle is taken instead; above 0.541 the doubled half has the ulp of the result. */
const HALVES = 0.55;

interface ArcSine {
  readonly isSmall: I32;
  /** asin a where a is small, half of acos a elsewhere; NaN for a > 1. */
  readonly angle: F32;
}

function arcSine(magnitude: F32): ArcSine {
  const isSmall = flt(magnitude, f32(HALVES));
  // 1 − a is exact; asin a = π/2 − 2·asin √((1 − a)/2).
  const half = fmul(fsub(f32(1), magnitude), f32(0.5));
  const square = fselect(isSmall, fmul(magnitude, magnitude), half);
  const sine = fselect(isSmall, magnitude, fsqrt(half));
  const tail = pairwise(square, fmul(square, square), ASIN_TAIL);
  return { isSmall, angle: fadd(sine, fmul(fmul(sine, square), tail)) };
}

/** asin x: odd; ±1 → ±π/2; NaN beyond; keeps −0. */
export function asin(x: F32): F32 {
  const { isSmall, angle } = arcSine(fabs(x));
  return withSignOf(x, fselect(isSmall, angle, quarterMinus(fadd(angle, angle))));
}

/** acos x: 1 → +0, −1 → π; NaN beyond. */
export function acos(x: F32): F32 {
  const { isSmall, angle } = arcSine(fabs(x));
  const twice = fadd(angle, angle);
  const large = fselect(flt(x, f32(0)), quarterMinus(twice, 2), twice);
  return fselect(isSmall, quarterMinus(withSignOf(x, angle)), large);
}

/** (atan t − t) / t³ as a polynomial in t², t ≤ 1; error below 0.42·2^-24 of atan t. */
const ATAN_TAIL = [
  -0.3333333134651184, 0.19999739527702332, -0.1427856832742691, 0.11033764481544495, -0.08656880259513855,
  0.0625016912817955, -0.035871539264917374, 0.01350777130573988, -0.0023869972210377455,
];

/** atan t for 0 ≤ t ≤ 1 or NaN. */
function atanOfUnit(t: F32): F32 {
  const square = fmul(t, t);
  return fadd(t, fmul(fmul(t, square), pairwise(square, fmul(square, square), ATAN_TAIL)));
}

/** atan x: odd; ±∞ → ±π/2; keeps −0. Above 1 it is π/2 − atan(1/x). */
export function atan(x: F32): F32 {
  const magnitude = fabs(x);
  const isSteep = flt(f32(1), magnitude);
  const angle = atanOfUnit(fselect(isSteep, fdiv(f32(1), magnitude), magnitude));
  return withSignOf(x, fselect(isSteep, quarterMinus(angle), angle));
}

/** The angle of the point (x, y), in [−π, π], with C99's special values: signed zeros and infinities have directions. */
export function atan2(y: F32, x: F32): F32 {
  const [vertical, horizontal] = [fabs(y), fabs(x)];
  const longer = fmax(vertical, horizontal);
  const shorter = fmin(vertical, horizontal);
  // 0/0 and ∞/∞ are on an axis and on a diagonal.
  const equal = fselect(feq(longer, f32(0)), f32(0), f32(1));
  const angle = atanOfUnit(fselect(feq(longer, shorter), equal, fdiv(shorter, longer)));
  const turned = fselect(flt(horizontal, vertical), quarterMinus(angle), angle);
  const isLeft = ilts(fbits(x), i32(0));
  return withSignOf(y, fselect(isLeft, quarterMinus(turned, 2), turned));
}
