import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import type { KernelBody, KernelNode } from '../plan/kernel-body.js';
import {
  type BodyPlacement,
  negatedMask,
  type Placement,
  placeBody,
  type Representation,
  type Use,
  usesOf,
} from '../plan/representation.js';
import { FormChains } from './form-chains.js';
import { type Argument, NAN_BITS, pushScalar, type VectorCode, vectorCode } from './instruction-code.js';
import { LoadCode } from './load-code.js';

export interface NodeEmitterParameters {
  readonly f: FunctionBuilder;
  readonly body: KernelBody;
  /** The output axis that runs along the lanes; −1 where only lane 0 is used. */
  readonly vectorAxis: number;
  /** Coordinates. The vector axis's local holds the coordinate of lane 0 of the first copy. */
  readonly index: readonly Local[];
  readonly reduce: readonly Local[];
  /** Addresses of the operands. */
  readonly operands: readonly Local[];
  readonly step: Local;
  readonly fusedMultiplyAdd: () => number;
}

/** The locals of one node in one representation: one for each copy where it varies, else one. */
interface Held {
  readonly locals: readonly Local[];
  /** Uses at the node's own level that are still to come. */
  remaining: number;
  /** Used at other levels: lives until its level is closed. */
  readonly kept: boolean;
}

/**
 * Emits the nodes of a kernel body loop level by loop level: `openLevel` at the start of each loop's body, `closeLevel`
 * at its end. A vector loop may handle several vectors at once (`copies`); what does not vary is computed once.
 */
export class NodeEmitter {
  readonly placement: BodyPlacement;
  readonly vector: VectorCode;
  readonly #parameters: NodeEmitterParameters;
  readonly #lanes: number;
  readonly #uses: readonly (readonly Use[])[];
  /** For each node: representation → how often it is used at its own level, and whether at others. */
  readonly #demand: Map<Representation, { own: number; other: boolean }>[];
  readonly #held = new Map<string, Held>();
  readonly #chains: FormChains;
  readonly #loads: LoadCode;
  #accumulators: readonly (readonly Local[])[] = [];
  #nan: Local | undefined;

  constructor(parameters: NodeEmitterParameters) {
    const { f, body, vectorAxis } = parameters;
    this.#parameters = parameters;
    this.#lanes = vectorAxis < 0 ? 1 : 4;
    this.placement = placeBody(body, vectorAxis);
    this.#uses = body.nodes.map((_, at) => usesOf(body, at, this.placement));
    this.#demand = this.#collectDemand();
    this.vector = vectorCode({
      f,
      lanes: this.#lanes,
      pushNaN: () => (this.#nan === undefined ? f.v128(NAN_BITS) : f.get(this.#nan)),
      fusedMultiplyAdd: parameters.fusedMultiplyAdd,
    });
    const pushNode = (at: number, as: Representation, copy: number): void => this.push(at, as, copy);
    this.#chains = new FormChains({ ...parameters, placement: this.placement, pushNode });
    this.#loads = new LoadCode({ ...parameters, lanes: this.#lanes, chains: this.#chains, pushNode });
  }

  /** Keeps the canonical NaN in a local from here on. */
  holdNaN(): void {
    const { f } = this.#parameters;
    this.#nan = f.local('v128');
    f.v128(NAN_BITS).set(this.#nan);
  }

  /** The locals (slot, copy) that `acc` and `result` read. */
  bindAccumulators(accumulators: readonly (readonly Local[])[]): void {
    this.#accumulators = accumulators;
  }

  /** Emits everything that belongs to a level and is not yet there. */
  openLevel(level: number, copies = 1): void {
    const { body } = this.#parameters;
    body.nodes.forEach((node, at) => {
      if (this.placement.nodes[at]!.level === level && this.#demand[at]!.size > 0) this.#emitNode(node, at, copies);
    });
    body.nodes.forEach((node, at) => {
      if ('form' in node && this.#demand[at]!.size > 0 && this.placement.nodes[at]!.level > level) {
        this.#chains.store(node, at, level);
      }
    });
  }

  /** Forgets what a level computed; its locals can be used for something else. */
  closeLevel(level: number): void {
    const { f } = this.#parameters;
    for (const [key, held] of this.#held) {
      if (this.placement.nodes[Number.parseInt(key, 10)]!.level !== level) continue;
      f.release(...held.locals);
      this.#held.delete(key);
    }
    this.#chains.close(level);
  }

  /** Pushes a node's value. A scalar value is the same for all copies. */
  push(at: number, as: Representation, copy: number): void {
    const { f, body, step } = this.#parameters;
    const node = body.nodes[at]!;
    if (as === 'scalar' && node.op === 'const') f.i32(node.imm);
    else if (as === 'scalar' && node.op === 'step') f.get(step);
    else if (as === 'vector' && (node.op === 'acc' || node.op === 'result')) {
      f.get(this.#accumulators[node.imm]![copy]!);
    } else {
      const { locals } = this.#held.get(`${at}${as}`)!;
      f.get(locals[Math.min(copy, locals.length - 1)]!);
    }
  }

  /** How often each representation of each node is needed. The roots are used once the levels are complete. */
  #collectDemand(): Map<Representation, { own: number; other: boolean }>[] {
    const { body } = this.#parameters;
    const { nodes } = this.placement;
    const demand = body.nodes.map(() => new Map<Representation, { own: number; other: boolean }>());
    const add = (at: number, as: Representation, level: number): void => {
      const entry = demand[at]!.get(as) ?? { own: 0, other: false };
      if (nodes[at]!.level === level) entry.own++;
      else entry.other = true;
      demand[at]!.set(as, entry);
    };
    const outputs = [body.finish, ...body.siblings.map(({ finish }) => finish)];
    for (const root of [...body.init, ...body.update, ...outputs]) add(root, 'vector', -1);
    for (let at = body.nodes.length - 1; at >= 0; at--) {
      const { primary, level } = nodes[at]!;
      if (demand[at]!.size === 0) continue;
      for (const as of [...demand[at]!.keys()]) if (as !== primary) add(at, primary, level);
      for (const use of this.#uses[at]!) add(use.node, use.as, level);
      // Partial sums read a form's scalars already at the levels before the node's own.
      for (const use of this.#uses[at]!) if ('form' in body.nodes[at]!) demand[use.node]!.get(use.as)!.other = true;
    }
    return demand;
  }

  #isPushedInPlace(node: KernelNode, as: Representation): boolean {
    if (as === 'scalar') return node.op === 'const' || node.op === 'step';
    return as === 'vector' && (node.op === 'acc' || node.op === 'result');
  }

  #emitNode(node: KernelNode, at: number, copies: number): void {
    const placement = this.placement.nodes[at]!;
    const demand = this.#demand[at]!;
    const order = [placement.primary, ...[...demand.keys()].filter((as) => as !== placement.primary)];
    for (const as of order) {
      if (this.#isPushedInPlace(node, as)) continue;
      const { f } = this.#parameters;
      const count = as !== 'scalar' && placement.varying ? copies : 1;
      const locals = Array.from({ length: count }, () => f.local(as === 'scalar' ? 'i32' : 'v128'));
      locals.forEach((local, copy) => {
        if (as === placement.primary) this.#pushPrimary(node, at, placement, copy);
        else this.#pushConverted(node, at, placement.primary, as, copy);
        f.set(local);
      });
      const { own, other } = demand.get(as)!;
      this.#held.set(`${at}${as}`, { locals, remaining: own, kept: other });
      if (as !== placement.primary) this.#used({ node: at, as: placement.primary });
    }
    for (const use of this.#uses[at]!) this.#used(use, placement.level);
  }

  /** Releases what has had its last use. */
  #used(use: Use, level = this.placement.nodes[use.node]!.level): void {
    const key = `${use.node}${use.as}`;
    const held = this.#held.get(key);
    if (held === undefined || this.placement.nodes[use.node]!.level !== level) return;
    held.remaining--;
    if (held.remaining > 0 || held.kept) return;
    this.#parameters.f.release(...held.locals);
    this.#held.delete(key);
  }

  #pushConverted(node: KernelNode, at: number, from: Representation, as: Representation, copy: number): void {
    const { f } = this.#parameters;
    if (node.op === 'const') {
      f.v128(as === 'mask' && node.imm !== 0 ? -1 : node.imm);
      return;
    }
    this.push(at, from, copy);
    switch (`${from} to ${as}`) {
      case 'scalar to vector':
        f.op('i32x4.splat');
        break;
      case 'scalar to mask':
        f.i32(0).op('i32.ne').i32(-1).op('i32.mul', 'i32x4.splat');
        break;
      case 'vector to scalar':
        f.lane('i32x4.extract_lane', 0);
        break;
      case 'vector to mask':
        f.v128(0).op('i32x4.ne');
        break;
      case 'mask to vector':
        f.i32(31).op('i32x4.shr_u');
        break;
      default:
        f.lane('i32x4.extract_lane', 0).i32(1).op('i32.and');
    }
  }

  #pushPrimary(node: KernelNode, at: number, placement: Placement, copy: number): void {
    const { f, body } = this.#parameters;
    if ('form' in node) this.#loads.push(node, at, placement, copy);
    else if ('args' in node) this.#pushInstruction(node, at, placement, copy);
    else if (node.op === 'const') f.v128(node.imm);
    else throw new Error(`${node.op} of ${body.nodes.length} nodes has no code of its own`);
  }

  #pushInstruction(
    node: KernelNode & { readonly args: readonly number[] },
    at: number,
    placement: Placement,
    copy: number,
  ): void {
    const { f, body } = this.#parameters;
    const name = node.op as Parameters<VectorCode['push']>[0];
    const uses = this.#uses[at]!;
    if (placement.primary === 'mask' && negatedMask(body, at, this.placement.nodes) !== undefined) {
      this.push(uses[0]!.node, 'mask', copy);
      f.op('v128.not');
      return;
    }
    const args = uses.map((use): Argument => {
      const arg = body.nodes[use.node]!;
      const constant = arg.op === 'const' ? arg.imm : undefined;
      return { push: () => this.push(use.node, use.as, copy), scalar: use.as === 'scalar', constant };
    });
    if (placement.primary === 'scalar') pushScalar(f, name, args);
    else this.vector.push(name, args);
  }
}
