import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { fixtureJobs, GOLDEN_PATH, type GoldenValues, goldenHashes } from '../../scripts/golden-values.js';
import { ARITHMETIC_VERSION } from '../../src/numerics/instructions.js';

const golden = JSON.parse(readFileSync(GOLDEN_PATH, 'utf8')) as GoldenValues;

describe('the golden hashes', () => {
  test('are of this arithmetic version and of every fixture job', () => {
    expect(golden.arithmeticVersion).toBe(ARITHMETIC_VERSION);
    expect(Object.keys(golden.jobs)).toEqual(fixtureJobs());
  });

  test.each(fixtureJobs())('are what %s compiles to', async (name) => {
    expect(await goldenHashes(name)).toEqual(golden.jobs[name]);
  });
});
