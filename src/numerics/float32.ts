/**
 * Binary32 as this project defines it: IEEE-754, round to nearest even, gradual underflow, one NaN.
 *
 * Values travel as JavaScript numbers that are exactly representable in binary32; bits travel as unsigned 32-bit numbers.
 */

/** The bits of the only NaN that is ever stored or bit-cast. */
export const CANONICAL_NAN = 0x7fc00000;

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** The bits of a binary32 value, as an unsigned number; every NaN gives {@link CANONICAL_NAN}. */
export function bitsOf(value: number): number {
  // Engines may write any NaN payload into a Float32Array, so NaN is decided here and not by the store.
  if (value !== value) return CANONICAL_NAN;
  float[0] = value;
  return word[0]!;
}

/** The binary32 value of some bits; every NaN pattern gives NaN. */
export function valueOf(bits: number): number {
  word[0] = bits;
  return float[0]!;
}

/** True where the bits are a NaN other than the canonical one. */
export function isForeignNaN(bits: number): boolean {
  return (bits & 0x7fffffff) >>> 0 > 0x7f800000 && bits >>> 0 !== CANONICAL_NAN;
}

const double = new Float64Array(1);
const halves = new BigUint64Array(double.buffer);

/**
 * Fused multiply-add: `a*b + c` rounded once (IEEE-754 §5.4.1).
 *
 * The product of two binary32 values is exact in binary64. The sum is rounded to odd there, which makes the second
 * rounding to binary32 innocuous (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
 */
export function fusedMultiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  if (!Number.isFinite(sum) || sum === 0) return Math.fround(sum);
  const shadow = sum - product;
  const error = product - (sum - shadow) + (c - shadow);
  if (error === 0) return Math.fround(sum);
  double[0] = sum;
  const bits = halves[0]!;
  if ((bits & 1n) === 1n) return Math.fround(sum);
  halves[0] = error > 0 === sum > 0 ? bits + 1n : bits - 1n;
  return Math.fround(double[0]!);
}

/** IEEE-754-2019 minimum: NaN wins, −0 < +0. `Math.min` has the same rule. */
export function minimum(a: number, b: number): number {
  return Math.min(a, b);
}

/** IEEE-754-2019 maximum: NaN wins, −0 < +0. `Math.max` has the same rule. */
export function maximum(a: number, b: number): number {
  return Math.max(a, b);
}

/** Round to the nearest integer, ties to even; keeps the sign of zero. */
export function nearestEven(value: number): number {
  if (!(Math.abs(value) < 8388608)) return value;
  const magic = value < 0 || Object.is(value, -0) ? -8388608 : 8388608;
  const rounded = Math.fround(Math.fround(value + magic) - magic);
  return rounded === 0 ? (magic < 0 ? -0 : 0) : rounded;
}

/** Truncation to a signed 32-bit integer; saturates, and NaN gives 0. */
export function toInt32Saturating(value: number): number {
  if (value !== value) return 0;
  if (value <= -2147483648) return -2147483648;
  if (value >= 2147483647) return 2147483647;
  return Math.trunc(value) | 0;
}
