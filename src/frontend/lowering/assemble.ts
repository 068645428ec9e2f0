/** Turns a lazy tensor into an operator, together with the one fold its expression waits for. */
import { acc, type Expr, type I32, index, load, loadByte, reduceIndex, result } from '../../expr/expression.js';
import { createIndexAlgebra } from '../../expr/linear.js';
import { defineOperator, type Operand, type Operator, product } from '../../expr/operator.js';
import { collapseAxes } from './collapse.js';
import {
  coordinatesOf,
  elementCount,
  flatIndex,
  isPending,
  isSourceLoad,
  type LazyTensor,
  type PendingResult,
  type Source,
} from './lazy-tensor.js';
import { replaceNodes, visitNodes } from './traverse.js';

export interface AssembledOperator {
  readonly operator: Operator;
  readonly sources: readonly Source[];
  /** The tensor whose fold the operator walks, if it walks one. */
  readonly host: LazyTensor | undefined;
}

/**
 * Assembles the operator that computes `tensor`. Folds that it cannot take in are stored first, through `store`.
 *
 * With `alone`, a fold of another tensor is always stored and never taken in.
 */
export function assemble(tensor: LazyTensor, store: (pending: LazyTensor) => void, alone = false): AssembledOperator {
  for (;;) {
    const expr = tensor.compute(axesOf(tensor.shape, index));
    const pending = pendingFolds([expr]);
    const host = alone && tensor.fold === undefined ? undefined : chooseHost(tensor, expr, pending);
    const blocked = pending.filter((other) => other !== host);
    if (blocked.length === 0) {
      const parts = host === undefined ? { ...NO_FOLD, domain: tensor.shape, finish: expr } : foldParts(tensor, host);
      const inner = pendingFolds([...parts.init, ...parts.update]);
      if (inner.length === 0) return finishOperator(host?.kind ?? tensor.kind, parts, host);
      blocked.push(...inner);
    }
    blocked.forEach(store);
  }
}

interface Parts {
  readonly domain: readonly number[];
  readonly reduction: readonly number[];
  readonly init: readonly Expr[];
  readonly update: readonly Expr[];
  readonly finish: Expr;
}

const NO_FOLD = { reduction: [], init: [], update: [] };

const axesOf = (shape: readonly number[], axis: (axis: number) => I32): I32[] => shape.map((_, at) => axis(at));

function pendingFolds(roots: readonly Expr[]): LazyTensor[] {
  const found = new Set<LazyTensor>();
  visitNodes(roots, (expr) => {
    if (isPending(expr)) found.add(expr.pending);
  });
  return [...found];
}

/** The fold with the most turns among those that are read element by element, the first of equals. */
function chooseHost(tensor: LazyTensor, expr: Expr, pending: readonly LazyTensor[]): LazyTensor | undefined {
  let host: LazyTensor | undefined;
  for (const candidate of pending) {
    const turns = product(candidate.fold!.reduction);
    if (host !== undefined && turns <= product(host.fold!.reduction)) continue;
    if (isReadInPlace(tensor, expr, candidate)) host = candidate;
  }
  return host;
}

/** True if element n of `tensor` reads only element n of `candidate`. */
function isReadInPlace(tensor: LazyTensor, expr: Expr, candidate: LazyTensor): boolean {
  if (elementCount(tensor) !== elementCount(candidate)) return false;
  const algebra = createIndexAlgebra({ domain: tensor.shape, reduction: [] });
  const own = algebra.simplify(flatIndex(axesOf(tensor.shape, index), tensor.shape));
  let inPlace = true;
  visitNodes([expr], (node) => {
    if (!isPending(node) || node.pending !== candidate) return;
    if (node.args.some(readsData)) inPlace = false;
    else if (algebra.simplify(flatIndex(node.args as readonly I32[], candidate.shape)) !== own) inPlace = false;
  });
  return inPlace;
}

function readsData(expr: Expr): boolean {
  let found = false;
  visitNodes([expr], (node) => {
    if (isSourceLoad(node) || isPending(node)) found = true;
  });
  return found;
}

function foldParts(tensor: LazyTensor, host: LazyTensor): Parts {
  const fold = host.fold!;
  const at = axesOf(fold.shape, index);
  const init = fold.init(at);
  const accumulators = init.map((start, slot) => acc(slot, start.dtype));
  const update = fold.update(at, axesOf(fold.reduction, reduceIndex), accumulators);
  // The operator's elements are the host's; in row-major order they are also the tensor's.
  const own = tensor === host ? at : coordinatesOf(flatIndex(at, fold.shape), tensor.shape);
  const [finish] = replaceNodes([tensor.compute(own)], (expr) =>
    isPending(expr) && expr.pending === host ? result((expr as PendingResult).imm, expr.dtype) : undefined,
  );
  return { domain: fold.shape, reduction: fold.reduction, init, update, finish: finish! };
}

function finishOperator(kind: string, parts: Parts, host: LazyTensor | undefined): AssembledOperator {
  const sources: Source[] = [];
  const numbered = numberSources([...parts.init, ...parts.update, parts.finish], sources);
  const space = { domain: parts.domain, reduction: parts.reduction };
  const collapsed = collapseAxes({ space, expressions: numbered });
  const live = keepLive(collapsed.expressions, sources);
  const count = parts.init.length;
  const operator = defineOperator({
    kind,
    domain: collapsed.space.domain,
    reduction: collapsed.space.reduction,
    operands: live.sources.map(operandOf),
    init: live.expressions.slice(0, count),
    update: live.expressions.slice(count, 2 * count),
    finish: live.expressions[2 * count]!,
  });
  return { operator, sources: live.sources, host };
}

/** A byte operand is an operand of words; which loads read bytes is the expression's affair. */
const operandOf = ({ dtype, words }: Source): Operand => ({ dtype: dtype === 'u8' ? 'i32' : dtype, words });

function numberSources(roots: readonly Expr[], sources: Source[]): Expr[] {
  const numberOf = (source: Source): number => {
    const known = sources.indexOf(source);
    return known >= 0 ? known : sources.push(source) - 1;
  };
  const walked = new Map<Expr, Expr>();
  const walk = (root: Expr): Expr =>
    replaceNodes([root], (expr) => {
      if (!isSourceLoad(expr)) return undefined;
      const known = walked.get(expr);
      if (known !== undefined) return known;
      const address = walk(expr.args[0]!) as I32;
      const operand = numberOf(expr.source);
      const plain = expr.op === 'loadbyte' ? loadByte(operand, address) : load(operand, address, expr.dtype);
      walked.set(expr, plain);
      return plain;
    })[0]!;
  return roots.map(walk);
}

/** Drops the sources that simplification left without a reader. */
function keepLive(roots: readonly Expr[], sources: readonly Source[]): { expressions: Expr[]; sources: Source[] } {
  const used: number[] = [];
  visitNodes(roots, (expr) => {
    if ((expr.op === 'load' || expr.op === 'loadbyte') && !used.includes(expr.imm)) used.push(expr.imm);
  });
  const expressions = [...roots];
  if (used.some((operand, at) => operand !== at)) {
    const renumbered = new Map(used.map((operand, at) => [operand, at]));
    return { expressions: renumberLoads(expressions, renumbered), sources: used.map((operand) => sources[operand]!) };
  }
  return { expressions, sources: used.map((operand) => sources[operand]!) };
}

function renumberLoads(roots: readonly Expr[], numbers: ReadonlyMap<number, number>): Expr[] {
  const done = new Map<Expr, Expr>();
  const walk = (expr: Expr): Expr => {
    const known = done.get(expr);
    if (known !== undefined) return known;
    const isLoad = expr.op === 'load' || expr.op === 'loadbyte';
    const walked = { ...expr, args: expr.args.map(walk), imm: isLoad ? numbers.get(expr.imm)! : expr.imm };
    done.set(expr, walked);
    return walked;
  };
  return roots.map(walk);
}
