import { describe, expect, test } from '@jest/globals';
import { kernelBodyOf } from '../../src/backends/plan/kernel-body.js';
import { placeWhole } from '../../src/backends/plan/placed-operator.js';
import { piecesOf } from '../../src/backends/wasm/operator-pieces.js';
import { scatterOf } from '../../src/backends/wasm/scatter.js';
import { splitAxes } from '../../src/backends/wasm/split-axes.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { f32, fmax, fmin, index, load } from '../../src/expr/expression.js';
import { defineOperator, product } from '../../src/expr/operator.js';
import { concatenation, reshapedSum, reshapedTranspose, type SegmentSum, segmentSum, words } from './operator-forms.js';
import { adversarialWords, differences, mostlyOrdinaryCase, type OperatorCase, Random } from './operator-programs.js';

describe('divided coordinates', () => {
  test('become axes of their own, with linear addresses', () => {
    const operator = reshapedTranspose([8, 4, 64, 32], [2, 0, 1, 3], [512, 128]);
    const { operator: split } = splitAxes(placeWhole(operator));
    expect(product(split.domain)).toBe(product(operator.domain));
    const { nodes } = kernelBodyOf(split);
    expect(nodes.map(({ op }) => op)).toEqual(['load']);
  });

  test('elements and turns keep their order', async () => {
    const random = new Random(51);
    const cases = [
      reshapedTranspose([3, 4, 6, 8], [0, 2, 1, 3], [18, 32]),
      reshapedTranspose([5, 2, 24], [1, 2, 0], [10, 24]),
      reshapedTranspose([5, 2, 24], [2, 0, 1], [240]),
      reshapedTranspose([2, 3, 5, 7], [3, 1, 0, 2], [6, 35]),
      reshapedTranspose([4, 4, 4, 16], [2, 1, 0, 3], [4, 256]),
      reshapedSum([4, 6, 5, 8], [2, 0, 1, 3], 24),
      reshapedSum([4, 6, 5, 8], [3, 1, 2, 0], 4),
      reshapedSum([3, 4, 8], [1, 0, 2], 6),
    ].map((operator) => mostlyOrdinaryCase(random, operator));
    expect(await differences(wasmBackend, 2, cases)).toEqual([]);
  });
});

describe('concatenations', () => {
  test('are cut into their parts', () => {
    const pieces = piecesOf(concatenation(6, [24, 32, 8], 4, false));
    expect(pieces.map(({ operator, output }) => [operator.domain, output.offset])).toEqual([
      [[6, 24], 0],
      [[6, 32], 24],
      [[6, 8], 56],
    ]);
    for (const { operator } of pieces) {
      expect(kernelBodyOf(splitAxes(placeWhole(operator)).operator).nodes.some(({ op }) => op === 'fselect')).toBe(
        false,
      );
    }
  });

  test('equal the definition with wide, narrow, many and uneven parts', async () => {
    const random = new Random(52);
    const cases = [
      concatenation(6, [24, 32, 8], 4, false),
      concatenation(6, [24, 24, 24], 1, true),
      concatenation(40, [96, 96, 96], 4, false),
      concatenation(3, [4, 40], 2, false),
      concatenation(5, [9, 15, 33], 3, true),
      concatenation(2, [12, 12, 12, 12, 12, 12, 12], 4, false),
      concatenation(90, [300, 210], 3, false),
    ].map((operator) => mostlyOrdinaryCase(random, operator));
    expect(await differences(wasmBackend, 3, cases)).toEqual([]);
  });
});

describe('sums by segment', () => {
  const shapes: SegmentSum[] = [
    { segments: 7, columns: 12, rows: [40] },
    { segments: 70, columns: 4, rows: [3, 11], scaled: true },
    { segments: 2, columns: 64, rows: [5] },
    { segments: 8, columns: 4096, rows: [30] },
    { segments: 5, columns: 7, rows: [20] },
  ];

  test('are recognised where vectors fit their rows', () => {
    expect(shapes.map((shape) => scatterOf(segmentSum(shape)) !== undefined)).toEqual([true, true, true, true, false]);
  });

  test('visit each row once and give the bits of the fold over all rows', async () => {
    const random = new Random(53);
    const cases = shapes.map((shape): OperatorCase => {
      const operator = segmentSum(shape);
      const ordinary = mostlyOrdinaryCase(random, operator);
      // Some rows belong to no segment, and the values hold infinities, NaNs and negative zeros.
      const rows = Uint32Array.from({ length: product(shape.rows) }, () => random.below(shape.segments + 3) - 1);
      const wild = adversarialWords(random, operator.operands[1]!.words);
      return {
        operator,
        operands: [rows, random.below(2) === 0 ? wild : ordinary.operands[1]!, ordinary.operands[2]!],
      };
    });
    const negativeZeros = segmentSum({ segments: 3, columns: 8, rows: [6] });
    const zeros = new Uint32Array(48).fill(0x80000000);
    cases.push({
      operator: negativeZeros,
      operands: [Uint32Array.of(0, 0, 2, 2, 2, 9), zeros, new Uint32Array(8)],
    });
    expect(await differences(wasmBackend, 3, cases)).toEqual([]);
  });

  test('without rows are +0, whatever the operands hold', async () => {
    const random = new Random(55);
    const cases = [[0], [2, 0]].map((rows): OperatorCase => {
      const whole = segmentSum({ segments: 3, columns: 8, rows: [4] });
      const operator = { ...segmentSum({ segments: 3, columns: 8, rows }), operands: whole.operands };
      return {
        operator,
        operands: [new Uint32Array(4).fill(1), ...mostlyOrdinaryCase(random, whole).operands.slice(1)],
      };
    });
    expect(await differences(wasmBackend, 1, cases)).toEqual([]);
  });
});

describe('extremes with a constant', () => {
  test('signed zeros, NaNs and both orders of arguments give the definition’s bits', async () => {
    const random = new Random(54);
    const bounds = [0, -0, 1.5, -89, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
    const value = load(0, index(0), 'f32');
    const cases = bounds.flatMap((bound) =>
      [fmin(value, f32(bound)), fmin(f32(bound), value), fmax(value, f32(bound)), fmax(f32(bound), value)].map(
        (finish): OperatorCase => ({
          operator: defineOperator({ kind: 'map', domain: [203], operands: words(203), finish }),
          operands: [adversarialWords(random, 203)],
        }),
      ),
    );
    expect(await differences(wasmBackend, 1, cases)).toEqual([]);
  });
});
