/**
 * The scalar instruction table: the arithmetic contract, in one place.
 *
 * Every machine (reference interpreter, WebAssembly, WGSL, referee) reads its opcodes, types and meaning from here.
 * `evaluate` is the meaning. A value of type `f32` is a number exactly representable in binary32 (all NaNs are one
 * value); a value of type `i32` is a signed 32-bit number.
 */
import { bitsOf, fusedMultiplyAdd, maximum, minimum, nearestEven, toInt32Saturating, valueOf } from './float32.js';

export type DType = 'f32' | 'i32';

export interface Instruction<Result extends DType = DType> {
  /** The number that stands for it in microcode (one byte). Never reused, never renumbered. */
  readonly opcode: number;
  readonly args: readonly DType[];
  readonly result: Result;
  /** Swapping the two arguments never changes a bit. */
  readonly commutative: boolean;
  readonly evaluate: (a: number, b: number, c: number) => number;
}

type Evaluate = Instruction['evaluate'];

function f(opcode: number, arity: 1 | 2 | 3, evaluate: Evaluate, commutative = false): Instruction<'f32'> {
  return { opcode, args: (['f32', 'f32', 'f32'] as const).slice(0, arity), result: 'f32', commutative, evaluate };
}
function compare(opcode: number, evaluate: Evaluate, commutative = false): Instruction<'i32'> {
  return { opcode, args: ['f32', 'f32'], result: 'i32', commutative, evaluate };
}
function i(opcode: number, evaluate: Evaluate, commutative = false): Instruction<'i32'> {
  return { opcode, args: ['i32', 'i32'], result: 'i32', commutative, evaluate };
}

const { fround } = Math;
const flag = (condition: boolean): number => (condition ? 1 : 0);

export const INSTRUCTIONS = {
  // Binary32 arithmetic, each correctly rounded. Rounding the binary64 result once more is innocuous for + − × ÷ √
  // because 53 ≥ 2·24 + 2 (Figueroa, "When is double rounding innocuous?", 1995).
  fadd: f(0x10, 2, (a, b) => fround(a + b), true),
  fsub: f(0x11, 2, (a, b) => fround(a - b)),
  fmul: f(0x12, 2, (a, b) => fround(a * b), true),
  fdiv: f(0x13, 2, (a, b) => fround(a / b)),
  fsqrt: f(0x14, 1, (a) => fround(Math.sqrt(a))),
  fma: f(0x15, 3, fusedMultiplyAdd),
  fmin: f(0x16, 2, minimum, true),
  fmax: f(0x17, 2, maximum, true),
  fneg: f(0x18, 1, (a) => -a),
  fabs: f(0x19, 1, (a) => Math.abs(a)),
  ffloor: f(0x1a, 1, (a) => Math.floor(a)),
  fnearest: f(0x1b, 1, nearestEven),
  // Comparisons are false where an argument is NaN; true is 1.
  feq: compare(0x1c, (a, b) => flag(a === b), true),
  flt: compare(0x1d, (a, b) => flag(a < b)),
  fle: compare(0x1e, (a, b) => flag(a <= b)),
  // Integers modulo 2^32. Shift and rotate counts are taken modulo 32. Division by zero gives 0, and so does its
  // remainder (as in the EVM).
  iadd: i(0x20, (a, b) => (a + b) | 0, true),
  isub: i(0x21, (a, b) => (a - b) | 0),
  imul: i(0x22, (a, b) => Math.imul(a, b), true),
  imulhu: i(0x23, (a, b) => multiplyHighUnsigned(a, b), true),
  idivu: i(0x24, (a, b) => (b === 0 ? 0 : Math.floor((a >>> 0) / (b >>> 0)) | 0)),
  iremu: i(0x25, (a, b) => (b === 0 ? 0 : ((a >>> 0) % (b >>> 0)) | 0)),
  iand: i(0x26, (a, b) => a & b, true),
  ior: i(0x27, (a, b) => a | b, true),
  ixor: i(0x28, (a, b) => a ^ b, true),
  ishl: i(0x29, (a, b) => a << (b & 31)),
  ishru: i(0x2a, (a, b) => (a >>> (b & 31)) | 0),
  ishrs: i(0x2b, (a, b) => a >> (b & 31)),
  irotl: i(0x2c, (a, b) => (a << (b & 31)) | (a >>> (-b & 31))),
  ieq: i(0x2d, (a, b) => flag(a === b), true),
  ilts: i(0x2e, (a, b) => flag(a < b)),
  iltu: i(0x2f, (a, b) => flag(a >>> 0 < b >>> 0)),
  // Conversions: nearest even from a signed integer; truncation that saturates, NaN gives 0.
  itof: { opcode: 0x30, args: ['i32'], result: 'f32', commutative: false, evaluate: (a) => fround(a) },
  ftoi: { opcode: 0x31, args: ['f32'], result: 'i32', commutative: false, evaluate: toInt32Saturating },
  // Bit casts. Both make a NaN canonical.
  fbits: { opcode: 0x32, args: ['f32'], result: 'i32', commutative: false, evaluate: (a) => bitsOf(a) | 0 },
  bitsf: { opcode: 0x33, args: ['i32'], result: 'f32', commutative: false, evaluate: (a) => valueOf(a) },
  // `a ≠ 0 ? b : c`; one for each type, the same opcode, because the machine's registers have no type.
  fselect: {
    opcode: 0x34,
    args: ['i32', 'f32', 'f32'],
    result: 'f32',
    commutative: false,
    evaluate: (a, b, c) => (a !== 0 ? b : c),
  },
  iselect: {
    opcode: 0x34,
    args: ['i32', 'i32', 'i32'],
    result: 'i32',
    commutative: false,
    evaluate: (a, b, c) => (a !== 0 ? b : c),
  },
} as const satisfies Readonly<Record<string, Instruction>>;

export type InstructionName = keyof typeof INSTRUCTIONS;

/** The version of everything that decides a bit: this table, the composed functions, the operator form, the microcode. */
export const ARITHMETIC_VERSION = 1;

export function isInstructionName(name: string): name is InstructionName {
  return Object.hasOwn(INSTRUCTIONS, name);
}

/** The high half of the unsigned 64-bit product. */
function multiplyHighUnsigned(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = a1 * b0 + Math.floor((a0 * b0) / 65536);
  const cross = a0 * b1 + (middle % 65536);
  return (a1 * b1 + Math.floor(middle / 65536) + Math.floor(cross / 65536)) | 0;
}
