import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cosineOfPi, learningRateTable, MAX_STEPS } from '../../src/job/schedule.js';
import { bitsOf } from '../../src/numerics/float32.js';
import { errorCode } from '../data/helpers.js';

describe('learning rates', () => {
  test('the bits of a warm-up with cosine decay are fixed', () => {
    const table = learningRateTable({ schedule: 'warmup-cosine', peak: 0.002, warmupSteps: 2, final: 0.0001 }, 8);
    const expected = [
      0.001,
      0.002,
      ...[0, 1, 2, 3, 4, 5].map((step) => 0.0001 + 0.0019 * (0.5 + 0.5 * Math.cos((Math.PI * step) / 6))),
    ];
    table.forEach((rate, step) => {
      expect(rate).toBeCloseTo(expected[step]!, 9);
    });
    expect(Array.from(table, (rate) => bitsOf(rate).toString(16))).toEqual(GOLDEN);
  });

  test('the cosine is right to 10⁻¹⁵, exact at its ends and middle', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (t) => {
        expect(Math.abs(cosineOfPi(t) - Math.cos(Math.PI * t))).toBeLessThan(1e-15);
      }),
      { numRuns: 2000 },
    );
    expect([cosineOfPi(0), cosineOfPi(0.5), cosineOfPi(1)]).toEqual([1, 0, -1]);
  });

  test('every kind starts at its peak, falls, and stays between peak and final', () => {
    const kinds = fc.constantFrom('linear' as const, 'cosine' as const);
    fc.assert(
      fc.property(kinds, fc.integer({ min: 1, max: 300 }), fc.nat(50), (schedule, steps, warmup) => {
        const warmupSteps = Math.min(warmup, steps);
        const table = learningRateTable({ schedule, peak: 0.5, warmupSteps, final: 0.25 }, steps);
        if (warmupSteps > 0) expect(table[warmupSteps - 1]).toBe(0.5);
        if (warmupSteps < steps) expect(table[warmupSteps]).toBe(0.5);
        for (let step = 1; step < steps; step++) {
          if (step < warmupSteps) expect(table[step]).toBeGreaterThan(table[step - 1]!);
          else expect(table[step]).toBeLessThanOrEqual(table[step - 1]!);
          expect(step < warmupSteps || table[step]! > 0.25).toBe(true);
        }
      }),
    );
  });

  test('constants and steps', () => {
    expect(Array.from(learningRateTable(0.5, 3))).toEqual([0.5, 0.5, 0.5]);
    expect(Array.from(learningRateTable({ schedule: 'constant', peak: 1, warmupSteps: 2 }, 4))).toEqual([0.5, 1, 1, 1]);
    expect(Array.from(learningRateTable({ schedule: 'step', peak: 1, every: 2, factor: 0.5 }, 5))).toEqual([
      1, 1, 0.5, 0.5, 0.25,
    ]);
  });

  test('impossible lengths are refused', () => {
    for (const steps of [0, -1, 1.5, Number.NaN, MAX_STEPS + 1])
      expect(errorCode(() => learningRateTable(1, steps))).toBe('job.steps');
    expect(errorCode(() => learningRateTable({ schedule: 'cosine', peak: 1, warmupSteps: 9 }, 8))).toBe('job.warmup');
  });
});

/** Equal to those of NumPy's `cos`, rounded to float32. */
const GOLDEN = ['3a83126f', '3b03126f', '3b03126f', '3af57632', '3ac7e282', '3a89a027', '3a16bb99', '396e50e7'];
