/** WebAssembly for the scalar instructions, on vectors of four lanes and on single integers. */
import { CANONICAL_NAN, valueOf } from '../../numerics/float32.js';
import type { InstructionName } from '../../numerics/instructions.js';
import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import type { ModuleBuilder } from '../../wasm/module-builder.js';
import type { PlainInstruction } from '../../wasm/opcodes.js';

/** An argument: pushes its value. `scalar` tells that it pushes one i32 and not a vector. */
export interface Argument {
  push(): void;
  readonly scalar: boolean;
  /** Its bits, where it is a constant. */
  readonly constant?: number | undefined;
}

/** One v128 instruction each, with the arguments in order. Comparisons give masks. */
const VECTOR_INSTRUCTIONS: Partial<Record<InstructionName, PlainInstruction>> = {
  fadd: 'f32x4.add',
  fsub: 'f32x4.sub',
  fmul: 'f32x4.mul',
  fdiv: 'f32x4.div',
  fsqrt: 'f32x4.sqrt',
  fneg: 'f32x4.neg',
  fabs: 'f32x4.abs',
  ffloor: 'f32x4.floor',
  fnearest: 'f32x4.nearest',
  feq: 'f32x4.eq',
  flt: 'f32x4.lt',
  fle: 'f32x4.le',
  iadd: 'i32x4.add',
  isub: 'i32x4.sub',
  imul: 'i32x4.mul',
  iand: 'v128.and',
  ior: 'v128.or',
  ixor: 'v128.xor',
  ieq: 'i32x4.eq',
  ilts: 'i32x4.lt_s',
  iltu: 'i32x4.lt_u',
  itof: 'f32x4.convert_i32x4_s',
  ftoi: 'i32x4.trunc_sat_f32x4_s',
};

const SCALAR_INSTRUCTIONS: Partial<Record<InstructionName, PlainInstruction>> = {
  iadd: 'i32.add',
  isub: 'i32.sub',
  imul: 'i32.mul',
  iand: 'i32.and',
  ior: 'i32.or',
  ixor: 'i32.xor',
  ishl: 'i32.shl',
  ishru: 'i32.shr_u',
  ishrs: 'i32.shr_s',
  irotl: 'i32.rotl',
  ieq: 'i32.eq',
  ilts: 'i32.lt_s',
  iltu: 'i32.lt_u',
};

/** Pushes the result of an integer instruction on single integers. */
export function pushScalar(f: FunctionBuilder, name: InstructionName, args: readonly Argument[]): void {
  const direct = SCALAR_INSTRUCTIONS[name];
  const [a, b, c] = args as [Argument, Argument, Argument];
  if (direct !== undefined) {
    for (const arg of args) arg.push();
    f.op(direct);
  } else if (name === 'iselect') {
    b.push();
    c.push();
    a.push();
    f.op('select');
  } else if (name === 'imulhu') {
    a.push();
    f.op('i64.extend_i32_u');
    b.push();
    f.op('i64.extend_i32_u', 'i64.mul').i64(32n).op('i64.shr_u', 'i32.wrap_i64');
  } else if (name === 'idivu' || name === 'iremu') {
    pushDivision(f, name, () => a.push(), b);
  } else throw new Error(`no scalar code for ${name}`);
}

/** Unsigned division of single integers in which a division by zero gives 0. */
function pushDivision(f: FunctionBuilder, name: 'idivu' | 'iremu', pushDividend: () => void, divisor: Argument): void {
  const instruction = name === 'idivu' ? 'i32.div_u' : 'i32.rem_u';
  if (divisor.constant !== undefined) {
    pushDividend();
    if (divisor.constant === 0) f.op('drop').i32(0);
    else f.i32(divisor.constant).op(instruction);
    return;
  }
  f.i32(0);
  pushDividend();
  // The divisor 1 stands in for 0, because WebAssembly would trap.
  divisor.push();
  divisor.push();
  f.op('i32.eqz', 'i32.or', instruction);
  divisor.push();
  f.op('i32.eqz', 'select');
}

/** Emits vector instructions; holds what several of them share. */
export interface VectorCode {
  push(name: InstructionName, args: readonly Argument[]): void;
  /** Replaces every NaN of the vector on the stack by the canonical one. */
  canonicalise(): void;
}

export interface VectorCodeParameters {
  readonly f: FunctionBuilder;
  /** Lanes that hold values; the others may hold anything. */
  readonly lanes: number;
  /** Pushes the canonical NaN in all lanes. */
  readonly pushNaN: () => void;
  /** The index of the function of {@link addFusedMultiplyAdd}. */
  readonly fusedMultiplyAdd: () => number;
}

export function vectorCode({ f, lanes, pushNaN, fusedMultiplyAdd }: VectorCodeParameters): VectorCode {
  const canonicalise = (): void => {
    const value = f.local('v128');
    f.set(value).get(value);
    pushNaN();
    f.get(value).get(value).op('f32x4.eq', 'v128.bitselect');
    f.release(value);
  };
  const toLocal = (arg: Argument): Local => {
    const local = f.local('v128');
    arg.push();
    f.set(local);
    return local;
  };
  /** Computes lane by lane; `lane` pushes one i32 result from the lanes' locals. */
  const eachLane = (args: readonly Argument[], lane: (pushLane: (arg: number) => void) => void): void => {
    const held = args.map(toLocal);
    const out = f.local('v128');
    f.v128(0).set(out);
    for (let at = 0; at < lanes; at++) {
      f.get(out);
      lane((arg) => f.get(held[arg]!).lane('i32x4.extract_lane', at));
      f.lane('i32x4.replace_lane', at).set(out);
    }
    f.get(out);
    f.release(out, ...held);
  };
  const push = (name: InstructionName, args: readonly Argument[]): void => {
    const [a, b, c] = args as [Argument, Argument, Argument];
    if (name === 'fmin' || name === 'fmax') {
      pushExtreme(f, name, a, b);
      return;
    }
    const direct = VECTOR_INSTRUCTIONS[name];
    if (direct !== undefined) {
      for (const arg of args) arg.push();
      f.op(direct);
      return;
    }
    switch (name) {
      case 'fselect':
      case 'iselect':
        b.push();
        c.push();
        a.push();
        f.op('v128.bitselect');
        return;
      case 'fbits':
        a.push();
        canonicalise();
        return;
      case 'bitsf':
        a.push();
        return;
      case 'ishl':
      case 'ishru':
      case 'ishrs':
      case 'irotl':
        if (b.scalar) pushUniformShift(f, name, a, b);
        else pushVaryingShift(name, a, b);
        return;
      case 'imulhu':
        pushHighProduct(a, b);
        return;
      case 'idivu':
      case 'iremu':
        pushLaneDivision(name, a, b);
        return;
      case 'fma':
        pushFusedMultiplyAdd(args);
        return;
      default:
        throw new Error(`no vector code for ${name}`);
    }
  };
  const pushVaryingShift = (name: InstructionName, a: Argument, b: Argument): void =>
    eachLane([a, b], (pushLane) => {
      pushLane(0);
      pushLane(1);
      f.op(SCALAR_INSTRUCTIONS[name]!);
    });
  const pushHighProduct = (a: Argument, b: Argument): void => {
    const [left, right] = [toLocal(a), toLocal(b)];
    f.get(left).get(right).op('i64x2.extmul_low_i32x4_u');
    f.get(left).get(right).op('i64x2.extmul_high_i32x4_u').shuffleWords(1, 3, 5, 7);
    f.release(left, right);
  };
  const pushLaneDivision = (name: 'idivu' | 'iremu', a: Argument, b: Argument): void => {
    if (b.constant !== undefined && b.constant > 0 && (b.constant & (b.constant - 1)) === 0) {
      a.push();
      if (name === 'idivu') f.i32(31 - Math.clz32(b.constant)).op('i32x4.shr_u');
      else f.v128(b.constant - 1).op('v128.and');
    } else if (b.constant !== undefined) {
      eachLane([a], (pushLane) => pushDivision(f, name, () => pushLane(0), b));
    } else {
      eachLane([a, b], (pushLane) =>
        pushDivision(f, name, () => pushLane(0), { push: () => pushLane(1), scalar: true }),
      );
    }
  };
  const pushFusedMultiplyAdd = (args: readonly Argument[]): void => {
    const index = fusedMultiplyAdd();
    eachLane(args, (pushLane) => {
      for (const arg of [0, 1, 2]) {
        pushLane(arg);
        f.op('f32.reinterpret_i32');
      }
      f.call(index).op('i32.reinterpret_f32');
    });
  };
  return { push, canonicalise };
}

/**
 * Minimum or maximum. `f32x4.min` and `max` are eight machine instructions each; `pmin(x, c)`, which is `c < x ? c : x`,
 * is one, and gives the same for a constant c that is no NaN, also where x is a NaN. Zeros compare as equal, so x stays
 * where it is the other zero: that is wrong for maxima with +0, where adding +0 mends it, and for minima with −0.
 */
function pushExtreme(f: FunctionBuilder, name: 'fmin' | 'fmax', a: Argument, b: Argument): void {
  const [x, bound] = a.constant === undefined ? [a, b] : [b, a];
  const constant = bound.constant === undefined ? Number.NaN : valueOf(bound.constant);
  x.push();
  bound.push();
  if (Number.isNaN(constant) || (name === 'fmin' && Object.is(constant, -0))) {
    f.op(name === 'fmin' ? 'f32x4.min' : 'f32x4.max');
    return;
  }
  f.op(name === 'fmin' ? 'f32x4.pmin' : 'f32x4.pmax');
  if (name === 'fmax' && Object.is(constant, 0)) f.v128(0).op('f32x4.add');
}

function pushUniformShift(f: FunctionBuilder, name: InstructionName, a: Argument, count: Argument): void {
  a.push();
  count.push();
  // Vector shifts take their count modulo 32, as ours do.
  if (name === 'ishl') f.op('i32x4.shl');
  else if (name === 'ishru') f.op('i32x4.shr_u');
  else if (name === 'ishrs') f.op('i32x4.shr_s');
  else {
    f.op('i32x4.shl');
    a.push();
    f.i32(0);
    count.push();
    f.op('i32.sub', 'i32x4.shr_u', 'v128.or');
  }
}

/** The bits of the canonical NaN, for `pushNaN`. */
export const NAN_BITS = CANONICAL_NAN;

/** Adds the function `(f32, f32, f32) → f32` that computes `fusedMultiplyAdd` of `numerics/float32.ts`. */
export function addFusedMultiplyAdd(module: ModuleBuilder): number {
  return module.addFunction(['f32', 'f32', 'f32'], ['f32'], (f, a, b, c) => {
    const [product, sum, shadow, error] = f.locals(4, 'f64') as [Local, Local, Local, Local];
    const bits = f.local('i64');
    f.get(a!).op('f64.promote_f32').get(b!).op('f64.promote_f32', 'f64.mul').set(product);
    f.get(product).get(c!).op('f64.promote_f32', 'f64.add').set(sum);
    f.block((exact) => {
      // Infinite, NaN and zero sums need no correction.
      f.get(sum).op('f64.abs').f64(Number.POSITIVE_INFINITY).op('f64.lt', 'i32.eqz').brIf(exact);
      f.get(sum).f64(0).op('f64.eq').brIf(exact);
      f.get(sum).get(product).op('f64.sub').set(shadow);
      f.get(product).get(sum).get(shadow).op('f64.sub', 'f64.sub');
      f.get(c!).op('f64.promote_f32').get(shadow).op('f64.sub', 'f64.add').tee(error);
      f.f64(0).op('f64.eq').brIf(exact);
      f.get(sum).op('i64.reinterpret_f64').tee(bits).i64(1n).op('i64.and', 'i32.wrap_i64').brIf(exact);
      f.i64(1n).i64(-1n).get(error).f64(0).op('f64.gt').get(sum).f64(0).op('f64.gt', 'i32.eq', 'select');
      f.get(bits).op('i64.add', 'f64.reinterpret_i64').set(sum);
    });
    f.get(sum).op('f32.demote_f64');
  });
}
