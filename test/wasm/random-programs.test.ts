import { beforeAll, describe, expect, test } from '@jest/globals';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { lowerRecording } from '../../src/frontend/lowering/lower-recording.js';
import type { Recording } from '../../src/frontend/recording.js';
import { useCpu } from '../frontend/support/tfjs-cpu.js';
import { recordingOf, runOnTfjs } from '../lowering/support/run-kernel.js';
import { KERNEL_CALLS } from '../operators/kernel-calls.js';
import { KERNEL_CASES } from '../operators/kernel-cases.js';
import type { KernelCase } from '../operators/support/case-maker.js';
import { gradientOf, variablesOf } from '../operators/support/gradient.js';
import { computeOnCpu, recordFunction } from '../operators/support/record-function.js';
import { Random } from './operator-programs.js';
import { randomForm } from './random-forms.js';
import { programDifferences, randomProgram } from './random-programs.js';

beforeAll(useCpu);

describe('random programs', () => {
  test.each([1, 2, 3])('run and observed, equal the reference (%i threads)', async (threads) => {
    for (let seed = 0; seed < 4; seed++) {
      const random = new Random(100 * threads + seed);
      const given = randomProgram(random, randomForm, 4 + random.below(12));
      expect(await programDifferences(wasmBackend, [threads], given, () => new Random(seed))).toEqual([]);
    }
  });
});

/** A case's gradient, or what it computes where it has none. */
async function recordingOfCase(one: KernelCase): Promise<Recording> {
  if (variablesOf(one).length === 0) return recordFunction(one.compute, one.inputs);
  const [y] = computeOnCpu(one.expected ?? one.compute, one.inputs);
  return recordFunction(gradientOf(one), [...one.inputs, { shape: y!.shape, dtype: 'float32', values: [] }]);
}

/** One after the other: recording exchanges tfjs's backend. */
async function recordingsOf(cases: readonly KernelCase[]): Promise<Recording[]> {
  const recordings: Recording[] = [];
  for (const one of cases) recordings.push(await recordingOfCase(one));
  return recordings;
}

/** Other tests run all kernels on ordinary numbers; so many of them are enough to meet every kind of address and value. */
const EVERY = 14;
const everyFew = <Item>(items: readonly Item[]): Item[] => items.filter((_, at) => at % EVERY === 0);

describe('lowered kernels on infinities, NaNs, negative zeros and numbers that are no rows', () => {
  test.each([
    ['calls', async () => everyFew(Object.values(KERNEL_CALLS).flat()).map((one) => recordingOf(one, runOnTfjs(one)))],
    ['gradients', () => recordingsOf(everyFew(Object.values(KERNEL_CASES).flat()))],
  ])('%s give the bits of the reference', async (_title, record) => {
    for (const [at, recording] of (await record()).entries()) {
      const lowered = lowerRecording({ recording, bind: {}, seed: 1 });
      expect(await programDifferences(wasmBackend, [1 + (at % 3)], lowered, () => new Random(at))).toEqual([]);
    }
  });
});
