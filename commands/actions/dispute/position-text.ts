/** Where a game stands, in the words of the job. */

import { CHUNK_WORDS } from '../../../src/commitments/tensor-tree.js';
import { type Context, PHASES } from '../../../src/game/context.js';
import type { Bundle } from '../../../src/job/bundle.js';

/** A position for scripts: what is known so far, and nothing of what is not. */
export interface PositionFacts {
  readonly level: 'steps' | 'operators' | 'tensor' | 'element' | 'instructions' | 'instruction';
  /** First and number of what the range holds. */
  readonly first: number;
  readonly count: number;
  readonly step?: number;
  readonly operator?: { readonly index: number; readonly kind: string; readonly label: string };
  readonly element?: number;
  readonly instruction?: number;
}

/** What a context has come to. */
export function positionFacts(context: Context, bundle: Bundle): PositionFacts {
  const { phase, a: first, n: count, step, elem: element } = context;
  const range = { first, count };
  if (phase === PHASES.run) return { level: 'steps', ...range, ...(count === 1 ? { step: first } : {}) };
  if (phase === PHASES.step || phase === PHASES.ops) {
    const isOne = phase === PHASES.ops && count === 1;
    return { level: 'operators', ...range, step, ...(isOne ? operatorAt(bundle, first) : {}) };
  }
  const place = { step, ...operatorAt(bundle, context.k) };
  if (phase === PHASES.tensor) return { level: 'tensor', ...range, ...place };
  if (phase === PHASES.word) return { level: 'element', first: element, count: 1, ...place, element };
  if (phase === PHASES.machine) return { level: 'instructions', ...range, ...place, element };
  return { level: 'instruction', ...range, ...place, element, instruction: first };
}

/** The facts as a few words. */
export function positionText(facts: PositionFacts): string {
  const { level, first, count, operator, element, instruction } = facts;
  const last = first + count - 1;
  const span = count === 1 ? `${first}` : `${first} to ${last}`;
  const name = operator === undefined ? '' : `operator ${operator.index} (${operator.kind}, ${operator.label})`;
  switch (level) {
    case 'steps':
      return `training step${count === 1 ? '' : 's'} ${span}`;
    case 'operators':
      return name || `operators ${span}`;
    case 'tensor':
      return `${name}, elements ${CHUNK_WORDS * first} to ${CHUNK_WORDS * (last + 1) - 1} at most`;
    case 'element':
      return `element ${element}`;
    case 'instructions':
      return `instruction${count === 1 ? '' : 's'} ${span}`;
    case 'instruction':
      return `instruction ${instruction}: to be executed`;
  }
}

function operatorAt({ program }: Bundle, index: number) {
  const entry = program.operators[index];
  return entry === undefined ? {} : { operator: { index, kind: entry.operator.kind, label: entry.label } };
}
