import type { Body, BodyNode } from '../../expr/body.js';

/** The positions of the nodes that a body's values depend on. */
export function liveNodes({ nodes, init, update, finish }: Body): ReadonlySet<number> {
  const live = new Set([...init, ...update, finish]);
  for (let at = nodes.length - 1; at >= 0; at--) {
    if (live.has(at)) for (const arg of nodes[at]!.args) live.add(arg);
  }
  return live;
}

/** Collects the nodes of a body that is rewritten. */
export class NodeList {
  readonly #nodes: BodyNode[] = [];

  /** Appends a node whose arguments are positions in this list, and gives its position. */
  add(node: BodyNode): number {
    return this.#nodes.push(node) - 1;
  }

  integer(value: number): number {
    return this.add({ op: 'const', dtype: 'i32', args: [], imm: value >>> 0 });
  }

  /** The sum of nodes times factors, and of a constant. */
  linear(terms: readonly (readonly [node: number, factor: number])[], constant: number): number {
    const products = terms.map(([node, factor]) =>
      factor === 1 ? node : this.#apply('imul', node, this.integer(factor)),
    );
    if (constant !== 0 || products.length === 0) products.push(this.integer(constant));
    return products.reduce((sum, product) => this.#apply('iadd', sum, product));
  }

  /**
   * Copies a body in order. `replace` may give the position of something equal in place of a node, whose arguments it
   * gets as positions in this list.
   */
  rebuild(body: Body, replace: (node: BodyNode, at: number) => number | undefined): Body {
    const moved: number[] = [];
    body.nodes.forEach((old, at) => {
      const node = { ...old, args: old.args.map((arg) => moved[arg]!) };
      moved.push(replace(node, at) ?? this.add(node));
    });
    const [init, update] = [body.init, body.update].map((roots) => roots.map((root) => moved[root]!));
    return { nodes: this.#nodes, init: init!, update: update!, finish: moved[body.finish]! };
  }

  #apply(op: 'iadd' | 'imul', left: number, right: number): number {
    return this.add({ op, dtype: 'i32', args: [left, right], imm: 0 });
  }
}
