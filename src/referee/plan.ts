/** What must be known about a lowered operator before code is emitted: uses of each value, and what to hoist. */
import type { LoweredOperator } from './lower-body.js';
import { MAX_INSTRUCTIONS } from './machine-instructions.js';
import { Misfit } from './misfit.js';
import { isConstant, type Scalar, type Value } from './value-graph.js';

export interface Plan {
  /** How often each value is read, by instructions and by initial values, updates and the result. */
  readonly uses: Map<Value, number>;
  /** For each level below the innermost loop's, the values of that level that deeper levels of the fold read. */
  readonly hoisted: readonly (readonly Value[])[];
}

/** Throws {@link Misfit} where there are more values than instructions can be. */
export function planEmission(lowered: LoweredOperator): Plan {
  const { loops, init, update, finish } = lowered;
  const uses = new Map<Value, number>();
  for (const root of [...init, ...update, finish]) countUse(root, uses);
  countUsesBelow(uses);
  return { uses, hoisted: hoistedValues(loops.length, update.filter((root) => !isConstant(root)) as Value[]) };
}

function countUse(root: Scalar, uses: Map<Value, number>): void {
  if (!isConstant(root)) uses.set(root, (uses.get(root) ?? 0) + 1);
}

/** Extends the counts of some roots to everything below them. */
function countUsesBelow(uses: Map<Value, number>): void {
  const pending = [...uses.keys()];
  let operations = 0;
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (value.kind === 'operation' && ++operations > MAX_INSTRUCTIONS) throw new Misfit('instructions', operations);
    for (const arg of value.args) {
      if (!uses.has(arg)) pending.push(arg);
      countUse(arg, uses);
    }
  }
}

function hoistedValues(innermost: number, updates: readonly Value[]): Value[][] {
  const hoisted = Array.from({ length: innermost }, () => new Set<Value>());
  const seen = new Set<Value>();
  const pending: Value[] = [];
  const reach = (value: Value, readerLevel: number): void => {
    if (value.kind === 'operation' && value.level < readerLevel) hoisted[value.level]!.add(value);
    if (!seen.has(value)) pending.push(value);
    seen.add(value);
  };
  for (const update of updates) reach(update, innermost);
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    for (const arg of value.args) reach(arg, value.level);
  }
  return hoisted.map((values) => [...values].sort((a, b) => a.id - b.id));
}
