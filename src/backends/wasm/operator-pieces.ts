/**
 * Cuts an operator where its last coordinate decides what it reads: a concatenation is one piece for each part, and
 * within a piece every comparison with the part's border has one answer.
 */
import type { BodyNode } from '../../expr/body.js';
import type { Operator } from '../../expr/operator.js';
import { analyseIntegers, type IntegerAnalysis } from '../plan/integer-analysis.js';
import { coefficientOf, type Range } from '../plan/linear-form.js';
import { type PlacedOperator, placeWhole } from '../plan/placed-operator.js';
import { NodeList } from './node-list.js';

/** Narrower pieces are not worth a loop of their own. */
const NARROWEST = 8;
const MOST_PIECES = 16;

/** The pieces of an operator; the whole of it where it has none, or folds. */
export function piecesOf(operator: Operator): PlacedOperator[] {
  const whole = placeWhole(operator);
  if (operator.body.update.length > 0 || operator.domain.length === 0) return [whole];
  const axis = operator.domain.length - 1;
  const extent = operator.domain[axis]!;
  const borders = [...bordersOf(operator, axis)].filter((at) => at > 0 && at < extent).sort((a, b) => a - b);
  const ends = [...borders, extent];
  const widths = ends.map((end, at) => end - (ends[at - 1] ?? 0));
  if (borders.length === 0 || ends.length > MOST_PIECES || Math.min(...widths) < NARROWEST) return [whole];
  return widths.map((width, at) => {
    const offset = ends[at]! - width;
    const domain = operator.domain.with(axis, width);
    const moved = { ...operator, domain, body: moveAxis(operator, axis, offset) };
    return { operator: decideSelections(moved), output: { ...whole.output, offset } };
  });
}

/** The coordinates at which a comparison with a constant changes its answer. */
function bordersOf(operator: Operator, axis: number): ReadonlySet<number> {
  const { body } = operator;
  const { forms } = analyseIntegers(operator);
  const borders = new Set<number>();
  for (const { op, args } of body.nodes) {
    const bound = body.nodes[args[1] ?? -1];
    if ((op !== 'ilts' && op !== 'iltu') || bound?.op !== 'const') continue;
    const form = forms[args[0]!]!;
    const [term] = form.terms;
    if (form.terms.length !== 1 || term!.of !== 'index' || term!.at !== axis) continue;
    const border = ((bound.imm | 0) - form.constant) / coefficientOf(form, 'index', axis);
    if (Number.isInteger(border)) borders.add(border);
  }
  return borders;
}

/** The body with `coordinate + offset` in place of a coordinate. */
function moveAxis({ body }: Operator, axis: number, offset: number): Operator['body'] {
  const nodes = new NodeList();
  return nodes.rebuild(body, (node) => {
    if (node.op !== 'index' || node.imm !== axis) return undefined;
    return nodes.linear([[nodes.add(node), 1]], offset);
  });
}

/** Replaces selections whose condition has only one answer in the whole domain by what they select. */
function decideSelections(operator: Operator): Operator {
  const analysis = analyseIntegers(operator);
  const nodes = new NodeList();
  const body = nodes.rebuild(operator.body, (node, at) => {
    if (node.op !== 'fselect' && node.op !== 'iselect') return undefined;
    const condition = operator.body.nodes[at]!.args[0]!;
    const answer = answerOf(operator.body.nodes[condition]!, analysis);
    return answer === undefined ? undefined : node.args[answer ? 1 : 2];
  });
  return { ...operator, body };
}

/** The only answer of a comparison, if it has only one. */
function answerOf({ op, args }: BodyNode, { ranges }: IntegerAnalysis): boolean | undefined {
  if (op !== 'ilts' && op !== 'iltu') return undefined;
  const isComparable = ({ low, high }: Range): boolean => (op === 'ilts' ? high <= 0x7fffffff : low >= 0);
  const [left, right] = args.map((arg) => ranges[arg]!) as [Range, Range];
  if (!isComparable(left) || !isComparable(right)) return undefined;
  if (left.high < right.low) return true;
  return left.low >= right.high ? false : undefined;
}
