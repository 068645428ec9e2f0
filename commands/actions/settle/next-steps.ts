/** What can be done next with a job, and by whom. */
import type { PostedClaim, PostedJob } from '../../../src/chain/market.js';

/** Something that somebody may do. */
export interface NextStep {
  readonly who: 'anybody' | 'client' | 'solver' | 'challengers';
  readonly what: string;
  /** The last moment for it, or the first one: Unix time in seconds; null where there is none. */
  readonly until: number | null;
  readonly from: number | null;
}

/**
 * The next steps of a job.
 *
 * @param claim - its newest claim
 * @param now - Unix time in seconds: the chain's
 */
export function nextSteps(job: PostedJob, claim: PostedClaim | null, now: number): readonly NextStep[] {
  const fallen = claim?.status === 'fallen' && claim.open > 0 ? [step('challengers', 'collect')] : [];
  switch (job.status) {
    case 'open':
      return [...fallen, ...openSteps(job, now)];
    case 'taken':
      return now <= job.deadline
        ? [...fallen, until('solver', `claim`, job.deadline)]
        : [...fallen, step('anybody', 'expire')];
    case 'claimed':
      return claim === null ? [] : liveSteps(claim, now);
    case 'closed':
      return [...fallen, claim?.status === 'final' ? step('solver', 'withdraw') : step('client', 'withdraw')];
  }
}

function openSteps({ terms }: PostedJob, now: number): readonly NextStep[] {
  if (now > terms.openUntil) return [step('anybody', 'expire'), step('client', 'cancel')];
  return [until('anybody', 'take', terms.openUntil), step('client', 'cancel')];
}

function liveSteps({ until: end, open }: PostedClaim, now: number): readonly NextStep[] {
  const play = open > 0 ? [step('solver', 'answer'), step('challengers', 'answer')] : [];
  if (now <= end) return [...play, until('anybody', 'dispute', end), { ...step('anybody', 'finalize'), from: end + 1 }];
  return open > 0 ? play : [step('anybody', 'finalize')];
}

function step(who: NextStep['who'], what: string): NextStep {
  return { who, what, until: null, from: null };
}

function until(who: NextStep['who'], what: string, last: number): NextStep {
  return { who, what, until: last, from: null };
}
