/**
 * Affine forms: integer values written as `constant + Σ coefficient · value` modulo 2^32.
 *
 * They serve two ends. Output coordinates need not be decoded from the element's number where a form only needs a part
 * of it as a whole (the address of an element-wise load is the element's number itself). And the terms that are the same
 * for the whole element are summed apart from those that change in a loop.
 */
import { product, stridesOf } from '../expr/operator.js';
import { isConstant, type Scalar, type Value, type ValueGraph } from './value-graph.js';

export interface Term {
  readonly value: Value;
  /** Unsigned, modulo 2^32, never 0. */
  readonly coefficient: number;
}

export interface Affine {
  readonly constant: number;
  /** At most one term for each value. */
  readonly terms: readonly Term[];
}

export function affineConstant(bits: number): Affine {
  return { constant: bits >>> 0, terms: [] };
}

export function affineOf(scalar: Scalar): Affine {
  return isConstant(scalar) ? affineConstant(scalar.bits) : { constant: 0, terms: [{ value: scalar, coefficient: 1 }] };
}

/** `a + factor · b`. */
export function addAffine(a: Affine, b: Affine, factor = 1): Affine {
  const coefficients = new Map(a.terms.map(({ value, coefficient }) => [value, coefficient]));
  for (const { value, coefficient } of b.terms) {
    coefficients.set(value, ((coefficients.get(value) ?? 0) + Math.imul(coefficient, factor)) >>> 0);
  }
  return {
    constant: (a.constant + Math.imul(b.constant, factor)) >>> 0,
    terms: [...coefficients]
      .filter(([, coefficient]) => coefficient !== 0)
      .map(([value, coefficient]) => ({ value, coefficient })),
  };
}

/** How many terms are neither output coordinates nor loop counters. */
export function opaqueTerms({ terms }: Affine): number {
  return terms.filter(({ value }) => value.kind !== 'index' && value.kind !== 'counter').length;
}

/** The values of a form: the same for the whole element first, then loop by loop. */
export function materialise(graph: ValueGraph, form: Affine, domain: readonly number[]): Scalar {
  const coordinates = form.terms.filter(({ value }) => value.kind === 'index');
  const others = form.terms.filter(({ value }) => value.kind !== 'index');
  const terms = [...decodeCoordinates(graph, coordinates, domain), ...others].sort(
    (a, b) => a.value.level - b.value.level || signum(a) - signum(b) || a.value.id - b.value.id,
  );
  let sum: Scalar = { bits: 0 };
  let constant = form.constant;
  terms.forEach((term, at) => {
    sum = addTerm(graph, sum, term);
    // The constant joins the terms of the lowest level, so that it is added as rarely as they are.
    if (constant !== 0 && term.value.level !== terms[at + 1]?.value.level) {
      sum = graph.apply('iadd', [sum, { bits: constant }]);
      constant = 0;
    }
  });
  return terms.length === 0 ? { bits: constant } : sum;
}

function addTerm(graph: ValueGraph, sum: Scalar, term: Term): Scalar {
  const isNegative = signum(term) === 1 && !(isConstant(sum) && sum.bits === 0);
  const factor = isNegative ? -term.coefficient >>> 0 : term.coefficient;
  const scaled = factor === 1 ? term.value : graph.apply('imul', [term.value, { bits: factor }]);
  if (isConstant(sum) && sum.bits === 0) return scaled;
  return graph.apply(isNegative ? 'isub' : 'iadd', [sum, scaled]);
}

/** 1 where the coefficient is negative as a signed number, so that such terms come last. */
function signum({ coefficient }: Term): number {
  return coefficient >>> 31;
}

/**
 * Writes output coordinates as parts of the element's number. Neighbouring axes whose coefficients stand in the ratio of
 * their strides form one part: `Σ i_a · stride_a / stride_last = (element / stride_last) mod (product of their extents)`.
 */
function decodeCoordinates(graph: ValueGraph, coordinates: readonly Term[], domain: readonly number[]): Term[] {
  const strides = stridesOf(domain);
  const coefficients = new Map(coordinates.map(({ value, coefficient }) => [value.imm, coefficient]));
  // Axes of one element take no part: their coordinate is 0 and they do not separate their neighbours.
  const axes = domain.flatMap((extent, axis) => (extent === 1 ? [] : [axis]));
  const terms: Term[] = [];
  let at = axes.length - 1;
  while (at >= 0) {
    const last = axes[at]!;
    const coefficient = coefficients.get(last);
    let first = last;
    at -= 1;
    if (coefficient === undefined) continue;
    while (
      at >= 0 &&
      coefficients.get(axes[at]!) === Math.imul(coefficient, strides[axes[at]!]! / strides[last]!) >>> 0
    ) {
      first = axes[at]!;
      at -= 1;
    }
    const isLeading = at < 0;
    const value = partOfElement(graph, strides[last]!, isLeading ? undefined : product(domain.slice(first, last + 1)));
    terms.push({ value, coefficient });
  }
  return terms;
}

/** `(element / stride) mod extent`; the modulus is left out for the leading axes. */
function partOfElement(graph: ValueGraph, stride: number, extent: number | undefined): Value {
  let part: Scalar = graph.leaf('element', 0, 0);
  if (stride !== 1) part = graph.apply('idivu', [part, { bits: stride }]);
  if (extent !== undefined) part = graph.apply('iremu', [part, { bits: extent }]);
  return part as Value;
}
