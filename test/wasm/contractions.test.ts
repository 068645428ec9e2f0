import { describe, expect, test } from '@jest/globals';
import { contractionOf } from '../../src/backends/plan/contraction.js';
import { kernelBodyOf } from '../../src/backends/plan/kernel-body.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import type { Operator } from '../../src/expr/operator.js';
import { matmul } from './operator-forms.js';
import { differences, mostlyOrdinaryCase, Random } from './operator-programs.js';

const isTiled = (operator: Operator): boolean => contractionOf(kernelBodyOf(operator)) !== undefined;

describe('contractions', () => {
  test('all forms, batched or not, with all epilogues and odd sizes, equal the definition', async () => {
    const random = new Random(21);
    const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 17, 20, 33];
    const operators = Array.from({ length: 160 }, () =>
      matmul({
        batch: random.pick([1, 1, 2, 3]),
        rows: random.pick(sizes),
        columns: random.pick(sizes),
        turns: random.pick([1, 3, 4, 5, 16, 31]),
        transposeLeft: random.below(2) === 0,
        transposeRight: random.below(2) === 0,
        epilogue: random.pick(['none', 'bias', 'relu', 'residual', 'rowScale'] as const),
      }),
    );
    expect(operators.filter(isTiled).length).toBeGreaterThan(60);
    const cases = operators.map((operator) => mostlyOrdinaryCase(random, operator));
    expect(await differences(wasmBackend, 1, cases)).toEqual([]);
    expect(await differences(wasmBackend, 3, cases)).toEqual([]);
  });

  test('long sums are cut into blocks without a changed bit', async () => {
    const random = new Random(22);
    const cases = [1030, 1537, 700, 385].flatMap((turns) =>
      [false, true].map((transposeLeft) => {
        const operator = matmul({ batch: 1, rows: 7, columns: 13, turns, transposeLeft, epilogue: 'relu' });
        expect(isTiled(operator)).toBe(true);
        return mostlyOrdinaryCase(random, operator);
      }),
    );
    expect(await differences(wasmBackend, 2, cases)).toEqual([]);
  });

  test('many rows are cut into units and packed groups that overlap at the end', async () => {
    const random = new Random(24);
    const shapes = [
      { rows: 37, columns: 25, turns: 257, transposeLeft: true },
      { rows: 7, columns: 16, turns: 515 },
      { rows: 265, columns: 48, turns: 9, transposeLeft: true, transposeRight: true },
      { rows: 131, columns: 70, turns: 5, transposeRight: true },
    ];
    const cases = shapes.map((shape) => mostlyOrdinaryCase(random, matmul({ batch: 1, epilogue: 'bias', ...shape })));
    expect(cases.map(({ operator }) => isTiled(operator))).toEqual([true, true, true, true]);
    expect(await differences(wasmBackend, 3, cases)).toEqual([]);
  });
});
