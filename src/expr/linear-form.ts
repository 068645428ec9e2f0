/** Linear forms over integer expressions. */
import { type Body, constantValue } from './body.js';
import type { I32 } from './expression.js';

/** `constant + Σ coefficient · atom`; equal atoms are one term, no coefficient is 0. */
export interface LinearForm {
  readonly constant: number;
  readonly terms: ReadonlyMap<I32, number>;
}

export const ZERO_FORM: LinearForm = { constant: 0, terms: new Map() };

/** Adds to a term's coefficient; a term that comes to 0 goes. */
export function accumulate(terms: Map<I32, number>, term: I32, size: number): void {
  const total = (terms.get(term) ?? 0) + size;
  if (total === 0) terms.delete(term);
  else terms.set(term, total);
}

/** Changes every coefficient and the constant. */
function mapForm(form: LinearForm, change: (size: number) => number): LinearForm {
  const terms = new Map<I32, number>();
  for (const [term, size] of form.terms) accumulate(terms, term, change(size));
  return { constant: change(form.constant), terms };
}

export const scaleForm = (form: LinearForm, factor: number): LinearForm => mapForm(form, (size) => size * factor + 0);

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The linear form of a body's integer node; its terms are nodes that are not sums or multiples themselves. */
export interface NodeForm {
  readonly constant: number;
  readonly terms: ReadonlyMap<number, number>;
}

/** Reads a node as `constant + Σ coefficient · node`, without any knowledge of ranges. Exact modulo 2^32. */
export function linearForm(body: Body, node: number): NodeForm {
  const { op, args } = body.nodes[node]!;
  const [left, right] = args;
  if (op === 'const') return { constant: constantValue(body.nodes[node]!), terms: new Map() };
  if (op === 'iadd' || op === 'isub') {
    return addNodeForms(linearForm(body, left!), linearForm(body, right!), op === 'iadd' ? 1 : -1);
  }
  if (op === 'imul') {
    const [a, b] = [linearForm(body, left!), linearForm(body, right!)];
    const empty: NodeForm = { constant: 0, terms: new Map() };
    if (b.terms.size === 0) return addNodeForms(empty, a, b.constant);
    if (a.terms.size === 0) return addNodeForms(empty, b, a.constant);
  }
  return { constant: 0, terms: new Map([[node, 1]]) };
}

function addNodeForms(left: NodeForm, right: NodeForm, factor: number): NodeForm {
  const terms = new Map(left.terms);
  for (const [term, size] of right.terms) {
    const total = (terms.get(term) ?? 0) + size * factor;
    if (total === 0) terms.delete(term);
    else terms.set(term, total);
  }
  return { constant: left.constant + right.constant * factor, terms };
}
