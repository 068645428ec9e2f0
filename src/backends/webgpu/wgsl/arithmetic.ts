/**
 * The scalar instructions in WGSL. Every value is a `u32`: the bits of a float, or an integer.
 *
 * Sums and products are the only instructions for which a device's own floats are used, and three modes say how:
 * `native` trusts them, `guarded` computes in integers where a subnormal number, an infinity or a NaN takes part (many
 * devices flush subnormals to zero), `integer` never uses floats. All three give the same bits on a device that passes
 * the start-up probe in that mode.
 *
 * Compilers for GPUs fuse, reorder and fold floats as they like, and WGSL has no way to forbid it. So each float result
 * passes through an exclusive or with `call.zero`, and each constant too: a zero that only the CPU knows. Behind it an
 * optimiser sees unknown bits, and nothing is left to rewrite.
 */
import { INSTRUCTIONS, type InstructionName, isInstructionName } from '../../../numerics/instructions.js';
import { INTEGER_FUNCTIONS, SOFT_FLOAT_BASE, SOFT_FUNCTIONS, SOFT_SUMS_AND_PRODUCTS } from './soft-float.js';

/** From fast to slow. */
export const ARITHMETIC_MODES = ['native', 'guarded', 'integer'] as const;
export type ArithmeticMode = (typeof ARITHMETIC_MODES)[number];

const NATIVE = /* wgsl */ `
fn f_add(a: u32, b: u32) -> u32 { return bitcast<u32>(bitcast<f32>(a) + bitcast<f32>(b)) ^ call.zero; }
fn f_mul(a: u32, b: u32) -> u32 { return bitcast<u32>(bitcast<f32>(a) * bitcast<f32>(b)) ^ call.zero; }
`;

const GUARDED = /* wgsl */ `
fn is_zero(a: u32) -> bool { return (a << 1u) == 0u; }

// zero, subnormal, infinite or NaN
fn irregular(a: u32) -> bool { return (a & MAGNITUDE) - 0x00800000u >= 0x7f000000u; }

// A zero operand is harmless: it is not flushed, and explains a result that is zero.
fn needs_integers(a: u32, b: u32, value: u32) -> bool {
  let zero_a = is_zero(a);
  let zero_b = is_zero(b);
  return (irregular(a) & !zero_a) | (irregular(b) & !zero_b) | (irregular(value) & !zero_a & !zero_b);
}

fn f_add(a: u32, b: u32) -> u32 {
  let value = bitcast<u32>(bitcast<f32>(a) + bitcast<f32>(b)) ^ call.zero;
  if (needs_integers(a, b, value)) { return soft_add(a, b); }
  return value;
}

fn f_mul(a: u32, b: u32) -> u32 {
  let value = bitcast<u32>(bitcast<f32>(a) * bitcast<f32>(b)) ^ call.zero;
  if (needs_integers(a, b, value)) { return soft_mul(a, b); }
  return value;
}
`;

const INTEGER = /* wgsl */ `
fn f_add(a: u32, b: u32) -> u32 { return soft_add(a, b); }
fn f_mul(a: u32, b: u32) -> u32 { return soft_mul(a, b); }
`;

const SUMS_AND_PRODUCTS: Readonly<Record<ArithmeticMode, string>> = {
  native: NATIVE,
  guarded: GUARDED,
  integer: INTEGER,
};

/** The functions that {@link instructionCode} calls. They read `call.zero` and `call.sign`: 0 and the sign bit. */
export function arithmeticFunctions(mode: ArithmeticMode): string {
  return [SOFT_FLOAT_BASE, SOFT_SUMS_AND_PRODUCTS, SUMS_AND_PRODUCTS[mode], SOFT_FUNCTIONS, INTEGER_FUNCTIONS].join('');
}

type Code = (a: string, b: string, c: string) => string;

const flag = (condition: string): string => `u32(${condition})`;
const select: Code = (a, b, c) => `select(${c}, ${b}, ${a} != 0u)`;

const INSTRUCTION_CODE: Readonly<Record<InstructionName, Code>> = {
  fadd: (a, b) => `f_add(${a}, ${b})`,
  // The sign comes from the CPU, so that nobody sees a difference of equal values and makes it 0.
  fsub: (a, b) => `f_add(${a}, ${b} ^ call.sign)`,
  fmul: (a, b) => `f_mul(${a}, ${b})`,
  fdiv: (a, b) => `f_div(${a}, ${b})`,
  fsqrt: (a) => `f_sqrt(${a})`,
  fma: (a, b, c) => `f_fma(${a}, ${b}, ${c})`,
  fmin: (a, b) => `f_min(${a}, ${b})`,
  fmax: (a, b) => `f_max(${a}, ${b})`,
  fneg: (a) => `(${a} ^ SIGN)`,
  fabs: (a) => `(${a} & MAGNITUDE)`,
  ffloor: (a) => `f_floor(${a})`,
  fnearest: (a) => `f_nearest(${a})`,
  feq: (a, b) => `f_eq(${a}, ${b})`,
  flt: (a, b) => `f_lt(${a}, ${b})`,
  fle: (a, b) => `f_le(${a}, ${b})`,
  iadd: (a, b) => `(${a} + ${b})`,
  isub: (a, b) => `(${a} - ${b})`,
  imul: (a, b) => `(${a} * ${b})`,
  imulhu: (a, b) => `i_mulhu(${a}, ${b})`,
  idivu: (a, b) => `i_divu(${a}, ${b})`,
  iremu: (a, b) => `i_remu(${a}, ${b})`,
  iand: (a, b) => `(${a} & ${b})`,
  ior: (a, b) => `(${a} | ${b})`,
  ixor: (a, b) => `(${a} ^ ${b})`,
  ishl: (a, b) => `(${a} << (${b} & 31u))`,
  ishru: (a, b) => `(${a} >> (${b} & 31u))`,
  ishrs: (a, b) => `bitcast<u32>(bitcast<i32>(${a}) >> (${b} & 31u))`,
  irotl: (a, b) => `i_rotl(${a}, ${b})`,
  ieq: (a, b) => flag(`${a} == ${b}`),
  ilts: (a, b) => flag(`bitcast<i32>(${a}) < bitcast<i32>(${b})`),
  iltu: (a, b) => flag(`${a} < ${b}`),
  itof: (a) => `i_to_f(${a})`,
  ftoi: (a) => `f_to_i(${a})`,
  fbits: (a) => `canonical(${a})`,
  bitsf: (a) => a,
  fselect: select,
  iselect: select,
};

/** Already hidden inside their functions, and only where floats were used. */
const HIDDEN_INSIDE: ReadonlySet<InstructionName> = new Set(['fadd', 'fsub', 'fmul']);

/** An expression for an instruction on values of the given names. */
export function instructionCode(name: string, args: readonly string[]): string {
  if (!isInstructionName(name)) throw new Error(`${name} is no instruction`);
  const code = INSTRUCTION_CODE[name](args[0]!, args[1] ?? '', args[2] ?? '');
  // Also what was computed in integers: Mesa 25 gives −0 for the floor of an absolute value that it can look into.
  return INSTRUCTIONS[name].result === 'f32' && !HIDDEN_INSIDE.has(name) ? `${code} ^ call.zero` : code;
}

/** An unsigned literal. */
export const literal = (word: number): string => `${word >>> 0}u`;
