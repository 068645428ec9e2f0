import { describe, expect, test } from '@jest/globals';
import { compileFunction } from '../../scripts/compile-body.js';
import type { F32 } from '../../src/expr/expression.js';
import { itof } from '../../src/expr/expression.js';
import {
  ceil,
  cos,
  erf,
  exp,
  exp2,
  expm1,
  fge,
  fgt,
  fne,
  isNaN,
  log,
  log1p,
  reciprocal,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  softplus,
  square,
  tan,
  tanh,
  trunc,
} from '../../src/expr/math.js';
import { valueOf } from '../../src/numerics/float32.js';

const unary = (define: (x: F32) => F32): ((x: number) => number) => {
  const { evaluate } = compileFunction(define);
  return (x) => evaluate(x, 0);
};

const FUNCTIONS = {
  ceil,
  cos,
  erf,
  exp,
  exp2,
  expm1,
  log,
  log1p,
  reciprocal,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  softplus,
  square,
  tan,
  tanh,
  trunc,
};

type Name = keyof typeof FUNCTIONS;

const { fround } = Math;

/** C99 Annex F and IEEE-754 §9.2. */
const SPECIAL: Readonly<Record<Name, readonly (readonly [x: number, value: number])[]>> = {
  exp: [
    [0, 1],
    [-0, 1],
    [-Infinity, 0],
    [Infinity, Infinity],
    [NaN, NaN],
    [200, Infinity],
    [-200, 0],
  ],
  expm1: [
    [0, 0],
    [-0, -0],
    [-Infinity, -1],
    [Infinity, Infinity],
    [NaN, NaN],
    [2 ** -149, 2 ** -149],
  ],
  exp2: [
    [0, 1],
    [-Infinity, 0],
    [Infinity, Infinity],
    [NaN, NaN],
    [10, 1024],
    [-149, 2 ** -149],
    [127, 2 ** 127],
  ],
  log: [
    [0, -Infinity],
    [-0, -Infinity],
    [1, 0],
    [-1, NaN],
    [-Infinity, NaN],
    [Infinity, Infinity],
    [NaN, NaN],
  ],
  log1p: [
    [0, 0],
    [-0, -0],
    [-1, -Infinity],
    [-2, NaN],
    [Infinity, Infinity],
    [-Infinity, NaN],
    [NaN, NaN],
  ],
  tanh: [
    [0, 0],
    [-0, -0],
    [Infinity, 1],
    [-Infinity, -1],
    [NaN, NaN],
    [2 ** -149, 2 ** -149],
    [30, 1],
  ],
  sigmoid: [
    [0, 0.5],
    [-0, 0.5],
    [Infinity, 1],
    [-Infinity, 0],
    [NaN, NaN],
  ],
  softplus: [
    [Infinity, Infinity],
    [-Infinity, 0],
    [NaN, NaN],
    [0, fround(Math.LN2)],
  ],
  erf: [
    [0, 0],
    [-0, -0],
    [Infinity, 1],
    [-Infinity, -1],
    [NaN, NaN],
  ],
  sin: [
    [0, 0],
    [-0, -0],
    [Infinity, NaN],
    [-Infinity, NaN],
    [NaN, NaN],
    [2 ** -149, 2 ** -149],
  ],
  cos: [
    [0, 1],
    [-0, 1],
    [Infinity, NaN],
    [-Infinity, NaN],
    [NaN, NaN],
  ],
  tan: [
    [0, 0],
    [-0, -0],
    [Infinity, NaN],
    [-Infinity, NaN],
    [NaN, NaN],
  ],
  rsqrt: [
    [0, Infinity],
    [-0, -Infinity],
    [4, 0.5],
    [-1, NaN],
    [Infinity, 0],
    [NaN, NaN],
  ],
  reciprocal: [
    [0, Infinity],
    [-0, -Infinity],
    [4, 0.25],
    [-Infinity, -0],
    [NaN, NaN],
  ],
  square: [
    [-3, 9],
    [-0, 0],
    [-Infinity, Infinity],
    [NaN, NaN],
  ],
  round: [
    [0.5, 0],
    [1.5, 2],
    [-0.5, -0],
    [-2.5, -2],
    [Infinity, Infinity],
    [NaN, NaN],
  ],
  ceil: [
    [0.5, 1],
    [-0.5, -0],
    [-1.5, -1],
    [-0, -0],
    [Infinity, Infinity],
    [NaN, NaN],
  ],
  trunc: [
    [0.5, 0],
    [-0.5, -0],
    [-1.5, -1],
    [1.5, 1],
    [-0, -0],
    [-Infinity, -Infinity],
    [NaN, NaN],
  ],
  sign: [
    [3, 1],
    [-3, -1],
    [0, 0],
    [-0, 0],
    [Infinity, 1],
    [-Infinity, -1],
    [NaN, NaN],
    [-(2 ** -149), -1],
  ],
};

describe.each(Object.entries(SPECIAL))('%s', (name, cases) => {
  const evaluate = unary(FUNCTIONS[name as Name]);
  test.each(cases)('of %p is %p', (x, value) => {
    expect(evaluate(x)).toBe(value);
  });
});

describe('odd functions', () => {
  test.each(['tanh', 'erf', 'sin', 'tan', 'trunc', 'round'] as const)('%s(−x) is −%s(x) to the bit', (name) => {
    const evaluate = unary(FUNCTIONS[name]);
    for (let bits = 0; bits < 0x7f800000; bits += 99991) {
      const x = valueOf(bits);
      if (!Object.is(evaluate(-x), -evaluate(x))) throw new Error(`${name} is not odd at ${x}`);
    }
  });
});

describe('comparisons', () => {
  const predicate = (of: (a: F32, b: F32) => ReturnType<typeof fgt>): ((a: number, b: number) => number) =>
    compileFunction((a, b) => itof(of(a, b))).evaluate;

  test('are 1 or 0, and only "not equal" holds for NaN', () => {
    const [greater, atLeast, unequal] = [fgt, fge, fne].map(predicate);
    expect([greater!(2, 1), greater!(1, 1), greater!(NaN, 1), greater!(1, NaN)]).toEqual([1, 0, 0, 0]);
    expect([atLeast!(1, 1), atLeast!(0, -0), atLeast!(0, 1), atLeast!(NaN, NaN)]).toEqual([1, 1, 0, 0]);
    expect([unequal!(1, 2), unequal!(0, -0), unequal!(NaN, NaN)]).toEqual([1, 0, 1]);
  });

  test('isNaN holds for NaN alone', () => {
    const holds = predicate((a) => isNaN(a));
    expect([NaN, Infinity, -Infinity, 0, 1].map((x) => holds(x, 0))).toEqual([1, 0, 0, 0, 0]);
  });
});
