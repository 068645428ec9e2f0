/** A verification report as people and CI systems read it. */
import type { Report } from '../../src/run/report.js';
import type { Divergence, VerificationReport } from '../../src/verify/verdict.js';
import { instructionFacts, wordText } from './instruction-text.js';
import { facts } from './table.js';

const MAX_LISTED = 10;

/** The report as text for a terminal; the verdict stands last, where the eye is. */
export function describeReport(report: VerificationReport): string {
  const { divergence, inconclusive } = report;
  const rows: [string, string][] = [...summaryOf(report)];
  if (divergence !== null) rows.push(...divergenceFacts(divergence));
  for (const { interval, reason } of inconclusive.slice(0, MAX_LISTED)) rows.push([`interval ${interval}`, reason]);
  if (inconclusive.length > MAX_LISTED) rows.push(['', `… and ${inconclusive.length - MAX_LISTED} more`]);
  return `${facts(rows)}\n\n${report.verdict.toUpperCase()}`;
}

function summaryOf(report: VerificationReport): [string, string][] {
  const { checked, detectionProbability } = report;
  const rows: [string, string][] = [
    ['run', report.run],
    ['job', report.jobHash],
    ['trace root', report.traceRoot],
  ];
  if (checked.intervals === 0) {
    if (report.verdict === 'verified')
      rows.push(['replayed', `nothing: none of the ${checked.of} intervals is in this shard`]);
    return rows;
  }
  rows.push(['replayed', `${checked.intervals} of ${checked.of} intervals on ${report.backend}`]);
  if (report.verdict !== 'diverged' && checked.intervals < checked.of) {
    rows.push(['finds a cheat', detectionText(detectionProbability)]);
  }
  return rows;
}

/** What a sample is worth. */
export function detectionText(probability: VerificationReport['detectionProbability']): string {
  return (
    `with probability ${percent(probability.oneInterval)} if one interval was altered, ` +
    `${percent(probability.onePercent)} if 1 % were, ${percent(probability.tenPercent)} if 10 % were`
  );
}

/** The facts of a divergence, from the checkpoint down. */
function divergenceFacts(divergence: Divergence): [string, string][] {
  const { checkpoint, steps, stateRoot, step, operator, tensor, element, instruction, expected, claimed, wrongRun } =
    divergence;
  const rows: [string, string][] = [
    ['checkpoint', `${checkpoint} (training steps ${steps.from} to ${steps.to}): the one before it agrees`],
    ['state root', `${stateRoot.expected} expected`],
    ['', `${stateRoot.claimed} claimed`],
  ];
  if (step !== undefined) rows.push(['training step', String(step)]);
  if (operator !== undefined) rows.push(['operator', `${operator.index} (${operator.kind}, ${operator.label})`]);
  if (tensor !== undefined) rows.push(['state tensor', `${tensor}, at the end of the interval`]);
  if (element !== undefined) rows.push(['element', String(element)]);
  if (expected !== undefined) rows.push(['expected', wordText(expected)]);
  if (claimed !== undefined) rows.push(['claimed', wordText(claimed)]);
  if (instruction !== undefined) rows.push(...instructionFacts(instruction));
  if (wrongRun !== undefined) rows.push(['wrong', WRONG_RUN[wrongRun]]);
  return rows;
}

const WRONG_RUN = {
  run: 'this run; a replay agrees with the other one',
  against: 'the other run; a replay agrees with this one',
  both: 'both runs; a replay agrees with neither',
} as const;

function percent(probability: number): string {
  return `${Number((100 * probability).toPrecision(3))} %`;
}

/** The report as test cases: one for each interval that was looked at. */
export function ciReport(report: VerificationReport): Report {
  const { divergence } = report;
  const failedInterval = divergence === null ? -1 : Math.max(0, divergence.checkpoint - 1);
  const details = divergence === null ? '' : facts(divergenceFacts(divergence));
  const failure = { outcome: 'failed' as const, message: 'the replay has other bits than the trace', details };
  const looked = new Set([...report.checked.list, ...(divergence === null ? [] : [failedInterval])]);
  return {
    title: 'gensyn verify',
    verdict: report.verdict,
    facts: summaryOf(report),
    cases: [
      ...[...looked]
        .sort((a, b) => a - b)
        .map((interval) => ({
          name: `interval ${interval}`,
          ...(interval === failedInterval ? failure : { outcome: 'passed' as const }),
        })),
      ...report.inconclusive.map(({ interval, reason }) => ({
        name: `interval ${interval}`,
        outcome: 'skipped' as const,
        message: reason,
      })),
    ],
  };
}
