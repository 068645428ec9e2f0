import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { prepare } from '../../src/expr/evaluate.js';
import type { Expr } from '../../src/expr/expression.js';
import { i32, index, load } from '../../src/expr/expression.js';
import { defineOperator } from '../../src/expr/operator.js';
import { normal, threefryExpr, truncatedNormal, uniform } from '../../src/expr/random.js';
import { valueOf } from '../../src/numerics/float32.js';
import { streamKey, threefry2x32 } from '../../src/numerics/threefry.js';

const KEY = streamKey(42, 1);
const COUNT = 20_000;

function sampler(finish: Expr): (element: number, step: number) => number {
  const evaluate = prepare(defineOperator({ kind: 'random', domain: [COUNT], operands: [], finish }));
  return (element, step) => evaluate([], element, step);
}

/** Mean, standard deviation, and extremes of one step's values. */
function statistics(finish: Expr): { mean: number; deviation: number; least: number; most: number } {
  const sample = sampler(finish);
  const values = Array.from({ length: COUNT }, (_, element) => valueOf(sample(element, 3)));
  const mean = values.reduce((sum, value) => sum + value, 0) / COUNT;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / COUNT;
  return { mean, deviation: Math.sqrt(variance), least: Math.min(...values), most: Math.max(...values) };
}

describe('Threefry as expressions', () => {
  test('is the plain function, for keys and counters that are not constant', () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    const operands = [{ dtype: 'i32', words: 4 }] as const;
    const [k0, k1, c0, c1] = [0, 1, 2, 3].map((at) => load(0, i32(at), 'i32'));
    const block = threefryExpr([k0!, k1!], [c0!, c1!]);
    const evaluate = block.map((finish) => prepare(defineOperator({ kind: 'random', domain: [1], operands, finish })));
    fc.assert(
      fc.property(word, word, word, word, (a, b, c, d) => {
        const words = evaluate.map((of) => of([Uint32Array.of(a, b, c, d)], 0, 0));
        expect(words).toEqual(threefry2x32([a, b], [c, d]));
      }),
    );
  });
});

describe('random values', () => {
  test('uniform values are the upper 24 bits of the block of (element, step)', () => {
    const first = sampler(uniform(KEY, index(0)));
    for (let element = 0; element < 500; element++) {
      const [word] = threefry2x32(KEY, [element, 77]);
      expect(valueOf(first(element, 77))).toBe((word >>> 8) * 2 ** -24);
    }
  });

  test('uniform values fill [0, 1)', () => {
    const { mean, deviation, least, most } = statistics(uniform(KEY, index(0)));
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(deviation - Math.sqrt(1 / 12))).toBeLessThan(0.005);
    expect(least).toBeGreaterThanOrEqual(0);
    expect(most).toBeLessThan(1);
  });

  test('normal values are those of Box and Muller', () => {
    const sample = sampler(normal(KEY, index(0)));
    for (let element = 0; element < 2000; element++) {
      const [first, second] = threefry2x32(KEY, [element, 9]);
      const radius = Math.sqrt(-2 * Math.log(((first >>> 8) + 1) * 2 ** -24));
      const expected = radius * Math.cos(2 * Math.PI * ((second >>> 8) * 2 ** -24));
      expect(Math.abs(valueOf(sample(element, 9)) - expected)).toBeLessThan(2e-6);
    }
  });

  test('normal values have mean 0 and deviation 1', () => {
    const { mean, deviation } = statistics(normal(KEY, index(0)));
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(deviation - 1)).toBeLessThan(0.02);
  });

  test('truncated normal values stay within two deviations', () => {
    const { mean, deviation, least, most } = statistics(truncatedNormal(KEY, index(0)));
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(deviation - 0.8796)).toBeLessThan(0.02);
    expect(least).toBeGreaterThanOrEqual(-2);
    expect(most).toBeLessThanOrEqual(2);
  });

  test('have known answers', () => {
    const bits = [uniform, normal, truncatedNormal].map((of) => sampler(of(KEY, index(0)))(5, 6));
    expect(bits).toEqual([0x3e986a3e, 0xbf1be06b, 0xbf0132e0]);
  });

  test('depend on the element, the step and the key', () => {
    const sample = sampler(uniform(KEY, index(0)));
    const other = sampler(uniform(streamKey(42, 2), index(0)));
    const values = [sample(0, 0), sample(1, 0), sample(0, 1), other(0, 0)];
    expect(new Set(values).size).toBe(4);
  });
});
