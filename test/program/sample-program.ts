/** A small program with every kind of slot, a reduction, a result and an identity state operator. */
import * as e from '../../src/expr/expression.js';
import { defineOperator, type Operator } from '../../src/expr/operator.js';
import { ARITHMETIC_VERSION } from '../../src/numerics/instructions.js';
import type { Program, ProgramOperator } from '../../src/program/program.js';

const f32Operand = (words: number) => ({ dtype: 'f32' as const, words });

export function matrixVector(rows: number, columns: number): Operator {
  const product = e.fmul(
    e.load(0, e.iadd(e.imul(e.index(0), e.i32(columns)), e.reduceIndex(0)), 'f32'),
    e.load(1, e.reduceIndex(0), 'f32'),
  );
  return defineOperator({
    kind: 'matmul',
    domain: [rows],
    reduction: [columns],
    operands: [f32Operand(rows * columns), f32Operand(columns)],
    init: [e.f32(0)],
    update: [e.fadd(e.acc(0, 'f32'), product)],
    finish: e.result(0, 'f32'),
  });
}

export function total(words: number): Operator {
  return defineOperator({
    kind: 'sum',
    domain: [1],
    reduction: [words],
    operands: [f32Operand(words)],
    init: [e.f32(0)],
    update: [e.fadd(e.acc(0, 'f32'), e.load(0, e.reduceIndex(0), 'f32'))],
    finish: e.result(0, 'f32'),
  });
}

export function identity(words: number): Operator {
  return defineOperator({
    kind: 'identity',
    domain: [words],
    operands: [f32Operand(words)],
    finish: e.load(0, e.index(0), 'f32'),
  });
}

/** Bytes of a `u8` constant as binary32. */
export function pixels(count: number): Operator {
  return defineOperator({
    kind: 'map',
    domain: [count],
    operands: [{ dtype: 'i32', words: Math.ceil(count / 4) }],
    finish: e.fdiv(e.itof(e.loadByte(0, e.index(0))), e.f32(255)),
  });
}

export function decay(words: number): Operator {
  const scale = e.fsub(e.f32(1), e.fmul(e.f32(0.01), e.itof(e.trainingStep)));
  return defineOperator({
    kind: 'map',
    domain: [words],
    operands: [f32Operand(words), f32Operand(1)],
    finish: e.fsub(e.fmul(e.load(0, e.index(0), 'f32'), scale), e.load(1, e.i32(0), 'f32')),
  });
}

/** M = 3, T = 2, C = 1. */
export function sampleProgram(): Program {
  const operators: ProgramOperator[] = [
    { operator: pixels(6), slots: [{ kind: 'constant', index: 0 }], label: 'input/pixels' },
    {
      operator: matrixVector(4, 6),
      slots: [
        { kind: 'state', index: 0 },
        { kind: 'temporary', index: 0 },
      ],
      label: 'dense_1/forward',
    },
    { operator: total(4), slots: [{ kind: 'temporary', index: 1 }], label: 'loss' },
    {
      operator: decay(24),
      slots: [
        { kind: 'state', index: 0 },
        { kind: 'temporary', index: 2 },
      ],
      label: 'optimizer',
    },
    { operator: identity(3), slots: [{ kind: 'state', index: 1 }], label: 'dense_1/unchanged' },
  ];
  return {
    arithmeticVersion: ARITHMETIC_VERSION,
    operators,
    state: [
      { name: 'dense_1/kernel', dtype: 'f32', shape: [4, 6] },
      { name: 'dense_1/bias', dtype: 'f32', shape: [3] },
    ],
    constants: [{ name: 'images', dtype: 'u8', shape: [6] }],
    results: { loss: 2 },
  };
}

/** A valid program of that many temporaries over a few definitions. */
export function largeProgram(temporaries: number, distinct: number): Program {
  const operators: ProgramOperator[] = Array.from({ length: temporaries }, (_, at) => ({
    operator: matrixVector(8, 1 + (at % distinct)),
    slots: [
      { kind: 'constant', index: 2 * (at % distinct) },
      { kind: 'constant', index: 2 * (at % distinct) + 1 },
    ],
    label: `layer_${at % 50}/forward`,
  }));
  operators.push({ operator: identity(8), slots: [{ kind: 'state', index: 0 }], label: 'state' });
  return {
    arithmeticVersion: ARITHMETIC_VERSION,
    operators,
    state: [{ name: 'bias', dtype: 'f32', shape: [8] }],
    constants: Array.from({ length: 2 * distinct }, (_, at) => {
      const columns = 1 + Math.floor(at / 2);
      return { name: `constant_${at}`, dtype: 'f32', shape: at % 2 === 0 ? [8, columns] : [columns] };
    }),
    results: {},
  };
}
