/** Recognises sums of products: matrix products in all transpositions, batched or not, and convolutions. */
import { product, stridesOf } from '../../expr/operator.js';
import type { KernelBody, KernelNode } from './kernel-body.js';
import { coefficientOf } from './linear-form.js';
import { argumentsOf, LEVELS, placeBody } from './representation.js';

/** One factor: `operand[base + Σ outer + row·m + column·n + Σ turn·k]`, in words. */
export interface Factor {
  readonly operand: number;
  readonly constant: number;
  /** By output axis. */
  readonly index: readonly number[];
  /** By reduction axis. */
  readonly reduce: readonly number[];
}

/**
 * `out[…, m, …, n] = finish(0 + Σ left · right)` in the order of the reduction, each product and each sum rounded. The
 * left factor does not depend on the column axis, the right one not on the row axis.
 */
export interface Contraction {
  readonly left: Factor;
  readonly right: Factor;
  readonly rowAxis: number;
  /** Always the last output axis. */
  readonly columnAxis: number;
  /** The other output axes. */
  readonly outerAxes: readonly number[];
  readonly rows: number;
  readonly columns: number;
  /** Distance of two rows in the output. */
  readonly rowStride: number;
}

const MINIMUM_COLUMNS = 4;
const MINIMUM_TURNS = 4;

/** The contraction a body is, if it is one that the tile kernel handles. */
export function contractionOf(body: KernelBody): Contraction | undefined {
  const { domain } = body;
  const columnAxis = domain.length - 1;
  const factors = factorsOf(body);
  if (factors === undefined || columnAxis < 1) return undefined;
  if (domain[columnAxis]! < MINIMUM_COLUMNS || product(body.reduction) < MINIMUM_TURNS) return undefined;
  const [left, right] = factors[0].index[columnAxis] === 0 ? factors : [factors[1], factors[0]];
  if (left.index[columnAxis] !== 0 || right.index[columnAxis] === 0) return undefined;
  const rowAxis = [...domain.keys()].findLast((axis) => left.index[axis] !== 0 && right.index[axis] === 0);
  if (rowAxis === undefined || finishNeedsFold(body, columnAxis)) return undefined;
  return {
    left,
    right,
    rowAxis,
    columnAxis,
    outerAxes: [...domain.keys()].filter((axis) => axis !== rowAxis && axis !== columnAxis),
    rows: domain[rowAxis]!,
    columns: domain[columnAxis]!,
    rowStride: stridesOf(domain)[rowAxis]!,
  };
}

/** The two loads of `acc ← acc + load · load` that begins with +0. */
function factorsOf(body: KernelBody): readonly [Factor, Factor] | undefined {
  const { nodes, update, init } = body;
  const start = nodes[init[0] ?? -1];
  const sum = nodes[update[0] ?? -1];
  if (update.length !== 1 || start?.op !== 'const' || start.dtype !== 'f32' || start.imm !== 0) return undefined;
  if (sum?.op !== 'fadd') return undefined;
  const terms = argumentsOf(sum).map((at) => nodes[at]!);
  const accumulator = terms.find((node) => node.op === 'acc');
  const multiplication = terms.find((node) => node.op === 'fmul');
  if (accumulator === undefined || multiplication === undefined) return undefined;
  const [a, b] = argumentsOf(multiplication).map((at) => factorOf(body, nodes[at]!));
  return a === undefined || b === undefined ? undefined : [a, b];
}

function factorOf(body: KernelBody, node: KernelNode): Factor | undefined {
  if (node.op !== 'load' || node.dtype !== 'f32' || node.guarded) return undefined;
  const { form, imm } = node;
  if (form.terms.some((term) => term.of === 'node')) return undefined;
  return {
    operand: imm,
    constant: form.constant,
    index: [...body.domain.keys()].map((axis) => coefficientOf(form, 'index', axis)),
    reduce: [...body.reduction.keys()].map((axis) => coefficientOf(form, 'reduce', axis)),
  };
}

/** True where `finish` shares a value along the vector axis with the fold; the tile kernel would not compute it. */
function finishNeedsFold(body: KernelBody, columnAxis: number): boolean {
  const { nodes } = placeBody(body, columnAxis);
  const seen = new Set([body.finish]);
  for (let at = body.nodes.length - 1; at >= 0; at--) {
    if (!seen.has(at)) continue;
    if (nodes[at]!.level === LEVELS.vector) return true;
    for (const arg of argumentsOf(body.nodes[at]!)) seen.add(arg);
  }
  return false;
}
