import { describe, expect, test } from '@jest/globals';
import { mergeReports } from '../../src/verify/merge.js';
import type { VerificationReport } from '../../src/verify/verdict.js';

const CLAIM = {
  jobHash: `0x${'11'.repeat(32)}`,
  steps: 2 ** 20,
  traceRoot: `0x${'22'.repeat(32)}`,
  intervals: 2 ** 20,
};

function report(list: readonly number[], inconclusive: readonly number[]): VerificationReport {
  const { intervals: of, ...claim } = CLAIM;
  return {
    ...claim,
    verdict: 'inconclusive',
    run: 'run',
    checked: { intervals: list.length, of, list },
    detectionProbability: { oneInterval: 0, onePercent: 0, tenPercent: 0 },
    divergence: null,
    inconclusive: inconclusive.map((interval) => ({ interval, reason: 'no checkpoint' })),
    backend: 'wasm',
  };
}

describe('merging reports', () => {
  test('takes time in proportion to the intervals that a stranger names', () => {
    const half = Array.from({ length: CLAIM.intervals / 2 }, (_, at) => 2 * at);
    const merged = mergeReports([report([1], half), report([3], [])], CLAIM);
    expect(merged.checked.list).toEqual([1, 3]);
    expect(merged.inconclusive).toHaveLength(CLAIM.intervals - 2);
    const reasons = new Map(merged.inconclusive.map(({ interval, reason }) => [interval, reason]));
    expect([reasons.get(0), reasons.get(5), reasons.has(1)]).toEqual(['no checkpoint', 'no shard checked it', false]);
  });
});
