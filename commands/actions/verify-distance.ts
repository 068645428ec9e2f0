/** The core of `gensyn verify` for a run whose backend is not canonical: distances in place of bits. */
import { DEFAULT_BACKEND, defaultThreads, loadCanonicalBackend } from '../../src/backends/registry.js';
import { traceRoot } from '../../src/commitments/roots.js';
import { fail, OUTCOME_CODES } from '../../src/errors/index.js';
import type { Report } from '../../src/run/report.js';
import { machineText } from '../../src/run/run-machine.js';
import type { RunManifest } from '../../src/run/run-manifest.js';
import { compareByDistance, type DistanceReport, type IntervalDistance } from '../../src/verify/compare-by-distance.js';
import { loadRun } from '../../src/verify/load-run.js';
import type { Invocation, Outcome } from '../context.js';
import type { VerifyOptions } from '../verify.js';
import { chooseIntervals } from './choose-intervals.js';
import { openJob } from './open-job.js';
import { reportText } from './report-text.js';
import { facts } from './table.js';

const EXIT_CODE = {
  close: OUTCOME_CODES.done,
  far: OUTCOME_CODES.negativeVerdict,
  inconclusive: OUTCOME_CODES.inconclusive,
} as const;

const MAX_LISTED = 10;

/** @throws `tensorflow.bits-asked` for `--against` and `--exact` */
export async function verifyByDistance(
  path: string,
  { backend: trainedBy }: RunManifest,
  options: VerifyOptions,
  invocation: Invocation,
): Promise<Outcome> {
  const asked = options.exact === true ? '--exact' : options.against === undefined ? null : '--against';
  if (asked !== null) throw fail('tensorflow.bits-asked', { run: path, backend: trainedBy, asked });
  const { progress, signal, warn } = invocation;
  warn('this run is not canonical: it is compared by distance, and no claim can rest on it');
  const job = options.job === undefined ? undefined : await openJob(options.job, {}, invocation);
  progress.phase('reading the run');
  const threads = options.threads ?? defaultThreads();
  const backend = await loadCanonicalBackend(options.backend ?? DEFAULT_BACKEND, threads);
  const run = await loadRun(path, job);
  const intervals = chooseIntervals(run.leaves.length - 1, traceRoot(run.leaves), options);
  progress.phase(`comparing ${intervals.length} of ${run.leaves.length - 1} intervals by distance`);
  const onProgress = (done: number, of: number): void => progress.update(done, of);
  const report = await compareByDistance({ run, intervals, backend, threads, signal, onProgress });
  return {
    result: report,
    text: await reportText(ciReport(report), () => describe(report), options.format, invocation),
    exitCode: EXIT_CODE[report.verdict],
  };
}

function describe(report: DistanceReport): string {
  const { intervals, inconclusive, verdict } = report;
  const far = intervals.filter(({ close }) => !close);
  const rows = [
    ...summaryOf(report),
    ...far.slice(0, MAX_LISTED).map((found): [string, string] => [`interval ${found.interval}`, distanceText(found)]),
    ...inconclusive
      .slice(0, MAX_LISTED)
      .map(({ interval, reason }): [string, string] => [`interval ${interval}`, reason]),
  ];
  const more = [far, inconclusive].reduce((sum, list) => sum + Math.max(0, list.length - MAX_LISTED), 0);
  if (more > 0) rows.push(['', `… and ${more} more`]);
  return `${facts(rows)}\n\n${verdict.toUpperCase()} (by distance; not canonical)`;
}

function summaryOf(report: DistanceReport): [string, string][] {
  const { trainedOn, checked, startsAtGenesis, closeWithin, intervals } = report;
  const { backend, machine } = trainedOn;
  const worst = intervals.reduce<IntervalDistance | null>(
    (found, each) => (found === null || Number(each.distance) > Number(found.distance) ? each : found),
    null,
  );
  return [
    ['run', report.run],
    ['job', report.jobHash],
    ['trace root', report.traceRoot],
    ['trained on', `${backend}, not canonical${machine === null ? '' : `: ${machineText(machine)}`}`],
    ['compared', `${checked.intervals} of ${checked.of} intervals with a replay on ${report.backend}`],
    ['close within', `${closeWithin} of each tensor's norm, in each interval`],
    ...(startsAtGenesis ? [] : [['genesis', 'the run begins with another state than its job'] as [string, string]]),
    ...roundingRows(intervals),
    ...(worst === null ? [] : [['largest', `${distanceText(worst)} (interval ${worst.interval})`] as [string, string]]),
  ];
}

/** The tensors that were left to rounding, in any interval. */
function roundingRows(intervals: readonly IntervalDistance[]): [string, string][] {
  const names = [...new Set(intervals.flatMap(({ rounding }) => rounding))];
  if (names.length === 0) return [];
  const more = names.length > MAX_LISTED ? `, … and ${names.length - MAX_LISTED} more` : '';
  return [['left to rounding', `${names.slice(0, MAX_LISTED).join(', ')}${more}`]];
}

function distanceText({ tensor, distance, steps }: IntervalDistance): string {
  const shown = typeof distance === 'number' ? distance.toExponential(2) : distance;
  return `${shown}${tensor === null ? '' : ` in ${tensor}`}, training steps ${steps.from} to ${steps.to}`;
}

/** One case for each interval, and one for the genesis where that is wrong. */
function ciReport(report: DistanceReport): Report {
  const { verdict, intervals, inconclusive, startsAtGenesis } = report;
  const skipped = inconclusive.map(({ interval, reason }) => ({
    name: `interval ${interval}`,
    outcome: 'skipped' as const,
    message: reason,
  }));
  const compared = intervals.map((found) => ({
    name: `interval ${found.interval}`,
    ...(found.close
      ? { outcome: 'passed' as const }
      : { outcome: 'failed' as const, message: 'the replay is far from the run', details: distanceText(found) }),
  }));
  const genesis = { name: 'genesis', outcome: 'failed' as const, message: 'the run begins with another state' };
  return {
    title: 'gensyn verify, by distance (not canonical)',
    verdict,
    facts: summaryOf(report),
    cases: [...(startsAtGenesis ? [] : [genesis]), ...compared, ...skipped],
  };
}
