/**
 * Cuts axes where an operator divides their coordinates: what a reshape or a transposition left as `i / 24` and
 * `i % 24` becomes two coordinates, and addresses become linear again. Elements and turns keep their order.
 */
import type { BodyNode } from '../../expr/body.js';
import { type Operator, stridesOf } from '../../expr/operator.js';
import { analyseIntegers, type IntegerAnalysis } from '../plan/integer-analysis.js';
import { coefficientOf } from '../plan/linear-form.js';
import type { PlacedOperator } from '../plan/placed-operator.js';
import { liveNodes, NodeList } from './node-list.js';

type AxisKind = 'index' | 'reduce';

/** Shorter runs cost more as rows of their own than their divisions do. */
const SHORTEST = { index: 8, reduce: 4 } as const;

/** An equal operator with more axes, or the same one where nothing divides. */
export function splitAxes({ operator, output }: PlacedOperator): PlacedOperator {
  const analysis = analyseIntegers(operator);
  const parts = {
    index: operator.domain.map((_, axis) => partsOf(operator, analysis, 'index', axis)),
    reduce: operator.reduction.map((_, axis) => partsOf(operator, analysis, 'reduce', axis)),
  };
  if ([...parts.index, ...parts.reduce].every((extents) => extents.length === 1)) return { operator, output };
  const strides = parts.index.flatMap((extents, axis) =>
    stridesOf(extents).map((stride) => stride * output.strides[axis]!),
  );
  return {
    operator: {
      ...operator,
      domain: parts.index.flat(),
      reduction: parts.reduce.flat(),
      body: rewriteCoordinates(operator, parts),
    },
    output: { offset: output.offset, strides },
  };
}

/** The extents into which an axis is cut, the whole extent where it is not. */
function partsOf(operator: Operator, analysis: IntegerAnalysis, kind: AxisKind, axis: number): number[] {
  const extents = kind === 'index' ? operator.domain : operator.reduction;
  const extent = extents[axis]!;
  const isLast = axis === extents.length - 1;
  const sizes = [...divisorsOf(operator, analysis, kind, axis)].sort((a, b) => a - b);
  const chain: number[] = [];
  for (const size of sizes) {
    if (size >= extent || extent % size !== 0 || size % (chain.at(-1) ?? 1) !== 0) continue;
    if (size >= (isLast ? SHORTEST[kind] : 2)) chain.push(size);
  }
  return [...chain, extent].map((size, at) => size / (chain[at - 1] ?? 1)).reverse();
}

/** Numbers of coordinates between two of which a quotient changes. */
function divisorsOf({ body }: Operator, { forms }: IntegerAnalysis, kind: AxisKind, axis: number): ReadonlySet<number> {
  const sizes = new Set<number>();
  for (const at of liveNodes(body)) {
    const { op, args } = body.nodes[at]!;
    const divisor = body.nodes[args[1] ?? -1];
    if ((op !== 'idivu' && op !== 'iremu') || divisor?.op !== 'const') continue;
    const step = Math.abs(coefficientOf(forms[args[0]!]!, kind, axis));
    if (step > 0 && divisor.imm % step === 0) sizes.add(divisor.imm / step);
  }
  return sizes;
}

/** The body with sums of the new coordinates in place of the old ones. */
function rewriteCoordinates(
  { body }: Operator,
  parts: Readonly<Record<AxisKind, readonly (readonly number[])[]>>,
): Operator['body'] {
  const nodes = new NodeList();
  const coordinate = (node: BodyNode, kind: AxisKind): number => {
    const extents = parts[kind][node.imm]!;
    const first = parts[kind].slice(0, node.imm).flat().length;
    return nodes.linear(
      stridesOf(extents).map((stride, at) => [nodes.add({ ...node, imm: first + at }), stride]),
      0,
    );
  };
  return nodes.rebuild(body, (node) => {
    if (node.op === 'index' || node.op === 'reduce') return coordinate(node, node.op);
    return undefined;
  });
}
