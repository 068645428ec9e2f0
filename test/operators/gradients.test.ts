import { beforeAll, describe, expect, test } from '@jest/globals';
import type { LoweringLimits } from '../../src/frontend/lowering/limits.js';
import { type LoweredRecording, lowerRecording } from '../../src/frontend/lowering/lower-recording.js';
import type { Recording } from '../../src/frontend/recording.js';
import { useCpu } from '../frontend/support/tfjs-cpu.js';
import { distance, type TestTensor, valuesOf, wordsOf } from '../lowering/support/run-kernel.js';
import { KERNEL_CASES } from './kernel-cases.js';
import { CaseMaker } from './support/case-maker.js';
import { gradientOf, variablesOf } from './support/gradient.js';
import { computeOnCpu, recordFunction, type TensorFunction } from './support/record-function.js';
import { runAgreed, runOnWasm } from './support/run-program.js';

const TOLERANCE = 2e-5;

beforeAll(useCpu);

function lower(recording: Recording, limits: Partial<LoweringLimits> = {}): LoweredRecording {
  return lowerRecording({ recording, bind: {}, seed: 1, limits });
}

/** Records a function, and compares what its program computes with what tfjs computes for `expected`. */
async function expectSame(
  compute: TensorFunction,
  inputs: readonly TestTensor[],
  expected: TensorFunction,
  tolerance: number,
): Promise<void> {
  const recording = await recordFunction(compute, inputs);
  const wanted = computeOnCpu(expected, inputs);
  const lowered = lower(recording);
  const outputs = recording.state.slice(inputs.length);
  const state = [...inputs.map(wordsOf), ...wanted.map(({ values }) => new Uint32Array(values.length))];
  const found = runAgreed(lowered, state);
  outputs.forEach(({ dtype, shape }, at) => {
    expect(shape).toEqual(wanted[at]!.shape);
    const values = valuesOf(found[inputs.length + at]!, dtype);
    expect(distance(values, wanted[at]!.values)).toBeLessThanOrEqual(dtype === 'float32' ? tolerance : 0);
  });
  expect(runAgreed(lower(recording, { recompute: -1 }), state)).toEqual(found);
  expect(await runOnWasm(lowered, state)).toEqual(found);
}

for (const [family, cases] of Object.entries(KERNEL_CASES)) {
  describe(`kernels compute what tfjs computes: ${family}`, () => {
    test.each(cases.map((one) => [one.title, one] as const))('%s', async (_title, one) => {
      const expected = one.expected ?? one.compute;
      const tolerance = one.tolerance ?? TOLERANCE;
      await expectSame(one.compute, one.inputs, expected, tolerance);
      if (variablesOf(one).length === 0) return;
      const [y] = computeOnCpu(expected, one.inputs);
      const inputs = [...one.inputs, new CaseMaker(99).floats(y!.shape)];
      await expectSame(gradientOf(one), inputs, gradientOf(one, expected), tolerance);
    });
  });
}
