/** A model small enough for a probe: two dense layers, squared error, an optimiser with root and quotient. */
import {
  acc,
  type Expr,
  type F32,
  f32,
  fadd,
  fdiv,
  flt,
  fmax,
  fmul,
  fselect,
  fsqrt,
  fsub,
  type I32,
  i32,
  iadd,
  imul,
  index,
  load,
  reduceIndex,
  result,
} from '../../expr/expression.js';
import { defineOperator, type Operator } from '../../expr/operator.js';
import { bitsOf } from '../../numerics/float32.js';
import { ARITHMETIC_VERSION } from '../../numerics/instructions.js';
import { threefry2x32 } from '../../numerics/threefry.js';
import type { Program, ProgramOperator, Slot } from '../../program/program.js';
import type { Words } from '../backend.js';

const BATCH = 24;
const INPUTS = 12;
const HIDDEN = 20;
const OUTPUTS = 5;

const at = (row: I32, column: I32, columns: number): I32 => iadd(imul(row, i32(columns)), column);
const here = (operand: number): F32 => load(operand, index(0), 'f32');
const operandsOf = (...words: readonly number[]) => words.map((length) => ({ dtype: 'f32' as const, words: length }));

/** `finish(Σk left · right)` over factors of the given lengths, read at the given places. */
function productSum(
  [m, n, k]: readonly [number, number, number],
  words: readonly number[],
  [left, right]: readonly [I32, I32],
  finish: (sum: F32) => F32 = (sum) => sum,
): Operator {
  return defineOperator({
    kind: 'matmul',
    domain: [m, n],
    reduction: [k],
    operands: operandsOf(...words),
    init: [f32(0)],
    update: [fadd(acc(0, 'f32'), fmul(load(0, left, 'f32'), load(1, right, 'f32')))],
    finish: finish(result(0, 'f32')),
  });
}

function elementwise(words: number, operands: number, finish: Expr): Operator {
  const lengths = new Array<number>(operands).fill(words);
  return defineOperator({ kind: 'map', domain: [words], operands: operandsOf(...lengths), finish });
}

const [row, column, turn] = [index(0), index(1), reduceIndex(0)];
const FORWARD = [at(row, turn, INPUTS), at(turn, column, HIDDEN)] as const;

/** The model's operators: M temporaries, then weights and mean squares of both layers. */
function operators(): ProgramOperator[] {
  const [inputs, targets]: Slot[] = [0, 1].map((number) => ({ kind: 'constant', index: number }));
  const [first, firstSquares, second, secondSquares]: Slot[] = [0, 1, 2, 3].map((number) => ({
    kind: 'state',
    index: number,
  }));
  const temporary = (number: number): Slot => ({ kind: 'temporary', index: number });
  const [weights1, weights2] = [INPUTS * HIDDEN, HIDDEN * OUTPUTS];
  const [hidden, outputs] = [BATCH * HIDDEN, BATCH * OUTPUTS];
  const isActive = flt(f32(0), load(2, at(row, column, HIDDEN), 'f32'));
  const list: [string, Operator, ...Slot[]][] = [
    [
      'hidden',
      productSum([BATCH, HIDDEN, INPUTS], [BATCH * INPUTS, weights1], FORWARD, (sum) => fmax(sum, f32(0))),
      inputs!,
      first!,
    ],
    [
      'output',
      productSum([BATCH, OUTPUTS, HIDDEN], [hidden, weights2], [at(row, turn, HIDDEN), at(turn, column, OUTPUTS)]),
      temporary(0),
      second!,
    ],
    ['error', elementwise(outputs, 2, fmul(fsub(here(0), here(1)), f32(2 / outputs))), temporary(1), targets!],
    [
      'second gradient',
      productSum([HIDDEN, OUTPUTS, BATCH], [hidden, outputs], [at(turn, row, HIDDEN), at(turn, column, OUTPUTS)]),
      temporary(0),
      temporary(2),
    ],
    [
      'hidden gradient',
      productSum(
        [BATCH, HIDDEN, OUTPUTS],
        [outputs, weights2, hidden],
        [at(row, turn, OUTPUTS), at(column, turn, OUTPUTS)],
        (sum) => fselect(isActive, sum, f32(0)),
      ),
      temporary(2),
      second!,
      temporary(0),
    ],
    [
      'first gradient',
      productSum([INPUTS, HIDDEN, BATCH], [BATCH * INPUTS, hidden], [at(turn, row, INPUTS), at(turn, column, HIDDEN)]),
      inputs!,
      temporary(4),
    ],
    ['first weights', updated(weights1), first!, firstSquares!, temporary(5)],
    ['first squares', meanSquare(weights1), firstSquares!, temporary(5)],
    ['second weights', updated(weights2), second!, secondSquares!, temporary(3)],
    ['second squares', meanSquare(weights2), secondSquares!, temporary(3)],
  ];
  return list.map(([label, operator, ...slots]) => ({ label, operator, slots }));
}

const decayed = (squares: F32, gradient: F32): F32 =>
  fadd(fmul(squares, f32(0.9)), fmul(fmul(gradient, gradient), f32(0.1)));

const meanSquare = (words: number): Operator => elementwise(words, 2, decayed(here(0), here(1)));

/** `w − rate · g / (√v + ε)` with the mean squares v after this step. */
function updated(words: number): Operator {
  const root = fadd(fsqrt(decayed(here(1), here(2))), f32(1e-7));
  return elementwise(words, 3, fsub(here(0), fdiv(fmul(here(2), f32(0.003)), root)));
}

/** Program, data and first state; always the same. */
export function smallTraining(): { program: Program; constants: Words[]; state: Words[] } {
  const shapes: [string, number, number][] = [
    ['first weights', INPUTS, HIDDEN],
    ['first squares', INPUTS, HIDDEN],
    ['second weights', HIDDEN, OUTPUTS],
    ['second squares', HIDDEN, OUTPUTS],
  ];
  return {
    program: {
      arithmeticVersion: ARITHMETIC_VERSION,
      operators: operators(),
      state: shapes.map(([name, rows, columns]) => ({ name, dtype: 'f32', shape: [rows, columns] })),
      constants: [
        { name: 'inputs', dtype: 'f32', shape: [BATCH, INPUTS] },
        { name: 'targets', dtype: 'f32', shape: [BATCH, OUTPUTS] },
      ],
      results: {},
    },
    constants: [numbers(BATCH * INPUTS, 1), numbers(BATCH * OUTPUTS, 2)],
    state: shapes.map(([name, rows, columns], tensor) =>
      name.endsWith('squares') ? new Uint32Array(rows * columns) : numbers(rows * columns, 3 + tensor),
    ),
  };
}

/** Numbers from −1/2 to 1/2. */
function numbers(length: number, stream: number): Words {
  return Uint32Array.from({ length }, (_, element) => {
    const [word] = threefry2x32([stream, 11], [element, 0]);
    return bitsOf(Math.fround((word >>> 8) / 2 ** 24 - 0.5));
  });
}
