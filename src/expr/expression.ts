/**
 * Scalar expressions: what an operator computes for one output element.
 *
 * An expression is an immutable tree (with sharing) of constants, indices, loads and scalar instructions. It is only a
 * notation: {@link flatten} in `body.ts` turns it into the flat form that machines read and bundles hold.
 */
import { bitsOf } from '../numerics/float32.js';
import { type DType, INSTRUCTIONS, type InstructionName } from '../numerics/instructions.js';

/**
 * Leaves besides the scalar instructions:
 *
 * - `const`: `imm` holds its bits;
 * - `index`: output coordinate of axis `imm`; `reduce`: reduction coordinate of axis `imm`; `step`: the training step;
 * - `acc`: accumulator `imm` before an update; `result`: accumulator `imm` after the whole fold (in `finish` only);
 * - `load`: word `args[0]` of operand `imm`; `loadbyte`: byte `args[0]` (0 … 255) of operand `imm`, little-endian.
 *   A load outside of the operand gives 0. A NaN that is loaded as `f32` is the canonical one.
 */
export type LeafName = 'const' | 'index' | 'reduce' | 'step' | 'acc' | 'result' | 'load' | 'loadbyte';

export type NodeName = LeafName | InstructionName;

export interface Expr<Type extends DType = DType> {
  readonly op: NodeName;
  readonly dtype: Type;
  readonly args: readonly Expr[];
  readonly imm: number;
}

export type F32 = Expr<'f32'>;
export type I32 = Expr<'i32'>;

const NONE: readonly Expr[] = [];

function leaf<Type extends DType>(op: LeafName, dtype: Type, imm: number, args: readonly Expr[] = NONE): Expr<Type> {
  return { op, dtype, args, imm };
}

/** A binary32 constant; the number is rounded to binary32. */
export const f32 = (value: number): F32 => leaf('const', 'f32', bitsOf(Math.fround(value)));
/** A binary32 constant given by its bits. */
export const f32Bits = (bits: number): F32 => leaf('const', 'f32', bits >>> 0);
/** A 32-bit integer constant, modulo 2^32. */
export const i32 = (value: number): I32 => leaf('const', 'i32', value >>> 0);
/** The output coordinate along `axis`. */
export const index = (axis: number): I32 => leaf('index', 'i32', axis);
/** The reduction coordinate along `axis`. */
export const reduceIndex = (axis: number): I32 => leaf('reduce', 'i32', axis);
/** The number of the training step, from 0. */
export const trainingStep: I32 = leaf('step', 'i32', 0);

/** Accumulator `slot` before the update. */
export function acc<Type extends DType>(slot: number, dtype: Type): Expr<Type> {
  return leaf('acc', dtype, slot);
}
/** Accumulator `slot` after the whole fold. */
export function result<Type extends DType>(slot: number, dtype: Type): Expr<Type> {
  return leaf('result', dtype, slot);
}
/** Word `at` of operand `operand`. */
export function load<Type extends DType>(operand: number, at: I32, dtype: Type): Expr<Type> {
  return leaf('load', dtype, operand, [at]);
}
/** Byte `at` of operand `operand`, as 0 … 255. */
export const loadByte = (operand: number, at: I32): I32 => leaf('loadbyte', 'i32', operand, [at]);

/** Applies a scalar instruction. */
export function apply<Name extends InstructionName>(
  op: Name,
  ...args: readonly Expr[]
): Expr<(typeof INSTRUCTIONS)[Name]['result']> {
  return { op, dtype: INSTRUCTIONS[op].result, args, imm: 0 };
}

export const fadd = (a: F32, b: F32): F32 => apply('fadd', a, b);
export const fsub = (a: F32, b: F32): F32 => apply('fsub', a, b);
export const fmul = (a: F32, b: F32): F32 => apply('fmul', a, b);
export const fdiv = (a: F32, b: F32): F32 => apply('fdiv', a, b);
export const fsqrt = (a: F32): F32 => apply('fsqrt', a);
export const fma = (a: F32, b: F32, c: F32): F32 => apply('fma', a, b, c);
export const fmin = (a: F32, b: F32): F32 => apply('fmin', a, b);
export const fmax = (a: F32, b: F32): F32 => apply('fmax', a, b);
export const fneg = (a: F32): F32 => apply('fneg', a);
export const fabs = (a: F32): F32 => apply('fabs', a);
export const ffloor = (a: F32): F32 => apply('ffloor', a);
export const fnearest = (a: F32): F32 => apply('fnearest', a);
export const feq = (a: F32, b: F32): I32 => apply('feq', a, b);
export const flt = (a: F32, b: F32): I32 => apply('flt', a, b);
export const fle = (a: F32, b: F32): I32 => apply('fle', a, b);
export const iadd = (a: I32, b: I32): I32 => apply('iadd', a, b);
export const isub = (a: I32, b: I32): I32 => apply('isub', a, b);
export const imul = (a: I32, b: I32): I32 => apply('imul', a, b);
export const imulhu = (a: I32, b: I32): I32 => apply('imulhu', a, b);
export const idivu = (a: I32, b: I32): I32 => apply('idivu', a, b);
export const iremu = (a: I32, b: I32): I32 => apply('iremu', a, b);
export const iand = (a: I32, b: I32): I32 => apply('iand', a, b);
export const ior = (a: I32, b: I32): I32 => apply('ior', a, b);
export const ixor = (a: I32, b: I32): I32 => apply('ixor', a, b);
export const ishl = (a: I32, b: I32): I32 => apply('ishl', a, b);
export const ishru = (a: I32, b: I32): I32 => apply('ishru', a, b);
export const ishrs = (a: I32, b: I32): I32 => apply('ishrs', a, b);
export const irotl = (a: I32, b: I32): I32 => apply('irotl', a, b);
export const ieq = (a: I32, b: I32): I32 => apply('ieq', a, b);
export const ilts = (a: I32, b: I32): I32 => apply('ilts', a, b);
export const iltu = (a: I32, b: I32): I32 => apply('iltu', a, b);
export const itof = (a: I32): F32 => apply('itof', a);
export const ftoi = (a: F32): I32 => apply('ftoi', a);
export const fbits = (a: F32): I32 => apply('fbits', a);
export const bitsf = (a: I32): F32 => apply('bitsf', a);
export const fselect = (condition: I32, a: F32, b: F32): F32 => apply('fselect', condition, a, b);
export const iselect = (condition: I32, a: I32, b: I32): I32 => apply('iselect', condition, a, b);
/** Logical not of a 0/1 value. */
export const inot = (a: I32): I32 => apply('ieq', a, i32(0));
