/** Turns an operator's body into a graph of machine values, with the loops that are left of its reduction. */
import type { BodyNode } from '../expr/body.js';
import { type Operator, type Region, regionsOf } from '../expr/operator.js';
import type { InstructionName } from '../numerics/instructions.js';
import { type Affine, addAffine, affineConstant, affineOf, materialise, opaqueTerms } from './affine.js';
import { constantBits, createValueGraph, type Scalar, type ValueGraph, type ValueGraphOptions } from './value-graph.js';

export interface LoweredOperator {
  /** Extents of the loops, outermost first; each at least 2. Empty where nothing is folded. */
  readonly loops: readonly number[];
  /** What each accumulator starts with; empty where there are no loops. */
  readonly init: readonly Scalar[];
  readonly update: readonly Scalar[];
  readonly finish: Scalar;
}

/**
 * Lowers an operator. Axes of one element disappear; a reduction of one turn is applied without a loop, and one of no
 * turns leaves the initial values.
 */
export function lowerOperator(operator: Operator, options: ValueGraphOptions): LoweredOperator {
  const { body, reduction } = operator;
  const isEmpty = reduction.includes(0) || body.update.length === 0;
  const loopAxes = isEmpty ? [] : reduction.flatMap((extent, axis) => (extent === 1 ? [] : [axis]));
  const graph = createValueGraph(options);
  const forms: Affine[] = [];
  const scalarAt = (at: number): Scalar => materialise(graph, forms[at]!, operator.domain);
  const scope: Scope = {
    operator,
    graph,
    loopAxes,
    scalarAt,
    formAt: (at) => forms[at]!,
    result: (slot) => {
      if (loopAxes.length > 0) return affineOf(graph.leaf('result', slot, loopAxes.length + 1));
      return forms[isEmpty ? body.init[slot]! : body.update[slot]!]!;
    },
  };
  const regions = regionsOf(body);
  const lowerRegion = (region: Region): void => {
    body.nodes.forEach((node, at) => {
      if (regions[at] === region) forms[at] = lowerNode(scope, node);
    });
  };
  lowerRegion('element');
  if (!isEmpty) lowerRegion('fold');
  lowerRegion('finish');
  const hasLoops = loopAxes.length > 0;
  return {
    loops: loopAxes.map((axis) => reduction[axis]!),
    init: hasLoops ? body.init.map(scalarAt) : [],
    update: hasLoops ? body.update.map(scalarAt) : [],
    finish: scalarAt(body.finish),
  };
}

interface Scope {
  readonly operator: Operator;
  readonly graph: ValueGraph;
  /** The reduction axes that are loops. */
  readonly loopAxes: readonly number[];
  readonly formAt: (at: number) => Affine;
  readonly scalarAt: (at: number) => Scalar;
  /** An accumulator after the fold. */
  readonly result: (slot: number) => Affine;
}

function lowerNode(scope: Scope, node: BodyNode): Affine {
  const { operator, graph, loopAxes, formAt, scalarAt } = scope;
  switch (node.op) {
    case 'const':
      return affineConstant(constantBits(node.imm, node.dtype));
    case 'index':
      return operator.domain[node.imm] === 1 ? affineConstant(0) : affineOf(graph.leaf('index', node.imm, 0));
    case 'reduce': {
      const loop = loopAxes.indexOf(node.imm);
      return loop < 0 ? affineConstant(0) : affineOf(graph.leaf('counter', loop, loop + 1));
    }
    case 'step':
      return affineOf(graph.leaf('step', 0, 0));
    case 'acc':
      if (loopAxes.length === 0) return formAt(operator.body.init[node.imm]!);
      return affineOf(graph.leaf('accumulator', node.imm, loopAxes.length));
    case 'result':
      return scope.result(node.imm);
    case 'load':
      return affineOf(graph.load(node.imm, scalarAt(node.args[0]!), node.dtype));
    case 'loadbyte':
      return affineOf(lowerLoadByte(scope, node));
    default:
      return lowerInstruction(scope, node.op, node.args);
  }
}

/** Byte `at` is `word[at >> 2] >> (8 · at mod 32) & 255`: shift counts are taken modulo 32 anyway. */
function lowerLoadByte({ graph, scalarAt }: Scope, node: BodyNode): Scalar {
  const at = scalarAt(node.args[0]!);
  const word = graph.load(node.imm, graph.apply('ishru', [at, { bits: 2 }]), 'i32');
  const shift = graph.apply('ishl', [at, { bits: 3 }]);
  return graph.apply('iand', [graph.apply('ishru', [word, shift]), { bits: 255 }]);
}

/** An instruction: kept as an affine form where it is one of coordinates and at most one other value. */
function lowerInstruction(scope: Scope, name: InstructionName, args: readonly number[]): Affine {
  const form = combine(name, args.map(scope.formAt));
  if (form !== undefined && opaqueTerms(form) <= 1) return form;
  return affineOf(scope.graph.apply(name, args.map(scope.scalarAt)));
}

function combine(name: InstructionName, args: readonly Affine[]): Affine | undefined {
  const [a, b] = args as readonly [Affine, Affine];
  switch (name) {
    case 'iadd':
      return addAffine(a, b);
    case 'isub':
      return addAffine(a, b, -1);
    case 'imul':
      if (a.terms.length === 0) return addAffine(affineConstant(0), b, a.constant);
      return b.terms.length === 0 ? addAffine(affineConstant(0), a, b.constant) : undefined;
    case 'ishl':
      return b.terms.length === 0 ? addAffine(affineConstant(0), a, 1 << (b.constant & 31)) : undefined;
    default:
      return undefined;
  }
}
