/** The core of `gensyn verify`. */
import { DEFAULT_BACKEND, defaultThreads, loadCanonicalBackend } from '../../src/backends/registry.js';
import { traceRoot } from '../../src/commitments/roots.js';
import { fail, OUTCOME_CODES } from '../../src/errors/index.js';
import { ARITHMETIC_VERSION } from '../../src/numerics/instructions.js';
import { readRunManifest } from '../../src/run/run-folder.js';
import { compareRuns } from '../../src/verify/compare-runs.js';
import { loadRun, readClaim } from '../../src/verify/load-run.js';
import { mergeReports } from '../../src/verify/merge.js';
import { readReport } from '../../src/verify/parse-report.js';
import { divergedReport, foreignArithmeticReport } from '../../src/verify/report.js';
import type { VerificationReport } from '../../src/verify/verdict.js';
import { verifyRun } from '../../src/verify/verify-run.js';
import type { Action, Invocation } from '../context.js';
import type { VerifyOptions } from '../verify.js';
import { chooseIntervals } from './choose-intervals.js';
import { openJob } from './open-job.js';
import { reportText } from './report-text.js';
import { ciReport, describeReport } from './verification-text.js';

const EXIT_CODE = {
  verified: OUTCOME_CODES.done,
  diverged: OUTCOME_CODES.negativeVerdict,
  inconclusive: OUTCOME_CODES.inconclusive,
} as const;

export const verify: Action<VerifyOptions> = async (options, invocation) => {
  const { claim, run } = options;
  // Only a claim of a chain needs viem, which is slow to load.
  if (claim !== undefined) return (await import('./verify-claim.js')).verifyClaim({ ...options, claim }, invocation);
  if (run === undefined) throw fail('command.requires', { option: 'verify', needed: '<run> or --claim' });
  if (options.merge === undefined) {
    const manifest = await readRunManifest(run);
    // Across versions of the arithmetic not even distances mean anything.
    if (!manifest.canonical && manifest.arithmeticVersion === ARITHMETIC_VERSION) {
      return (await import('./verify-distance.js')).verifyByDistance(run, manifest, options, invocation);
    }
  }
  const report =
    options.merge === undefined ? await verifyFolder(run, options, invocation) : await merge(run, options.merge);
  return {
    result: report,
    text: await reportText(ciReport(report), () => describeReport(report), options.format, invocation),
    exitCode: EXIT_CODE[report.verdict],
  };
};

async function verifyFolder(path: string, options: VerifyOptions, invocation: Invocation): Promise<VerificationReport> {
  const { progress } = invocation;
  const manifest = await readRunManifest(path);
  if (manifest.arithmeticVersion !== ARITHMETIC_VERSION) return foreignArithmeticReport(path, manifest);
  const job = options.job === undefined ? undefined : await openJob(options.job, {}, invocation);
  progress.phase('reading the run');
  const threads = options.threads ?? defaultThreads();
  // The probe mostly waits for its threads and the run for the disk, so they wait together.
  const [backend, run] = await Promise.all([
    loadCanonicalBackend(options.backend ?? DEFAULT_BACKEND, threads),
    loadRun(path, job),
  ]);
  if (options.against !== undefined) {
    progress.phase('comparing the runs');
    const against = await loadRun(options.against, run.bundle);
    const { canonical, backend: trainedBy } = against.manifest;
    if (!canonical)
      throw fail('tensorflow.bits-asked', { run: options.against, backend: trainedBy, asked: '--against' });
    const divergence = await compareRuns({ run, against, backend, threads });
    if (divergence !== null) return divergedReport(run, backend.name, divergence);
  }
  const intervals = chooseIntervals(run.leaves.length - 1, traceRoot(run.leaves), options);
  progress.phase(`verifying ${intervals.length} of ${run.leaves.length - 1} intervals`);
  return verifyRun({
    run,
    intervals,
    backend,
    threads,
    signal: invocation.signal,
    onProgress: (done, of) => progress.update(done, of),
  });
}

async function merge(run: string, paths: readonly string[]): Promise<VerificationReport> {
  return mergeReports(await Promise.all(paths.map(readReport)), await readClaim(run));
}
