/** How a game begins: two leaves of the trace, the right one disputed. */
import type { Hash } from '../commitments/hash.js';
import { gameHash, runContext } from './context.js';
import type { Game, GameRules, MoveResult } from './game.js';
import { orRefusal, requireHash, requireOpening, revert } from './revert.js';
import { isOpening } from './well-formed.js';

export type ClaimStatus = 'live' | 'fallen' | 'final';

/** What a solver claims, and until when it may be challenged. */
export interface Claim {
  readonly traceRoot: Hash;
  readonly finalRoot: Hash;
  /** The last second of the window. */
  readonly until: number;
  readonly status: ClaimStatus;
  /** The least bond of a challenger. */
  readonly minimumBond: bigint;
}

/** The challenger holds data for leaf i, and his replay up to leaf j does not hash to what the claim says. */
export interface Opening {
  readonly i: number;
  readonly leafI: Hash;
  /** Siblings in the trace; not read where the leaf is the first or the last. */
  readonly pathI: readonly Hash[];
  readonly j: number;
  readonly leafJ: Hash;
  readonly pathJ: readonly Hash[];
  readonly bond: bigint;
}

/** n: intervals of a run; its trace has one leaf more. */
export function intervalCount({ steps, checkpointEvery }: Pick<GameRules, 'steps' | 'checkpointEvery'>): number {
  return Math.ceil(steps / checkpointEvery);
}

/** Opens a game at a time in seconds. Never throws, whatever the opening contains. */
export function openGame(rules: GameRules, claim: Claim, opening: Opening, now: number): MoveResult {
  return orRefusal<MoveResult>(() => {
    if (!isOpening(opening) || typeof opening.bond !== 'bigint') throw revert('Malformed');
    requireAllowed(claim, opening, now);
    requireLeaves(rules, claim, opening);
    const { steps, checkpointEvery, clock } = rules;
    const a = opening.i * checkpointEvery;
    const n = Math.min(opening.j * checkpointEvery, steps) - a;
    const context = runContext({ a, n, lo: opening.leafI, hi: opening.leafJ });
    const left = { solver: clock, challenger: clock };
    const game: Game = {
      rules,
      status: 'live',
      ending: null,
      turn: 'solver',
      left,
      last: now,
      moves: 1,
      h: gameHash(context),
      context,
      list: [],
      revealed: [],
    };
    return { game };
  });
}

function requireAllowed(claim: Claim, { bond }: Opening, now: number): void {
  if (claim.status !== 'live') throw revert('NotLive', claim.status, 'live');
  if (now > claim.until) throw revert('Window', now, claim.until);
  if (bond < claim.minimumBond) throw revert('Bond', String(bond), String(claim.minimumBond));
}

function requireLeaves(rules: GameRules, claim: Claim, opening: Opening): void {
  const intervals = intervalCount(rules);
  const { i, j } = opening;
  if (j > intervals) throw revert('BadIndex', j, intervals + 1);
  if (i >= j) throw revert('BadIndex', i, j);
  requireLeaf(rules, claim, { at: i, leaf: opening.leafI, path: opening.pathI });
  requireLeaf(rules, claim, { at: j, leaf: opening.leafJ, path: opening.pathJ });
}

interface TraceLeaf {
  readonly at: number;
  readonly leaf: Hash;
  readonly path: readonly Hash[];
}

// INVARIANT: both ends are bound by the job or the claim, so that a dispute is about what was claimed.
function requireLeaf(rules: GameRules, claim: Claim, { at, leaf, path }: TraceLeaf): void {
  const intervals = intervalCount(rules);
  if (at === 0 || at === intervals) {
    requireHash('BadProof', leaf, at === 0 ? rules.genesisRoot : claim.finalRoot);
    return;
  }
  requireOpening({ leaf, index: at, count: intervals + 1, siblings: path }, claim.traceRoot);
}
