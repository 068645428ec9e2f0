/** Reading through a window of rows gives the bits of reading the whole constant, wherever the addresses point. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadBackend } from '../../src/backends/registry.js';
import { windowOf } from '../../src/backends/row-windows.js';
import { prepareExecutor } from '../../src/backends/streamed-executor.js';
import type { WordSource } from '../../src/commitments/word-source.js';
import {
  acc,
  type F32,
  f32,
  fadd,
  type I32,
  i32,
  iadd,
  imul,
  index,
  itof,
  load,
  loadByte,
  reduceIndex,
  result,
  trainingStep,
} from '../../src/expr/expression.js';
import { defineOperator, type Operator } from '../../src/expr/operator.js';
import { ARITHMETIC_VERSION } from '../../src/numerics/instructions.js';
import { clampRow } from '../../src/operators/gather.js';
import type { Program } from '../../src/program/program.js';
import { sampleWords } from '../commitments/samples.js';

interface Shape {
  readonly dtype: 'f32' | 'u8';
  readonly elements: number;
  readonly batch: number;
  /** The row of place p in step s is s·perStep + p·perPlace; most of them exist. */
  readonly perStep: number;
  readonly perPlace: number;
  readonly count: number;
  readonly stride: number;
  readonly first: number;
  readonly width: number;
  /** Places behind the batch that are read too. */
  readonly beyond: number;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  dtype: fc.constantFrom('f32' as const, 'u8' as const),
  elements: fc.integer({ min: 1, max: 60 }),
  batch: fc.integer({ min: 1, max: 6 }),
  perStep: fc.integer({ min: -3, max: 3 }),
  perPlace: fc.integer({ min: -2, max: 5 }),
  count: fc.integer({ min: 2, max: 12 }),
  stride: fc.integer({ min: 1, max: 9 }),
  first: fc.nat(3),
  width: fc.integer({ min: 1, max: 9 }),
  beyond: fc.nat(2),
});

/** Rows by number, copied and summed: a gather that stands alone, and one inside a reduction. */
function programOf(shape: Shape): Program {
  const { dtype, elements, batch, perStep, perPlace, count, stride, first, width, beyond } = shape;
  const words = dtype === 'u8' ? Math.ceil(elements / 4) : elements;
  const rows = defineOperator({
    kind: 'rows',
    domain: [batch],
    operands: [],
    finish: iadd(imul(trainingStep, i32(perStep)), imul(index(0), i32(perPlace))),
  });
  const operands = [
    { dtype: 'i32' as const, words: batch },
    { dtype: dtype === 'u8' ? ('i32' as const) : ('f32' as const), words },
  ];
  const element = (column: I32): F32 => {
    const start = imul(clampRow(load(0, index(0), 'i32'), count), i32(stride));
    const at = iadd(iadd(start, i32(first)), column);
    return dtype === 'u8' ? itof(loadByte(1, at)) : load(1, at, 'f32');
  };
  const domain = [batch + beyond];
  const copied = defineOperator({ kind: 'gather', domain: [...domain, width], operands, finish: element(index(1)) });
  const summed = defineOperator({
    kind: 'sum',
    domain,
    reduction: [width],
    operands,
    init: [f32(0)],
    update: [fadd(acc(0, 'f32'), element(reduceIndex(0)))],
    finish: result(0, 'f32'),
  });
  const slots = [
    { kind: 'temporary', index: 0 },
    { kind: 'constant', index: 0 },
  ] as const;
  const entry = (operator: Operator) => ({ operator, slots, label: operator.kind });
  return {
    arithmeticVersion: ARITHMETIC_VERSION,
    operators: [{ operator: rows, slots: [], label: 'rows' }, entry(copied), entry(summed)],
    state: [
      { name: 'copied', dtype: 'f32', shape: copied.domain },
      { name: 'summed', dtype: 'f32', shape: summed.domain },
    ],
    constants: [{ name: 'data', dtype, shape: [elements] }],
    results: {},
  };
}

/** Numbers of the constant's type; bytes behind the last element are zero. */
function dataOf({ dtype, elements }: Shape): Uint32Array {
  if (dtype === 'f32') return sampleWords(elements).map((word) => (word & 0x007fffff) | 0x3f000000);
  const bytes = new Uint8Array(4 * Math.ceil(elements / 4));
  bytes.set(new Uint8Array(sampleWords(elements).buffer, 0, elements));
  return new Uint32Array(bytes.buffer);
}

/** The same words as something that is not in memory. */
function outside(words: Uint32Array): WordSource {
  return { length: words.length, at: (at) => words.at(at), subarray: (from, to) => words.slice(from, to) };
}

async function statesOf(name: string, program: Program, data: WordSource): Promise<number[][][]> {
  const executor = await prepareExecutor(await loadBackend(name), program, [data], { threads: 1 });
  const states: number[][][] = [];
  try {
    for (let step = 0; step < 4; step++) {
      await executor.run(step, 1);
      states.push((await executor.readState()).map((words) => [...words]));
    }
  } finally {
    await executor.dispose();
  }
  return states;
}

describe('rows read through a window', () => {
  test.each([
    ['reference', 80],
    ['wasm', 12],
  ])('are the rows of the whole constant on %s, inside and outside of it', async (name, numRuns) => {
    await fc.assert(
      fc.asyncProperty(shapes, async (shape) => {
        const [program, data] = [programOf(shape), dataOf(shape)];
        const { count, stride, batch, first, width } = shape;
        expect(windowOf(program, 0)).toEqual({ constant: 0, rows: 0, batch, count, stride, width: first + width });
        expect(await statesOf(name, program, outside(data))).toEqual(await statesOf(name, program, data));
      }),
      { numRuns },
    );
  });
});

describe('a constant has no window', () => {
  const shape: Shape = {
    dtype: 'f32',
    elements: 40,
    batch: 3,
    perStep: 1,
    perPlace: 1,
    count: 8,
    stride: 5,
    first: 0,
    width: 5,
    beyond: 0,
  };
  const program = programOf(shape);

  test('where a row number hangs on the state', () => {
    const [rows, ...readers] = program.operators;
    const dependent = defineOperator({
      kind: 'rows',
      domain: [shape.batch],
      operands: [{ dtype: 'i32', words: 15 }],
      finish: load(0, index(0), 'i32'),
    });
    const entry = { ...rows!, operator: dependent, slots: [{ kind: 'state' as const, index: 0 }] };
    expect(windowOf({ ...program, operators: [entry, ...readers] }, 0)).toBeUndefined();
  });

  test('where one operator reads other rows than another', () => {
    const other = programOf({ ...shape, stride: 4 });
    const operators = [...program.operators.slice(0, 2), other.operators[2]!];
    expect(windowOf({ ...program, operators }, 0)).toBeUndefined();
  });

  test('where a row number is not held within the rows', () => {
    const free = defineOperator({
      kind: 'gather',
      domain: [shape.batch],
      operands: program.operators[1]!.operator.operands,
      finish: load(1, imul(load(0, index(0), 'i32'), i32(5)), 'f32'),
    });
    const operators = [program.operators[0]!, { ...program.operators[1]!, operator: free }];
    expect(windowOf({ ...program, operators }, 0)).toBeUndefined();
  });
});
