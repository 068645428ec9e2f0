/** The way back from an operator's flat body to expressions, for those who change some of its nodes. */
import type { Body } from '../expr/body.js';
import type { Expr } from '../expr/expression.js';
import { defineOperator, type Operand, type Operator } from '../expr/operator.js';

/** Gives another expression for node `at`, or undefined to keep it. `expressionOf` knows the nodes before it. */
export type ReplaceNode = (at: number, node: Expr, expressionOf: (earlier: number) => Expr) => Expr | undefined;

/** The expression of every node of a body. */
export function expressionsOf(body: Body, replace: ReplaceNode): readonly Expr[] {
  const expressions: Expr[] = [];
  body.nodes.forEach(({ op, dtype, imm, args }, at) => {
    const node: Expr = { op, dtype, imm, args: args.map((arg) => expressions[arg]!) };
    expressions.push(replace(at, node, (earlier) => expressions[earlier]!) ?? node);
  });
  return expressions;
}

/** The operator over other operands whose body's nodes are these expressions. What nothing reads any more is left out. */
export function rebuildOperator(
  { kind, domain, reduction, body }: Operator,
  operands: readonly Operand[],
  expressions: readonly Expr[],
): Operator {
  const at = (node: number): Expr => expressions[node]!;
  const [init, update] = [body.init.map(at), body.update.map(at)];
  return defineOperator({ kind, domain, reduction, operands, init, update, finish: at(body.finish) });
}
