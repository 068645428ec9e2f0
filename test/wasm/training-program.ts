/** A small program with every kind of state operator, and ordinary numbers for it. */
import type { Words } from '../../src/backends/backend.js';
import {
  acc,
  f32,
  fadd,
  fmul,
  fsub,
  i32,
  iadd,
  index,
  itof,
  load,
  reduceIndex,
  result,
  trainingStep,
} from '../../src/expr/expression.js';
import { defineOperator, type Operand } from '../../src/expr/operator.js';
import { ARITHMETIC_VERSION } from '../../src/numerics/instructions.js';
import type { Program, ProgramOperator, Slot, StateTensor } from '../../src/program/program.js';
import { identity, type Random } from './operator-programs.js';

/** Length of every tensor but the counter. */
export const WORDS = 37;
const float = (words: number): Operand => ({ dtype: 'f32', words });
export const temporary = (at: number): Slot => ({ kind: 'temporary', index: at });
export const state = (at: number): Slot => ({ kind: 'state', index: at });

/** State: a weight that moves, a kept tensor, two tensors that change places, a counter. */
export function trainingProgram(): Program {
  const gradient = defineOperator({
    kind: 'map',
    domain: [WORDS],
    operands: [float(WORDS), float(WORDS), float(WORDS)],
    finish: fmul(
      fadd(load(0, index(0), 'f32'), load(1, index(0), 'f32')),
      fadd(load(2, index(0), 'f32'), itof(trainingStep)),
    ),
  });
  const update = defineOperator({
    kind: 'map',
    domain: [WORDS],
    operands: [float(WORDS), float(WORDS)],
    finish: fsub(load(0, index(0), 'f32'), fmul(load(1, index(0), 'f32'), f32(0.001))),
  });
  const loss = defineOperator({
    kind: 'sum',
    domain: [1],
    reduction: [WORDS],
    operands: [float(WORDS)],
    init: [f32(0)],
    update: [fadd(acc(0, 'f32'), load(0, reduceIndex(0), 'f32'))],
    finish: result(0, 'f32'),
  });
  const count = defineOperator({
    kind: 'map',
    domain: [1],
    operands: [{ dtype: 'i32', words: 1 }],
    finish: iadd(load(0, i32(0), 'i32'), i32(1)),
  });
  const operator = (definition: ProgramOperator['operator'], ...slots: Slot[]): ProgramOperator => ({
    operator: definition,
    slots,
    label: definition.kind,
  });
  const tensor = (name: string, dtype: 'f32' | 'i32', words: number): StateTensor => ({ name, dtype, shape: [words] });
  return {
    arithmeticVersion: ARITHMETIC_VERSION,
    operators: [
      operator(gradient, state(0), state(1), { kind: 'constant', index: 0 }),
      operator(update, state(0), temporary(0)),
      operator(loss, temporary(1)),
      operator(loss, temporary(0)),
      operator(identity(WORDS), temporary(1)),
      operator(identity(WORDS), state(1)),
      operator(identity(WORDS), state(3)),
      operator(identity(WORDS), state(2)),
      operator(count, state(4)),
    ],
    state: [
      tensor('weight', 'f32', WORDS),
      tensor('kept', 'f32', WORDS),
      tensor('left', 'f32', WORDS),
      tensor('right', 'f32', WORDS),
      tensor('count', 'i32', 1),
    ],
    constants: [{ name: 'input', dtype: 'f32', shape: [WORDS] }],
    results: { loss: 2, gradient: 3 },
  };
}

/** Of the state tensors. */
export const STATE_WORDS = [WORDS, WORDS, WORDS, WORDS, 1];

export function ordinary(random: Random, words: number): Words {
  return new Uint32Array(Float32Array.from({ length: words }, () => random.word() / 4294967296 - 0.5).buffer);
}
