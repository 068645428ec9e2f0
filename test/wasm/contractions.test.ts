import { describe, expect, test } from '@jest/globals';
import { contractionOf } from '../../src/backends/wasm/contraction.js';
import { kernelBodyOf } from '../../src/backends/wasm/kernel-body.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import {
  acc,
  type Expr,
  f32,
  fadd,
  fmax,
  fmul,
  type I32,
  i32,
  iadd,
  imul,
  index,
  load,
  reduceIndex,
  result,
} from '../../src/expr/expression.js';
import { defineOperator, type Operand, type Operator } from '../../src/expr/operator.js';
import { differences, mostlyOrdinaryCase, Random } from './operator-programs.js';

const at = (terms: readonly (readonly [I32, number])[]): I32 =>
  terms.reduce<I32>((sum, [axis, stride]) => iadd(sum, imul(axis, i32(stride))), i32(0));

type Epilogue = 'none' | 'bias' | 'relu' | 'residual' | 'rowScale';

interface Shape {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly turns: number;
  readonly transposeLeft?: boolean;
  readonly transposeRight?: boolean;
  readonly epilogue?: Epilogue;
}

function matmul({ batch, rows, columns, turns, transposeLeft, transposeRight, epilogue = 'none' }: Shape): Operator {
  const [b, m, n, k] = [index(0), index(1), index(2), reduceIndex(0)];
  const left = transposeLeft
    ? at([
        [b, rows * turns],
        [k, rows],
        [m, 1],
      ])
    : at([
        [b, rows * turns],
        [m, turns],
        [k, 1],
      ]);
  const right = transposeRight
    ? at([
        [b, columns * turns],
        [n, turns],
        [k, 1],
      ])
    : at([
        [b, columns * turns],
        [k, columns],
        [n, 1],
      ]);
  const operands: Operand[] = [
    batch * rows * turns,
    batch * turns * columns,
    columns,
    batch * rows * columns,
    rows,
  ].map((words) => ({ dtype: 'f32', words }));
  const sum = result(0, 'f32');
  const finishes: Record<Epilogue, Expr<'f32'>> = {
    none: sum,
    bias: fadd(sum, load(2, n, 'f32')),
    relu: fmax(fadd(sum, load(2, n, 'f32')), f32(0)),
    residual: fadd(
      load(
        3,
        at([
          [b, rows * columns],
          [m, columns],
          [n, 1],
        ]),
        'f32',
      ),
      sum,
    ),
    rowScale: fmul(sum, load(4, m, 'f32')),
  };
  return defineOperator({
    kind: 'matmul',
    domain: [batch, rows, columns],
    reduction: [turns],
    operands,
    init: [f32(0)],
    update: [fadd(acc(0, 'f32'), fmul(load(0, left, 'f32'), load(1, right, 'f32')))],
    finish: finishes[epilogue],
  });
}

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
