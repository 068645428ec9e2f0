import { describe, expect, test } from '@jest/globals';
import { ulpError } from '../../scripts/accuracy.js';
import { compileFunction } from '../../scripts/compile-body.js';
import { measureSubject, SUBJECTS } from '../../scripts/measure-accuracy.js';
import { prepare } from '../../src/expr/evaluate.js';
import { i32, load } from '../../src/expr/expression.js';
import { defineOperator } from '../../src/expr/operator.js';
import { bitsOf, valueOf } from '../../src/numerics/float32.js';
import { threefry2x32 } from '../../src/numerics/threefry.js';

const POINTS = 50_000;
/** Those that are quotients of two rounded functions are bounded less tightly. */
const BOUNDS: Readonly<Record<string, number>> = { tan: 4 };

/** Inputs with the largest errors that `measure-accuracy` found. */
const HARDEST: Readonly<Record<string, readonly number[]>> = {
  exp: [0xc2a17183, 0x4090300d],
  expm1: [0x3eb1799f, 0x3eb1a850, 0x3eb59973],
  exp2: [0x41581bd9],
  log: [0x3fb4e79f, 0x3f346c5f],
  log1p: [0xb3c00454],
  tanh: [0x3f0cf02e, 0x3f1bc2dd],
  sigmoid: [0xc0c79b3b, 0xc05db239, 0x40fb7ea8],
  softplus: [0x3eacb931, 0x3ea4a5b1],
  erf: [0x3f6da4ad, 0x3f718346],
  sin: [0x495b3197],
  cos: [0xd6559f7c],
  tan: [0x407b5033],
  sinh: [0xbfb89d0b],
  cosh: [0x401c3788],
  asin: [0xbf25c5db],
  acos: [0x3f0cf875],
  atan: [0xbf823b25],
  asinh: [0x3fe038d1],
  acosh: [0x3fc29aa3],
  atanh: [0x3f327e4d],
  rsqrt: [0x5e80cab3],
};

/** The numbers nearest to multiples of π/2, from the convergents of 2^e·2/π. */
const NEAR_MULTIPLES_OF_HALF_PI: readonly number[] = [
  0x6f79be45, 0x50a3e87f, 0x6ff9be45, 0x5123e87f, 0x437ce5f1, 0x7079be45, 0x6a1976f1, 0x53b146a6, 0x65898498,
  0x51a3e87f, 0x43fce5f1, 0x77584625, 0x4c2332e9, 0x4096cbe4, 0x6c55da58, 0x70f9be45, 0x6a9976f1, 0x5c07bcd0,
  0x543146a6, 0x66098498, 0x5223e87f, 0x474d246f, 0x723fa09a, 0x447ce5f1, 0x4a2562ae, 0x77d84625, 0x642e0733,
  0x4e13d4a5, 0x7ebdcda0, 0x4ca332e9, 0x4116cbe4, 0x6cd5da58, 0x7179be45, 0x6b1976f1, 0x5c87bcd0, 0x54b146a6,
  0x66898498, 0x5fe4112c, 0x52a3e87f, 0x47cd246f,
];

describe.each(Object.keys(SUBJECTS))('%s', (name) => {
  const subject = SUBJECTS[name]!;
  const bound = BOUNDS[name] ?? 2;

  test(`is within ${bound} ulp over all exponents and at special values`, () => {
    const worst = measureSubject(name, POINTS);
    expect(worst.ulp).toBeLessThanOrEqual(bound);
  });

  test(`is within ${bound} ulp where it is hardest`, () => {
    const { evaluate } = compileFunction(subject.define);
    for (const bits of [...(HARDEST[name] ?? []), ...NEAR_MULTIPLES_OF_HALF_PI]) {
      const x = valueOf(bits);
      expect(ulpError(evaluate(x, 2.5), subject.exact(x, 2.5))).toBeLessThanOrEqual(bound);
      expect(ulpError(evaluate(-x, 2.5), subject.exact(-x, 2.5))).toBeLessThanOrEqual(bound);
    }
  });

  test('has the same bits in the compiled form and in the definition', () => {
    const operands = [0, 1].map(() => ({ dtype: 'f32', words: 1 }) as const);
    const finish = subject.define(load(0, i32(0), 'f32'), load(1, i32(0), 'f32'));
    const definition = prepare(defineOperator({ kind: 'map', domain: [1], operands, finish }));
    const { evaluate } = compileFunction(subject.define);
    for (let at = 0; at < 2000; at++) {
      const [x, y] = threefry2x32([8, 9], [at, 0]);
      const expected = definition([Uint32Array.of(x), Uint32Array.of(y)], 0, 0);
      if (bitsOf(evaluate(valueOf(x), valueOf(y))) !== expected) throw new Error(`${name} differs at ${valueOf(x)}`);
    }
  });
});

test('an error is counted in units of the exact result, subnormal ones of 2^-149', () => {
  expect(ulpError(1, 1)).toBe(0);
  expect(ulpError(1 + 2 ** -23, 1)).toBe(1);
  expect(ulpError(2 ** -149, 2 ** -148)).toBe(1);
  expect(ulpError(0, 2 ** -150.5)).toBeLessThan(1);
  expect(ulpError(Infinity, valueOf(0x7f7fffff))).toBe(1);
  expect(ulpError(-0, 0)).toBe(Infinity);
  expect(ulpError(NaN, 1)).toBe(Infinity);
});
