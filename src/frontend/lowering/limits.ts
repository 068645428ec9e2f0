/** What one operator may hold, and what an expression costs. */
import { type Expr, index } from '../../expr/expression.js';
import type { Operator } from '../../expr/operator.js';
import { isInstructionName } from '../../numerics/instructions.js';
import { fitsReferee } from '../../referee/compile-microcode.js';
import { type Coordinates, elementAt, isPending, isSourceLoad, type LazyTensor, type Source } from './lazy-tensor.js';
import { visitNodes } from './traverse.js';

export interface LoweringLimits {
  /** Most operands of one operator. */
  readonly operands: number;
  /** Most expression nodes that are put into one operator, if it can be helped. */
  readonly nodes: number;
  /** A value with several readers is computed again by each of them up to this cost; −1 stores every value. */
  readonly recompute: number;
  /** The hard limit: true if a machine can run the operator. */
  readonly fits: (operator: Operator) => boolean;
}

/** The referee machine has 8 operand slots and 256 instructions for an element. */
export const DEFAULT_LIMITS: LoweringLimits = { operands: 8, nodes: 130, recompute: 4, fits: fitsReferee };

export function operatorFits(operator: Operator, limits: LoweringLimits): boolean {
  return operator.operands.length <= limits.operands && limits.fits(operator);
}

/** True if the expression of a tensor is small enough to be put into one operator with everything it waits for. */
export function isWithinLimits(tensor: LazyTensor, limits: LoweringLimits): boolean {
  const { nodes, sources } = measure(tensor);
  return nodes <= limits.nodes && sources <= limits.operands;
}

/** The number of nodes of a tensor's expression, its own fold included. */
export function nodeCount(tensor: LazyTensor): number {
  return measure(tensor).nodes;
}

const axes = (shape: readonly number[]): Coordinates => shape.map((_, axis) => index(axis));

/** What an operator that computes `tensor`, and every fold its expression waits for, would hold. */
function measure(tensor: LazyTensor): { nodes: number; sources: number } {
  const sources = new Set<Source>();
  let nodes = 0;
  const count = (root: Expr): void => {
    if (isPending(root)) return;
    if (isSourceLoad(root)) sources.add(root.source);
    if (root.op !== 'const' && root.op !== 'index' && root.op !== 'reduce') nodes++;
  };
  const folds = new Set<LazyTensor>();
  const visit = (expr: Expr): void => {
    if (isPending(expr)) folds.add(expr.pending);
    count(expr);
  };
  visitValues([tensor.compute(axes(tensor.shape))], visit);
  // A set grows while it is walked: folds may wait for folds.
  for (const { fold } of folds) {
    const at = axes(fold!.shape);
    const init = fold!.init(at);
    visitValues([...init, ...fold!.update(at, axes(fold!.reduction), init)], visit);
  }
  return { nodes, sources: sources.size };
}

/** Visits the nodes of some expressions, but not what is constant, and addresses only where they read data themselves. */
function visitValues(roots: readonly Expr[], visit: (expr: Expr) => void): void {
  const isData = new Map<Expr, boolean>();
  const constants = new Set<Expr>();
  visitNodes(roots, (expr) => {
    if (isConstant(expr, constants)) constants.add(expr);
    const own = expr.op !== 'index' && expr.op !== 'reduce' && !ADDRESS_ARITHMETIC.has(expr.op);
    isData.set(expr, !constants.has(expr) && (own || expr.args.some((arg) => isData.get(arg))));
    if (isData.get(expr) === true) visit(expr);
  });
}

/** True for a constant and for a scalar instruction on constants. */
function isConstant(expr: Expr, known: ReadonlySet<Expr>): boolean {
  if (expr.op === 'const') return true;
  return isInstructionName(expr.op) && expr.args.every((arg) => known.has(arg));
}

/** Arithmetic on coordinates mostly cancels; on data it counts. */
const ADDRESS_ARITHMETIC: ReadonlySet<string> = new Set(['iadd', 'isub', 'imul', 'idivu', 'iremu']);

/** True for a tensor that only renames the elements of another one, or is one constant. */
export function isPlain(tensor: LazyTensor): boolean {
  if (tensor.source !== undefined) return true;
  const expr = tensor.compute(axes(tensor.shape));
  let nodes = 0;
  visitValues([expr], () => nodes++);
  return isSourceLoad(expr) || nodes === 0;
}

const EXPENSIVE: ReadonlySet<string> = new Set(['fdiv', 'fsqrt', 'fma']);

/** What it costs to compute an element once more; infinite where a fold would have to be walked again. */
export function recomputeCost(tensor: LazyTensor): number {
  let cost = 0;
  visitValues([elementAt(tensor, axes(tensor.shape))], (expr) => {
    if (isPending(expr)) cost = Infinity;
    else if (isSourceLoad(expr)) cost += expr.args.some((arg) => readsData(arg)) ? 2 : 0;
    else cost += EXPENSIVE.has(expr.op) ? 4 : 1;
  });
  return cost;
}

function readsData(expr: Expr): boolean {
  let found = false;
  visitNodes([expr], (node) => {
    if (isSourceLoad(node)) found = true;
  });
  return found;
}
