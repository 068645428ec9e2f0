/** Comparisons, signs and roundings: a few instructions each. */
import type { F32, I32 } from '../expression.js';
import {
  bitsf,
  f32,
  fadd,
  fbits,
  fdiv,
  feq,
  ffloor,
  fle,
  flt,
  fmul,
  fnearest,
  fneg,
  fselect,
  fsqrt,
  i32,
  iand,
  inot,
  ior,
} from '../expression.js';

/** 1 where a > b, 0 where not or where an argument is NaN. */
export const fgt = (a: F32, b: F32): I32 => flt(b, a);
/** 1 where a ≥ b, 0 where not or where an argument is NaN. */
export const fge = (a: F32, b: F32): I32 => fle(b, a);
/** 1 where a ≠ b or where an argument is NaN. */
export const fne = (a: F32, b: F32): I32 => inot(feq(a, b));
/** 1 where x is NaN. */
export const isNaN = (x: F32): I32 => inot(feq(x, x));

/** Round to the nearest integer, ties to even; keeps the sign of zero. */
export const round = (x: F32): F32 => fnearest(x);
/** The smallest integer not below x; keeps the sign of zero, and (−1, 0) gives −0. */
export const ceil = (x: F32): F32 => fneg(ffloor(fneg(x)));
/** x without its fraction; keeps the sign. */
export const trunc = (x: F32): F32 => fselect(flt(x, f32(0)), ceil(x), ffloor(x));
/** −1, 0 or 1; both zeros give +0, NaN stays. */
export const sign = (x: F32): F32 => fselect(flt(f32(0), x), f32(1), fselect(flt(x, f32(0)), f32(-1), fadd(x, f32(0))));

/** x·x. */
export const square = (x: F32): F32 => fmul(x, x);
/** 1/x. */
export const reciprocal = (x: F32): F32 => fdiv(f32(1), x);
/** 1/√x, rounded after the root and after the division: ±0 → ±∞, negative → NaN. */
export const rsqrt = (x: F32): F32 => fdiv(f32(1), fsqrt(x));

/** A value that is positive, zero or NaN, with the sign bit of x. */
export function withSignOf(x: F32, value: F32): F32 {
  return bitsf(ior(fbits(value), iand(fbits(x), i32(0x80000000))));
}
