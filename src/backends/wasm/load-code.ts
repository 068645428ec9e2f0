import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import type { KernelBody } from '../plan/kernel-body.js';
import type { Placement, Representation } from '../plan/representation.js';
import { type FormChains, type FormNode, scaleOf } from './form-chains.js';

export interface LoadCodeParameters {
  readonly f: FunctionBuilder;
  readonly body: KernelBody;
  readonly lanes: number;
  readonly operands: readonly Local[];
  readonly chains: FormChains;
  readonly pushNode: (at: number, as: Representation, copy: number) => void;
}

type LoadNode = Exclude<FormNode, { op: 'linear' }>;

/** Emits loads and linear integers, in the cheapest way their addresses allow. */
export class LoadCode {
  readonly #parameters: LoadCodeParameters;

  constructor(parameters: LoadCodeParameters) {
    this.#parameters = parameters;
  }

  /** Pushes a node's value in its primary representation. */
  push(node: FormNode, at: number, placement: Placement, copy: number): void {
    const { chains } = this.#parameters;
    if (node.op === 'linear') {
      if (placement.primary === 'scalar') chains.push(node, at);
      else this.#pushVectorForm(node, at, copy);
    } else if (!placement.varying) this.#pushUniform(node, at, placement);
    else if (chains.isPointer(node)) this.#pushStrided(node, at, copy);
    else if (node.op === 'load' && chains.varyingTerms(node).length === 0 && chains.laneStride(node) === 1) {
      this.#pushGuardedRun(node, at, copy);
    } else {
      this.#pushVectorForm(node, at, copy);
      this.#gather(node);
    }
  }

  /** One value for all lanes: an i32, or a vector that repeats it. */
  #pushUniform(node: LoadNode, at: number, placement: Placement): void {
    const { f, chains, operands, body } = this.#parameters;
    const read = (offset: number): void => {
      if (node.op === 'loadbyte') f.mem('i32.load8_u', offset);
      else f.mem(placement.primary === 'scalar' ? 'i32.load' : 'v128.load32_splat', offset);
    };
    chains.push(node, at);
    if (chains.isPointer(node)) {
      read(chains.immediate(node));
      return;
    }
    const address = f.local('i32');
    const type = placement.primary === 'scalar' ? 'i32' : 'v128';
    f.tee(address).i32(lengthOf(node, body)).op('i32.lt_u');
    const inside = (): void => {
      f.get(address);
      if (node.op === 'load') f.i32(2).op('i32.shl');
      f.get(operands[node.imm]!).op('i32.add');
      read(0);
    };
    const outside = (): void => {
      if (type === 'i32') f.i32(0);
      else f.v128(0);
    };
    f.if(inside, outside, type);
    f.release(address);
  }

  /** Lanes at constant distances, all inside of the operand. */
  #pushStrided(node: LoadNode, at: number, copy: number): void {
    const { f, chains } = this.#parameters;
    const stride = chains.laneStride(node) * scaleOf(node);
    const skipped = stride * 4 * copy;
    let offset = chains.immediate(node);
    chains.push(node, at);
    if (skipped > 0) offset += skipped;
    else if (skipped < 0) f.i32(skipped).op('i32.add');
    if (node.op === 'load' && stride === 4) {
      f.mem('v128.load', offset);
    } else if (node.op === 'loadbyte' && stride === 1) {
      f.mem('v128.load32_zero', offset).op('i16x8.extend_low_i8x16_u', 'i32x4.extend_low_i16x8_u');
    } else {
      const address = f.local('i32');
      f.set(address);
      this.#eachLane(node, (lane) => {
        f.get(address);
        if (stride < 0) f.i32(stride * lane).op('i32.add');
        return offset + (stride < 0 ? 0 : stride * lane);
      });
      f.release(address);
    }
  }

  /** Four neighbouring words that may lie outside. */
  #pushGuardedRun(node: LoadNode, at: number, copy: number): void {
    const { f, chains, operands, body } = this.#parameters;
    const first = f.local('i32');
    chains.push(node, at);
    if (copy > 0) f.i32(4 * copy).op('i32.add');
    f.tee(first)
      .i32(Math.max(0, lengthOf(node, body) - 3))
      .op('i32.lt_u');
    f.if(
      () => {
        f.get(operands[node.imm]!).get(first).i32(2).op('i32.shl', 'i32.add').mem('v128.load');
      },
      () => {
        f.get(first).op('i32x4.splat').v128(0, 1, 2, 3).op('i32x4.add');
        this.#gather(node);
      },
      'v128',
    );
    f.release(first);
  }

  /** Replaces the vector of indices on the stack by what they point at. */
  #gather(node: LoadNode): void {
    const { f, operands, body } = this.#parameters;
    const [at, inside] = f.locals(2, 'v128') as [Local, Local];
    f.set(at);
    if (node.guarded) {
      // Lanes that point outside read the first element and are cleared afterwards.
      f.get(at).v128(lengthOf(node, body)).op('i32x4.lt_u').tee(inside).get(at).op('v128.and').set(at);
    }
    this.#eachLane(node, (lane) => {
      f.get(at).lane('i32x4.extract_lane', lane);
      if (node.op === 'load') f.i32(2).op('i32.shl');
      f.get(operands[node.imm]!).op('i32.add');
      return 0;
    });
    if (node.guarded) f.get(inside).op('v128.and');
    f.release(at, inside);
  }

  /** Builds a vector lane by lane; `pushAddress` pushes a lane's address and returns the offset to add. */
  #eachLane(node: LoadNode, pushAddress: (lane: number) => number): void {
    const { f, lanes } = this.#parameters;
    const out = f.local('v128');
    for (let lane = 0; lane < lanes; lane++) {
      if (node.op === 'load') {
        const offset = pushAddress(lane);
        if (lane === 0) f.mem('v128.load32_zero', offset);
        else f.get(out).laneMem('v128.load32_lane', offset, lane);
      } else {
        if (lane === 0) f.v128(0);
        else f.get(out);
        f.mem('i32.load8_u', pushAddress(lane)).lane('i32x4.replace_lane', lane);
      }
      f.set(out);
    }
    f.get(out);
    f.release(out);
  }

  /** The form's value in every lane. */
  #pushVectorForm(node: FormNode, at: number, copy: number): void {
    const { f, chains, pushNode } = this.#parameters;
    const stride = chains.laneStride(node);
    chains.push(node, at);
    f.op('i32x4.splat');
    if (stride !== 0) {
      const [first, second, third, fourth] = [0, 1, 2, 3].map((lane) => Math.imul(stride, 4 * copy + lane));
      f.v128(first!, second!, third!, fourth!).op('i32x4.add');
    }
    for (const term of chains.varyingTerms(node)) {
      pushNode(term.at, 'vector', copy);
      if (term.coefficient !== 1) f.v128(term.coefficient).op('i32x4.mul');
      f.op('i32x4.add');
    }
  }
}

/** Addresses from here on lie outside. */
function lengthOf(node: LoadNode, body: KernelBody): number {
  return body.operandWords[node.imm]! * (node.op === 'load' ? 1 : 4);
}
