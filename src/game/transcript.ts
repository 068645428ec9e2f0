/** The game again, from what both sides have said: lists, ends and choices. All else follows from the rules and the job. */
import type { Hash } from '../commitments/hash.js';
import type { Bundle } from '../job/bundle.js';
import { operatorRecord } from '../program/hash.js';
import { operatorAid, stepAid } from './aid.js';
import { type Context, gameHash, PHASES, runContext } from './context.js';
import type { GameRules, RefusalCode, Side } from './game.js';
import { enterLevel, isFoot, machineContext, settleList } from './reveal.js';
import { nodesOfList, type RevealedNode } from './revealed-nodes.js';
import { orRefusal, revert } from './revert.js';
import { narrow } from './select.js';

/** What an opening tells: leaves i and j of the trace, and the state roots there. */
export interface OpenedEnds {
  readonly i: number;
  readonly lo: Hash;
  readonly j: number;
  readonly hi: Hash;
}

/** A list, and the disputed hash that it stands below: only the solver knows it where he enters the machine. */
export interface Revealed {
  readonly kind: 'revealed';
  readonly hi: Hash;
  readonly list: readonly Hash[];
}

/** The challenger's choice in the list before it. */
export interface Selected {
  readonly kind: 'selected';
  readonly index: number;
}

export type Said = Revealed | Selected;

/** Where a game stands. */
export interface Position {
  readonly context: Context;
  readonly list: readonly Hash[];
  readonly revealed: readonly RevealedNode[];
  readonly turn: Side;
  readonly h: Hash;
}

/** The position that an opening gives. */
export function firstPosition({ steps, checkpointEvery }: GameRules, { i, lo, j, hi }: OpenedEnds): Position {
  const a = i * checkpointEvery;
  const context = runContext({ a, n: Math.min(j * checkpointEvery, steps) - a, lo, hi });
  return { context, list: [], revealed: [], turn: 'solver', h: gameHash(context) };
}

/**
 * The position after what was said next. Never throws for what a stranger says: what no contract can have accepted is
 * refused.
 */
export function nextPosition(
  position: Position,
  said: Said,
  rules: GameRules,
  bundle: Bundle,
): Position | { readonly refused: { readonly code: RefusalCode } } {
  return orRefusal<Position>(() => {
    const isReveal = said.kind === 'revealed';
    if ((position.turn === 'solver') !== isReveal) throw revert('WrongTurn', position.turn);
    return isReveal ? afterReveal(position, said, rules, bundle) : afterSelect(position, said);
  });
}

function afterReveal(position: Position, said: Revealed, rules: GameRules, bundle: Bundle): Position {
  const { list } = said;
  const context = settleList(entered(position.context, said, rules, bundle), list);
  const revealed = [...position.revealed, ...nodesOfList(context, list)];
  return { context, list, revealed, turn: 'challenger', h: gameHash(context, list) };
}

function afterSelect({ context: before, list, revealed }: Position, { index }: Selected): Position {
  if (!Number.isSafeInteger(index) || index < 0) throw revert('BadIndex', index);
  const context = narrow(before, list, index);
  return { context, list: [], revealed, turn: 'solver', h: gameHash(context) };
}

function entered(context: Context, { hi }: Revealed, rules: GameRules, bundle: Bundle): Context {
  if (!isFoot(context)) return enterLevel(rules, context, { enters: 'nothing' });
  if (context.phase === PHASES.run) return enterLevel(rules, context, stepAid(bundle));
  if (context.phase === PHASES.ops) return enterLevel(rules, context, operatorAid(bundle, context.a));
  return machineContext(context, operatorRecord(bundle.program.operators[context.k]!), hi);
}
