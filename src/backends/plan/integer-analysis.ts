/** Linear forms and bounds of an operator's integer nodes. */
import { type BodyNode, constantValue } from '../../expr/body.js';
import type { Operator } from '../../expr/operator.js';
import {
  ANY_WORD,
  addForms,
  constantForm,
  divideForm,
  fitsWord,
  type LinearForm,
  type LinearTerm,
  type Range,
  rangeOfForm,
  scaleForm,
  termForm,
} from './linear-form.js';

export interface IntegerAnalysis {
  /** By node; `node at` itself where nothing better is known. Meaningless for f32 nodes. */
  readonly forms: readonly LinearForm[];
  readonly ranges: readonly Range[];
  /** True where the form of a node is the node itself: it must be computed as it stands. */
  isOpaque(at: number): boolean;
}

export function analyseIntegers({ body, domain, reduction }: Operator): IntegerAnalysis {
  const forms: LinearForm[] = [];
  const ranges: Range[] = [];
  const rangeOfTerm = (term: LinearTerm): Range => {
    if (term.of === 'node') return ranges[term.at]!;
    return { low: 0, high: (term.of === 'index' ? domain : reduction)[term.at]! - 1 };
  };
  const context: Context = { nodes: body.nodes, forms, ranges, rangeOfTerm };
  body.nodes.forEach((node, at) => {
    const linear = node.dtype === 'i32' ? linearForm(node, context) : undefined;
    // A coordinate of extent 1 is 0 and leaves the form.
    const form = linear === undefined ? termForm('node', at) : withoutUnitAxes(linear, rangeOfTerm);
    forms.push(form);
    ranges.push(linear === undefined ? opaqueRange(node, context) : (rangeOfForm(form, rangeOfTerm) ?? ANY_WORD));
  });
  return {
    forms,
    ranges,
    isOpaque: (at) => {
      const [term] = forms[at]!.terms;
      return term !== undefined && term.of === 'node' && term.at === at;
    },
  };
}

interface Context {
  readonly nodes: readonly BodyNode[];
  readonly forms: readonly LinearForm[];
  readonly ranges: readonly Range[];
  readonly rangeOfTerm: (term: LinearTerm) => Range;
}

function withoutUnitAxes(form: LinearForm, rangeOfTerm: (term: LinearTerm) => Range): LinearForm {
  return { ...form, terms: form.terms.filter((term) => term.of === 'node' || rangeOfTerm(term).high > 0) };
}

function constantOf(context: Context, at: number): number | undefined {
  const form = context.forms[at]!;
  return form.terms.length === 0 ? form.constant : undefined;
}

function linearForm(node: BodyNode, context: Context): LinearForm | undefined {
  const [a = -1, b = -1] = node.args;
  switch (node.op) {
    case 'const':
      return constantForm(constantValue(node));
    case 'index':
    case 'reduce':
      return termForm(node.op, node.imm);
    case 'iadd':
      return addForms(context.forms[a]!, context.forms[b]!);
    case 'isub':
      return addForms(context.forms[a]!, context.forms[b]!, -1);
    case 'imul': {
      const [left, right] = [constantOf(context, a), constantOf(context, b)];
      if (right !== undefined) return scaleForm(context.forms[a]!, right);
      return left === undefined ? undefined : scaleForm(context.forms[b]!, left);
    }
    case 'ishl': {
      const count = constantOf(context, b);
      return count === undefined ? undefined : scaleForm(context.forms[a]!, 1 << (count & 31));
    }
    case 'idivu':
    case 'iremu':
    case 'ishru':
    case 'iand':
      return dividedForm(node, context);
    default:
      return undefined;
  }
}

/** Division by constants where it undoes a multiplication: a reshape's coordinates, for example. */
function dividedForm(node: BodyNode, context: Context): LinearForm | undefined {
  const [a = -1, b = -1] = node.args;
  let dividend = a;
  let divisor = constantOf(context, b);
  if (divisor === undefined && node.op === 'iand') [dividend, divisor] = [b, constantOf(context, a)];
  if (divisor === undefined) return undefined;
  if (node.op === 'ishru') divisor = 2 ** (divisor & 31);
  if (node.op === 'iand') {
    divisor += 1;
    if (divisor <= 0 || (divisor & (divisor - 1)) !== 0) return undefined;
  }
  const parts = divideForm(context.forms[dividend]!, divisor, context.rangeOfTerm);
  return node.op === 'idivu' || node.op === 'ishru' ? parts?.quotient : parts?.remainder;
}

function opaqueRange(node: BodyNode, context: Context): Range {
  const [a = -1, b = -1, c = -1] = node.args;
  switch (node.op) {
    case 'loadbyte':
      return { low: 0, high: 255 };
    case 'feq':
    case 'flt':
    case 'fle':
    case 'ieq':
    case 'ilts':
    case 'iltu':
      return { low: 0, high: 1 };
    case 'iremu':
    case 'imulhu': {
      const bound = constantOf(context, b) ?? constantOf(context, node.op === 'imulhu' ? a : b);
      return bound === undefined || bound <= 0 ? ANY_WORD : { low: 0, high: bound - 1 };
    }
    case 'iand': {
      const masks = [constantOf(context, a), constantOf(context, b)].filter((mask) => mask !== undefined && mask >= 0);
      return masks.length === 0 ? ANY_WORD : { low: 0, high: Math.min(...(masks as number[])) };
    }
    case 'ishru': {
      const count = (constantOf(context, b) ?? 0) & 31;
      return { low: 0, high: 2 ** (32 - count) - 1 };
    }
    case 'idivu': {
      const [range, divisor] = [context.ranges[a]!, constantOf(context, b)];
      if (divisor === undefined || divisor <= 0) return ANY_WORD;
      const high = range.low >= 0 ? range.high : ANY_WORD.high;
      return { low: 0, high: Math.floor(high / divisor) };
    }
    case 'iselect':
      return union(selectedRange(context, a, b), context.ranges[c]!);
    default:
      return ANY_WORD;
  }
}

/** The range of `value` where it is taken only if `condition` holds: `iselect(iltu(x, n), x, …)`. */
function selectedRange(context: Context, condition: number, value: number): Range {
  const test = context.nodes[condition]!;
  if (test.op === 'iltu' && test.args[0] === value) {
    const bound = constantOf(context, test.args[1]!);
    if (bound !== undefined && bound > 0) return { low: 0, high: bound - 1 };
  }
  return context.ranges[value]!;
}

function union(a: Range, b: Range): Range {
  const low = Math.min(a.low, b.low);
  const high = Math.max(a.high, b.high);
  return fitsWord(low, high) ? { low, high } : ANY_WORD;
}
