/**
 * Random values as expressions: a value depends on a stream's key, the element and the training step, and on nothing
 * that was drawn before, so any element of any step can be computed alone.
 */

import type { WordArithmetic } from '../numerics/threefry.js';
import { threefryBlock } from '../numerics/threefry.js';
import type { F32, I32 } from './expression.js';
import {
  f32,
  fadd,
  fmax,
  fmin,
  fmul,
  fneg,
  fsqrt,
  fsub,
  i32,
  iadd,
  ior,
  irotl,
  ishl,
  ishrs,
  ishru,
  itof,
  ixor,
  trainingStep,
} from './expression.js';
import { logOfNormal } from './math/logarithm.js';
import { horner } from './math/polynomial.js';
import { sinOfQuadrant } from './math/trigonometric.js';

const EXPRESSIONS: WordArithmetic<I32> = {
  constant: i32,
  add: iadd,
  xor: ixor,
  rotateLeft: (a, count) => irotl(a, i32(count)),
};

/** One Threefry-2x32-20 block as expressions; the same definition as the plain `threefry2x32`. */
export function threefryExpr(key: readonly [I32, I32], counter: readonly [I32, I32]): [I32, I32] {
  return threefryBlock(EXPRESSIONS, key, counter);
}

/** A key that is known when the program is made; see `streamKey`. */
export type StreamKey = readonly [number, number];

/** The two words of an element in this training step: the block of (element, step) under the key. */
export function randomWords(key: StreamKey, element: I32): [I32, I32] {
  return threefryExpr([i32(key[0]), i32(key[1])], [element, trainingStep]);
}

/** The upper 24 bits of a word as a number in [0, 1), a multiple of 2^-24. */
function unitInterval(word: I32): F32 {
  return fmul(itof(ishru(word, i32(8))), f32(2 ** -24));
}

/** Uniform in [0, 1): multiples of 2^-24, from word 0 of the element's block. */
export function uniform(key: StreamKey, element: I32): F32 {
  return unitInterval(randomWords(key, element)[0]);
}

/**
 * Standard normal by Box and Muller: √(−2 ln u)·cos a, with u = (⌊word0 / 2^8⌋ + 1)·2^-24 in (0, 1] and the angle a
 * from word 1. |value| < 5.77.
 */
export function normal(key: StreamKey, element: I32): F32 {
  const [first, second] = randomWords(key, element);
  const u = fmul(itof(iadd(ishru(first, i32(8)), i32(1))), f32(2 ** -24));
  const radius = fsqrt(fmul(f32(-2), logOfNormal(u)));
  return fmul(radius, cosOfTurn(second));
}

const HALF_PI = 1.5707963267948966;

/**
 * cos(2π·w/2^32) of the word w rounded down to 24 bits. The two upper bits after rounding are the quadrant; what is
 * left is a signed 22-bit number, an exact binary32 value.
 */
function cosOfTurn(word: I32): F32 {
  const rest = itof(ishrs(ishl(word, i32(2)), i32(10)));
  const quadrant = ishru(iadd(word, i32(0x20000000)), i32(30));
  return sinOfQuadrant(iadd(quadrant, i32(1)), fmul(rest, f32(HALF_PI * 2 ** -22)));
}

/** erf(√2): the weight of the normal distribution within two standard deviations. */
const WEIGHT_WITHIN_TWO = 0.9544997361036416;

/**
 * erfinv(x) / x as a polynomial in w − 2.5, w = −ln(1 − x²) < 5: the central branch of Giles, "Approximating the
 * erfinv function" (2010). Its error is below 4·10^-7, relative.
 */
const ERFINV_CENTRE = [
  1.50140941, 0.246640727, -0.00417768164, -0.00125372503, 0.00021858087, -4.39150654e-6, -3.5233877e-6, 3.43273939e-7,
  2.81022636e-8,
];

/**
 * Normal, truncated to two standard deviations: √2·erfinv(p·erf(√2)) with p = (2·⌊word0 / 2^9⌋ + 1 − 2^23)·2^-23,
 * uniform and symmetric in (−1, 1). Its standard deviation is 0.8796. |value| ≤ 2.
 */
export function truncatedNormal(key: StreamKey, element: I32): F32 {
  const [word] = randomWords(key, element);
  const odd = ior(ishl(ishru(word, i32(9)), i32(1)), i32(1));
  const p = fmul(itof(iadd(odd, i32(-(2 ** 23)))), f32(2 ** -23));
  const x = fmul(p, f32(WEIGHT_WITHIN_TWO));
  const w = fneg(logOfNormal(fmul(fsub(f32(1), x), fadd(f32(1), x))));
  const inverse = fmul(horner(fsub(w, f32(2.5)), ERFINV_CENTRE), x);
  const value = fmul(inverse, f32(Math.SQRT2));
  return fmax(fmin(value, f32(2)), f32(-2));
}
