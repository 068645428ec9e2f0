import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bitsOf,
  CANONICAL_NAN,
  fusedMultiplyAdd,
  isForeignNaN,
  maximum,
  minimum,
  nearestEven,
  toInt32Saturating,
  valueOf,
} from '../../src/numerics/float32.js';
import { threefry2x32 } from '../../src/numerics/threefry.js';
import { exactFusedMultiplyAdd, HARD_VALUES } from './exact-rounding.js';

const word = fc.integer({ min: 0, max: 0xffffffff });
const anyFloat = word.map(valueOf);
const finite = anyFloat.filter(Number.isFinite);

/** Compares bits without the cost of an `expect` for each point; returns the first difference. */
function firstDifference(triples: Iterable<readonly [number, number, number]>): string | undefined {
  for (const [a, b, c] of triples) {
    const actual = bitsOf(fusedMultiplyAdd(a, b, c));
    const expected = bitsOf(exactFusedMultiplyAdd(a, b, c));
    if (actual !== expected) return `fma(${a}, ${b}, ${c}) = ${valueOf(actual)}, not ${valueOf(expected)}`;
  }
  return undefined;
}

function* hardTriples(): Generator<readonly [number, number, number]> {
  for (const a of HARD_VALUES) for (const b of HARD_VALUES) for (const c of HARD_VALUES) yield [a, b, c];
}

/** Random significands with exponents such that the product and the addend nearly cancel, tie or vanish. */
function* nearTriples(count: number): Generator<readonly [number, number, number]> {
  for (let at = 0; at < count; at++) {
    const [first, second] = threefry2x32([1, 2], [at, 0]);
    const [third, shape] = threefry2x32([1, 2], [at, 1]);
    const a = valueOf((first & 0x807fffff) | ((1 + (shape & 0x7f) + 32) << 23));
    const b = valueOf((second & 0x807fffff) | ((1 + ((shape >>> 7) & 0x7f) + 32) << 23));
    const c = -Math.fround(a * b) * 2 ** (((shape >>> 14) % 61) - 30);
    const noise = (third & 3) - 1;
    const addend = shape >>> 31 === 0 ? c : valueOf((third & 0x807fffff) | (bitsOf(c) & 0x7f800000));
    const jittered = valueOf((bitsOf(Math.fround(addend)) + noise) >>> 0);
    if (Number.isFinite(jittered)) yield [a, b, jittered];
  }
}

describe('binary32', () => {
  test('bits and values are inverse, and every NaN has the same bits', () => {
    fc.assert(
      fc.property(word, (bits) => {
        const isNaNPattern = (bits & 0x7fffffff) > 0x7f800000;
        expect(bitsOf(valueOf(bits))).toBe(isNaNPattern ? CANONICAL_NAN : bits);
        expect(isForeignNaN(bits)).toBe(isNaNPattern && bits !== CANONICAL_NAN);
      }),
    );
  });

  test('a fused multiply-add of hard values is the exact one', () => {
    expect(firstDifference(hardTriples())).toBeUndefined();
  });

  test('a fused multiply-add with cancellation, ties or tiny addends is the exact one', () => {
    expect(firstDifference(nearTriples(120_000))).toBeUndefined();
  });

  test('a fused multiply-add of any finite numbers is the exact one', () => {
    fc.assert(
      fc.property(finite, finite, finite, (a, b, c) => firstDifference([[a, b, c]]) === undefined),
      { numRuns: 20_000 },
    );
  });

  test('a fused multiply-add avoids the double rounding of binary64', () => {
    // a² = 1 + 2^-11 + 2^-24 is a tie. Binary64 has no room for ±2^-60, and the tie would go to the even neighbour.
    const a = 1 + 2 ** -12;
    expect(fusedMultiplyAdd(a, a, 2 ** -60)).toBe(1 + 2 ** -11 + 2 ** -23);
    expect(fusedMultiplyAdd(a, a, -(2 ** -60))).toBe(1 + 2 ** -11);
  });

  test.each([
    [Infinity, 0, 1],
    [Infinity, 1, -Infinity],
    [NaN, 0, 0],
    [0, NaN, Infinity],
  ])('fma(%p, %p, %p) is NaN', (a, b, c) => {
    expect(fusedMultiplyAdd(a, b, c)).toBeNaN();
  });

  test('an infinite factor or addend decides a fused multiply-add', () => {
    expect(fusedMultiplyAdd(Infinity, -2, 5)).toBe(-Infinity);
    expect(fusedMultiplyAdd(valueOf(0x7f7fffff), valueOf(0x7f7fffff), -Infinity)).toBe(-Infinity);
  });

  test('minimum and maximum: NaN wins, −0 is below +0', () => {
    expect(minimum(0, -0)).toBe(-0);
    expect(minimum(-0, 0)).toBe(-0);
    expect(maximum(0, -0)).toBe(0);
    expect(maximum(-0, 0)).toBe(0);
    for (const other of [0, 1, Infinity, -Infinity]) {
      for (const of of [minimum, maximum]) {
        expect(of(NaN, other)).toBeNaN();
        expect(of(other, NaN)).toBeNaN();
      }
    }
    fc.assert(fc.property(finite, finite, (a, b) => minimum(a, b) <= maximum(a, b)));
  });

  test('rounding to an integer goes to the nearest, ties to even, and keeps the sign of zero', () => {
    fc.assert(
      fc.property(fc.integer({ min: -0x400000, max: 0x400000 }), (n) => {
        const tie = nearestEven(n + 0.5);
        expect(Math.abs(tie % 2)).toBe(0);
        expect(Math.abs(tie - (n + 0.5))).toBe(0.5);
        expect(nearestEven(n)).toBe(n);
      }),
    );
    fc.assert(
      fc.property(finite, (value) => {
        const rounded = nearestEven(value);
        expect(Number.isInteger(rounded)).toBe(true);
        expect(Math.abs(rounded - value)).toBeLessThanOrEqual(0.5);
        expect(Object.is(rounded, -0) || rounded < 0).toBe(rounded === 0 ? isNegative(value) : value < 0);
      }),
    );
    for (const value of [0, -0, Infinity, -Infinity, NaN]) expect(nearestEven(value)).toBe(value);
    expect(nearestEven(-0.5)).toBe(-0);
    expect(nearestEven(8388607.5)).toBe(8388608);
  });

  test('conversion to an integer truncates and saturates', () => {
    expect(toInt32Saturating(NaN)).toBe(0);
    expect(toInt32Saturating(Infinity)).toBe(2147483647);
    expect(toInt32Saturating(-Infinity)).toBe(-2147483648);
    expect(toInt32Saturating(2147483648)).toBe(2147483647);
    expect(toInt32Saturating(-2147483648)).toBe(-2147483648);
    expect(Object.is(toInt32Saturating(-0.99), 0)).toBe(true);
    fc.assert(
      fc.property(finite, (value) => {
        const clamped = Math.min(Math.max(value, -2147483648), 2147483647);
        expect(toInt32Saturating(value)).toBe(Math.trunc(clamped) + 0);
      }),
    );
  });
});

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}
