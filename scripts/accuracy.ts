/** The error of a composed function, in units in the last place. */
import { bitsOf, valueOf } from '../src/numerics/float32.js';
import { threefry2x32 } from '../src/numerics/threefry.js';

/** The spacing of binary32 numbers at the binary32 number nearest to `exact`; 2^-149 for subnormal ones. */
export function ulpAt(exact: number): number {
  const rounded = Math.min(Math.abs(Math.fround(exact)), valueOf(0x7f7fffff));
  const exponent = Math.max(bitsOf(rounded) >>> 23, 1);
  return 2 ** (exponent - 127 - 23);
}

/** |computed − exact| in ulp of the exact value; 0 for equal special values, Infinity where they differ. */
export function ulpError(computed: number, exact: number): number {
  const rounded = Math.fround(exact);
  if (Object.is(computed, rounded)) return Number.isFinite(rounded) ? Math.abs(computed - exact) / ulpAt(exact) : 0;
  // A zero of the wrong sign, a NaN for a number or a number for a NaN is no rounding error.
  if (Number.isNaN(computed) || Number.isNaN(rounded)) return Infinity;
  if (computed === 0 && rounded === 0) return Infinity;
  return Math.abs(overflowed(computed) - overflowed(exact)) / ulpAt(exact);
}

/** Beyond the largest number, 2^128 stands for infinity: the next number if the exponents went on. */
function overflowed(value: number): number {
  return Math.abs(value) >= 2 ** 128 ? Math.sign(value) * 2 ** 128 : value;
}

export const SPECIAL_VALUES: readonly number[] = [
  0,
  1,
  2,
  3,
  0.5,
  0.75,
  1.5,
  10,
  20,
  64,
  87,
  88.7228,
  88.7229,
  89,
  103.97,
  104,
  126,
  127,
  128,
  149,
  150,
  151,
  Math.PI,
  Math.PI / 2,
  Math.PI / 4,
  16777215,
  16777216,
  16777217,
  33554432,
  1e10,
  1e30,
  Infinity,
  NaN,
  2 ** -149,
  2 ** -148,
  2 ** -127,
  2 ** -126,
  2 ** -125,
  2 ** -25,
  2 ** -24,
  2 ** -12,
  valueOf(0x7f7fffff),
  valueOf(0x007fffff),
  valueOf(0x3f7fffff),
  valueOf(0x3f800001),
  valueOf(0x3f490fda),
  valueOf(0x3f490fdb),
].flatMap((value) => [Math.fround(value), -Math.fround(value)]);

const KEY: readonly [number, number] = [0x6d656173, 0x75726500];

/** A point that does not depend on chance: random bits, so that every exponent and sign is equally likely. */
export function randomBits(number: number, stream: number): number {
  return threefry2x32(KEY, [number, stream])[0];
}

export interface WorstError {
  readonly ulp: number;
  readonly x: number;
  readonly y: number;
  readonly computed: number;
  readonly points: number;
}

export interface MeasureParameters {
  readonly computed: (x: number, y: number) => number;
  readonly exact: (x: number, y: number) => number;
  /** The points, as pairs; called with 0 … `points` − 1. */
  readonly pointAt: (number: number) => readonly [number, number];
  readonly points: number;
}

/** The worst error over the given points. */
export function measure({ computed, exact, pointAt, points }: MeasureParameters): WorstError {
  let worst: WorstError = { ulp: 0, x: 0, y: 0, computed: 0, points };
  for (let number = 0; number < points; number++) {
    const [x, y] = pointAt(number);
    const value = computed(x, y);
    const ulp = ulpError(value, exact(x, y));
    if (ulp > worst.ulp) worst = { ulp, x, y, computed: value, points };
  }
  return worst;
}
