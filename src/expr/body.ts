/**
 * The flat form of an operator's expressions: a list of nodes in which every argument stands before its use.
 *
 * This is what a bundle holds and what every machine reads. Equal nodes appear once.
 */
import { bitsOf, valueOf } from '../numerics/float32.js';
import { type DType, INSTRUCTIONS, isInstructionName } from '../numerics/instructions.js';
import type { Expr, NodeName } from './expression.js';

export interface BodyNode {
  readonly op: NodeName;
  readonly dtype: DType;
  /** Positions of the arguments in {@link Body.nodes}; each is smaller than the node's own. */
  readonly args: readonly number[];
  /** Constant bits, axis, accumulator or operand number; 0 elsewhere. See `LeafName`. */
  readonly imm: number;
}

export interface Body {
  readonly nodes: readonly BodyNode[];
  /** The accumulators' initial values; as many as `update`. Empty where there is no reduction. */
  readonly init: readonly number[];
  readonly update: readonly number[];
  readonly finish: number;
}

/** Flattens expressions: equal nodes are merged, constant instructions are evaluated by their definition. */
export function flatten(init: readonly Expr[], update: readonly Expr[], finish: Expr): Body {
  const nodes: BodyNode[] = [];
  const positions = new Map<string, number>();
  const done = new Map<Expr, number>();

  const emit = (node: BodyNode): number => {
    const key = `${node.op},${node.dtype},${node.imm},${node.args.join()}`;
    const known = positions.get(key);
    if (known !== undefined) return known;
    positions.set(key, nodes.length);
    return nodes.push(node) - 1;
  };
  const visit = (expr: Expr): number => {
    const known = done.get(expr);
    if (known !== undefined) return known;
    const args = expr.args.map(visit);
    const position = emit(
      simplify({ op: expr.op, dtype: expr.dtype, args: orderArguments(expr, args), imm: expr.imm }, nodes),
    );
    done.set(expr, position);
    return position;
  };
  const roots = { init: init.map(visit), update: update.map(visit), finish: visit(finish) };
  return dropDead({ nodes, ...roots });
}

/** The smaller position first where order does not matter, so that a+b and b+a are one node. */
function orderArguments(expr: Expr, args: readonly number[]): readonly number[] {
  if (!isInstructionName(expr.op) || !INSTRUCTIONS[expr.op].commutative) return args;
  const [a, b] = args as readonly [number, number];
  return a <= b ? args : [b, a];
}

/** Evaluates an instruction whose arguments are all constant. */
function simplify(node: BodyNode, nodes: readonly BodyNode[]): BodyNode {
  if (!isInstructionName(node.op)) return node;
  const args = node.args.map((position) => nodes[position]!);
  if (!args.every((arg) => arg.op === 'const')) return node;
  const [a = 0, b = 0, c = 0] = args.map(constantValue);
  const value = INSTRUCTIONS[node.op].evaluate(a, b, c);
  return { op: 'const', dtype: node.dtype, args: [], imm: node.dtype === 'f32' ? bitsOf(value) : value >>> 0 };
}

/** The value of a `const` node: a binary32 number, or a signed integer. */
export function constantValue(node: BodyNode): number {
  return node.dtype === 'f32' ? valueOf(node.imm) : node.imm | 0;
}

function dropDead(body: Body): Body {
  const live = new Uint8Array(body.nodes.length);
  for (const root of [...body.init, ...body.update, body.finish]) live[root] = 1;
  for (let at = body.nodes.length - 1; at >= 0; at--) {
    if (live[at] === 1) for (const arg of body.nodes[at]!.args) live[arg] = 1;
  }
  const moved = new Int32Array(body.nodes.length);
  const nodes: BodyNode[] = [];
  body.nodes.forEach((node, at) => {
    if (live[at] === 1) moved[at] = nodes.push({ ...node, args: node.args.map((arg) => moved[arg]!) }) - 1;
  });
  return {
    nodes,
    init: body.init.map((at) => moved[at]!),
    update: body.update.map((at) => moved[at]!),
    finish: moved[body.finish]!,
  };
}
