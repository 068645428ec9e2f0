/** A cheat from claim to settlement: claimed, found, disputed and paid out on the chain. */
import { outputWords } from '../../../src/expr/operator.js';
import type { Execution } from '../../../src/game/execution.js';
import { moveBound } from '../../../src/game/move-bound.js';
import type { Opening } from '../../../src/game/open-game.js';
import { decideOpening } from '../../../src/game/opening.js';
import type { Bundle } from '../../../src/job/bundle.js';
import { operatorRecord } from '../../../src/program/hash.js';
import { temporaryCount } from '../../../src/program/program.js';
import { type Claimed, claimOf, player } from '../../game/support/play.js';
import type { Arena } from './arena.js';
import { type Settled, settleAll } from './settle.js';
import { CLOCK, openTable, type Performer, playOnChain, type Staged, stage, type Table } from './stage.js';

/** Gas of a dispute, both sides together, that the contract is made for. */
export const GAS_BOUND = 2_400_000;

export interface Verifiers {
  /** Two executions of the same job; the first one also plays. */
  readonly replays: readonly [Execution, Execution];
  /** Whether the solver's state roots are there to be read. */
  readonly hasTrace: boolean;
}

/** The opening that an honest verifier makes of a claim. */
export async function openingAgainst(
  claimed: Claimed,
  { replays, hasTrace }: Verifiers,
): Promise<Omit<Opening, 'bond'>> {
  const { rules, claim, leaves } = claimed;
  const decision = await decideOpening({ rules, claim, leaves: hasTrace ? leaves : null, from: 0, replays });
  if (decision.do !== 'open') throw new Error(decision.why);
  return decision.opening;
}

export interface Told {
  readonly staged: Staged;
  readonly table: Table;
  readonly settled: Settled;
}

/** Claims what the liar has, lets an honest verifier dispute it, and pays out. */
export async function tell(
  arena: Arena,
  liar: Execution,
  verifiers: Verifiers,
  manner: (inner: Performer) => Performer = (inner) => inner,
): Promise<Told> {
  const claimed = await claimOf(liar, CLOCK);
  const opening = await openingAgainst(claimed, verifiers);
  const staged = await stage(arena, claimed);
  const table = await openTable(arena, staged, opening);
  const challenger = player('challenger', verifiers.replays[0]);
  await playOnChain(arena, table, { solver: manner(player('solver', liar)), challenger });
  return { staged, table, settled: await settleAll(arena, [staged], [table]) };
}

/** What a caught cheat leaves: the challenger has his bond and half of the solver's, the other half is burnt. */
export function lossOfLiar({ staged, table }: Told) {
  const share = staged.solverBond / 2n;
  return { solver: undefined, challenger: table.bond + share, burnt: share };
}

export function payments({ staged, table, settled: { paid, burnt } }: Told) {
  return { solver: paid.get(staged.solver), challenger: paid.get(table.challenger), burnt };
}

/** The most moves that a dispute about a job takes. */
export function boundOf({ program, steps }: Bundle) {
  return moveBound({
    steps,
    temporaries: temporaryCount(program),
    states: program.state.length,
    words: Math.max(...program.operators.map(({ operator }) => outputWords(operator))),
    instructions: Math.max(...program.operators.map((entry) => operatorRecord(entry).instructions)),
  });
}
