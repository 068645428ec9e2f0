import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { prepare } from '../../src/expr/evaluate.js';
import {
  type I32,
  i32,
  iadd,
  idivu,
  iltu,
  imul,
  index,
  iremu,
  iselect,
  isub,
  load,
  reduceIndex,
} from '../../src/expr/expression.js';
import { createIndexAlgebra, type IndexSpace } from '../../src/expr/linear.js';
import { linearForm } from '../../src/expr/linear-form.js';
import { defineOperator, product } from '../../src/expr/operator.js';
import { collapseAxes } from '../../src/frontend/lowering/collapse.js';
import { coordinatesOf, flatIndex } from '../../src/frontend/lowering/lazy-tensor.js';

const SPACE: IndexSpace = { domain: [2, 3, 4, 1], reduction: [] };

const leaf = fc.oneof(
  fc.integer({ min: 0, max: 3 }).map((axis) => index(axis)),
  fc.integer({ min: -3, max: 30 }).map((value) => i32(value)),
);
/** Coordinate arithmetic as views make it, and some that no view makes. */
const expression: fc.Arbitrary<I32> = fc.letrec<{ node: I32 }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    leaf,
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => iadd(a, b)),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => isub(a, b)),
    fc.tuple(tie('node'), fc.integer({ min: 0, max: 12 })).map(([a, factor]) => imul(a, i32(factor))),
    fc.tuple(tie('node'), fc.integer({ min: 0, max: 12 })).map(([a, divisor]) => idivu(a, i32(divisor))),
    fc.tuple(tie('node'), fc.integer({ min: 0, max: 12 })).map(([a, divisor]) => iremu(a, i32(divisor))),
    fc.tuple(tie('node'), fc.integer({ min: 1, max: 12 })).map(([a, bound]) => iselect(iltu(a, i32(bound)), a, i32(0))),
  ),
})).node;

function valuesOf(expr: I32, { domain, reduction }: IndexSpace): number[] {
  const operator = defineOperator({ kind: 'test', domain, reduction, operands: [], finish: expr });
  const evaluate = prepare(operator);
  return Array.from({ length: product(domain) }, (_, element) => evaluate([], element, 0) | 0);
}

describe('index algebra', () => {
  test('a simplified expression has the same value everywhere', () => {
    fc.assert(
      fc.property(expression, (expr) => {
        expect(valuesOf(createIndexAlgebra(SPACE).simplify(expr), SPACE)).toEqual(valuesOf(expr, SPACE));
      }),
      { numRuns: 400 },
    );
  });

  test('every value lies in the range', () => {
    fc.assert(
      fc.property(expression, (expr) => {
        const { min, max } = createIndexAlgebra(SPACE).rangeOf(expr);
        fc.pre(min >= -(2 ** 31) && max < 2 ** 31);
        for (const value of valuesOf(expr, SPACE)) {
          expect(value).toBeGreaterThanOrEqual(min);
          expect(value).toBeLessThanOrEqual(max);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('flattening undoes unflattening, over any shapes', () => {
    const shapes = [[24], [4, 6], [2, 3, 4], [3, 8], [2, 2, 2, 3], [6, 4], [1, 24, 1], [12, 2]];
    for (const from of shapes) {
      for (const to of shapes) {
        const algebra = createIndexAlgebra({ domain: from, reduction: [] });
        const flat = flatIndex(
          from.map((_, axis) => index(axis)),
          from,
        );
        const through = flatIndex(coordinatesOf(flat, to), to);
        expect(algebra.simplify(through)).toBe(algebra.simplify(flat));
      }
    }
  });

  test('a reshape that only splits or joins axes stays linear', () => {
    const algebra = createIndexAlgebra({ domain: [4, 6], reduction: [] });
    const flat = flatIndex([index(0), index(1)], [4, 6]);
    const [a, b, c] = coordinatesOf(flat, [2, 2, 6]);
    expect(algebra.simplify(c!)).toBe(algebra.simplify(index(1)));
    expect(algebra.simplify(iadd(imul(a!, i32(2)), b!))).toBe(algebra.simplify(index(0)));
  });

  test('an address keeps what is loaded as one atom and proves a clamp', () => {
    const algebra = createIndexAlgebra({ domain: [8], reduction: [] });
    const row = load(0, index(0), 'i32');
    const clamped = iselect(iltu(row, i32(100)), row, i32(0));
    const form = algebra.formOf(iadd(imul(clamped, i32(784)), i32(5)));
    expect([form.constant, [...form.terms.values()]]).toEqual([5, [784]]);
    expect(algebra.rangeOf(clamped)).toEqual({ min: 0, max: 99 });
  });
});

describe('collapsing axes', () => {
  test('contiguous axes become one and values stay', () => {
    const at = flatIndex([index(0), index(1), index(2), index(3)], [2, 3, 1, 4]);
    const space = { domain: [2, 3, 1, 4], reduction: [] };
    const { space: collapsed, expressions } = collapseAxes({ space, expressions: [load(0, at, 'f32')] });
    expect(collapsed).toEqual({ domain: [24], reduction: [] });
    expect(expressions[0]!.args[0]).toEqual(index(0));
  });

  test('a transposed load keeps its axes', () => {
    const at = iadd(imul(index(1), i32(2)), index(0));
    const { space } = collapseAxes({ space: { domain: [2, 3], reduction: [] }, expressions: [load(0, at, 'f32')] });
    expect(space.domain).toEqual([2, 3]);
  });

  test('any expression keeps its values in row-major order', () => {
    fc.assert(
      fc.property(expression, (expr) => {
        const { space, expressions } = collapseAxes({ space: SPACE, expressions: [expr] });
        expect(valuesOf(expressions[0] as I32, space)).toEqual(valuesOf(expr, SPACE));
      }),
      { numRuns: 200 },
    );
  });

  test('reduction axes that are walked in memory order become one', () => {
    const at = iadd(imul(reduceIndex(0), i32(6)), iadd(imul(reduceIndex(1), i32(3)), index(0)));
    const { space } = collapseAxes({ space: { domain: [3], reduction: [4, 2] }, expressions: [load(0, at, 'f32')] });
    expect(space).toEqual({ domain: [3], reduction: [8] });
  });
});

test('linearForm reads a body node without ranges', () => {
  const at = iadd(imul(index(0), i32(7)), isub(index(1), i32(3)));
  const { body } = defineOperator({
    kind: 'test',
    domain: [2, 3],
    operands: [{ dtype: 'f32', words: 9 }],
    finish: load(0, at, 'f32'),
  });
  const address = body.nodes[body.finish]!.args[0]!;
  const { constant, terms } = linearForm(body, address);
  const named = [...terms].map(([node, size]) => [body.nodes[node]!.op, body.nodes[node]!.imm, size]);
  expect([constant, named]).toEqual([
    -3,
    [
      ['index', 0, 7],
      ['index', 1, 1],
    ],
  ]);
});
