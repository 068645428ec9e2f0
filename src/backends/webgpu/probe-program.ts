/**
 * Programs on which GPUs and their compilers are known to give other bits: fused, reordered and folded arithmetic,
 * flushed subnormals, conversions, division, NaN, signed zeros.
 */
import {
  acc,
  type Expr,
  type F32,
  f32,
  f32Bits,
  fabs,
  fadd,
  fbits,
  fdiv,
  feq,
  ffloor,
  flt,
  fma,
  fmax,
  fmul,
  fnearest,
  fneg,
  fsqrt,
  fsub,
  ftoi,
  i32,
  iadd,
  imul,
  index,
  itof,
  load,
  reduceIndex,
  result,
} from '../../expr/expression.js';
import { defineOperator } from '../../expr/operator.js';
import { ARITHMETIC_VERSION } from '../../numerics/instructions.js';
import { threefry2x32 } from '../../numerics/threefry.js';
import type { Program, ProgramOperator } from '../../program/program.js';
import type { Words } from '../backend.js';

const [a, b, c]: readonly F32[] = [0, 1, 2].map((operand) => load(operand, index(0), 'f32')) as [F32, F32, F32];
const TURNS = 16;

/** What a rewriting compiler or a coarse device gets wrong, by name. */
const PATTERNS: Readonly<Record<string, Expr>> = {
  sum: fadd(a!, b!),
  difference: fsub(a!, b!),
  product: fmul(a!, b!),
  'product and sum, not fused': fadd(fmul(a!, b!), c!),
  'sum of products, not factored': fadd(fmul(a!, b!), fmul(a!, c!)),
  'sum and difference, not cancelled': fsub(fadd(a!, b!), a!),
  'difference and sum, not cancelled': fadd(fsub(a!, b!), b!),
  'three summands in order': fadd(fadd(a!, b!), c!),
  'product and quotient, not cancelled': fdiv(fmul(a!, b!), b!),
  'constant summands, not joined': fadd(fadd(a!, f32(1e-3)), f32(1e7)),
  'constant factors, not joined': fmul(fmul(a!, f32(1 / 3)), f32(3)),
  'constant divisor': fdiv(a!, f32(3)),
  'difference with itself': fsub(a!, a!),
  'product with zero': fmul(a!, f32(0)),
  'sum with minus zero': fadd(a!, f32Bits(0x80000000)),
  'sum with zero': fadd(a!, f32(0)),
  negation: fneg(a!),
  quotient: fdiv(a!, b!),
  root: fsqrt(a!),
  'fused product and sum': fma(a!, b!, c!),
  'floor of an absolute value': ffloor(fabs(a!)),
  'nearest of a negation': fnearest(fneg(a!)),
  maximum: fmax(a!, b!),
  less: flt(a!, b!),
  'equal to itself': feq(a!, a!),
  'integer to float': itof(fbits(a!)),
  'float to integer': ftoi(a!),
};

export interface ProbeProgram {
  readonly program: Program;
  readonly constants: readonly Words[];
}

/** All patterns on three arrays of `length` adversarial numbers; deterministic. */
export function probeProgram(length: number): ProbeProgram {
  const operands = [0, 1, 2].map(() => ({ dtype: 'f32' as const, words: length }));
  const slots = operands.map((_, at) => ({ kind: 'constant' as const, index: at }));
  const operators = Object.entries(PATTERNS).map(([label, finish]): ProgramOperator => {
    return { operator: defineOperator({ kind: 'map', domain: [length], operands, finish }), slots, label };
  });
  const row = (operand: number): F32 => load(operand, fromTurn(), 'f32');
  const fold = { kind: 'sum', operands, domain: [Math.floor(length / TURNS)], reduction: [TURNS], init: [f32(0)] };
  const dot = fadd(acc(0, 'f32'), fmul(row(0), row(1)));
  operators.push({
    operator: defineOperator({ ...fold, update: [dot], finish: result(0, 'f32') }),
    slots,
    label: 'sums of products in order',
  });
  const kept = { kind: 'identity', domain: [1], operands: [{ dtype: 'f32' as const, words: 1 }], finish: a! };
  operators.push({ operator: defineOperator(kept), slots: [{ kind: 'state', index: 0 }], label: 'state' });
  return {
    program: {
      arithmeticVersion: ARITHMETIC_VERSION,
      operators,
      // A program has a state; this one has nothing to keep in it.
      state: [{ name: 'state', dtype: 'f32', shape: [1] }],
      constants: operands.map((_, at) => ({ name: `operand ${at}`, dtype: 'f32', shape: [length] })),
      results: {},
    },
    constants: operands.map((_, at) => adversarialNumbers(length, at)),
  };
}

const fromTurn = (): Expr<'i32'> => iadd(imul(index(0), i32(TURNS)), reduceIndex(0));

const EDGES = [
  0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x00800000, 0x3f800000, 0xbf800000, 0x7f7fffff, 0x7f800000, 0xff800000,
  0x7fc00000, 0x7f800001, 0x4f000000, 0x4b000001,
];

/** Ordinary numbers, numbers of any size, tiny ones whose products vanish, and edges. */
function adversarialNumbers(length: number, stream: number): Words {
  return Uint32Array.from({ length }, (_, at) => {
    const [word, choice] = threefry2x32([stream, 7], [at, 0]);
    const fraction = word & 0x807fffff;
    switch (choice & 7) {
      case 0:
        return EDGES[(choice >>> 3) % EDGES.length]!;
      case 1:
        return word;
      case 2:
      case 3:
        return (fraction | ((0x34 + ((choice >>> 3) & 15)) << 23)) >>> 0;
      default:
        return (fraction | ((0x7b + ((choice >>> 3) & 7)) << 23)) >>> 0;
    }
  });
}
