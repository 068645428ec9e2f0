/**
 * When a challenger opens a game: only with data that is proven against the claim or is the job's genesis, and only after
 * two replays that agree. Everything else may be bait, or his own machine's mistake, and would cost him his bond.
 */
import { equalHashes, type Hash } from '../commitments/hash.js';
import { openingOf } from '../commitments/merkle.js';
import { traceRoot } from '../commitments/roots.js';
import type { Execution } from './execution.js';
import type { GameRules } from './game.js';
import { type Claim, intervalCount, type Opening } from './open-game.js';

export interface OpeningParameters {
  readonly rules: GameRules;
  readonly claim: Claim;
  /** The state roots at all leaves, as published; none where the solver withholds them. */
  readonly leaves: readonly Hash[] | null;
  /** The first leaf this side has data of: 0 for a full replay, a sampled interval's otherwise. */
  readonly from: number;
  /** The last leaf to replay to; n unless told. */
  readonly to?: number;
  /** Two executions that share nothing, best on two backends. */
  readonly replays: readonly [Execution, Execution];
}

export type OpeningDecision =
  | { readonly do: 'open'; readonly opening: Omit<Opening, 'bond'> }
  | { readonly do: 'nothing'; readonly why: string };

/** Whether to open a game, and between which leaves: the shortest segment that the evidence allows. */
export async function decideOpening(parameters: OpeningParameters): Promise<OpeningDecision> {
  const { rules, claim, leaves, from, to = intervalCount(rules) } = parameters;
  const trace = leaves !== null && isTraceOf(leaves, rules, claim) ? leaves : null;
  if (trace === null && (from !== 0 || to !== intervalCount(rules))) {
    return { do: 'nothing', why: 'the published trace is not the one that is claimed, so its leaves prove nothing' };
  }
  const wanted = trace === null ? [from, to] : Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const claimed = wanted.map((leaf) => claimedLeaf(rules, claim, trace, leaf));
  const at = await firstDifference(parameters, wanted, claimed);
  if (at === null) return { do: 'nothing', why: 'the claim agrees with this replay' };
  if (at === 0) return { do: 'nothing', why: 'the data that the replay begins with is not what is claimed' };
  if (!(await isConfirmed(parameters, wanted[at - 1]!, wanted[at]!))) {
    return { do: 'nothing', why: 'two replays of the same interval differ: check this machine' };
  }
  const [i, j] = [at - 1, at].map((end) => ({ leaf: wanted[end]!, root: claimed[end]! }));
  return { do: 'open', opening: between(i!, j!, trace) };
}

/**
 * Checks an opening that somebody proposes, by the same rule: the replays begin with what is claimed on the left, agree
 * with each other at both ends, and end in something else than what is claimed on the right. Whether the leaves are the
 * claim's is for {@link openGame} to say.
 */
export async function confirmOpening(
  rules: GameRules,
  opening: Omit<Opening, 'bond'>,
  replays: readonly [Execution, Execution],
): Promise<OpeningDecision> {
  const ends = [opening.i, opening.j].map((leaf) => stateOf(rules, leaf));
  const [mine, again] = [await replays[0].stateRootsAt(ends), await replays[1].stateRootsAt(ends)];
  if (!mine.every((root, at) => equalHashes(root, again[at]!))) {
    return { do: 'nothing', why: 'two replays of the same interval differ: check this machine' };
  }
  if (!equalHashes(mine[0]!, opening.leafI)) {
    return { do: 'nothing', why: 'the data that the replay begins with is not what is claimed' };
  }
  if (equalHashes(mine[1]!, opening.leafJ)) return { do: 'nothing', why: 'the claim agrees with this replay' };
  return { do: 'open', opening };
}

interface End {
  readonly leaf: number;
  readonly root: Hash;
}

function between(i: End, j: End, trace: readonly Hash[] | null): Omit<Opening, 'bond'> {
  const pathTo = (leaf: number): readonly Hash[] => {
    const isEnd = trace === null || leaf === 0 || leaf === trace.length - 1;
    return isEnd ? [] : openingOf(trace, leaf).siblings;
  };
  return { i: i.leaf, leafI: i.root, pathI: pathTo(i.leaf), j: j.leaf, leafJ: j.root, pathJ: pathTo(j.leaf) };
}

/** Leaf 0 is the job's and leaf n the claim's by definition, whatever the trace holds there. */
function claimedLeaf(rules: GameRules, claim: Claim, trace: readonly Hash[] | null, leaf: number): Hash {
  if (leaf === 0) return rules.genesisRoot;
  return leaf === intervalCount(rules) ? claim.finalRoot : trace![leaf]!;
}

function isTraceOf(leaves: readonly Hash[], rules: GameRules, claim: Claim): boolean {
  return leaves.length === intervalCount(rules) + 1 && equalHashes(traceRoot(leaves), claim.traceRoot);
}

/** The first of the leaves that a replay gives another root for. Nothing behind it is replayed. */
async function firstDifference(
  { rules, replays }: OpeningParameters,
  leaves: readonly number[],
  claimed: readonly Hash[],
): Promise<number | null> {
  for (const [at, leaf] of leaves.entries()) {
    const [root] = await replays[0].stateRootsAt([stateOf(rules, leaf)]);
    if (!equalHashes(root!, claimed[at]!)) return at;
  }
  return null;
}

/** Whether the second replay gives the first one's roots at both ends. */
async function isConfirmed({ rules, replays }: OpeningParameters, i: number, j: number): Promise<boolean> {
  const states = [i, j].map((leaf) => stateOf(rules, leaf));
  const [mine, again] = [await replays[0].stateRootsAt(states), await replays[1].stateRootsAt(states)];
  return mine.every((root, at) => equalHashes(root, again[at]!));
}

function stateOf({ checkpointEvery, steps }: GameRules, leaf: number): number {
  return Math.min(leaf * checkpointEvery, steps);
}
