import { describe, expect, test } from '@jest/globals';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import {
  acc,
  apply,
  f32,
  fadd,
  fmul,
  i32,
  iadd,
  imul,
  index,
  iselect,
  load,
  reduceIndex,
  result,
} from '../../src/expr/expression.js';
import { defineOperator, type Operand } from '../../src/expr/operator.js';
import { adversarialWords, differences, type OperatorCase, Random } from './operator-programs.js';
import { instructionCases, randomCase } from './random-operators.js';

describe('generated kernels', () => {
  test('every instruction gives the definition’s bits on adversarial values, in vectors and alone', async () => {
    const random = new Random(7);
    const cases = [403, 3].flatMap((words) => instructionCases(random, words));
    expect(await differences(wasmBackend, 1, cases)).toEqual([]);
  });

  test.each([1, 2, 3])('random operators equal the definition (%i threads)', async (threads) => {
    const random = new Random(1000 + threads);
    const cases = Array.from({ length: threads === 1 ? 150 : 60 }, () => randomCase(random));
    expect(await differences(wasmBackend, threads, cases)).toEqual([]);
  });

  test('reads outside of an operand give 0', async () => {
    const operands: Operand[] = [{ dtype: 'f32', words: 10 }];
    const data = [adversarialWords(new Random(3), 10)];
    const cases = [-3, 0, 3, 9, 100, -2147483648].flatMap((shift) =>
      [1, 2, -1].map((stride): OperatorCase => {
        const finish = load(0, iadd(imul(index(0), i32(stride)), i32(shift)), 'f32');
        return { operator: defineOperator({ kind: 'map', domain: [14], operands, finish }), operands: data };
      }),
    );
    expect(await differences(wasmBackend, 1, cases)).toEqual([]);
  });

  test('sizes from 1 to 70 in each place of a broadcast sum and of a fold', async () => {
    const random = new Random(11);
    const cases: OperatorCase[] = [];
    for (let size = 1; size <= 70; size++) {
      const operands: Operand[] = [
        { dtype: 'f32', words: 3 * size },
        { dtype: 'f32', words: size },
      ];
      const data = operands.map(({ words }) => adversarialWords(random, words));
      const matrix = load(0, iadd(imul(index(0), i32(size)), index(1)), 'f32');
      const broadcast = fadd(matrix, load(1, index(1), 'f32'));
      cases.push({
        operator: defineOperator({ kind: 'map', domain: [3, size], operands, finish: broadcast }),
        operands: data,
      });
      const column = load(0, iadd(imul(reduceIndex(0), i32(size)), index(0)), 'f32');
      const row = load(0, iadd(imul(index(0), i32(size)), reduceIndex(0)), 'f32');
      const fold = { kind: 'sum', operands, init: [f32(0)], finish: result(0, 'f32') };
      const sumColumn = defineOperator({
        ...fold,
        domain: [size],
        reduction: [3],
        update: [fadd(acc(0, 'f32'), column)],
      });
      const sumRow = defineOperator({ ...fold, domain: [3], reduction: [size], update: [fadd(acc(0, 'f32'), row)] });
      cases.push({ operator: sumColumn, operands: data }, { operator: sumRow, operands: data });
    }
    expect(await differences(wasmBackend, 2, cases)).toEqual([]);
  });

  test('an argument of the largest value is a fold with two accumulators', async () => {
    const operands: Operand[] = [{ dtype: 'f32', words: 12 * 31 }];
    const value = load(0, iadd(imul(index(0), i32(31)), reduceIndex(0)), 'f32');
    const better = apply('flt', acc(0, 'f32'), value);
    const operator = defineOperator({
      kind: 'argmax',
      domain: [12],
      reduction: [31],
      operands,
      init: [f32(Number.NEGATIVE_INFINITY), i32(-1)],
      update: [apply('fselect', better, value, acc(0, 'f32')), iselect(better, reduceIndex(0), acc(1, 'i32'))],
      finish: result(1, 'i32'),
    });
    const data = [adversarialWords(new Random(5), 12 * 31)];
    expect(await differences(wasmBackend, 1, [{ operator, operands: data }])).toEqual([]);
  });

  test('empty folds are their initial value', async () => {
    const operands: Operand[] = [{ dtype: 'f32', words: 9 }];
    const data = [adversarialWords(new Random(5), 9)];
    const update = [fmul(acc(0, 'f32'), load(0, reduceIndex(0), 'f32'))];
    const fold = { kind: 'fold', operands, init: [load(0, index(0), 'f32')], update, finish: result(0, 'f32') };
    const cases = [[0], [3, 0], [], [1]].map((reduction) => {
      const update1 = reduction.length === 0 ? [fadd(acc(0, 'f32'), f32(1))] : update;
      return { operator: defineOperator({ ...fold, update: update1, domain: [9], reduction }), operands: data };
    });
    expect(await differences(wasmBackend, 1, cases)).toEqual([]);
  });
});
