/** Walks over expressions before they become a body. */
import type { Expr } from '../../expr/expression.js';

/** Visits every node of some expressions once, arguments before their use. */
export function visitNodes(roots: readonly Expr[], visit: (expr: Expr) => void): void {
  const seen = new Set<Expr>();
  const walk = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    for (const arg of expr.args) walk(arg);
    visit(expr);
  };
  for (const root of roots) walk(root);
}

/** Rebuilds expressions: `replace` gives a node's stand-in, or nothing to keep it with its arguments rebuilt. */
export function replaceNodes(roots: readonly Expr[], replace: (expr: Expr) => Expr | undefined): Expr[] {
  const done = new Map<Expr, Expr>();
  const walk = (expr: Expr): Expr => {
    const known = done.get(expr);
    if (known !== undefined) return known;
    const stand = replace(expr) ?? rebuild(expr);
    done.set(expr, stand);
    return stand;
  };
  const rebuild = (expr: Expr): Expr => {
    const args = expr.args.map(walk);
    return args.every((arg, at) => arg === expr.args[at]) ? expr : { ...expr, args };
  };
  return roots.map(walk);
}
