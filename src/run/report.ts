/** What a verification tells a CI system: the part of a report that JUnit files and GitHub summaries have in common. */
export interface Report {
  /** For example `gensyn verify`. */
  readonly title: string;
  /** For example `verified`. */
  readonly verdict: string;
  /** Name and value, in the order of reading. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly cases: readonly ReportCase[];
}

export interface ReportCase {
  /** For example `training steps 0–32`. */
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** One line: why it failed or was skipped. */
  readonly message?: string;
  /** As many lines as it takes. */
  readonly details?: string;
}

/** How many cases of a report had an outcome. */
export function countOutcome(report: Report, outcome: ReportCase['outcome']): number {
  return report.cases.filter((item) => item.outcome === outcome).length;
}
