import { beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULT_LIMITS } from '../../src/frontend/lowering/limits.js';
import type { TensorType } from '../../src/frontend/recording.js';
import { useCpu } from '../frontend/support/tfjs-cpu.js';
import { distance, runOnReference, runOnTfjs, type TestTensor } from '../lowering/support/run-kernel.js';
import { KERNEL_CALLS } from './kernel-calls.js';
import { type KernelCoverage, kernelCoverage } from './kernel-cases.js';

/** tfjs computes in binary64 and with other polynomials and orders; 1e-5 of the larger of 1 and the value is its share. */
const TOLERANCE = 1e-5;

beforeAll(useCpu);

const isExact = (dtype: TensorType): boolean => dtype !== 'float32';

for (const [family, calls] of Object.entries(KERNEL_CALLS)) {
  describe(`kernels compute what tfjs computes: ${family}`, () => {
    const titled = calls.map((one) => {
      const shapes = Object.values(one.inputs).map(({ shape, dtype }) => `${dtype}[${shape}]`);
      return [`${one.kernel} ${shapes.slice(0, 3).join(' ')} ${JSON.stringify(one.attributes)}`, one] as const;
    });
    test.each(titled)('%s', async (_title, one) => {
      const expected = runOnTfjs(one);
      const found = await runOnReference(one, expected);
      expected.forEach((tensor, at) => {
        expect(distance(found[at]!.values, tensor.values)).toBeLessThanOrEqual(isExact(tensor.dtype) ? 0 : TOLERANCE);
      });
      const unfused = await runOnReference(one, expected, { ...DEFAULT_LIMITS, recompute: -1 });
      expect(unfused.map(({ values }) => values)).toEqual(found.map(({ values }) => values));
    });
  });
}

const made = (shape: readonly number[], dtype: TensorType = 'float32'): TestTensor => {
  const size = shape.reduce((total, extent) => total * extent, 1);
  return { shape, dtype, values: Array.from({ length: size }, (_, at) => (dtype === 'bool' ? at % 2 : Math.sin(at))) };
};

describe('kernels that the cpu backend does not have', () => {
  test('LogSoftmax is the logarithm of Softmax', async () => {
    const logits = made([4, 5]);
    const [softmax] = runOnTfjs({ kernel: 'Softmax', inputs: { logits }, attributes: { dim: 1 } });
    const call = { kernel: 'LogSoftmax', inputs: { logits }, attributes: { axis: 1 } };
    const [found] = await runOnReference(call, [softmax!]);
    expect(distance(found!.values, softmax!.values.map(Math.log))).toBeLessThanOrEqual(TOLERANCE);
  });

  test('BroadcastTo is a sum with zeros', async () => {
    const [x, zeros] = [made([2, 1, 3]), { ...made([4, 2, 5, 3]), values: new Array<number>(120).fill(0) }];
    const expected = runOnTfjs({ kernel: 'Add', inputs: { a: x, b: zeros } });
    const call = { kernel: 'BroadcastTo', inputs: { x }, attributes: { shape: [4, 2, 5, 3] } };
    expect((await runOnReference(call, expected))[0]!.values).toEqual(expected[0]!.values);
  });

  test('LogicalXor is NotEqual', async () => {
    const inputs = { a: made([2, 6], 'bool'), b: made([1, 6], 'bool') };
    const expected = runOnTfjs({ kernel: 'NotEqual', inputs });
    expect(await runOnReference({ kernel: 'LogicalXor', inputs }, expected)).toEqual(expected);
  });
});

/** Kernels with no gradient to test: flat or on integers, gradients themselves, or without one in tfjs. */
const WITHOUT_GRADIENT = `All Any ArgMax ArgMin AvgPool3DGrad AvgPoolGrad BroadcastTo Conv2DBackpropFilter
  Conv3DBackpropFilterV2 Cumprod DepthwiseConv2dNativeBackpropFilter DepthwiseConv2dNativeBackpropInput EluGrad Equal Fill
  FloorDiv GensynInit GensynNormal GensynUniform Greater GreaterEqual IsFinite IsInf IsNan LRNGrad Less LessEqual LogSoftmax
  LogicalAnd LogicalNot LogicalOr LogicalXor MaxPool3DGrad MaxPoolGrad NotEqual OneHot OnesLike Range ResizeBilinearGrad
  ResizeNearestNeighborGrad StridedSlice ZerosLike`;

describe('the table of kernels', () => {
  test('every kernel that can be lowered is compared with tfjs, and so is every gradient', async () => {
    const coverage = await kernelCoverage();
    const namesWhere = (wanted: (one: KernelCoverage) => boolean): string[] =>
      coverage.filter(wanted).map(({ kernel }) => kernel);
    expect(namesWhere(({ forward }) => !forward)).toEqual([]);
    expect(namesWhere(({ gradient }) => !gradient)).toEqual(WITHOUT_GRADIENT.split(/\s+/));
  });
});
