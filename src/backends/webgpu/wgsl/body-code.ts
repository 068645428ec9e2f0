/** WGSL for the nodes of a kernel body, each in the loop it belongs to. */
import type { KernelBody, KernelNode } from '../../plan/kernel-body.js';
import type { LinearForm } from '../../plan/linear-form.js';
import type { Place } from '../memory-map.js';
import { instructionCode, literal } from './arithmetic.js';
import { baseCode, guardedReadFunction, readCode, STEP_WORD } from './frame.js';

/** A body and where its tensors lie. Position 0 of a call's record is the output, then come the operands. */
export interface PlacedBody {
  readonly body: KernelBody;
  readonly output: Place;
  readonly operands: readonly Place[];
}

/** 0: once for each output element; r + 1: in the loop of reduction axis r; the number of axes + 1: after the fold. */
export type Depth = number;

/** The loop of every node. A node stands as far outside as its arguments allow. */
export function depthsOf({ nodes, reduction }: KernelBody): readonly Depth[] {
  const depths: Depth[] = [];
  for (const node of nodes) {
    if (node.op === 'acc') depths.push(reduction.length);
    else if (node.op === 'result') depths.push(reduction.length + 1);
    else depths.push(Math.max(0, ...sourcesOf(node).map((at) => depths[at]!), ...turnsOf(node).map((at) => at + 1)));
  }
  return depths;
}

function formOf(node: KernelNode): LinearForm | undefined {
  return 'form' in node ? node.form : undefined;
}

/** The nodes that a node reads. */
export function sourcesOf(node: KernelNode): readonly number[] {
  const terms = formOf(node)?.terms ?? [];
  return [...('args' in node ? node.args : []), ...terms.filter(({ of }) => of === 'node').map(({ at }) => at)];
}

function turnsOf(node: KernelNode): readonly number[] {
  return (formOf(node)?.terms ?? []).filter(({ of }) => of === 'reduce').map(({ at }) => at);
}

/** The nodes that some nodes need, themselves included. */
export function reachableFrom({ nodes }: KernelBody, roots: readonly number[]): ReadonlySet<number> {
  const found = new Set(roots);
  for (let at = nodes.length - 1; at >= 0; at--) {
    if (found.has(at)) for (const source of sourcesOf(nodes[at]!)) found.add(source);
  }
  return found;
}

/** The name of a node's value. */
export const valueName = (node: number): string => `n${node}`;

/** A declaration of the node's value; coordinates are `i0, i1, …` and `r0, r1, …`, accumulators `a0, a1, …`. */
export function declareNode(placed: PlacedBody, at: number): string {
  return `let ${valueName(at)} = ${nodeCode(placed, placed.body.nodes[at]!)};`;
}

function nodeCode({ operands }: PlacedBody, node: KernelNode): string {
  switch (node.op) {
    case 'const':
      // Unknown to the compiler: a constant could be folded into what uses it.
      return `${literal(node.imm)} ^ call.zero`;
    case 'acc':
    case 'result':
      return `a${node.imm}`;
    case 'step':
      return `arena0[${STEP_WORD}]`;
    case 'linear':
      return formCode(node.form);
    case 'load': {
      const at = formCode(node.form);
      if (node.guarded) return `${readerName(node.imm)}(${at})`;
      return readCode(operands[node.imm]!, `${baseCode(node.imm + 1)} + ${at}`);
    }
    case 'loadbyte': {
      const at = formCode(node.form);
      return `(${readerName(node.imm)}((${at}) >> 2u) >> (((${at}) & 3u) * 8u)) & 255u`;
    }
    default:
      return instructionCode(node.op, node.args.map(valueName));
  }
}

/** An integer expression, modulo 2^32. */
export function formCode({ constant, terms }: LinearForm): string {
  const parts = terms.map(({ of, at, coefficient }) => {
    const name = of === 'node' ? valueName(at) : `${of === 'index' ? 'i' : 'r'}${at}`;
    return coefficient === 1 ? name : `${name} * ${literal(coefficient)}`;
  });
  if (constant !== 0 || parts.length === 0) parts.push(literal(constant));
  return parts.length === 1 ? parts[0]! : `(${parts.join(' + ')})`;
}

const readerName = (operand: number): string => `operand${operand}`;

/** Functions for the operands that are read with a test. */
export function readerFunctions({ body, operands }: PlacedBody): string {
  const read = body.nodes.flatMap((node) =>
    node.op === 'loadbyte' || (node.op === 'load' && node.guarded) ? [node.imm] : [],
  );
  return [...new Set(read)]
    .map((operand) =>
      guardedReadFunction(readerName(operand), operand + 1, operands[operand]!, body.operandWords[operand]!),
    )
    .join('');
}

/** The value that is stored for the output: a NaN is the canonical one. */
export function storedValue({ dtype, finish }: KernelBody): string {
  return dtype === 'f32' ? `canonical(${valueName(finish)})` : valueName(finish);
}

/** Statements that give the coordinates of a position their names, by division. */
export function coordinatesCode(position: string, axes: readonly number[], domain: readonly number[]): string {
  let stride = axes.reduce((total, axis) => total * domain[axis]!, 1);
  const whole = stride;
  return axes
    .map((axis) => {
      const outer = stride === whole;
      stride /= domain[axis]!;
      const quotient = stride === 1 ? position : `${position} / ${literal(stride)}`;
      return `let i${axis} = ${outer ? quotient : `(${quotient}) % ${literal(domain[axis]!)}`};`;
    })
    .join('\n  ');
}
