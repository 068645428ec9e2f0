import { describe, expect, test } from '@jest/globals';
import { compare, isReached, ratioAtLeast, ratioAtMost } from '../../bench/comparison.js';
import { renderTable, shorten } from '../../bench/table.js';

const faster = { what: 'matmul', unit: 'GFLOP/s', ours: [26, 27, 25], beside: { name: 'peer', samples: [20, 20, 20] } };

describe('comparisons', () => {
  test('a ratio is ours through the peer’s, and a target is reached at its bound', () => {
    expect(compare(faster).ratio).toBe(1.3);
    expect(isReached(compare({ ...faster, target: ratioAtLeast(1.3) }))).toBe(true);
    expect(isReached(compare({ ...faster, target: ratioAtLeast(1.31) }))).toBe(false);
    expect(isReached(compare({ ...faster, target: ratioAtMost(1.2) }))).toBe(false);
    expect(isReached(compare({ ...faster, target: { of: 'ours', bound: 'least', value: 26 } }))).toBe(true);
  });

  test('without a target there is nothing to reach, and a figure that is missing reaches nothing', () => {
    expect(isReached(compare(faster))).toBeNull();
    expect(isReached(compare({ ...faster, ours: [], target: ratioAtLeast(1) }))).toBe(false);
    expect(isReached(compare({ what: 'alone', unit: 'ms', ours: [1], target: ratioAtMost(2) }))).toBe(false);
  });

  test('the table has a line for each comparison, and says NO in capitals', () => {
    const rows = [compare({ ...faster, target: ratioAtLeast(1.3) }), compare({ ...faster, target: ratioAtLeast(5) })];
    const lines = renderTable(rows).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[2]).toMatch(/^matmul +26\.0 GFLOP\/s +20\.0 +peer +1\.30× +≥ 1\.3× +yes$/);
    expect(lines[3]).toMatch(/≥ 5× +NO$/);
  });

  test('figures have three significant digits', () => {
    expect([0.12345, 1.2345, 12.345, 123.45, 1234.5].map(shorten)).toEqual(['0.123', '1.23', '12.3', '123', '1235']);
  });
});
