import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, describe, expect, test } from '@jest/globals';
import { packageFolder } from '../../commands/version.js';

const folder = mkdtempSync(join(tmpdir(), 'gensyn-summary-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the summary over reports with the given numbers of passed, failed, broken suites, pending and planned tests. */
function summaryOf(...reports: readonly (readonly [number, number, number, number, number])[]) {
  const paths = reports.map(([passed, failed, broken, pending, todo], index) => {
    const path = join(folder, `${index}.json`);
    const report = {
      numPassedTests: passed,
      numFailedTests: failed,
      numRuntimeErrorTestSuites: broken,
      numPendingTests: pending,
      numTodoTests: todo,
    };
    writeFileSync(path, JSON.stringify(report));
    return path;
  });
  return run(paths);
}

function run(paths: readonly string[]): [string, number | null] {
  const script = join(packageFolder(), 'scripts', 'test-summary.mjs');
  const { stdout, status } = spawnSync(process.execPath, [script, ...paths], { encoding: 'utf8' });
  return [stdout, status];
}

describe('the last line of CI', () => {
  test('adds up all runners', () => {
    expect(summaryOf([3, 0, 0, 1, 0], [4, 0, 0, 0, 2])).toEqual(['gensyn: 7 passed, 0 failed, 3 skipped\n', 0]);
  });

  test.each([
    ['a failed test', [5, 1, 0, 0, 0], 'gensyn: 5 passed, 1 failed, 0 skipped\n'],
    ['a suite that did not start', [5, 0, 2, 0, 0], 'gensyn: 5 passed, 2 failed, 0 skipped\n'],
    ['no test at all', [0, 0, 0, 0, 0], 'gensyn: 0 passed, 0 failed, 0 skipped\n'],
  ] as const)('is no success with %s', (_what, numbers, line) => {
    expect(summaryOf(numbers)).toEqual([line, 1]);
  });

  test('counts a runner without a report as failed', () => {
    expect(run([join(folder, 'none.json')])).toEqual(['gensyn: 0 passed, 1 failed, 0 skipped\n', 1]);
  });
});
