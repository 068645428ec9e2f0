/**
 * The algebra of coordinates: integer expressions over an operator's index space, brought into linear form.
 *
 * Views (reshape, transpose, slice, …) compose into addresses full of divisions and remainders by constants. Knowing the
 * range of every coordinate, most of them cancel, and an address becomes `constant + Σ coefficient · atom`. An atom is a
 * coordinate, or an integer expression that is not linear (a loaded row number, a remainder that did not cancel).
 */
import type { DType } from '../numerics/instructions.js';
import { type Expr, type I32, i32 } from './expression.js';
import { accumulate, greatestCommonDivisor, type LinearForm, scaleForm, ZERO_FORM } from './linear-form.js';
import { reduceTrivial } from './trivial.js';

/** The extents of the coordinates that `index(axis)` and `reduceIndex(axis)` stand for. */
export interface IndexSpace {
  readonly domain: readonly number[];
  readonly reduction: readonly number[];
}

/** An inclusive range of integers. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Simplifies expressions over one index space. Every expression it returns is unique for its structure. */
export interface IndexAlgebra {
  /** An expression with the same value in the whole space; addresses and coordinate arithmetic are in linear form. */
  simplify<Type extends DType>(expr: Expr<Type>): Expr<Type>;
  formOf(expr: I32): LinearForm;
  rangeOf(expr: I32): Range;
  /** True for an expression over coordinates and constants alone. Only those, and addresses, are in linear form. */
  isPure(expr: Expr): boolean;
}

const ANY_INTEGER: Range = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const LIMIT = 2 ** 31;
const FLAGS: ReadonlySet<string> = new Set(['feq', 'flt', 'fle', 'ieq', 'ilts', 'iltu']);
const COORDINATE_ARITHMETIC: ReadonlySet<string> = new Set(['iadd', 'isub', 'imul', 'idivu', 'iremu', 'ishl']);

export function createIndexAlgebra(space: IndexSpace): IndexAlgebra {
  const unique = new Map<string, Expr>();
  const numbers = new Map<Expr, number>();
  const simplified = new Map<Expr, Expr>();
  const forms = new Map<Expr, LinearForm>();
  const pure = new Map<Expr, boolean>();

  const intern = <Type extends DType>(expr: Expr<Type>): Expr<Type> => {
    const key = `${expr.op},${expr.dtype},${expr.imm},${expr.args.map((arg) => numbers.get(arg)).join()}`;
    const known = unique.get(key);
    if (known !== undefined) return known as Expr<Type>;
    unique.set(key, expr);
    numbers.set(expr, numbers.size);
    simplified.set(expr, expr);
    return expr;
  };

  /** True for arithmetic on coordinates alone. Arithmetic on data keeps its structure: it may share long sums. */
  const isPure = (expr: Expr): boolean => {
    const known = pure.get(expr);
    if (known !== undefined) return known;
    const leaf = expr.op === 'index' || expr.op === 'reduce' || (expr.op === 'const' && expr.dtype === 'i32');
    const answer = leaf || (COORDINATE_ARITHMETIC.has(expr.op) && expr.args.every(isPure));
    pure.set(expr, answer);
    return answer;
  };

  const simplify = <Type extends DType>(expr: Expr<Type>): Expr<Type> => {
    const known = simplified.get(expr);
    if (known !== undefined) return known as Expr<Type>;
    const answer = simplifyOnce(expr) as Expr<Type>;
    simplified.set(expr, answer);
    return answer;
  };
  const simplifyOnce = (expr: Expr): Expr => {
    if (expr.op === 'const') return intern(expr);
    if (isPure(expr)) return emit(formOf(expr as I32));
    if (expr.op === 'load' || expr.op === 'loadbyte') {
      return intern({ ...expr, args: [emit(formOf(expr.args[0] as I32))] });
    }
    const args = expr.args.map((arg) => simplify(arg));
    return intern(reduceTrivial({ ...expr, args }));
  };

  const atom = (expr: I32): LinearForm => ({ constant: 0, terms: new Map([[expr, 1]]) });
  const formOf = (expr: I32): LinearForm => {
    const known = forms.get(expr);
    if (known !== undefined) return known;
    const form = computeForm(expr);
    forms.set(expr, form);
    return form;
  };
  const computeForm = (expr: I32): LinearForm => {
    const [left, right] = expr.args as readonly I32[];
    switch (expr.op) {
      case 'const':
        return { constant: expr.imm | 0, terms: new Map() };
      case 'index':
        return space.domain[expr.imm] === 1 ? ZERO_FORM : atom(intern(expr));
      case 'reduce':
        return space.reduction[expr.imm] === 1 ? ZERO_FORM : atom(intern(expr));
      case 'iadd':
        return bounded(expr, add(formOf(left!), formOf(right!), 1));
      case 'isub':
        return bounded(expr, add(formOf(left!), formOf(right!), -1));
      case 'imul':
        return multiply(expr, formOf(left!), formOf(right!));
      case 'ishl':
        return isConstant(right!) ? bounded(expr, scaleForm(formOf(left!), 2 ** (right!.imm & 31))) : opaque(expr);
      case 'idivu':
      case 'iremu':
        return isConstant(right!) ? divideOrRemain(expr, formOf(left!), right!.imm) : opaque(expr);
      default:
        return linearOf(simplify(expr));
    }
  };
  /** The form of an expression that is already simplified and is no arithmetic on coordinates. */
  const linearOf = (expr: I32): LinearForm =>
    expr.op === 'const' ? { constant: expr.imm | 0, terms: new Map() } : atom(expr);
  const opaque = (expr: I32): LinearForm =>
    atom(intern({ ...expr, args: expr.args.map((arg) => emit(formOf(arg as I32))) }));
  const bounded = (expr: I32, form: LinearForm): LinearForm => {
    const sizes = [form.constant, ...form.terms.values()];
    return sizes.every((size) => Math.abs(size) < LIMIT) ? form : opaque(expr);
  };
  const multiply = (expr: I32, left: LinearForm, right: LinearForm): LinearForm => {
    if (right.terms.size === 0) return bounded(expr, scaleForm(left, right.constant));
    return left.terms.size === 0 ? bounded(expr, scaleForm(right, left.constant)) : opaque(expr);
  };
  const divideOrRemain = (expr: I32, form: LinearForm, divisor: number): LinearForm => {
    const range = rangeOfForm(form);
    // Unsigned division agrees with the integers only where nothing is negative and nothing wraps.
    if (divisor === 0 || divisor >= LIMIT || range.min < 0 || range.max >= LIMIT) return opaque(expr);
    return expr.op === 'idivu' ? divide(form, divisor) : remain(form, divisor);
  };

  /** Writes `form` as `divisor · quotient + rest` with a rest that is never negative, if that is possible. */
  const split = (form: LinearForm, divisor: number): { quotient: LinearForm; rest: LinearForm } | undefined => {
    // Coefficients move as a whole: so the quotient and the remainder of one form have the same rest, and can rejoin.
    const terms = new Map<I32, number>();
    for (const [term, size] of form.terms) if (size % divisor === 0) terms.set(term, size / divisor);
    const quotient = { constant: Math.floor(form.constant / divisor), terms };
    const rest = add(form, scaleForm(quotient, divisor), -1);
    return rangeOfForm(rest).min < 0 ? undefined : { quotient, rest };
  };
  /** Requires 0 ≤ form < 2^31. */
  const divide = (form: LinearForm, divisor: number): LinearForm => {
    const parts = split(form, divisor);
    if (parts === undefined) return quotientAtom(form, divisor);
    const { quotient, rest } = parts;
    if (rangeOfForm(rest).max < divisor) return quotient;
    return add(quotient, quotientAtom(rest, divisor), 1);
  };
  const remain = (form: LinearForm, divisor: number): LinearForm => {
    const rest = split(form, divisor)?.rest ?? form;
    if (rangeOfForm(rest).max < divisor && rangeOfForm(rest).min >= 0) return rest;
    const parts = factorOut(rest, divisor);
    if (parts !== undefined) {
      const { factor, multiple, below } = parts;
      return add(scaleForm(remain(multiple, divisor / factor), factor), below, 1);
    }
    return atom(intern({ op: 'iremu', dtype: 'i32', imm: 0, args: [emit(rest), intern(i32(divisor))] }));
  };
  const quotientAtom = (form: LinearForm, divisor: number): LinearForm => {
    const parts = factorOut(form, divisor);
    if (parts !== undefined) return divide(parts.multiple, divisor / parts.factor);
    const [only] = form.terms.keys();
    if (form.terms.size === 1 && form.constant === 0 && form.terms.get(only!) === 1 && only!.op === 'idivu') {
      const [inner, innerDivisor] = only!.args as readonly [I32, I32];
      const both = innerDivisor.imm * divisor;
      if (isConstant(innerDivisor) && innerDivisor.imm > 0 && both < LIMIT) return divide(formOf(inner), both);
    }
    return atom(intern({ op: 'idivu', dtype: 'i32', imm: 0, args: [emit(form), intern(i32(divisor))] }));
  };

  /** `form = factor · multiple + below` with 0 ≤ below < factor, for the largest such factor of `divisor` beyond 1. */
  const factorOut = (form: LinearForm, divisor: number): Factored | undefined => {
    const factors = [...form.terms.values()].map((size) => greatestCommonDivisor(divisor, Math.abs(size)));
    for (const factor of [...new Set(factors)].sort((a, b) => b - a)) {
      if (factor === 1) return undefined;
      const below = new Map<I32, number>();
      const multiple = new Map<I32, number>();
      for (const [term, size] of form.terms) {
        if (size % factor === 0) multiple.set(term, size / factor);
        else below.set(term, size);
      }
      const constant = Math.floor(form.constant / factor);
      const rest = { constant: form.constant - constant * factor, terms: below };
      if (rangeOfForm(rest).min < 0) continue;
      const whole = add({ constant, terms: multiple }, divide(rest, factor), 1);
      return { factor, multiple: whole, below: remain(rest, factor) };
    }
    return undefined;
  };

  const add = (left: LinearForm, right: LinearForm, factor: 1 | -1): LinearForm => {
    const terms = new Map(left.terms);
    for (const [term, size] of right.terms) accumulate(terms, term, size * factor);
    return rejoin({ constant: left.constant + right.constant * factor, terms });
  };
  /** `divisor · k · (z / divisor) + k · (z % divisor)` is `k · z`. */
  const rejoin = (form: LinearForm): LinearForm => {
    for (const [term, size] of form.terms) {
      if (term.op !== 'iremu' || !isConstant(term.args[1]!)) continue;
      const whole = formOf(term.args[0] as I32);
      const divisor = term.args[1]!.imm;
      const range = rangeOfForm(whole);
      if (divisor === 0 || divisor >= LIMIT || range.min < 0 || range.max >= LIMIT) continue;
      const quotient = divide(whole, divisor);
      const [only] = quotient.terms.keys();
      if (quotient.terms.size !== 1 || quotient.constant !== 0 || quotient.terms.get(only!) !== 1) continue;
      if (form.terms.get(only!) !== size * divisor) continue;
      const terms = new Map(form.terms);
      terms.delete(term);
      terms.delete(only!);
      return add({ constant: form.constant, terms }, scaleForm(whole, size), 1);
    }
    return form;
  };

  const rangeOfForm = (form: LinearForm): Range => {
    let { constant: min, constant: max } = form;
    for (const [term, size] of form.terms) {
      const range = rangeOfAtom(term);
      min += size * (size > 0 ? range.min : range.max);
      max += size * (size > 0 ? range.max : range.min);
    }
    return { min, max };
  };
  const rangeOfAtom = (expr: I32): Range => {
    const [first, second, third] = expr.args as readonly I32[];
    switch (expr.op) {
      case 'index':
        return { min: 0, max: (space.domain[expr.imm] ?? LIMIT) - 1 };
      case 'reduce':
        return { min: 0, max: (space.reduction[expr.imm] ?? LIMIT) - 1 };
      case 'loadbyte':
        return { min: 0, max: 255 };
      case 'iremu':
        return isConstant(second!) && second!.imm > 0 && second!.imm < LIMIT
          ? { min: 0, max: second!.imm - 1 }
          : ANY_INTEGER;
      case 'idivu': {
        const range = rangeOfForm(formOf(first!));
        if (!isConstant(second!) || second!.imm === 0 || range.min < 0 || range.max >= LIMIT) return ANY_INTEGER;
        return { min: Math.floor(range.min / second!.imm), max: Math.floor(range.max / second!.imm) };
      }
      case 'iselect':
        return rangeOfSelect(first!, second!, third!);
      default:
        return FLAGS.has(expr.op) ? { min: 0, max: 1 } : ANY_INTEGER;
    }
  };
  const rangeOfSelect = (condition: I32, yes: I32, no: I32): Range => {
    const otherwise = rangeOf(no);
    const [value, bound] = condition.args as readonly I32[];
    // The clamp `value <u bound ? value : other`.
    const clamped =
      condition.op === 'iltu' && value === yes && isConstant(bound!) && bound!.imm > 0 && bound!.imm <= LIMIT;
    const chosen = clamped ? { min: 0, max: bound!.imm - 1 } : rangeOf(yes);
    return { min: Math.min(chosen.min, otherwise.min), max: Math.max(chosen.max, otherwise.max) };
  };
  const rangeOf = (expr: I32): Range => rangeOfForm(formOf(expr));

  const emit = (form: LinearForm): I32 => {
    const terms = [...form.terms].sort(([a], [b]) => orderOf(a) - orderOf(b) || numbers.get(a)! - numbers.get(b)!);
    let sum: I32 | undefined;
    const plus = (term: I32): void => {
      sum = sum === undefined ? term : intern({ op: 'iadd', dtype: 'i32', imm: 0, args: [sum, term] });
    };
    for (const [term, size] of terms) {
      plus(size === 1 ? term : intern({ op: 'imul', dtype: 'i32', imm: 0, args: [term, intern(i32(size))] }));
    }
    if (form.constant !== 0 || sum === undefined) plus(intern(i32(form.constant)));
    if (!forms.has(sum!)) forms.set(sum!, form);
    return sum!;
  };

  return { simplify, formOf, rangeOf, isPure };
}

interface Factored {
  readonly factor: number;
  readonly multiple: LinearForm;
  readonly below: LinearForm;
}

const isConstant = (expr: Expr): boolean => expr.op === 'const';

/** Output coordinates first, then reduction coordinates, then what is not a coordinate. */
function orderOf(expr: I32): number {
  if (expr.op === 'index') return expr.imm;
  return expr.op === 'reduce' ? 1000 + expr.imm : 2000;
}
