/**
 * Integer expressions as linear forms: a constant plus multiples of coordinates and of other values, modulo 2^32.
 * Addresses are almost always of this form, and everything a schedule needs to know about them is in it.
 */

/** Output coordinate `at`, reduction coordinate `at`, or the value of node `at`. */
export interface LinearTerm {
  readonly of: 'index' | 'reduce' | 'node';
  readonly at: number;
  /** A signed 32-bit integer, not 0. */
  readonly coefficient: number;
}

export interface LinearForm {
  readonly constant: number;
  /** At most one for each value; nodes first, then output coordinates, then reduction coordinates. */
  readonly terms: readonly LinearTerm[];
}

/** Inclusive bounds of an integer value; exact, so either both fit in a signed or both in an unsigned word. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export const ANY_WORD: Range = { low: 0, high: 0xffffffff };

const ORDER = { node: 0, index: 1, reduce: 2 } as const;

export function constantForm(constant: number): LinearForm {
  return { constant: constant | 0, terms: [] };
}

export function termForm(of: LinearTerm['of'], at: number): LinearForm {
  return { constant: 0, terms: [{ of, at, coefficient: 1 }] };
}

/** `a + factor · b` modulo 2^32. */
export function addForms(a: LinearForm, b: LinearForm, factor = 1): LinearForm {
  const terms = new Map(a.terms.map((term) => [`${term.of}${term.at}`, term]));
  for (const term of b.terms) {
    const key = `${term.of}${term.at}`;
    const coefficient = ((terms.get(key)?.coefficient ?? 0) + Math.imul(term.coefficient, factor)) | 0;
    if (coefficient === 0) terms.delete(key);
    else terms.set(key, { ...term, coefficient });
  }
  return {
    constant: (a.constant + Math.imul(b.constant, factor)) | 0,
    terms: [...terms.values()].sort((x, y) => ORDER[x.of] - ORDER[y.of] || x.at - y.at),
  };
}

export function scaleForm(form: LinearForm, factor: number): LinearForm {
  return addForms(constantForm(0), form, factor);
}

/** How much a form grows when a coordinate grows by one. */
export function coefficientOf(form: LinearForm, of: LinearTerm['of'], at: number): number {
  return form.terms.find((term) => term.of === of && term.at === at)?.coefficient ?? 0;
}

/** The bounds of a form, or undefined where it may wrap. */
export function rangeOfForm(form: LinearForm, rangeOf: (term: LinearTerm) => Range): Range | undefined {
  let low = form.constant;
  let high = form.constant;
  for (const term of form.terms) {
    const range = rangeOf(term);
    const ends = [range.low * term.coefficient, range.high * term.coefficient];
    low += Math.min(...ends);
    high += Math.max(...ends);
  }
  return fitsWord(low, high) ? { low, high } : undefined;
}

export function fitsWord(low: number, high: number): boolean {
  return (low >= 0 && high <= 0xffffffff) || (low >= -0x80000000 && high <= 0x7fffffff);
}

/** Splits `form = divisor · quotient + remainder` with `0 ≤ remainder < divisor`, where that can be seen. */
export function divideForm(
  form: LinearForm,
  divisor: number,
  rangeOf: (term: LinearTerm) => Range,
): { readonly quotient: LinearForm; readonly remainder: LinearForm } | undefined {
  const whole = rangeOfForm(form, rangeOf);
  if (divisor <= 0 || whole === undefined || whole.low < 0) return undefined;
  const divisible = form.terms.filter((term) => term.coefficient % divisor === 0);
  const rest = form.terms.filter((term) => term.coefficient % divisor !== 0);
  const constant = ((form.constant % divisor) + divisor) % divisor;
  const remainder: LinearForm = { constant, terms: rest };
  const range = rangeOfForm(remainder, rangeOf);
  if (range === undefined || range.low < 0 || range.high >= divisor) return undefined;
  const terms = divisible.map((term) => ({ ...term, coefficient: term.coefficient / divisor }));
  return { quotient: { constant: (form.constant - constant) / divisor, terms }, remainder };
}
