import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import type { KernelNode } from '../plan/kernel-body.js';
import { coefficientOf, type LinearForm, type LinearTerm } from '../plan/linear-form.js';
import { type BodyPlacement, LEVELS, type Representation } from '../plan/representation.js';

/** A node that consists of a linear form: an integer, or a load's address. */
export type FormNode = Extract<KernelNode, { form: LinearForm }>;

export interface FormChainsParameters {
  readonly f: FunctionBuilder;
  readonly placement: BodyPlacement;
  readonly vectorAxis: number;
  readonly index: readonly Local[];
  readonly reduce: readonly Local[];
  readonly operands: readonly Local[];
  readonly pushNode: (at: number, as: Representation, copy: number) => void;
}

/**
 * The scalar parts of linear forms, summed up loop level by loop level: each level adds its own terms to the sum of the
 * levels around it, so that an inner loop adds only what changes in it.
 *
 * Where a load's address needs neither a test nor a vector, the sum is the address itself in bytes; else it counts
 * elements.
 */
export class FormChains {
  readonly #parameters: FormChainsParameters;
  readonly #partial = new Map<number, { readonly level: number; readonly local: Local }[]>();

  constructor(parameters: FormChainsParameters) {
    this.#parameters = parameters;
  }

  /** True where the sum is an address. */
  isPointer(node: FormNode): boolean {
    return node.op !== 'linear' && !node.guarded && this.varyingTerms(node).length === 0;
  }

  /** Terms whose values differ between lanes, besides the vector axis itself. */
  varyingTerms(node: FormNode): readonly LinearTerm[] {
    const { nodes } = this.#parameters.placement;
    return node.form.terms.filter((term) => term.of === 'node' && nodes[term.at]!.varying);
  }

  /** How much the form grows from lane to lane, in elements. */
  laneStride(node: FormNode): number {
    return coefficientOf(node.form, 'index', this.#parameters.vectorAxis);
  }

  /** The part of an address that the memory instruction adds. */
  immediate(node: FormNode): number {
    return this.#hasImmediate(node) ? node.form.constant * scaleOf(node) : 0;
  }

  /** Adds a level's terms to a node's sum and keeps it in a local. */
  store(node: FormNode, at: number, level: number): void {
    const { f } = this.#parameters;
    const terms = this.#termsAt(node, at, level);
    const constant = level === LEVELS.chunk && this.#constant(node) !== 0;
    if (terms.length === 0 && !constant) return;
    this.#pushSum(node, at, level);
    const local = f.local('i32');
    f.set(local);
    const chain = this.#partial.get(at);
    if (chain === undefined) this.#partial.set(at, [{ level, local }]);
    else chain.push({ level, local });
  }

  /** Pushes a node's whole scalar sum, at the node's own level. */
  push(node: FormNode, at: number): void {
    this.#pushSum(node, at, this.#parameters.placement.nodes[at]!.level);
  }

  close(level: number): void {
    for (const chain of this.#partial.values()) {
      while (chain.length > 0 && chain.at(-1)!.level >= level) this.#parameters.f.release(chain.pop()!.local);
    }
  }

  #pushSum(node: FormNode, at: number, level: number): void {
    const { f, operands } = this.#parameters;
    const before = this.#partial.get(at)?.at(-1);
    const constant = level === LEVELS.chunk ? this.#constant(node) : 0;
    let empty = false;
    if (before !== undefined) f.get(before.local);
    else if (this.isPointer(node) && node.op !== 'linear') f.get(operands[node.imm]!);
    else empty = true;
    const add = (push: () => void): void => {
      push();
      if (!empty) f.op('i32.add');
      empty = false;
    };
    if (constant !== 0) add(() => f.i32(constant));
    for (const term of this.#termsAt(node, at, level)) add(() => this.#pushTerm(node, term));
    if (empty) f.i32(0);
  }

  #termsAt(node: FormNode, at: number, level: number): readonly LinearTerm[] {
    const { placement } = this.#parameters;
    const own = placement.nodes[at]!.level;
    return node.form.terms.filter((term) => {
      if (term.of === 'node' && placement.nodes[term.at]!.varying) return false;
      return placement.levelOfTerm(term, own) === level;
    });
  }

  #pushTerm(node: FormNode, term: LinearTerm): void {
    const { f, index, reduce, pushNode } = this.#parameters;
    if (term.of === 'node') pushNode(term.at, 'scalar', 0);
    else f.get((term.of === 'index' ? index : reduce)[term.at]!);
    const factor = Math.imul(term.coefficient, this.isPointer(node) ? scaleOf(node) : 1);
    if (factor === 1) return;
    if (factor > 0 && (factor & (factor - 1)) === 0) f.i32(31 - Math.clz32(factor)).op('i32.shl');
    else f.i32(factor).op('i32.mul');
  }

  /** The constant that the sum itself contains. */
  #constant(node: FormNode): number {
    if (this.#hasImmediate(node)) return 0;
    return Math.imul(node.form.constant, this.isPointer(node) ? scaleOf(node) : 1);
  }

  /** The instruction's offset is added without wrapping, so the rest of the address must not be below the operand. */
  #hasImmediate(node: FormNode): boolean {
    const { terms, constant } = node.form;
    return this.isPointer(node) && constant >= 0 && terms.every((term) => term.of !== 'node' && term.coefficient > 0);
  }
}

/** Bytes for each step of a load's address. */
export function scaleOf(node: FormNode): number {
  return node.op === 'load' ? 4 : 1;
}
