import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bitsOf } from '../../src/numerics/float32.js';
import { nudgedState, tensorDistance, tensorDistances } from '../../src/verify/distance.js';
import { CLOSE_WITHIN, judgeDistance } from '../../src/verify/judge-distance.js';

const words = (...numbers: number[]): Uint32Array => Uint32Array.from(numbers, (number) => bitsOf(Math.fround(number)));
const numbers = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }), {
  minLength: 1,
  maxLength: 20,
});

describe('the distance of two tensors', () => {
  test('is 0 for equal bits, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint32Array({ minLength: 1, maxLength: 20 }), (bits) => {
        expect(tensorDistance(bits, bits, new Uint32Array(bits.length))).toBe(0);
      }),
    );
  });

  test('is the share by which all of its numbers were stretched', () => {
    fc.assert(
      fc.property(numbers, fc.constantFrom(0.5, 0.25, 2 ** -10), (values, share) => {
        fc.pre(values.some((value) => Math.abs(value) > 1e-30));
        const stretched = words(...values.map((value) => value * (1 + share)));
        expect(tensorDistance(stretched, words(...values), words(...values.map(() => 0)))).toBeCloseTo(share, 5);
      }),
    );
  });

  test('is measured by the larger of the norms before and after', () => {
    expect(tensorDistance(words(3, 5), words(3, 4), words(0, 0))).toBeCloseTo(1 / 5, 6);
    expect(tensorDistance(words(3, 5), words(3, 4), words(6, 8))).toBeCloseTo(1 / 10, 6);
    expect(tensorDistance(words(1, 0), words(0, 0), words(0, 4))).toBeCloseTo(1 / 4, 6);
  });

  test('is infinite from nothing, and where NaN or infinities stand in other places', () => {
    const far = Number.POSITIVE_INFINITY;
    const nothing = words(0, 0);
    expect(tensorDistance(words(0, 1e-30), nothing, nothing)).toBe(far);
    for (const odd of [Number.NaN, far, -far]) {
      expect(tensorDistance(words(odd, 1), words(2, 1), words(2, 1))).toBe(far);
      expect(tensorDistance(words(2, 1), words(odd, 1), words(2, 1))).toBe(far);
      expect(tensorDistance(words(odd, 1), words(odd, 1), words(odd, 1))).toBe(0);
    }
    expect(tensorDistance(words(far), words(-far), words(1))).toBe(far);
  });
});

const tensors = [
  { name: 'kernel', dtype: 'f32' as const, shape: [8] },
  { name: 'bias', dtype: 'f32' as const, shape: [2] },
  { name: 'power', dtype: 'f32' as const, shape: [1] },
  { name: 'step', dtype: 'i32' as const, shape: [1] },
];
const kernel = words(1, 1, 1, 1, 1, 1, 1, 1);
const before = [kernel, words(1, 1), words(0.5), Uint32Array.of(3)];
const expected = [kernel, words(1, 1), words(0.25), Uint32Array.of(4)];

test('integers differ by nothing or by infinity', () => {
  const claimed = expected.with(3, Uint32Array.of(5));
  expect(tensorDistances(tensors, { before, expected, claimed }).map(({ distance }) => distance)).toEqual([
    0,
    0,
    0,
    Number.POSITIVE_INFINITY,
  ]);
});

test('a nudge flips the last bit of numbers, and leaves zeros, NaN, infinities, scalars and integers', () => {
  const odd = [words(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1, -1, 2, 3), ...before.slice(1)];
  const [nudged, , power, step] = nudgedState(tensors, odd);
  expect(Array.from(nudged!, (word, at) => word ^ odd[0]![at]!)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  expect([power, step]).toEqual([odd[2], odd[3]]);
});

describe('a state', () => {
  const judge = (claimed: readonly Uint32Array[], nudged: readonly Uint32Array[]) =>
    judgeDistance(tensors, { before, expected, claimed }, async () => nudged);
  const bias = (share: number) => expected.with(1, words(1 + share, 1 + share));
  const stretched = (share: number) =>
    expected.with(
      0,
      kernel.map(() => bitsOf(Math.fround(1 + share))),
    );

  test('is close within the stated share, without a look at rounding', async () => {
    const judged = await judgeDistance(tensors, { before, expected, claimed: bias(CLOSE_WITHIN / 2) }, () =>
      Promise.reject(new Error('nobody asked')),
    );
    expect(judged).toMatchObject({ outcome: 'close', farthest: { tensor: 'bias' }, rounding: [] });
  });

  test('is far beyond it, where rounding does not explain it', async () => {
    const judged = await judge(bias(2 * CLOSE_WITHIN), bias(CLOSE_WITHIN / 100));
    expect(judged).toMatchObject({ outcome: 'far', farthest: { tensor: 'bias' } });
  });

  test('is close where rounding alone takes a small part of it as far', async () => {
    const judged = await judge(bias(2 * CLOSE_WITHIN), bias(CLOSE_WITHIN));
    expect(judged).toMatchObject({ outcome: 'close', rounding: ['bias'] });
  });

  test('is far for one tensor, whatever is left to rounding beside it', async () => {
    const claimed = stretched(0.5).with(1, bias(0.5)[1]!);
    expect(await judge(claimed, bias(0.5))).toMatchObject({ outcome: 'far', farthest: { tensor: 'kernel' } });
  });

  test('cannot be judged where rounding takes most of it as far', async () => {
    expect((await judge(stretched(0.5), stretched(0.5))).outcome).toBe('rounding');
  });

  test('with another counter is far, whatever rounding does', async () => {
    const claimed = expected.with(3, Uint32Array.of(5));
    expect(await judge(claimed, claimed)).toMatchObject({ outcome: 'far', farthest: { tensor: 'step' } });
  });
});
