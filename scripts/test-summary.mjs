/**
 * Adds up the reports of all test runners (`jest --json`) and prints one line: `gensyn: N passed, M failed, K skipped`.
 * Fails where a test failed, a suite could not run, or nothing ran.
 */
import { readFileSync } from 'node:fs';

const total = { passed: 0, failed: 0, skipped: 0 };

for (const path of process.argv.slice(2)) {
  const report = readReport(path);
  total.passed += report.numPassedTests;
  // A suite that could not even start has no failed tests of its own.
  total.failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
  total.skipped += report.numPendingTests + report.numTodoTests;
}

process.stdout.write(`gensyn: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // No report is a runner that died.
    return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 1, numPendingTests: 0, numTodoTests: 0 };
  }
}
