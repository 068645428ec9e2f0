/** Compares matrix products and convolutions on the GPU with their definition. Prints the differences. */
import { createWebgpuBackend } from '../../../src/backends/webgpu/webgpu-backend.js';
import {
  acc,
  f32,
  fadd,
  fmul,
  type I32,
  i32,
  iadd,
  imul,
  index,
  load,
  reduceIndex,
  result,
} from '../../../src/expr/expression.js';
import { defineOperator, type Operator } from '../../../src/expr/operator.js';
import { type ConvolutionShape, convolution, filterGradient, inputGradient } from '../../wasm/convolution-forms.js';
import { differences, mostlyOrdinaryCase, Random } from '../../wasm/operator-programs.js';

interface MatmulShape {
  readonly batch?: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Which factors are stored transposed. */
  readonly transposed?: readonly [boolean, boolean];
}

/** `out[b, m, n] = bias[n] + Σ left · right` */
function matmul({ batch = 1, m, n, k, transposed = [false, false] }: MatmulShape): Operator {
  const at = (rows: number, columns: number, row: I32, column: I32, turned: boolean): I32 => {
    const inside = turned ? iadd(imul(column, i32(rows)), row) : iadd(imul(row, i32(columns)), column);
    return iadd(imul(index(0), i32(rows * columns)), inside);
  };
  const left = load(0, at(m, k, index(1), reduceIndex(0), transposed[0]), 'f32');
  const right = load(1, at(k, n, reduceIndex(0), index(2), transposed[1]), 'f32');
  return defineOperator({
    kind: 'matmul',
    domain: [batch, m, n],
    reduction: [k],
    operands: [batch * m * k, batch * k * n, n].map((words) => ({ dtype: 'f32', words })),
    init: [f32(0)],
    update: [fadd(acc(0, 'f32'), fmul(left, right))],
    finish: fadd(result(0, 'f32'), load(2, index(2), 'f32')),
  });
}

const CONVOLUTIONS: readonly ConvolutionShape[] = [
  { batch: 2, outputs: [6, 7], kernel: [3, 3], strides: [1, 1], dilations: [1, 1], channels: 5, filters: 9 },
  { batch: 1, outputs: [5, 18], kernel: [2, 3], strides: [2, 1], dilations: [1, 2], channels: 3, filters: 16 },
];

const random = new Random(77);
const operators = [
  // Edges of tiles of 16; then so many tiles that an invocation computes a square of 2, and of 4 elements a side.
  matmul({ m: 15, n: 17, k: 16 }),
  matmul({ batch: 3, m: 16, n: 33, k: 7, transposed: [true, false] }),
  matmul({ batch: 2, m: 33, n: 16, k: 33, transposed: [false, true] }),
  matmul({ m: 2, n: 64, k: 20, transposed: [true, true] }),
  matmul({ batch: 20, m: 5, n: 100, k: 4 }),
  matmul({ batch: 64, m: 5, n: 70, k: 18, transposed: [false, true] }),
  ...CONVOLUTIONS.flatMap((shape) => [convolution(shape), inputGradient(shape), filterGradient(shape)]),
];
const cases = operators.map((operator) => mostlyOrdinaryCase(random, operator));
const found = await differences(createWebgpuBackend(), 1, cases);
process.stdout.write(JSON.stringify(found), () => process.exit(0));
