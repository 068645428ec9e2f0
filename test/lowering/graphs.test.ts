import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LoweringLimits } from '../../src/frontend/lowering/limits.js';
import { lowerRecording } from '../../src/frontend/lowering/lower-recording.js';
import type { Attribute, RecordedCall, RecordedValue, Recording } from '../../src/frontend/recording.js';
import { fitsReferee } from '../../src/referee/compile-microcode.js';
import { testNumbers } from '../frontend/support/tfjs-cpu.js';
import { runSteps, wordsOf } from './support/run-kernel.js';

/** A random recording of moves, elementwise kernels, reductions and products over two state tensors. */
interface Pick {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
}

const KINDS = 9;
const size = (shape: readonly number[]): number => shape.reduce((total, extent) => total * extent, 1);
const broadcastable = (a: readonly number[], b: readonly number[]): boolean =>
  b.length <= a.length && b.every((extent, axis) => extent === 1 || extent === a[axis + a.length - b.length]);

function recordingOf(picks: readonly Pick[]): Recording {
  const state = [
    { id: 0, name: 'p', shape: [4, 6], dtype: 'float32' as const, role: 'parameter' },
    { id: 1, name: 'q', shape: [6], dtype: 'float32' as const, role: 'parameter' },
  ];
  const values: RecordedValue[] = [...state];
  const calls: RecordedCall[] = [];
  const add = (
    kernel: string,
    inputs: Record<string, RecordedValue>,
    shape: readonly number[],
    attributes: Record<string, Attribute> = {},
  ): void => {
    const output = { id: values.length, shape, dtype: 'float32' as const };
    const named = Object.fromEntries(Object.entries(inputs).map(([name, { id }]) => [name, id]));
    calls.push({ kernel, attributes, inputs: named, outputs: [output], scope: 'layer', phase: 'forward' });
    values.push(output);
  };
  for (const pick of picks) addPick(pick, values, add);
  const last = values.at(-1)!;
  const middle = values[Math.floor(values.length / 2)]!;
  const kept = [last, middle].map(({ shape }, at) => ({
    id: 1000 + at,
    name: `kept_${at}`,
    shape,
    dtype: 'float32' as const,
    role: 'statistic',
  }));
  const whole = [...state, ...kept];
  return { state: whole, batch: [], constants: [], calls, next: [0, 1, last.id, middle.id], results: {} };
}

type Add = (
  kernel: string,
  inputs: Record<string, RecordedValue>,
  shape: readonly number[],
  attributes?: Record<string, Attribute>,
) => void;

function addPick({ kind, a, b }: Pick, values: readonly RecordedValue[], add: Add): void {
  const x = values[a % values.length]!;
  const y = values[b % values.length]!;
  const { shape } = x;
  switch (kind) {
    case 0:
      add(['Tanh', 'Relu', 'Square', 'Neg'][b % 4]!, { x }, shape);
      return;
    case 1:
      if (broadcastable(shape, y.shape)) add(['Add', 'Multiply', 'Sub'][a % 3]!, { a: x, b: y }, shape);
      return;
    case 2: {
      const perm = shape.map((_, axis) => axis).reverse();
      add(
        'Transpose',
        { x },
        perm.map((axis) => shape[axis]!),
        { perm },
      );
      return;
    }
    case 3: {
      const rows = [1, 2, 3, 4, 6].filter((extent) => size(shape) % extent === 0);
      const to = [rows[b % rows.length]!, size(shape) / rows[b % rows.length]!];
      add('Reshape', { x }, to, { shape: to });
      return;
    }
    case 4: {
      if (shape.length === 0) return;
      const axis = b % shape.length;
      const keepDims = b % 2 === 0;
      const reduced = keepDims ? shape.with(axis, 1) : shape.toSpliced(axis, 1);
      add(['Sum', 'Max', 'Mean'][a % 3]!, { x }, reduced, {
        [a % 3 === 1 ? 'reductionIndices' : 'axis']: [axis],
        keepDims,
      });
      return;
    }
    case 5: {
      if (shape.length !== 2 || y.shape.length !== 2 || shape[1] !== y.shape[0]) return;
      const attributes = { transposeA: false, transposeB: false };
      add('BatchMatMul', { a: x, b: y }, [shape[0]!, y.shape[1]!], attributes);
      return;
    }
    case 6: {
      if (shape.length !== 2 || y.shape.length !== 2 || shape[0] !== y.shape[0]) return;
      add('BatchMatMul', { a: x, b: y }, [shape[1]!, y.shape[1]!], { transposeA: true, transposeB: false });
      return;
    }
    case 7: {
      if (shape.length === 0 || shape.at(-1)! < 2) return;
      const begin = shape.map((_, axis) => (axis === shape.length - 1 ? 1 : 0));
      const to = shape.with(-1, shape.at(-1)! - 1);
      add('Slice', { x }, to, { begin, size: to });
      return;
    }
    default: {
      if (shape.length === 0 || size(shape) > 100) return;
      const to = shape.with(0, shape[0]! * 2);
      add('Concat', { 0: x, 1: x }, to, { axis: 0 });
      return;
    }
  }
}

async function stateAfter(recording: Recording, limits: Partial<LoweringLimits>): Promise<readonly Uint32Array[]> {
  const { program, constants } = lowerRecording({ recording, bind: {}, seed: 0, limits });
  for (const { operator, slots } of program.operators) {
    expect(slots.length).toBeLessThanOrEqual(8);
    expect(fitsReferee(operator)).toBe(true);
  }
  const state = recording.state.map(({ shape, dtype }, at) =>
    wordsOf({ shape, dtype, values: testNumbers(size(shape), at + 1) }),
  );
  return (await runSteps(program, constants, state, 1)).state;
}

test('what is stored and what is fused decides no bit of any graph', async () => {
  const pick = fc.record({ kind: fc.nat(KINDS - 1), a: fc.nat(), b: fc.nat() });
  await fc.assert(
    fc.asyncProperty(fc.array(pick, { minLength: 2, maxLength: 18 }), async (picks) => {
      const recording = recordingOf(picks);
      const expected = await stateAfter(recording, { recompute: -1 });
      for (const limits of [{}, { recompute: 0 }, { recompute: 40 }, { nodes: 12, operands: 3 }]) {
        expect(await stateAfter(recording, limits)).toEqual(expected);
      }
    }),
    { numRuns: 40 },
  );
});
