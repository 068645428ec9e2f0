import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { prepare } from '../../src/expr/evaluate.js';
import type { I32 } from '../../src/expr/expression.js';
import { i32, load } from '../../src/expr/expression.js';
import * as math from '../../src/expr/math.js';
import { defineOperator } from '../../src/expr/operator.js';

const operands = [{ dtype: 'i32', words: 2 }] as const;
const interesting = fc.constantFrom(0, 1, -1, 2, -2, 7, -7, 0x7fffffff, -0x80000000, -0x7fffffff);
const integer = fc.oneof(
  interesting,
  fc.integer({ min: -100, max: 100 }),
  fc.integer({ min: -0x80000000, max: 0x7fffffff }),
);

/** The signed result of a function of two integers. */
function binary(define: (a: I32, b: I32) => I32): (a: number, b: number) => number {
  const finish = define(load(0, i32(0), 'i32'), load(0, i32(1), 'i32'));
  const evaluate = prepare(defineOperator({ kind: 'map', domain: [1], operands, finish }));
  return (a, b) => evaluate([Uint32Array.of(a, b)], 0, 0) | 0;
}

describe.each<[keyof typeof math & string, (a: I32, b: I32) => I32, (a: number, b: number) => number]>([
  ['idivs', math.idivs, (a, b) => (b === 0 ? 0 : Math.trunc(a / b) | 0)],
  ['irems', math.irems, (a, b) => (b === 0 ? 0 : (a % b) | 0)],
  ['floorDiv', math.floorDiv, (a, b) => (b === 0 ? 0 : Math.floor(a / b) | 0)],
  ['floorMod', math.floorMod, (a, b) => (b === 0 ? 0 : (((a % b) + b) % b) | 0)],
  ['imins', math.imins, (a, b) => Math.min(a, b)],
  ['imaxs', math.imaxs, (a, b) => Math.max(a, b)],
  ['logicalAnd', math.logicalAnd, (a, b) => (a !== 0 && b !== 0 ? 1 : 0)],
  ['logicalOr', math.logicalOr, (a, b) => (a !== 0 || b !== 0 ? 1 : 0)],
  ['logicalNot', math.logicalNot, (a) => (a === 0 ? 1 : 0)],
])('%s', (_name, define, expected) => {
  test('is what its name says for all integers; division by zero gives 0', () => {
    const actual = binary(define);
    fc.assert(
      fc.property(integer, integer, (a, b) => {
        expect(actual(a, b)).toBe(expected(a, b));
      }),
      { numRuns: 1000 },
    );
  });
});
