/**
 * A job that computes nothing useful in almost no time, yet has every kind of slot, tensors of one and of many chunks, a
 * long fold, integers and an unchanged state tensor: what games are tested and shown with, without training anything.
 */
import * as e from '../expr/expression.js';
import { type DefineOperatorParameters, defineOperator, type Operator } from '../expr/operator.js';
import { type Bundle, sealBundle } from '../job/bundle.js';
import { bitsOf } from '../numerics/float32.js';
import { ARITHMETIC_VERSION } from '../numerics/instructions.js';
import type { Program, ProgramOperator, Slot } from '../program/program.js';

export interface ToyJobParameters {
  readonly steps: number;
  /** A power of two. */
  readonly checkpointEvery: number;
  /** Words of the largest temporary; 256 fill a chunk. */
  readonly width?: number;
  /** Further temporaries of three words, which make the operators' tree deeper. */
  readonly extra?: number;
}

const [ROWS, COLUMNS, PIXELS] = [4, 6, 6];
const FIXED_TEMPORARIES = 5;

/** Makes the bundle of a toy job. */
export function toyJob({ steps, checkpointEvery, width = 300, extra = 0 }: ToyJobParameters): Bundle {
  const kernel = Uint32Array.from({ length: ROWS * COLUMNS }, (_, at) => bitsOf(Math.fround(at / 7 - 1.5)));
  const bias = Uint32Array.from([1.5, -2.25, 3e-40], (value) => bitsOf(Math.fround(value)));
  return sealBundle({
    name: 'toy',
    program: toyProgram(width, extra),
    constants: [Uint32Array.of(0xff804020, 0x00007f01)],
    genesis: [kernel, bias, Uint32Array.of(0)],
    steps,
    checkpointEvery,
    evaluation: null,
    prediction: null,
  });
}

function toyProgram(width: number, extra: number): Program {
  const operators: ProgramOperator[] = [
    entry(pixels(), 'input', ['constant', 0]),
    entry(matrixVector(), 'dense/forward', ['state', 0], ['temporary', 0]),
    entry(spread(width), 'dense/spread', ['temporary', 1], ['state', 1]),
    entry(total(width), 'loss', ['temporary', 2]),
    entry(digits(), 'digits', ['state', 2]),
    ...Array.from({ length: extra }, (_, at) => entry(scaled(3, at), `extra_${at}`, ['state', 1])),
    entry(decay(), 'dense/next', ['state', 0], ['temporary', 3]),
    entry(identity(3), 'dense/unchanged', ['state', 1]),
    entry(count(), 'steps', ['state', 2], ['temporary', 4]),
  ];
  return {
    arithmeticVersion: ARITHMETIC_VERSION,
    operators,
    state: [
      { name: 'dense/kernel', dtype: 'f32', shape: [ROWS, COLUMNS] },
      { name: 'dense/bias', dtype: 'f32', shape: [3] },
      { name: 'steps', dtype: 'i32', shape: [1] },
    ],
    constants: [{ name: 'images', dtype: 'u8', shape: [PIXELS] }],
    results: { loss: FIXED_TEMPORARIES - 2 },
  };
}

function entry(operator: Operator, label: string, ...slots: readonly [Slot['kind'], number][]): ProgramOperator {
  return { operator, label, slots: slots.map(([kind, index]) => ({ kind, index })) };
}

const floats = (words: number) => ({ dtype: 'f32', words }) as const;
const integers = (words: number) => ({ dtype: 'i32', words }) as const;
const word = (operand: number, at: e.I32) => e.load(operand, at, 'f32');
const map = (parameters: Omit<DefineOperatorParameters, 'kind'>) => defineOperator({ kind: 'map', ...parameters });

function pixels(): Operator {
  const operands = [integers(Math.ceil(PIXELS / 4))];
  return map({ domain: [PIXELS], operands, finish: e.fdiv(e.itof(e.loadByte(0, e.index(0))), e.f32(255)) });
}

function matrixVector(): Operator {
  const factor = word(0, e.iadd(e.imul(e.index(0), e.i32(COLUMNS)), e.reduceIndex(0)));
  return defineOperator({
    kind: 'matmul',
    domain: [ROWS],
    reduction: [COLUMNS],
    operands: [floats(ROWS * COLUMNS), floats(PIXELS)],
    init: [e.f32(0)],
    update: [e.fadd(e.acc(0, 'f32'), e.fmul(factor, word(1, e.reduceIndex(0))))],
    finish: e.result(0, 'f32'),
  });
}

/** Words that are all different and depend on the training step. */
function spread(width: number): Operator {
  const row = word(0, e.iremu(e.index(0), e.i32(ROWS)));
  const shift = e.fmul(word(1, e.i32(1)), e.itof(e.iadd(e.index(0), e.trainingStep)));
  return map({ domain: [width], operands: [floats(ROWS), floats(3)], finish: e.fadd(row, shift) });
}

function total(words: number): Operator {
  return defineOperator({
    kind: 'sum',
    domain: [1],
    reduction: [words],
    operands: [floats(words)],
    init: [e.f32(0)],
    update: [e.fadd(e.acc(0, 'f32'), word(0, e.reduceIndex(0)))],
    finish: e.fdiv(e.result(0, 'f32'), e.f32(words)),
  });
}

function digits(): Operator {
  const counter = e.load(0, e.i32(0), 'i32');
  return map({ domain: [2, 3], operands: [integers(1)], finish: e.ishru(counter, e.imul(e.index(0), e.index(1))) });
}

function scaled(words: number, at: number): Operator {
  return map({ domain: [words], operands: [floats(words)], finish: e.fmul(word(0, e.index(0)), e.f32(at / 8)) });
}

function decay(): Operator {
  const operands = [floats(ROWS * COLUMNS), floats(1)];
  const finish = e.fsub(word(0, e.index(0)), e.fmul(word(1, e.i32(0)), e.f32(0.001)));
  return map({ domain: [ROWS * COLUMNS], operands, finish });
}

function identity(words: number): Operator {
  const operands = [floats(words)];
  return defineOperator({ kind: 'identity', domain: [words], operands, finish: word(0, e.index(0)) });
}

function count(): Operator {
  const sum = e.iadd(e.load(0, e.i32(0), 'i32'), e.iadd(e.load(1, e.i32(5), 'i32'), e.i32(3)));
  return map({ domain: [1], operands: [integers(1), integers(6)], finish: sum });
}
