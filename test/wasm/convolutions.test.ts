import { describe, expect, test } from '@jest/globals';
import { contractionOf } from '../../src/backends/plan/contraction.js';
import { kernelBodyOf } from '../../src/backends/plan/kernel-body.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import type { Operator } from '../../src/expr/operator.js';
import { type ConvolutionShape, convolution, filterGradient, inputGradient } from './convolution-forms.js';
import { differences, mostlyOrdinaryCase, type OperatorCase, Random } from './operator-programs.js';

const FORMS = [convolution, inputGradient, filterGradient];

const isTiled = (operator: Operator): boolean => contractionOf(kernelBodyOf(operator)) !== undefined;

const SHAPE: ConvolutionShape = {
  batch: 2,
  outputs: [6, 7],
  kernel: [3, 3],
  strides: [1, 1],
  dilations: [1, 1],
  channels: 5,
  filters: 9,
};

function randomShape(random: Random): ConvolutionShape {
  return {
    batch: random.pick([1, 2]),
    outputs: [random.pick([1, 2, 5]), random.pick([1, 3, 4, 7, 11])],
    kernel: [random.pick([1, 2, 3, 5]), random.pick([1, 2, 3, 4])],
    strides: [random.pick([1, 1, 2, 3]), random.pick([1, 1, 2])],
    dilations: [random.pick([1, 1, 2]), random.pick([1, 1, 3])],
    channels: random.pick([1, 2, 3, 4, 5, 8, 9]),
    filters: random.pick([1, 3, 4, 5, 8, 13, 16]),
  };
}

function casesOf(random: Random, shapes: readonly ConvolutionShape[]): OperatorCase[] {
  return shapes.flatMap((shape) => FORMS.map((form) => mostlyOrdinaryCase(random, form(shape))));
}

describe('convolutions', () => {
  test('the layer, its input gradient and its filter gradient are tiled, also with one channel', () => {
    for (const form of FORMS) expect(isTiled(form(SHAPE))).toBe(true);
    const image = { ...SHAPE, channels: 1, filters: 16 };
    expect([convolution(image), filterGradient(image)].map(isTiled)).toEqual([true, true]);
  });

  test.each([1, 3])(
    'all forms with strides, dilations and odd sizes equal the definition (%i threads)',
    async (threads) => {
      const random = new Random(30 + threads);
      const cases = casesOf(random, [
        SHAPE,
        ...Array.from({ length: threads === 1 ? 12 : 4 }, () => randomShape(random)),
      ]);
      expect(await differences(wasmBackend, threads, cases)).toEqual([]);
    },
  );

  test('many channels are cut into blocks of whole runs, many pixels into units', async () => {
    const random = new Random(41);
    const shapes: ConvolutionShape[] = [
      { ...SHAPE, batch: 1, outputs: [2, 5], channels: 70, filters: 8 },
      { ...SHAPE, batch: 1, outputs: [2, 2], channels: 130, filters: 16 },
      { ...SHAPE, batch: 1, outputs: [2, 3], kernel: [1, 3], channels: 200, filters: 4 },
      { ...SHAPE, batch: 2, outputs: [9, 14], channels: 4, filters: 12 },
      { ...SHAPE, batch: 1, outputs: [3, 300], kernel: [2, 1], channels: 4, filters: 5 },
      { ...SHAPE, batch: 1, outputs: [2, 2], kernel: [2, 1], channels: 2100, filters: 4 },
      { ...SHAPE, batch: 20, outputs: [5, 5], kernel: [1, 2], channels: 17, filters: 5 },
    ];
    const cases = casesOf(random, shapes);
    expect(cases.every(({ operator }) => isTiled(operator))).toBe(true);
    expect(await differences(wasmBackend, 2, cases)).toEqual([]);
  });
});
