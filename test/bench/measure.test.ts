import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { interleave, median, medianRatio, rateOf } from '../../bench/measure.js';

describe('samples', () => {
  test('contenders take turns, and warm-up rounds leave no figure', async () => {
    const turns: string[] = [];
    const contender = (name: string) => ({
      name,
      sample: async () => turns.push(name),
    });
    const samples = await interleave([contender('a'), contender('b')], { rounds: 2, warmUps: 1 });
    expect(turns.join('')).toBe('ababab');
    expect(samples).toEqual([
      [3, 5],
      [4, 6],
    ]);
  });

  test('half of the values lie on either side of the median', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const middle = median(values);
        expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });

  test('a load that slows both contenders of a round does not move the ratio', () => {
    const load = [1, 4, 2, 8, 1];
    const ours = load.map((factor) => 30 / factor);
    const theirs = load.map((factor) => 10 / factor);
    expect(medianRatio(ours, theirs)).toBe(3);
  });

  test('a rate works at least once, and as often as fits when it knows its speed', async () => {
    const counts: number[] = [];
    const rate = rateOf(async (count) => {
      counts.push(count);
      await new Promise((resolve) => setTimeout(resolve, 5 * count));
    });
    await rate(50);
    await rate(50);
    expect(counts[0]).toBe(1);
    expect(counts[1]).toBeGreaterThan(1);
    expect(counts[1]).toBeLessThanOrEqual(20);
  });
});
