/**
 * Merges adjacent axes of an operator's index space wherever every use of their coordinates walks through memory as if
 * they were one, and drops axes of extent 1. Elementwise operators become flat loops; microcode gets short.
 */

import { type Expr, type I32, i32, index, reduceIndex } from '../../expr/expression.js';
import { createIndexAlgebra, type IndexSpace } from '../../expr/linear.js';
import type { LinearForm } from '../../expr/linear-form.js';
import { replaceNodes } from './traverse.js';

export interface IndexedExpressions {
  readonly space: IndexSpace;
  readonly expressions: readonly Expr[];
}

type AxisKind = 'index' | 'reduce';

/** Simplifies expressions and their space. The row-major order of elements and of turns stays as it is. */
export function collapseAxes(given: IndexedExpressions): IndexedExpressions {
  let current = dropUnitAxes(simplifyAll(given));
  for (const kind of ['index', 'reduce'] as const) {
    for (let axis = extentsOf(current.space, kind).length - 2; axis >= 0; axis--) {
      if (canMerge(current, kind, axis)) current = mergeAxis(current, kind, axis);
    }
  }
  return current;
}

function simplifyAll({ space, expressions }: IndexedExpressions): IndexedExpressions {
  const algebra = createIndexAlgebra(space);
  return { space, expressions: expressions.map((expr) => algebra.simplify(expr)) };
}

const extentsOf = (space: IndexSpace, kind: AxisKind): readonly number[] =>
  kind === 'index' ? space.domain : space.reduction;

/** Coordinates of axes of extent 1 are 0 in simplified expressions, so that only the numbering changes. */
function dropUnitAxes(given: IndexedExpressions): IndexedExpressions {
  const { domain, reduction } = given.space;
  const rename = (extents: readonly number[], kind: AxisKind): (I32 | undefined)[] => {
    let next = 0;
    return extents.map((extent) => (extent === 1 ? undefined : coordinate(kind, next++)));
  };
  const names = { index: rename(domain, 'index'), reduce: rename(reduction, 'reduce') };
  const expressions = replaceNodes(given.expressions, (expr) =>
    expr.op === 'index' || expr.op === 'reduce' ? names[expr.op][expr.imm] : undefined,
  );
  const kept = (extents: readonly number[]): number[] => extents.filter((extent) => extent !== 1);
  // A fold keeps one turn, and an operator one axis.
  const space = {
    domain: atLeastOne(kept(domain)),
    reduction: reduction.length > 0 ? atLeastOne(kept(reduction)) : [],
  };
  return simplifyAll({ space, expressions });
}

const atLeastOne = (extents: readonly number[]): readonly number[] => (extents.length === 0 ? [1] : extents);

const coordinate = (kind: AxisKind, axis: number): I32 => (kind === 'index' ? index(axis) : reduceIndex(axis));

/** True if every linear form moves `extent(axis + 1)` times as far along `axis` as along `axis + 1`. */
function canMerge({ space, expressions }: IndexedExpressions, kind: AxisKind, axis: number): boolean {
  const extent = extentsOf(space, kind)[axis + 1]!;
  return linearForms({ space, expressions }).every((form) => {
    let outer = 0;
    let inner = 0;
    for (const [term, size] of form.terms) {
      if (term.op === kind && term.imm === axis) outer = size;
      if (term.op === kind && term.imm === axis + 1) inner = size;
    }
    return outer === extent * inner;
  });
}

/** The forms of all addresses and of all maximal expressions over coordinates alone, those inside of atoms included. */
function linearForms({ space, expressions }: IndexedExpressions): LinearForm[] {
  const algebra = createIndexAlgebra(space);
  const forms: LinearForm[] = [];
  const seen = new Set<Expr>();
  const addForm = (form: LinearForm): void => {
    forms.push(form);
    for (const term of form.terms.keys()) {
      // A coordinate is counted where its form is; what is inside of another atom has forms of its own.
      if (term.op === 'load' || term.op === 'loadbyte') visit(term);
      else term.args.forEach(visit);
    }
  };
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    if (expr.op === 'load' || expr.op === 'loadbyte') addForm(algebra.formOf(expr.args[0] as I32));
    else if (algebra.isPure(expr)) addForm(algebra.formOf(expr as I32));
    else expr.args.forEach(visit);
  };
  for (const expr of expressions) visit(algebra.simplify(expr));
  return forms;
}

/** With `outer · extent + inner` as the new coordinate, a form over both is the inner coefficient times it. */
function mergeAxis({ space, expressions }: IndexedExpressions, kind: AxisKind, axis: number): IndexedExpressions {
  const extents = [...extentsOf(space, kind)];
  extents.splice(axis, 2, extents[axis]! * extents[axis + 1]!);
  const merged = replaceNodes(expressions, (expr) => {
    if (expr.op !== kind || expr.imm < axis) return undefined;
    return expr.imm === axis ? i32(0) : coordinate(kind, expr.imm - 1);
  });
  return simplifyAll({
    space: kind === 'index' ? { ...space, domain: extents } : { ...space, reduction: extents },
    expressions: merged,
  });
}
