import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isGensynError } from '../../src/errors/index.js';
import {
  classLabels,
  gatherRows,
  rowWeights,
  scheduleValue,
  sequentialRows,
  shuffledRows,
} from '../../src/frontend/lowering/batch.js';
import type { LazyTensor } from '../../src/frontend/lowering/lazy-tensor.js';
import { type BatchBinding, lowerRecording } from '../../src/frontend/lowering/lower-recording.js';
import type { RecordedCall, Recording } from '../../src/frontend/recording.js';
import { isIdentity } from '../../src/program/program.js';
import { runSteps, valuesOf, wordsOf } from './support/run-kernel.js';

const FLOAT = 'float32' as const;
type Call = Pick<RecordedCall, 'kernel' | 'inputs' | 'attributes'>;

/** A recording over state tensors p and q of [2, 3]; call n makes value 10 + n. */
function recordingOf(calls: readonly Call[], next: readonly number[], results: Record<string, number> = {}): Recording {
  const shape = [2, 3];
  return {
    state: ['p', 'q'].map((name, id) => ({ id, name, shape, dtype: FLOAT, role: 'parameter' })),
    batch: [],
    constants: [
      { id: 2, shape: [], dtype: FLOAT, fill: 1 },
      { id: 3, shape: [], dtype: FLOAT, fill: 0.1 },
    ],
    calls: calls.map((call, at) => ({
      ...call,
      outputs: [{ id: 10 + at, shape: call.kernel === 'Sum' ? [] : shape, dtype: FLOAT }],
      scope: 'layer',
      phase: 'forward' as const,
    })),
    next,
    results,
  };
}
const call = (kernel: string, inputs: Record<string, number>, attributes = {}): Call => ({
  kernel,
  inputs,
  attributes,
});
const lower = (recording: Recording) => lowerRecording({ recording, bind: {}, seed: 0 }).program;

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isGensynError(error)) return error.code;
    throw error;
  }
  return 'nothing';
}

describe('programs', () => {
  test('an unchanged state tensor is an identity of itself, and there is at least one temporary', () => {
    const program = lower(recordingOf([], [0, 1]));
    expect(program.operators.slice(-2).every(isIdentity)).toBe(true);
    expect(program.operators.length - program.state.length).toBe(1);
  });

  test('exchanged state tensors are identities of each other', () => {
    const program = lower(recordingOf([], [1, 0]));
    expect(program.operators.slice(-2).map(({ slots }) => slots[0])).toEqual([
      { kind: 'state', index: 1 },
      { kind: 'state', index: 0 },
    ]);
  });

  test('a chain of elementwise kernels is one flat operator', () => {
    const calls = [call('Add', { a: 0, b: 1 }), call('Multiply', { a: 10, b: 3 }), call('Relu', { x: 11 })];
    const program = lower(recordingOf(calls, [12, 1]));
    const { operator } = program.operators.at(-2)!;
    expect([operator.domain, operator.operands.length]).toEqual([[6], 2]);
  });

  test('multiplying and dividing by one, casts and identities leave nothing', () => {
    const calls = [
      call('Multiply', { a: 0, b: 2 }),
      call('RealDiv', { a: 10, b: 2 }),
      call('Identity', { x: 11 }),
      call('Cast', { x: 12 }, { dtype: FLOAT }),
    ];
    expect(isIdentity(lower(recordingOf(calls, [13, 1])).operators.at(-2)!)).toBe(true);
  });

  test('equal calls are computed once and dead ones not at all', () => {
    const calls = [
      call('Sum', { x: 0 }, { axis: [0, 1], keepDims: false }),
      call('Sum', { x: 0 }, { axis: [0, 1], keepDims: false }),
      call('Exp', { x: 1 }),
    ];
    const program = lower(recordingOf(calls, [0, 1], { first: 10, second: 11 }));
    expect(program.operators.filter(({ operator }) => operator.kind === 'sum')).toHaveLength(1);
    expect(program.results['first']).toBe(program.results['second']);
  });

  test('an elementwise producer melts into a reduction', () => {
    const calls = [call('Square', { x: 0 }), call('Sum', { x: 10 }, { axis: [0, 1], keepDims: false })];
    const program = lower(recordingOf(calls, [0, 1], { sum: 11 }));
    expect(program.operators.length).toBe(3);
    expect(program.operators[0]!.operator.reduction).toEqual([6]);
  });
});

test('fusing never changes a bit of a chain of elementwise kernels', async () => {
  const UNARY = ['Relu', 'Tanh', 'Sigmoid', 'Exp', 'Square', 'Neg', 'Softplus', 'Sqrt', 'Abs', 'Reciprocal'];
  const BINARY = ['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum'];
  const chain = fc.array(fc.record({ kernel: fc.nat(UNARY.length + BINARY.length - 1), a: fc.nat(), b: fc.nat() }), {
    minLength: 1,
    maxLength: 25,
  });
  await fc.assert(
    fc.asyncProperty(chain, async (picks) => {
      const known = [0, 1, 2, 3];
      const calls = picks.map(({ kernel, a, b }, at) => {
        const [left, right] = [known[a % known.length]!, known[b % known.length]!];
        known.push(10 + at);
        if (kernel >= UNARY.length) return call(BINARY[kernel - UNARY.length]!, { a: left, b: right });
        return call(UNARY[kernel]!, { x: left });
      });
      // Scalars stay scalars only as inputs of binary kernels with a tensor.
      const shaped = calls.map(({ kernel, inputs, attributes }) => {
        const scalar = Object.values(inputs).every((id) => id === 2 || id === 3);
        return scalar ? call('Add', { a: 0, b: 3 }) : { kernel, inputs, attributes };
      });
      const recording = recordingOf(shaped, [9 + calls.length, 10 + Math.floor(calls.length / 2)]);
      const state = [0.3, -1.7].map((first) =>
        wordsOf({ shape: [6], dtype: FLOAT, values: [first, 2, -0, 1e-3, 40, -0.5] }),
      );
      const outcomes = [4, 0, -1, 50].map(async (recompute) => {
        const { program, constants } = lowerRecording({ recording, bind: {}, seed: 0, limits: { recompute } });
        expect(Math.max(...program.operators.map(({ operator }) => operator.operands.length))).toBeLessThanOrEqual(8);
        return (await runSteps(program, constants, state, 1)).state;
      });
      const [first, ...others] = await Promise.all(outcomes);
      for (const other of others) expect(other).toEqual(first);
    }),
    { numRuns: 60 },
  );
});

describe('refusals', () => {
  test('an unknown kernel is named with its layer', () => {
    const recording = recordingOf([call('Conv9D', { x: 0 })], [10, 1]);
    expect(() => lower(recording)).toThrow(/Conv9D.*layer 'layer'.*Add/s);
    expect(codeOf(() => lower(recording))).toBe('lowering.unknown-kernel');
  });

  test('a kernel named like a property of every object is unknown', () => {
    expect(codeOf(() => lower(recordingOf([call('constructor', { x: 0 })], [10, 1])))).toBe('lowering.unknown-kernel');
  });

  test('an unsupported initialiser is named', () => {
    const attributes = { className: 'Spectral', config: {}, shape: [2, 3], stream: 0 };
    expect(codeOf(() => lower(recordingOf([call('GensynInit', {}, attributes)], [10, 1])))).toBe(
      'lowering.unsupported-initializer',
    );
  });

  const bound = (bind: Record<string, BatchBinding>) => {
    const recording = recordingOf([call('Add', { a: 0, b: 5 })], [10, 1]);
    const batch = [{ id: 5, name: 'x', shape: [2, 3], dtype: FLOAT }];
    return codeOf(() => lowerRecording({ recording: { ...recording, batch }, bind, seed: 0 }));
  };
  test('a batch input needs data of its shape', () => {
    expect(bound({})).toBe('lowering.unbound-input');
    const table = (builder: Parameters<BatchBinding>[0]) =>
      scheduleValue(builder.constant({ name: 'x', dtype: 'f32', shape: [1] }, new Uint32Array(1)), 1);
    expect(bound({ x: table })).toBe('lowering.shape-mismatch');
  });
});

describe('batches', () => {
  const COUNT = 10;
  const BATCH = 4;
  /** Runs steps 0 … 2 of a program that only copies its batch input into the state. */
  async function batchesOf(
    shape: readonly number[],
    dtype: LazyTensor['dtype'],
    bind: BatchBinding,
  ): Promise<number[][]> {
    const value = { id: 0, name: 'state', shape, dtype, role: 'parameter' };
    const batch = [{ id: 1, name: 'x', shape, dtype }];
    const recording: Recording = { state: [value], batch, constants: [], calls: [], next: [1], results: {} };
    const { program, constants } = lowerRecording({ recording, bind: { x: bind }, seed: 5 });
    const words = new Uint32Array(shape.reduce((total, extent) => total * extent, 1));
    const steps = [1, 2, 3].map(async (count) => (await runSteps(program, constants, [words], count)).state[0]!);
    return (await Promise.all(steps)).map((after) => valuesOf(after, dtype));
  }
  const bytes = (values: readonly number[]): Uint32Array => {
    const padded = Uint8Array.from({ length: Math.ceil(values.length / 4) * 4 }, (_, at) => values[at] ?? 0);
    return new Uint32Array(padded.buffer);
  };

  test('bytes are gathered in shuffled order, scaled and shifted', async () => {
    const pixels = Array.from({ length: COUNT * 3 }, (_, at) => (at * 7) % 256);
    const found = await batchesOf([BATCH, 3], FLOAT, (builder) => {
      const rows = shuffledRows(builder, { count: COUNT, batch: BATCH });
      const data = builder.constant({ name: 'pixels', dtype: 'u8', shape: [COUNT, 3] }, bytes(pixels));
      return gatherRows({ rows, data, count: COUNT, exampleShape: [3], scale: 1 / 255, offset: -0.5 });
    });
    const rowsOf = found.map((values) => Array.from({ length: BATCH }, (_, i) => values.slice(3 * i, 3 * i + 3)));
    const scale = Math.fround(1 / 255);
    const examples = Array.from({ length: COUNT }, (_, row) =>
      pixels.slice(3 * row, 3 * row + 3).map((byte) => Math.fround(Math.fround(byte * scale) - 0.5)),
    );
    for (const batch of rowsOf) for (const row of batch) expect(examples).toContainEqual(row);
    // The first two batches and half of the third are one epoch: every row at most once.
    const epoch = [...rowsOf[0]!, ...rowsOf[1]!, ...rowsOf[2]!.slice(0, 2)].map((row) => row.join());
    expect(new Set(epoch).size).toBe(COUNT);
  });

  test('class labels, weights and schedules follow the step', async () => {
    const labels = Array.from({ length: COUNT }, (_, row) => row % 3);
    const found = await batchesOf([BATCH], 'int32', (builder) => {
      const data = builder.constant({ name: 'labels', dtype: 'u8', shape: [COUNT] }, bytes(labels));
      return classLabels({ rows: sequentialRows({ count: COUNT, batch: BATCH }), data, count: COUNT });
    });
    expect(found).toEqual([
      [0, 1, 2, 0],
      [1, 2, 0, 1],
      [2, 0, 0, 0],
    ]);
    expect(await batchesOf([BATCH], FLOAT, () => rowWeights({ count: COUNT, batch: BATCH }))).toEqual([
      [1, 1, 1, 1],
      [1, 1, 1, 1],
      [1, 1, 0, 0],
    ]);
    const table = wordsOf({ shape: [2], dtype: FLOAT, values: [0.5, 0.25] });
    const rates = await batchesOf([], FLOAT, (builder) =>
      scheduleValue(builder.constant({ name: 'rate', dtype: 'f32', shape: [2] }, table), 2),
    );
    expect(rates).toEqual([[0.5], [0.25], [0.5]]);
  });
});
