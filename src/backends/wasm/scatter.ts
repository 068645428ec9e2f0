/**
 * Recognises sums by segment, `out[s, c] = Σ_n (segment(n) = s ? value(n, c) : +0)`: gradients of embeddings. By
 * definition every output walks over all rows; but a sum that began with +0 is never −0, so adding +0 changes no bit of
 * it, and only the rows of an output's own segment have to be visited, in their order.
 */
import type { Body, BodyNode } from '../../expr/body.js';
import { type Operator, product } from '../../expr/operator.js';
import { type KernelBody, kernelBodyOf } from '../plan/kernel-body.js';
import { liveNodes, NodeList } from './node-list.js';

export interface Scatter {
  /** Computes `value` over rows and columns; its only sibling is the row's segment. */
  readonly rows: KernelBody;
  readonly segments: number;
  /** A multiple of 4. */
  readonly columns: number;
}

/** The sum by segment that an operator is, if it is one that the scatter kernel handles. */
export function scatterOf(operator: Operator): Scatter | undefined {
  const [segments, columns] = operator.domain;
  // Its loop over the rows takes at least one turn.
  if (operator.domain.length !== 2 || columns! % 4 !== 0 || product(operator.reduction) === 0) return undefined;
  const parts = partsOf(operator.body);
  if (parts === undefined) return undefined;
  const { body, segment } = turnsAsRows(operator, parts);
  const domain = [...operator.reduction, columns!];
  const rows = kernelBodyOf({ ...operator, domain, reduction: [], body }, [segment]);
  const isPlain = rows.domain.length === 2 && rows.domain[1] === columns;
  return isPlain ? { rows, segments: segments!, columns: columns! } : undefined;
}

interface Parts {
  readonly value: number;
  readonly segment: number;
}

/** The nodes of `acc + (segment = index 0 ? value : +0)`. */
function partsOf(body: Body): Parts | undefined {
  const { nodes, init, update, finish } = body;
  const isZero = (node: BodyNode | undefined): boolean =>
    node?.op === 'const' && node.dtype === 'f32' && node.imm === 0;
  if (update.length !== 1 || !isZero(nodes[init[0]!]) || nodes[finish]!.op !== 'result') return undefined;
  const sum = nodes[update[0]!]!;
  const chosen = sum.args.map((arg) => nodes[arg]!).find(({ op }) => op === 'fselect');
  if (sum.op !== 'fadd' || chosen === undefined || !sum.args.some((arg) => nodes[arg]!.op === 'acc')) return undefined;
  const [condition = -1, value = -1, otherwise = -1] = chosen.args;
  const test = nodes[condition]!;
  if (test.op !== 'ieq' || !isZero(nodes[otherwise])) return undefined;
  const segment = test.args.find((_, at) => isCoordinate(nodes[test.args[1 - at]!]!, 0));
  if (segment === undefined) return undefined;
  const reads = (root: number, isWhat: (node: BodyNode) => boolean): boolean =>
    [...liveNodes({ ...body, init: [], update: [], finish: root })].some((at) => isWhat(nodes[at]!));
  if (reads(segment, (node) => node.op === 'index' || node.op === 'acc')) return undefined;
  return reads(value, (node) => isCoordinate(node, 0) || node.op === 'acc') ? undefined : { value, segment };
}

function isCoordinate({ op, imm }: BodyNode, axis: number): boolean {
  return op === 'index' && imm === axis;
}

/** The body of `value` with reduction coordinates as output coordinates, and where the segment is in it. */
function turnsAsRows(operator: Operator, { value, segment }: Parts): { readonly body: Body; readonly segment: number } {
  const list = new NodeList();
  const { nodes } = operator.body;
  const from: Body = { nodes, init: [segment], update: [], finish: value };
  const { init, ...body } = list.rebuild(from, (node) => {
    if (node.op === 'reduce') return list.add({ ...node, op: 'index' });
    return node.op === 'index' ? list.add({ ...node, imm: operator.reduction.length }) : undefined;
  });
  return { body: { ...body, init: [] }, segment: init[0]! };
}
