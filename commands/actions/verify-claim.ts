/** The core of `gensyn verify --claim`: a claim of the chain, with the published run or from the genesis. */
import { writeEvidence } from '../../src/chain/evidence.js';
import { type Hash, toHex } from '../../src/commitments/hash.js';
import { OUTCOME_CODES } from '../../src/errors/index.js';
import { detectionProbabilities } from '../../src/verify/report.js';
import type { Action } from '../context.js';
import type { VerifyOptions } from '../verify.js';
import { chooseIntervals } from './choose-intervals.js';
import { openMaterial } from './dispute/player.js';
import { type Searched, searchPosted } from './dispute/search.js';
import { marketOf } from './settle/access.js';
import { facts } from './table.js';
import { detectionText } from './verification-text.js';

const EXIT_CODE = {
  verified: OUTCOME_CODES.done,
  diverged: OUTCOME_CODES.negativeVerdict,
  inconclusive: OUTCOME_CODES.inconclusive,
} as const;

/** Verifies a claim and writes the evidence against it, where there is any. */
export const verifyClaim: Action<VerifyOptions & { readonly claim: bigint }> = async (options, invocation) => {
  const market = await marketOf({ ...options, deployments: options.deployments ?? 'deployments' }, invocation);
  const material = await openMaterial(options, invocation);
  const choose = (count: number, traceRoot: Hash) => chooseIntervals(count, traceRoot, options);
  const found = await searchPosted(market, options.claim, material, options, invocation, choose);
  const { claim, job, finding } = found;
  const { opening, verdict, replays } = finding;
  let evidence: string | null = null;
  if (opening !== null) {
    evidence = options.evidence ?? `evidence-${claim.id}.json`;
    const { connection, address: game } = market;
    const about = { chainId: connection.chainId, game, claim: claim.id, job: job.id, jobHash: job.jobHash };
    await writeEvidence(evidence, { ...about, opening, replays });
  }
  const path = options.run === undefined ? '' : ` ${options.run}`;
  return {
    result: documentOf(found, evidence),
    text: `${facts(rowsOf(found, evidence))}\n\n${verdict.toUpperCase()}`,
    exitCode: EXIT_CODE[verdict],
    ...(evidence === null
      ? {}
      : { next: `gensyn dispute open${path} --evidence ${evidence} --job ${options.job ?? '<job>'}` }),
  };
};

function documentOf({ claim, job, finding }: Searched, evidence: string | null) {
  const { verdict, why, checked, isFullReplay, opening } = finding;
  return {
    ...{ verdict, claim: claim.id, job: job.id, jobHash: toHex(job.jobHash), status: claim.status },
    ...{ finalRoot: toHex(claim.finalRoot), traceRoot: toHex(claim.traceRoot), checked, isFullReplay, why },
    detectionProbability: detectionProbabilities(checked.of, checked.intervals),
    disputed: opening === null ? null : { from: opening.i, to: opening.j },
    evidence,
  };
}

function rowsOf({ claim, job, finding }: Searched, evidence: string | null): (readonly [string, string])[] {
  const { verdict, checked, isFullReplay, why, replays } = finding;
  const how = isFullReplay
    ? `everything from the genesis on ${replays[0]}`
    : `${checked.intervals} of ${checked.of} intervals on ${replays[0]}`;
  return [
    ['claim', `${claim.id} of job ${job.id}, ${claim.status}`],
    ['solver', claim.solver],
    ['job hash', toHex(job.jobHash)],
    ['final root', toHex(claim.finalRoot)],
    ['replayed', how],
    ...(checked.intervals < checked.of && verdict !== 'diverged'
      ? [['finds a cheat', detectionText(detectionProbabilities(checked.of, checked.intervals))] as const]
      : []),
    ['found', why],
    ...(evidence === null ? [] : [['evidence', evidence] as const]),
  ];
}
