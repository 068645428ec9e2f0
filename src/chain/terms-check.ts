/** Whether the terms of a job are fit to stake on: what breaks a rule, and what is merely unwise (docs/settle.md). */
import { checkpointCount } from '../commitments/roots.js';
import type { GameLimits } from './deploy.js';
import { ETHER, type Terms } from './terms.js';

/** A term that nobody should accept, with both sides. */
export interface BadTerm {
  readonly term: 'window' | 'clock' | 'trainTime' | 'openUntil';
  readonly have: number;
  readonly want: string;
}

const DAY = 86_400;

/** The contract has no ceilings: longer times than these only serve to lock up somebody's bond. */
export const LONGEST_SECONDS = 90 * DAY;

/** One move takes a block, and two more until it is taken for certain. */
const BLOCKS_PER_MOVE = 3;
/** A side's moves in a game at the most (docs/economics.md). */
const MOVES = 16;
/** Games that a solver should be able to answer at the same time. */
const PARALLEL_GAMES = 4;

/**
 * Rules that the terms break: the deployment's floors, and ceilings of our own.
 *
 * @param now - Unix time in seconds
 */
export function brokenTerms({ minClock, minWindow }: GameLimits, terms: Terms, now: number): readonly BadTerm[] {
  const floors = { window: minWindow, clock: minClock, trainTime: minClock } as const;
  const bad: BadTerm[] = [];
  for (const term of ['window', 'clock', 'trainTime'] as const) {
    if (terms[term] < floors[term]) bad.push({ term, have: terms[term], want: `at least ${floors[term]}` });
    if (terms[term] > LONGEST_SECONDS) bad.push({ term, have: terms[term], want: `at most ${LONGEST_SECONDS}` });
  }
  if (terms.openUntil < now) bad.push({ term: 'openUntil', have: terms.openUntil, want: `at least ${now}` });
  return bad;
}

/**
 * What speaks against terms that break no rule, in words.
 *
 * @param blockTime - seconds between blocks
 */
export function doubtsAbout(terms: Terms, blockTime: number): readonly string[] {
  const doubts: string[] = [];
  const clock = recommendedClock(terms, blockTime);
  if (terms.clock < clock) {
    doubts.push(
      `the clock of ${terms.clock} s is short: ${PARALLEL_GAMES} games at once can need ${clock} s ` +
        `(${MOVES} moves of ${BLOCKS_PER_MOVE} blocks, and two replays of an interval for each game)`,
    );
  }
  if (terms.window < terms.trainTime) {
    doubts.push(
      `the window of ${terms.window} s is shorter than the ${terms.trainTime} s allowed for training: ` +
        'a full replay, which finds every lie, may not end in it',
    );
  }
  return doubts;
}

/** What speaks against offering these terms, in words. */
export function clientDoubts(terms: Terms, blockTime: number): readonly string[] {
  const doubts = [...doubtsAbout(terms, blockTime)];
  if (terms.token === ETHER && terms.minBond < terms.reward) {
    doubts.push(
      'the least bond is below the reward: skipping work pays unless every interval is checked. Where a verifier checks ' +
        'the share q of a run with probability v, ask for at least reward / (q · v)',
    );
  }
  return doubts;
}

/** Seconds: two replays of an interval for each of the parallel games, and the moves of a whole game (protocol, M3). */
export function recommendedClock({ steps, checkpointLog2, trainTime }: Terms, blockTime: number): number {
  const intervals = checkpointCount(steps, checkpointLog2) - 1;
  return Math.ceil((2 * PARALLEL_GAMES * trainTime) / intervals) + MOVES * BLOCKS_PER_MOVE * blockTime;
}
