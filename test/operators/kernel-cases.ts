/** Everything that kernels are tested with, and which kernels that covers: the source of the table in the docs. */
import { supportedKernels } from '../../src/operators/table.js';
import { CONVOLUTION_CASES } from './convolution-cases.js';
import { ELEMENTWISE_CASES } from './elementwise-cases.js';
import { KERNEL_CALLS } from './kernel-calls.js';
import { MOVEMENT_CASES } from './movement-cases.js';
import { POOLING_CASES } from './pooling-cases.js';
import type { KernelCase } from './support/case-maker.js';
import { gradientOf, variablesOf } from './support/gradient.js';
import { recordFunction } from './support/record-function.js';

/** Functions that are compared with tfjs in both directions, by family. */
export const KERNEL_CASES: Readonly<Record<string, readonly KernelCase[]>> = {
  convolutions: CONVOLUTION_CASES,
  pooling: POOLING_CASES,
  movement: MOVEMENT_CASES,
  elementwise: ELEMENTWISE_CASES,
};

/** What tfjs's cpu backend does not have, and what is ours; each is tested in a test of its own. */
const TESTED_ELSEWHERE: readonly string[] = [
  'BroadcastTo',
  'GensynInit',
  'GensynNormal',
  'GensynUniform',
  'LogSoftmax',
  'LogicalXor',
];

export interface KernelCoverage {
  readonly kernel: string;
  /** True if what it computes is compared with tfjs. */
  readonly forward: boolean;
  /** True if the gradient of something made of it is. */
  readonly gradient: boolean;
}

/** Which kernels of the table the cases cover, sorted by name. Records every case; needs no numbers. */
export async function kernelCoverage(): Promise<KernelCoverage[]> {
  const forward = new Set([...TESTED_ELSEWHERE, ...Object.values(KERNEL_CALLS).flatMap(kernelsOfCalls)]);
  const gradient = new Set<string>();
  for (const one of Object.values(KERNEL_CASES).flat()) {
    const recording = await recordFunction(one.compute, one.inputs);
    const own = recording.calls.map(({ kernel }) => kernel);
    for (const kernel of own) forward.add(kernel);
    if (variablesOf(one).length === 0) continue;
    for (const kernel of own) gradient.add(kernel);
    const { shape } = recording.state.at(-1)!;
    const backward = await recordFunction(gradientOf(one), [...one.inputs, { shape, dtype: 'float32', values: [] }]);
    for (const { kernel } of backward.calls) forward.add(kernel);
  }
  return supportedKernels().map((kernel) => {
    return { kernel, forward: forward.has(kernel), gradient: gradient.has(kernel) };
  });
}

const kernelsOfCalls = (calls: readonly { readonly kernel: string }[]): string[] => calls.map(({ kernel }) => kernel);
