import { describe, expect, test } from '@jest/globals';
import { compileFunction } from '../../scripts/compile-body.js';
import { pow } from '../../src/expr/math.js';
import { valueOf } from '../../src/numerics/float32.js';

describe('pow', () => {
  const { evaluate: power } = compileFunction(pow);
  const [big, small] = [Infinity, 0];

  test.each([
    [NaN, 0, 1],
    [NaN, -0, 1],
    [1, NaN, 1],
    [1, Infinity, 1],
    [0, 0, 1],
    [Infinity, 0, 1],
    [-1, Infinity, 1],
    [-1, -Infinity, 1],
    [-1, NaN, NaN],
    [NaN, 1, NaN],
    [2, NaN, NaN],
    [0, NaN, NaN],
    [Infinity, NaN, NaN],
    [0.5, Infinity, 0],
    [0.5, -Infinity, big],
    [2, Infinity, big],
    [2, -Infinity, 0],
    [-0.5, Infinity, 0],
    [-2, Infinity, big],
    [0, 3, 0],
    [-0, 3, -0],
    [-0, 2, 0],
    [-0, 2.5, 0],
    [0, -3, big],
    [-0, -3, -big],
    [-0, -2, big],
    [-0, -2.5, big],
    [0, -Infinity, big],
    [-0, -Infinity, big],
    [0, Infinity, 0],
    [-0, Infinity, 0],
    [-0, 2 ** -149, 0],
    [Infinity, 2, big],
    [Infinity, -2, 0],
    [-Infinity, 3, -big],
    [-Infinity, 2, big],
    [-Infinity, 2.5, big],
    [-Infinity, -3, -0],
    [-Infinity, -2, 0],
    [-Infinity, -2.5, 0],
    [-2, 3, -8],
    [-2, 2, 4],
    [-2, 0.5, NaN],
    [-2, 2 ** 24, big],
    [-2, 2 ** 24 - 1, -big],
    [-2, -(2 ** 24 - 1), -0],
    [2, 10, 1024],
    [2, -149, 2 ** -149],
    [3, 2, 9],
    [10, 5, 100000],
    [9, 0.5, 3],
    [2, 1e30, big],
    [2, -1e30, small],
  ])('(%p, %p) is %p', (x, y, value) => {
    expect(power(x, y)).toBe(value);
  });

  test('of 1 as an exponent is the base, of −1 its reciprocal', () => {
    for (let bits = 1; bits < 0x7f800000; bits += 199967) {
      const x = valueOf(bits);
      expect(Math.abs(power(x, 1) - x) / x).toBeLessThanOrEqual(2 ** -22);
    }
  });
});
