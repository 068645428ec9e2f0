/** A verification's report in the form that was asked for. */
import { appendFile } from 'node:fs/promises';
import { githubAnnotations, githubSummary } from '../../src/run/github.js';
import { junitReport } from '../../src/run/junit.js';
import type { Report } from '../../src/run/report.js';
import type { Invocation } from '../context.js';
import type { VerifyOptions } from '../verify.js';

/** @param describe - the report for a terminal */
export async function reportText(
  ci: Report,
  describe: () => string,
  format: VerifyOptions['format'],
  { io }: Invocation,
): Promise<string> {
  if (format === 'junit') return junitReport(ci).trimEnd();
  if (format === 'github') return githubText(ci, io.environment['GITHUB_STEP_SUMMARY']);
  return describe();
}

/** The summary goes to the file that the CI system names; annotations are read from stdout. */
async function githubText(ci: Report, summaryFile: string | undefined): Promise<string> {
  const summary = githubSummary(ci);
  if (summaryFile === undefined || summaryFile === '') return `${githubAnnotations(ci)}${summary}`.trimEnd();
  await appendFile(summaryFile, summary);
  return githubAnnotations(ci).trimEnd();
}
