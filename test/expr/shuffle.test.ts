import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { prepare } from '../../src/expr/evaluate.js';
import { defineShuffleOperator, samplesFit } from '../../src/expr/shuffle.js';
import { MAXIMUM_ROWS, shuffledIndex } from '../../src/numerics/shuffle.js';
import { streamKey } from '../../src/numerics/threefry.js';

const key = streamKey(0, 4);

/** The definition: sample i of step s is at position s·batch + i of the endless sequence of epochs. */
function rowOf(count: number, batch: number, step: number, sample: number): number {
  const position = step * batch + sample;
  return shuffledIndex(position % count, { count, key, epoch: Math.floor(position / count) });
}

describe('the shuffle operator', () => {
  test('gives the rows of the plain function, at any step', () => {
    const count = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: MAXIMUM_ROWS }));
    const batch = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(count, batch, fc.nat(), fc.nat(), (rows, size, stepSeed, sampleSeed) => {
        const step = stepSeed % Math.floor(2 ** 32 / size);
        const sample = sampleSeed % size;
        const evaluate = prepare(defineShuffleOperator({ count: rows, batch: size, key }));
        expect(evaluate([], sample, step)).toBe(rowOf(rows, size, step, sample));
      }),
      { numRuns: 200 },
    );
  });

  test('walks through every row once in each epoch, also where steps and epochs do not align', () => {
    const [count, batch] = [17, 5];
    const evaluate = prepare(defineShuffleOperator({ count, batch, key }));
    const rows = Array.from({ length: count * 3 }, (_, at) => evaluate([], at % batch, Math.floor(at / batch)));
    for (let epoch = 0; epoch < 3; epoch++) {
      expect(new Set(rows.slice(epoch * count, (epoch + 1) * count)).size).toBe(count);
    }
  });

  test('is right up to the last position of 32 bits', () => {
    const [count, batch] = [60000, 128];
    const step = 2 ** 32 / batch - 1;
    const evaluate = prepare(defineShuffleOperator({ count, batch, key }));
    expect(evaluate([], batch - 1, step)).toBe(rowOf(count, batch, step, batch - 1));
    expect(samplesFit(step + 1, batch)).toBe(true);
    expect(samplesFit(step + 2, batch)).toBe(false);
  });

  test('fits the referee machine', () => {
    const { body } = defineShuffleOperator({ count: 60000, batch: 128, key });
    expect(body.nodes.filter(({ op }) => op !== 'const').length).toBeLessThan(200);
  });

  test('refuses batches and datasets without rows', () => {
    expect(() => defineShuffleOperator({ count: 0, batch: 1, key })).toThrow('rows');
    expect(() => defineShuffleOperator({ count: 1, batch: 0, key })).toThrow('batch');
  });
});
