/** Makes a report out of what a verification found. */
import { toHex } from '../commitments/hash.js';
import { traceRoot } from '../commitments/roots.js';
import { ARITHMETIC_VERSION } from '../numerics/instructions.js';
import type { RunManifest } from '../run/run-manifest.js';
import type { LoadedRun } from './load-run.js';
import { detectionProbability } from './sampling.js';
import type { Divergence, Inconclusive, Verdict, VerificationReport } from './verdict.js';

/** See {@link detectionProbability}; fractions are rounded up to whole intervals. */
export function detectionProbabilities(count: number, checked: number): VerificationReport['detectionProbability'] {
  const fraction = (share: number): number => detectionProbability(count, checked, Math.ceil(count * share));
  return {
    oneInterval: detectionProbability(count, checked, 1),
    onePercent: fraction(0.01),
    tenPercent: fraction(0.1),
  };
}

/** Diverged beats inconclusive: a difference that was found stays found, whatever else could not be looked at. */
function verdictOf(diverged: boolean, inconclusive: boolean): Verdict {
  if (diverged) return 'diverged';
  return inconclusive ? 'inconclusive' : 'verified';
}

/** What a report says of a run before anything was replayed. */
function emptyReport(run: LoadedRun, backend: string): VerificationReport {
  const of = run.leaves.length - 1;
  return {
    verdict: 'inconclusive',
    run: run.directory,
    jobHash: run.manifest.jobHash,
    traceRoot: toHex(traceRoot(run.leaves)),
    steps: run.bundle.steps,
    checked: { intervals: 0, of, list: [] },
    detectionProbability: detectionProbabilities(of, 0),
    divergence: null,
    inconclusive: [],
    backend,
  };
}

/** The report of a run that was compared with another one and parts from it. */
export function divergedReport(run: LoadedRun, backend: string, divergence: Divergence): VerificationReport {
  return { ...emptyReport(run, backend), verdict: 'diverged', divergence };
}

/** The report of the intervals that were replayed. */
export function replayReport(run: LoadedRun, backend: string, found: ReplayFindings): VerificationReport {
  const of = run.leaves.length - 1;
  const list = [...found.checked].sort((a, b) => a - b);
  return {
    ...emptyReport(run, backend),
    verdict: verdictOf(found.divergence !== null, found.inconclusive.length > 0),
    checked: { intervals: list.length, of, list },
    detectionProbability: detectionProbabilities(of, list.length),
    divergence: found.divergence,
    inconclusive: found.inconclusive,
  };
}

export interface ReplayFindings {
  readonly checked: ReadonlySet<number>;
  readonly divergence: Divergence | null;
  readonly inconclusive: readonly Inconclusive[];
}

/** Nothing can be said of a run whose bits mean something else here. */
export function foreignArithmeticReport(directory: string, manifest: RunManifest): VerificationReport {
  const of = Math.ceil(manifest.steps / manifest.checkpointEvery);
  const reason = `the run was made with arithmetic version ${manifest.arithmeticVersion}; this build computes version ${ARITHMETIC_VERSION}`;
  return {
    verdict: 'inconclusive',
    run: directory,
    jobHash: manifest.jobHash,
    traceRoot: '',
    steps: manifest.steps,
    checked: { intervals: 0, of, list: [] },
    detectionProbability: detectionProbabilities(of, 0),
    divergence: null,
    inconclusive: [{ interval: 0, reason }],
    backend: '',
  };
}
