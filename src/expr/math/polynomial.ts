/** Ways to evaluate a polynomial. The way decides bits: it is part of each function's definition. */
import type { F32 } from '../expression.js';
import { f32, fadd, fmul } from '../expression.js';

/**
 * c0 + x·(c1 + x·(c2 + …)), each operation rounded.
 *
 * @param coefficients from the constant term upwards
 */
export function horner(x: F32, coefficients: readonly number[]): F32 {
  return coefficients
    .slice(0, -1)
    .reduceRight<F32>((sum, coefficient) => fadd(fmul(sum, x), f32(coefficient)), f32(coefficients.at(-1)!));
}

/**
 * (c0 + c1·x) + x²·((c2 + c3·x) + x²·(…)): half the depth of Horner's form.
 *
 * @param square x², which the caller usually has
 * @param coefficients from the constant term upwards
 */
export function pairwise(x: F32, square: F32, coefficients: readonly number[]): F32 {
  const [first = 0, second, ...rest] = coefficients;
  const pair = second === undefined ? f32(first) : fadd(f32(first), fmul(f32(second), x));
  return rest.length === 0 ? pair : fadd(pair, fmul(square, pairwise(x, square, rest)));
}
