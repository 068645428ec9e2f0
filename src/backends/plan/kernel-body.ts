/**
 * The form in which kernels are generated: an operator whose integer arithmetic on coordinates has become linear forms,
 * without axes of extent 1, and with neighbouring axes joined where every use allows it.
 */
import type { BodyNode } from '../../expr/body.js';
import type { Operator } from '../../expr/operator.js';
import type { DType, InstructionName } from '../../numerics/instructions.js';
import { analyseIntegers, type IntegerAnalysis } from './integer-analysis.js';
import { addForms, coefficientOf, constantForm, type LinearForm, termForm } from './linear-form.js';
import { type OutputPlace, placeWhole } from './placed-operator.js';

export type KernelNode =
  | { readonly op: 'const' | 'acc' | 'result'; readonly dtype: DType; readonly imm: number }
  | { readonly op: 'step'; readonly dtype: 'i32' }
  | { readonly op: 'linear'; readonly dtype: 'i32'; readonly form: LinearForm }
  | {
      readonly op: 'load' | 'loadbyte';
      readonly dtype: DType;
      readonly imm: number;
      /** In words for `load`, in bytes for `loadbyte`. */
      readonly form: LinearForm;
      /** True where the address cannot be proven to lie inside the operand. */
      readonly guarded: boolean;
    }
  | { readonly op: InstructionName; readonly dtype: DType; readonly args: readonly number[] };

export interface KernelBody {
  readonly dtype: DType;
  readonly domain: readonly number[];
  readonly reduction: readonly number[];
  /** Length of each operand in words. */
  readonly operandWords: readonly number[];
  readonly nodes: readonly KernelNode[];
  readonly init: readonly number[];
  readonly update: readonly number[];
  readonly finish: number;
  /** Where an output element lies, in words; its terms are output coordinates, the last one with coefficient 1. */
  readonly output: LinearForm;
  /** Further outputs over the same domain; only without a fold. */
  readonly siblings: readonly Sibling[];
}

export interface Sibling {
  readonly dtype: DType;
  readonly finish: number;
}

type AxisKind = 'index' | 'reduce';

/**
 * Rewrites an operator. Every form is exact modulo 2^32, so no value changes. `siblings` are nodes whose values are
 * outputs, too.
 */
export function kernelBodyOf(
  operator: Operator,
  siblings: readonly number[] = [],
  place: OutputPlace = placeWhole(operator).output,
): KernelBody {
  const analysis = analyseIntegers(operator);
  const order = materialised(operator, siblings, analysis);
  const output = place.strides.reduce<LinearForm>(
    (sum, stride, axis) => addForms(sum, termForm('index', axis), stride),
    constantForm(place.offset),
  );
  const forms = [output, ...order.flatMap((at) => formsIn(operator.body.nodes[at]!, at, analysis))];
  const index = joinAxes('index', operator.domain, forms);
  const reduce = joinAxes('reduce', operator.reduction, forms);
  const moved = new Map(order.map((at, position) => [at, position]));
  const rewrite = (form: LinearForm): LinearForm =>
    form.terms.reduce((sum, term) => {
      if (term.of === 'node') return addForms(sum, termForm('node', moved.get(term.at)!), term.coefficient);
      const axis = (term.of === 'index' ? index : reduce).newAxisOf.get(term.at);
      return axis === undefined ? sum : addForms(sum, termForm(term.of, axis), term.coefficient);
    }, constantForm(form.constant));
  const nodes = order.map((at) => rewriteNode(operator, at, analysis, rewrite, moved));
  return {
    dtype: operator.dtype,
    domain: index.extents,
    // A fold over no axes has one turn.
    reduction: operator.body.update.length > 0 && reduce.extents.length === 0 ? [1] : reduce.extents,
    operandWords: operator.operands.map(({ words }) => words),
    nodes,
    init: operator.body.init.map((at) => moved.get(at)!),
    update: operator.body.update.map((at) => moved.get(at)!),
    finish: moved.get(operator.body.finish)!,
    output: rewrite(output),
    siblings: siblings.map((at) => ({ dtype: operator.body.nodes[at]!.dtype, finish: moved.get(at)! })),
  };
}

/** The nodes that remain, in order: everything reachable when linear forms are looked through. */
function materialised({ body }: Operator, siblings: readonly number[], analysis: IntegerAnalysis): number[] {
  const live = new Set<number>([...body.init, ...body.update, body.finish, ...siblings]);
  for (let at = body.nodes.length - 1; at >= 0; at--) {
    if (!live.has(at)) continue;
    const node = body.nodes[at]!;
    const forms = formsIn(node, at, analysis);
    for (const form of forms) for (const term of form.terms) if (term.of === 'node') live.add(term.at);
    if (forms.length === 0) for (const arg of node.args) live.add(arg);
  }
  return [...live].sort((a, b) => a - b);
}

/** The form a node consists of: its address, or its value where that is linear. */
function formsIn(node: BodyNode, at: number, { forms, isOpaque }: IntegerAnalysis): LinearForm[] {
  if (node.op === 'load' || node.op === 'loadbyte') return [forms[node.args[0]!]!];
  return node.dtype === 'i32' && node.op !== 'const' && !isOpaque(at) ? [forms[at]!] : [];
}

interface JoinedAxes {
  readonly extents: readonly number[];
  /** Old axis → new axis; only the last of a joined run has an entry, which stands for the whole run. */
  readonly newAxisOf: ReadonlyMap<number, number>;
}

/** Joins axes `a` and `b` where every form sees them only as `a · extent(b) + b`. */
function joinAxes(kind: AxisKind, extents: readonly number[], forms: readonly LinearForm[]): JoinedAxes {
  const joined: number[] = [];
  const newAxisOf = new Map<number, number>();
  let last = -1;
  extents.forEach((extent, axis) => {
    if (extent === 1) return;
    const joins =
      last >= 0 &&
      forms.every((form) => {
        const inner = coefficientOf(form, kind, axis);
        return coefficientOf(form, kind, last) === Math.imul(inner, extent);
      });
    if (joins) {
      newAxisOf.delete(last);
      joined[joined.length - 1]! *= extent;
    } else joined.push(extent);
    newAxisOf.set(axis, joined.length - 1);
    last = axis;
  });
  return { extents: joined, newAxisOf };
}

function rewriteNode(
  operator: Operator,
  at: number,
  analysis: IntegerAnalysis,
  rewrite: (form: LinearForm) => LinearForm,
  moved: ReadonlyMap<number, number>,
): KernelNode {
  const node = operator.body.nodes[at]!;
  const { dtype, imm } = node;
  switch (node.op) {
    case 'const':
    case 'acc':
    case 'result':
      return { op: node.op, dtype, imm };
    case 'load':
    case 'loadbyte': {
      const address = node.args[0]!;
      const length = operator.operands[imm]!.words * (node.op === 'load' ? 1 : 4);
      const range = analysis.ranges[address]!;
      const guarded = range.low < 0 || range.high >= length;
      return { op: node.op, dtype, imm, form: rewrite(analysis.forms[address]!), guarded };
    }
    case 'step':
      return { op: 'step', dtype: 'i32' };
    default:
      if (dtype === 'i32' && !analysis.isOpaque(at)) return { op: 'linear', dtype, form: rewrite(analysis.forms[at]!) };
      return { op: node.op as InstructionName, dtype, args: node.args.map((arg) => moved.get(arg)!) };
  }
}

/** A text that is equal for bodies that need the same code. */
export function keyOfBody(body: KernelBody): string {
  return JSON.stringify(body);
}
