import { describe, expect, test } from '@jest/globals';
import { plotGrowth } from '../../bench/growth/growth-plot.js';
import { boundOf, type GrowthRow } from '../../bench/growth/growth-row.js';
import { renderGrowth } from '../../bench/growth/growth-table.js';

const row = (parameters: number, batch: number, step: number): GrowthRow => ({
  ...{ parameters, batch, step, stepOfOneThread: 2 * step, verify: step, hash: parameters / 1e6, memory: 2 ** 20 },
  bound: { by: 'matrix products', share: 0.8 },
});
const ROWS = [row(10_000, 8, 0.1), row(1_000_000, 8, 9), row(10_000, 64, 0.5), row(1_000_000, 64, 70)];

describe('growth', () => {
  test('a step is bound by what takes most of the threads’ time, or by waiting', () => {
    const shares = { products: 6, optimiser: 3, other: 1 };
    const perfect = boundOf({ shares, step: 5, stepOfOneThread: 10, threads: 2 });
    expect(perfect).toEqual({ by: 'matrix products', share: 0.6 });
    // Two threads are no faster than one: half of their time is lost.
    expect(boundOf({ shares, step: 10, stepOfOneThread: 10, threads: 2 })).toEqual({ by: 'waiting', share: 0.5 });
    const memory = boundOf({ shares: { ...shares, optimiser: 30 }, step: 5, stepOfOneThread: 10, threads: 2 });
    expect(memory.by).toBe('optimiser');
  });

  test('the table has a line for each row', () => {
    const lines = renderGrowth(ROWS).split('\n');
    expect(lines).toHaveLength(2 + ROWS.length);
    expect(lines[3]).toMatch(
      /^ *1,000,000 +8 +9\.00 ms +18\.0 ms +9\.00 ms +1\.00 ms +1\.00 MiB +matrix products \(80 %\)$/,
    );
  });

  test('the picture has a line for each batch and one for hashing, and larger is higher and further right', () => {
    const picture = plotGrowth(ROWS);
    const lines = [...picture.matchAll(/polyline points="([^"]*)"/g)].map(([, points]) =>
      points!.split(' ').map((point) => point.split(',').map(Number)),
    );
    expect(lines).toHaveLength(3);
    for (const [small, large] of lines) {
      expect(large![0]).toBeGreaterThan(small![0]!);
      expect(large![1]).toBeLessThan(small![1]!);
    }
    expect(picture).toContain('step, batch 64');
    expect(picture).not.toContain('NaN');
  });
});
