import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { prepare } from '../../src/expr/evaluate.js';
import * as e from '../../src/expr/expression.js';
import { defineOperator, type Operator, outputWords } from '../../src/expr/operator.js';
import { compileMicrocode, fitsReferee } from '../../src/referee/compile-microcode.js';
import { disassemble } from '../../src/referee/disassemble.js';
import { createMachine, runMachine, startState, stepMachine } from '../../src/referee/machine.js';
import { createRandom, type Random, randomOperator, randomWords } from './random-operators.js';

/** Checks every given element of an operator: machine = definition, N exact, and more instructions change nothing. */
function checkAgainstDefinition(operator: Operator, random: Random, elements: readonly number[]): void {
  const operands = operator.operands.map(({ words }) => randomWords(random, words));
  const trainingStep = random.word();
  const { code, instructions } = compileMicrocode(operator);
  const machine = createMachine(code, operands);
  const evaluate = prepare(operator);
  for (const element of elements) {
    const state = startState(element, trainingStep);
    runMachine(machine, state, instructions - 1);
    expect(code.length === 0 || state.pc < machine.instructions.length).toBe(true);
    runMachine(machine, state, 1);
    const value = evaluate(operands, element, trainingStep);
    expect(state.registers[0]).toBe(value);
    expect(state.pc).toBe(machine.instructions.length);
    expect(stepMachine(machine, state)).toBe(false);
    expect(state.registers[0]).toBe(value);
  }
}

function allElements(operator: Operator): number[] {
  return Array.from({ length: outputWords(operator) }, (_, element) => element);
}

const f32Operand = (words: number) => ({ dtype: 'f32' as const, words });

describe('compiled microcode', () => {
  test('computes what the definition says, for random operators', () => {
    let compiledCount = 0;
    let total = 0;
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 40 }), (seed, size) => {
        const random = createRandom(seed);
        const operator = randomOperator(random, size);
        total += 1;
        if (!fitsReferee(operator)) return;
        compiledCount += 1;
        const words = outputWords(operator);
        const elements = words <= 4 ? allElements(operator) : [0, words - 1, random.below(words), random.below(words)];
        checkAgainstDefinition(operator, random, elements);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 1500) },
    );
    if (process.env['FUZZ_VERBOSE'] !== undefined) console.log(`${compiledCount} of ${total} fit`);
    expect(compiledCount).toBeGreaterThan(total * 0.9);
  });

  test('fits and computes what the definition says where many values live at once', () => {
    for (let width = 2; width <= 40; width++) {
      // Every product reads all loads again, so that all of them must live until the end.
      const loads = Array.from({ length: width }, (_, at) =>
        e.load(0, e.iadd(e.imul(e.index(0), e.i32(width)), e.i32(at)), 'f32'),
      );
      const sum = loads.reduce(e.fadd);
      const finish = loads.reduce((total, value) => e.fmul(e.fsub(total, value), value), sum);
      const operator = defineOperator({ kind: 'wide', domain: [3], operands: [f32Operand(3 * width)], finish });
      if (width <= 29) expect(fitsReferee(operator)).toBe(true);
      if (width >= 32) expect(() => compileMicrocode(operator, 'here')).toThrow(/wide \(here\) keeps more values/);
      if (fitsReferee(operator)) checkAgainstDefinition(operator, createRandom(width), [0, 1, 2]);
    }
  });

  test('computes constants of a loop before it, or inside of it where registers are short', () => {
    // 1/(c − x) takes its constants in registers; 40 of them do not fit at once.
    const terms = Array.from({ length: 40 }, (_, at) =>
      e.fdiv(e.f32(at), e.fsub(e.f32(at + 100), e.load(0, e.reduceIndex(0), 'f32'))),
    );
    const update = [terms.reduce(e.fadd, e.acc(0, 'f32'))];
    const operator = defineOperator({
      kind: 'constants',
      domain: [2],
      reduction: [5],
      operands: [f32Operand(5)],
      init: [e.f32(0)],
      update,
      finish: e.result(0, 'f32'),
    });
    checkAgainstDefinition(operator, createRandom(1), [0, 1]);
  });

  test('does not decode coordinates that an address needs only as a whole', () => {
    const at = (shape: readonly number[]) =>
      shape.map((_, axis) => e.index(axis)).reduce((sum, axis, k) => e.iadd(e.imul(sum, e.i32(shape[k]!)), axis));
    for (const shape of [[7], [3, 5], [2, 1, 3, 4], [1, 1, 6]]) {
      const words = shape.reduce((a, b) => a * b, 1);
      const operator = defineOperator({
        kind: 'copy',
        domain: shape,
        operands: [f32Operand(words)],
        finish: e.load(0, at(shape), 'f32'),
      });
      expect(compileMicrocode(operator).instructions).toBe(1);
      checkAgainstDefinition(operator, createRandom(2), allElements(operator));
    }
  });

  test('decodes a leading and a trailing part of the coordinates with one instruction each', () => {
    const leading = e.load(0, e.iadd(e.imul(e.index(0), e.i32(3)), e.index(1)), 'f32');
    const trailing = e.load(1, e.index(2), 'f32');
    const operator = defineOperator({
      kind: 'scale',
      domain: [2, 3, 4],
      operands: [f32Operand(6), f32Operand(4)],
      finish: e.fmul(leading, trailing),
    });
    expect(compileMicrocode(operator).instructions).toBe(5);
    checkAgainstDefinition(operator, createRandom(3), allElements(operator));
  });

  test('spends eight instructions on a turn of a matrix product', () => {
    const multiply = (k: number) =>
      defineOperator({
        kind: 'matmul',
        domain: [3, 4],
        reduction: [k],
        operands: [f32Operand(3 * k), f32Operand(4 * k)],
        init: [e.f32(0)],
        update: [
          e.fadd(
            e.acc(0, 'f32'),
            e.fmul(
              e.load(0, e.iadd(e.imul(e.index(0), e.i32(k)), e.reduceIndex(0)), 'f32'),
              e.load(1, e.iadd(e.imul(e.reduceIndex(0), e.i32(4)), e.index(1)), 'f32'),
            ),
          ),
        ],
        finish: e.result(0, 'f32'),
      });
    // All but the row's number differ in no instruction, so that the difference is one turn.
    expect(compileMicrocode(multiply(6)).instructions - compileMicrocode(multiply(5)).instructions).toBe(8);
    checkAgainstDefinition(multiply(5), createRandom(4), allElements(multiply(5)));
  });

  test('is what the documentation shows', () => {
    const product = e.fmul(
      e.load(0, e.iadd(e.imul(e.index(0), e.i32(6)), e.reduceIndex(0)), 'f32'),
      e.load(1, e.reduceIndex(0), 'f32'),
    );
    const { code, instructions } = compileMicrocode(
      defineOperator({
        kind: 'matmul',
        domain: [4],
        reduction: [6],
        operands: [f32Operand(24), f32Operand(6)],
        init: [e.f32(0)],
        update: [e.fadd(e.acc(0, 'f32'), product)],
        finish: e.result(0, 'f32'),
      }),
    );
    expect(instructions).toBe(40);
    expect(disassemble(code)).toEqual([
      '   0  li        r1, 0x0',
      '   1  imul      r0, r0, 0x6',
      '   2  li        r2, 0x0',
      'L3:',
      '   3  iadd      r3, r0, r2',
      '   4  loadf     r3, slot0[r3]',
      '   5  loadf     r4, slot1[r2]',
      '   6  fmul      r3, r3, r4',
      '   7  fadd      r1, r1, r3',
      '   8  loop      r2, 6, L3',
      '   9  mov       r0, r1',
    ]);
  });

  test('updates all accumulators at once', () => {
    const rotate = (count: number) =>
      defineOperator({
        kind: 'rotate',
        domain: [4],
        reduction: [7],
        operands: [f32Operand(count)],
        init: Array.from({ length: count }, (_, at) => e.load(0, e.i32(at), 'i32')),
        update: Array.from({ length: count }, (_, at) => e.acc((at + 1) % count, 'i32')),
        finish: Array.from({ length: count }, (_, at) =>
          e.iselect(e.ieq(e.index(0), e.i32(at)), e.result(at, 'i32'), e.i32(0)),
        ).reduce(e.ior),
      });
    for (const count of [1, 2, 3, 4]) checkAgainstDefinition(rotate(count), createRandom(count), [0, 1, 2, 3]);
  });

  test('leaves the initial value where a reduction has no turns', () => {
    const operator = defineOperator({
      kind: 'empty',
      domain: [2],
      reduction: [3, 0],
      operands: [f32Operand(2)],
      init: [e.load(0, e.index(0), 'f32')],
      update: [e.fadd(e.acc(0, 'f32'), e.f32(1))],
      finish: e.fneg(e.result(0, 'f32')),
    });
    checkAgainstDefinition(operator, createRandom(5), [0, 1]);
  });

  test('reads the element itself and plain constants', () => {
    for (const finish of [e.index(0), e.i32(7), e.f32Bits(0x7fc00000), e.trainingStep]) {
      const operator = defineOperator({ kind: 'leaf', domain: [9], operands: [], finish });
      expect(compileMicrocode(operator).instructions).toBe(1);
      checkAgainstDefinition(operator, createRandom(6), [0, 8]);
    }
  });

  test('is the same for equal definitions', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const [first, second] = [1, 2].map(() => compileMicrocode(randomOperator(createRandom(seed), 20)));
        expect(first).toEqual(second);
      }),
      { numRuns: 50 },
    );
  });

  test('is refused with a number where it is too long or runs too long', () => {
    let value = e.load(0, e.index(0), 'f32');
    for (let at = 0; at < 300; at++) value = e.fsqrt(value);
    const long = defineOperator({ kind: 'deep', domain: [1], operands: [f32Operand(1)], finish: value });
    expect(() => compileMicrocode(long, 'dense_1')).toThrow(
      /deep \(dense_1\) needs \d+ or more machine instructions; the referee takes 256/,
    );
    const endless = defineOperator({
      kind: 'sum',
      domain: [1],
      reduction: [65536, 65536],
      operands: [f32Operand(1)],
      init: [e.f32(0)],
      update: [e.fadd(e.acc(0, 'f32'), e.f32(1))],
      finish: e.result(0, 'f32'),
    });
    expect(fitsReferee(endless)).toBe(false);
    expect(() => compileMicrocode(endless)).toThrow(/executes \d+ machine instructions/);
  });
});
