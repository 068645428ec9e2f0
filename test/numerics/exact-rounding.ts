/** Binary32 by exact integer arithmetic: slow, and free of floating point. */
import { bitsOf, valueOf } from '../../src/numerics/float32.js';

/** significand·2^exponent. */
export interface Exact {
  readonly significand: bigint;
  readonly exponent: number;
}

/** The exact value of a finite binary32 number. */
export function exactOf(value: number): Exact {
  const bits = bitsOf(value);
  const field = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  const magnitude = BigInt(field === 0 ? fraction : fraction + 0x800000);
  return { significand: bits >>> 31 === 1 ? -magnitude : magnitude, exponent: Math.max(field, 1) - 150 };
}

export function multiplyExact(a: Exact, b: Exact): Exact {
  return { significand: a.significand * b.significand, exponent: a.exponent + b.exponent };
}

export function addExact(a: Exact, b: Exact): Exact {
  const exponent = Math.min(a.exponent, b.exponent);
  const scaled = ({ significand, exponent: of }: Exact): bigint => significand << BigInt(of - exponent);
  return { significand: scaled(a) + scaled(b), exponent };
}

/** The nearest binary32 number, ties to even; `zero` is what an exact zero gives. */
export function roundExact({ significand, exponent }: Exact, zero: number): number {
  if (significand === 0n) return zero;
  const magnitude = significand < 0n ? -significand : significand;
  const excess = Math.max(magnitude.toString(2).length - 24, -149 - exponent);
  const rounded = excess <= 0 ? magnitude << BigInt(-excess) : shiftToNearestEven(magnitude, BigInt(excess));
  // `rounded` has at most 25 bits (a carry), and its unit is 2^(exponent + excess) ≥ 2^-149: the product is exact.
  const value = Number(rounded) * 2 ** (exponent + excess);
  const bounded = value >= 2 ** 128 ? Infinity : value;
  return significand < 0n ? -bounded : bounded;
}

function shiftToNearestEven(magnitude: bigint, count: bigint): bigint {
  const quotient = magnitude >> count;
  const rest = magnitude - (quotient << count);
  const half = 1n << (count - 1n);
  const up = rest > half || (rest === half && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

/** `a·b + c` of finite numbers, rounded once. */
export function exactFusedMultiplyAdd(a: number, b: number, c: number): number {
  const product = multiplyExact(exactOf(a), exactOf(b));
  return roundExact(addExact(product, exactOf(c)), zeroOfSum(a * b, c));
}

/** The zero that an exact zero sum gives: −0 only where both summands are negative zeros. */
function zeroOfSum(product: number, c: number): number {
  return isNegative(product) && isNegative(c) ? -0 : 0;
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

/** Values where rounding is hard: zeros, subnormal and extreme numbers, neighbours of powers of two. */
export const HARD_VALUES: readonly number[] = [
  0x00000000, 0x00000001, 0x00000002, 0x00000003, 0x00400000, 0x007fffff, 0x00800000, 0x00800001, 0x00ffffff,
  0x01000000, 0x33800000, 0x34000000, 0x3effffff, 0x3f000000, 0x3f000001, 0x3f7fffff, 0x3f800000, 0x3f800001,
  0x3fffffff, 0x40000000, 0x4b000000, 0x4b7fffff, 0x4b800001, 0x7effffff, 0x7f000000, 0x7f7fffff,
].flatMap((bits) => [valueOf(bits), -valueOf(bits)]);
