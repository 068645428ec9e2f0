/** Puts the reports of several shards of one run together. */
import { fail } from '../errors/index.js';
import type { Claim } from './load-run.js';
import { detectionProbabilities } from './report.js';
import type { Inconclusive, VerificationReport } from './verdict.js';

/**
 * Merges reports of one run. The verdict is `diverged` if any shard diverged, `inconclusive` if an interval was
 * checked by none, else `verified`.
 *
 * @param claim - of the run that the reports must be of
 * @throws `run.merge-empty`, `run.merge-mismatch`
 */
export function mergeReports(reports: readonly VerificationReport[], claim: Claim): VerificationReport {
  const [first] = reports;
  if (first === undefined) throw fail('run.merge-empty', {});
  for (const report of reports) requireClaim(report, claim);
  const of = claim.intervals;
  const list = [...new Set(reports.flatMap(({ checked }) => checked.list))].sort((a, b) => a - b);
  const divergence =
    reports
      .map((report) => report.divergence)
      .filter((found) => found !== null)
      .sort((a, b) => a.checkpoint - b.checkpoint)[0] ?? null;
  const covered = new Set(list);
  const inconclusive = reports
    .flatMap((report) => report.inconclusive)
    .filter(({ interval }) => !covered.has(interval));
  const complete = list.length === of;
  return {
    ...first,
    verdict: divergence !== null ? 'diverged' : complete ? 'verified' : 'inconclusive',
    checked: { intervals: list.length, of, list },
    detectionProbability: detectionProbabilities(of, list.length),
    divergence,
    inconclusive: complete ? [] : [...inconclusive, ...unchecked(of, covered, inconclusive)],
    backend: [...new Set(reports.map((report) => report.backend))].join('+'),
  };
}

/** The intervals that no report says anything about. Sets, because a stranger's report may name a million intervals. */
function unchecked(of: number, covered: ReadonlySet<number>, inconclusive: readonly Inconclusive[]): Inconclusive[] {
  const named = new Set(inconclusive.map(({ interval }) => interval));
  return Array.from({ length: of }, (_, interval) => interval)
    .filter((interval) => !covered.has(interval) && !named.has(interval))
    .map((interval) => ({ interval, reason: 'no shard checked it' }));
}

function requireClaim(report: VerificationReport, claim: Claim): void {
  const { jobHash, steps, traceRoot } = report;
  const found: Claim = { jobHash, steps, traceRoot, intervals: report.checked.of };
  for (const what of ['jobHash', 'steps', 'traceRoot', 'intervals'] as const) {
    if (found[what] !== claim[what]) throw fail('run.merge-mismatch', { what, first: claim[what], other: found[what] });
  }
}
