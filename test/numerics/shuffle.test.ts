import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAXIMUM_ROWS, SHUFFLE_ROUNDS, shuffledIndex } from '../../src/numerics/shuffle.js';
import { streamKey, threefry2x32 } from '../../src/numerics/threefry.js';

const KEY = streamKey(42, 9);

function order(count: number, epoch: number): number[] {
  return Array.from({ length: count }, (_, position) => shuffledIndex(position, { count, key: KEY, epoch }));
}

describe('the order of rows in an epoch', () => {
  test('is a permutation for every number of rows', () => {
    for (let count = 1; count <= 300; count++) {
      const rows = order(count, count % 7);
      expect(new Set(rows).size).toBe(count);
      expect(Math.max(...rows)).toBe(count - 1);
    }
  });

  test('has known answers', () => {
    expect(order(12, 0)).toEqual([5, 4, 3, 0, 6, 2, 1, 9, 10, 11, 8, 7]);
    expect(order(12, 1)).toEqual([5, 2, 1, 4, 3, 7, 10, 11, 9, 8, 6, 0]);
    expect(shuffledIndex(123456789, { count: MAXIMUM_ROWS, key: KEY, epoch: 1 })).toBe(110822759);
  });

  test('differs from epoch to epoch and from key to key', () => {
    const orders = new Set(Array.from({ length: 50 }, (_, epoch) => order(40, epoch).join()));
    expect(orders.size).toBe(50);
    const other = Array.from({ length: 40 }, (_, position) =>
      shuffledIndex(position, { count: 40, key: streamKey(43, 9), epoch: 0 }),
    );
    expect(other).not.toEqual(order(40, 0));
  });

  test('keeps no more neighbours and no more trend than chance', () => {
    const count = 2048;
    let neighbours = 0;
    let trend = 0;
    for (let epoch = 0; epoch < 4; epoch++) {
      const rows = order(count, epoch);
      rows.forEach((row, at) => {
        if (at > 0 && Math.abs(row - rows[at - 1]!) === 1) neighbours++;
        trend += (row - (count - 1) / 2) * (at - (count - 1) / 2);
      });
    }
    // Two per epoch are expected; the correlation has a standard deviation of 1/√count.
    expect(neighbours).toBeLessThan(24);
    expect(Math.abs(trend) / ((4 * (count * (count * count - 1))) / 12)).toBeLessThan(4 / Math.sqrt(4 * count));
  });

  test('is the swap-or-not network: undone by the same rounds backwards', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAXIMUM_ROWS }), fc.nat(), fc.nat({ max: 1e6 }), (count, seed, epoch) => {
        const position = seed % count;
        const row = shuffledIndex(position, { count, key: KEY, epoch });
        expect(positionOf(row, count, epoch)).toBe(position);
      }),
    );
  });

  test('refuses positions and numbers of rows that it cannot order', () => {
    expect(() => shuffledIndex(5, { count: 5, key: KEY, epoch: 0 })).toThrow('position 5');
    expect(() => shuffledIndex(-1, { count: 5, key: KEY, epoch: 0 })).toThrow('position -1');
    for (const count of [0, 0.5, 2 ** 31, NaN]) {
      expect(() => shuffledIndex(0, { count, key: KEY, epoch: 0 })).toThrow('rows');
    }
  });
});

/** The inverse, written from the documentation with big integers. */
function positionOf(row: number, count: number, epoch: number): number {
  const rows = BigInt(count);
  let index = BigInt(row);
  for (let round = SHUFFLE_ROUNDS - 1; round >= 0; round--) {
    const counter = Number((BigInt(epoch) * BigInt(SHUFFLE_ROUNDS) + BigInt(round)) & 0xffffffffn);
    const pivot = BigInt(threefry2x32(KEY, [counter, 0xffffffff])[0]) % rows;
    const partner = (((pivot - index) % rows) + rows) % rows;
    const larger = index > partner ? index : partner;
    if ((threefry2x32(KEY, [counter, Number(larger)])[0] & 1) === 1) index = partner;
  }
  return Number(index);
}
