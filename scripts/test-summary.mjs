/**
 * Adds up the reports of all test runners (`jest --json`, `forge test --json`) and prints one line:
 * `gensyn: N passed, M failed, K skipped`. Fails where a test failed, a suite could not run, or nothing ran.
 */
import { readFileSync } from 'node:fs';

const total = { passed: 0, failed: 0, skipped: 0 };

for (const path of process.argv.slice(2)) {
  const counts = countsOf(path);
  for (const key of Object.keys(total)) total[key] += counts[key];
}

process.stdout.write(`gensyn: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

function countsOf(path) {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'));
    return 'numPassedTests' in report ? jestCounts(report) : forgeCounts(report);
  } catch {
    // No report is a runner that died.
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function jestCounts(report) {
  return {
    passed: report.numPassedTests,
    // A suite that could not even start has no failed tests of its own.
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Contract → its tests → their status. */
function forgeCounts(report) {
  const statuses = Object.values(report).flatMap(({ test_results: tests }) =>
    Object.values(tests).map(({ status }) => status),
  );
  if (statuses.length === 0) throw new Error('forge ran nothing');
  const count = (status) => statuses.filter((found) => found === status).length;
  const [passed, skipped] = [count('Success'), count('Skipped')];
  return { passed, failed: statuses.length - passed - skipped, skipped };
}
