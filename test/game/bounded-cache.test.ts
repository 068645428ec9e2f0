import { describe, expect, test } from '@jest/globals';
import { BoundedCache } from '../../src/game/bounded-cache.js';

describe('a bounded cache', () => {
  const cacheOf = (limit: number) => new BoundedCache<string, number>(limit, (weight) => weight);

  test('drops what was unused longest, and keeps what was just asked for', () => {
    const cache = cacheOf(10);
    for (const key of ['a', 'b', 'c']) cache.set(key, 3);
    expect(cache.get('a')).toBe(3);
    cache.set('d', 3);
    expect([...cache.keys()]).toEqual(['c', 'a', 'd']);
    expect(cache.get('b')).toBeUndefined();
  });

  test('keeps the newest value even where it is too heavy alone', () => {
    const cache = cacheOf(10);
    cache.set('a', 4);
    cache.set('b', 50);
    expect([...cache.keys()]).toEqual(['b']);
    cache.set('b', 2);
    cache.set('c', 8);
    expect([...cache.keys()]).toEqual(['b', 'c']);
  });
});
