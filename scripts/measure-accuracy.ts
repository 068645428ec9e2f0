/**
 * Measures the composed functions against binary64 and prints a table.
 *
 *     node dist/scripts/measure-accuracy.js [--points n] [--function name]
 *     node dist/scripts/measure-accuracy.js --function name --from bits --to bits     every number between two
 */
import { parseArgs } from 'node:util';
import type { F32 } from '../src/expr/expression.js';
import * as math from '../src/expr/math.js';
import { bitsOf, valueOf } from '../src/numerics/float32.js';
import type { WorstError } from './accuracy.js';
import { measure, randomBits, SPECIAL_VALUES } from './accuracy.js';
import { compileFunction } from './compile-body.js';
import * as reference from './reference-functions.js';

interface Subject {
  readonly define: (x: F32, y: F32) => F32;
  readonly exact: (x: number, y: number) => number;
  /** Where its values change most; half of the points lie there, the others have random bits. */
  readonly dense: readonly [number, number];
}

/** The functions with a documented error, in the order of the table. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  exp: { define: math.exp, exact: Math.exp, dense: [-105, 90] },
  expm1: { define: math.expm1, exact: Math.expm1, dense: [-20, 90] },
  exp2: { define: math.exp2, exact: (x) => 2 ** x, dense: [-152, 130] },
  log: { define: math.log, exact: Math.log, dense: [0, 4] },
  log1p: { define: math.log1p, exact: Math.log1p, dense: [-1, 4] },
  tanh: { define: math.tanh, exact: Math.tanh, dense: [-10, 10] },
  sigmoid: { define: math.sigmoid, exact: reference.sigmoid, dense: [-105, 20] },
  softplus: { define: math.softplus, exact: reference.softplus, dense: [-105, 20] },
  erf: { define: math.erf, exact: reference.erf, dense: [-4.2, 4.2] },
  sin: { define: math.sin, exact: Math.sin, dense: [-20, 20] },
  cos: { define: math.cos, exact: Math.cos, dense: [-20, 20] },
  tan: { define: math.tan, exact: Math.tan, dense: [-20, 20] },
  sinh: { define: math.sinh, exact: Math.sinh, dense: [-3, 3] },
  cosh: { define: math.cosh, exact: Math.cosh, dense: [-3, 3] },
  asin: { define: math.asin, exact: Math.asin, dense: [-1, 1] },
  acos: { define: math.acos, exact: Math.acos, dense: [-1, 1] },
  atan: { define: math.atan, exact: Math.atan, dense: [-4, 4] },
  atan2: { define: math.atan2, exact: Math.atan2, dense: [-1, 1] },
  asinh: { define: math.asinh, exact: Math.asinh, dense: [-8, 8] },
  acosh: { define: math.acosh, exact: Math.acosh, dense: [1, 9] },
  atanh: { define: math.atanh, exact: Math.atanh, dense: [-1, 1] },
  pow: { define: math.pow, exact: reference.pow, dense: [0, 2] },
  rsqrt: { define: math.rsqrt, exact: (x) => 1 / Math.sqrt(x), dense: [0, 4] },
};

const { max, abs, fround } = Math;

/** Point `number`: special values first, then random bits and the dense interval in turn. */
export function pointOf(name: string, number: number): readonly [number, number] {
  const { dense } = SUBJECTS[name]!;
  const specials = SPECIAL_VALUES.length;
  if (name === 'pow') return powPoint(number);
  if (name === 'atan2') return planePoint(number);
  if (number < specials) return [SPECIAL_VALUES[number]!, 0];
  const bits = randomBits(number, 0);
  if (number % 2 === 0) return [valueOf(bits), 0];
  return [fround(dense[0] + (dense[1] - dense[0]) * (bits / 2 ** 32)), 0];
}

/** Pairs of special values, random pairs, and pairs whose power is an ordinary number (the hard ones). */
function powPoint(number: number): readonly [number, number] {
  const specials = SPECIAL_VALUES.length;
  if (number < specials * specials) {
    return [SPECIAL_VALUES[number % specials]!, SPECIAL_VALUES[Math.floor(number / specials)]!];
  }
  const first = randomBits(number, 0);
  const second = randomBits(number, 1);
  if (number % 4 === 0) return [valueOf(first), valueOf(second)];
  const x = number % 4 === 1 ? valueOf(first & 0x7fffffff) : fround(0.5 + (1.5 * first) / 2 ** 32);
  const logarithm = max(abs(Math.log2(x)), 2 ** -30);
  const bound = number % 8 < 4 ? 150 : 2;
  return [x, fround(((second / 2 ** 31 - 1) * bound) / logarithm)];
}

/** Pairs of special values, random pairs, and points of the square around 0. */
function planePoint(number: number): readonly [number, number] {
  const specials = SPECIAL_VALUES.length;
  if (number < specials * specials) {
    return [SPECIAL_VALUES[number % specials]!, SPECIAL_VALUES[Math.floor(number / specials)]!];
  }
  const words = [randomBits(number, 0), randomBits(number, 1)] as const;
  if (number % 4 === 0) return [valueOf(words[0]), valueOf(words[1])];
  return [fround(words[0] / 2 ** 31 - 1), fround(words[1] / 2 ** 31 - 1)];
}

type Measured = WorstError & { readonly instructions: number; readonly constants: number };

/** Measures one function at `points` points, or at the points of `pointAt`. */
export function measureSubject(
  name: string,
  points: number,
  pointAt: (number: number) => readonly [number, number] = (number) => pointOf(name, number),
): Measured {
  const { define, exact } = SUBJECTS[name]!;
  const { evaluate, instructions, constants } = compileFunction(define);
  return { ...measure({ computed: evaluate, exact, pointAt, points }), instructions, constants };
}

function hex(value: number): string {
  return `0x${bitsOf(value).toString(16).padStart(8, '0')}`;
}

function printRow(name: string, worst: Measured): void {
  const at = name === 'pow' || name === 'atan2' ? `${hex(worst.x)}, ${hex(worst.y)}` : hex(worst.x);
  const cells = [name, worst.instructions, worst.constants, worst.points, worst.ulp.toFixed(3), `${at} (${worst.x})`];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

function main(): void {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { points: text, function: text, from: text, to: text } });
  process.stdout.write(
    '| function | instructions | constants | points | worst error (ulp) | at |\n|---|---|---|---|---|---|\n',
  );
  const names = values.function === undefined ? Object.keys(SUBJECTS) : [values.function];
  const from = Number(values.from ?? 0);
  const points = values.to === undefined ? Number(values.points ?? 10_000_000) : Number(values.to) - from;
  for (const name of names) {
    const pointAt = (number: number): readonly [number, number] => [valueOf(from + number), 0];
    printRow(name, values.to === undefined ? measureSubject(name, points) : measureSubject(name, points, pointAt));
  }
}

if (process.argv[1]?.endsWith('measure-accuracy.js') === true) main();
