/** Compares matrix products and convolutions on the GPU with their definition. Prints the differences. */
import { createWebgpuBackend } from '../../../src/backends/webgpu/webgpu-backend.js';
import { type ConvolutionShape, convolution, filterGradient, inputGradient } from '../../wasm/convolution-forms.js';
import { type MatmulShape, matmul } from '../../wasm/operator-forms.js';
import { differences, mostlyOrdinaryCase, Random } from '../../wasm/operator-programs.js';

const CONVOLUTIONS: readonly ConvolutionShape[] = [
  { batch: 2, outputs: [6, 7], kernel: [3, 3], strides: [1, 1], dilations: [1, 1], channels: 5, filters: 9 },
  { batch: 1, outputs: [5, 18], kernel: [2, 3], strides: [2, 1], dilations: [1, 2], channels: 3, filters: 16 },
];

/** `out[b, m, n] = bias[n] + Σ left · right` */
const product = (shape: MatmulShape): ReturnType<typeof matmul> => matmul({ ...shape, epilogue: 'bias' });

const random = new Random(77);
const operators = [
  // Edges of tiles of 16; then so many tiles that an invocation computes a square of 2, and of 4 elements a side.
  product({ batch: 1, rows: 15, columns: 17, turns: 16 }),
  product({ batch: 3, rows: 16, columns: 33, turns: 7, transposeLeft: true }),
  product({ batch: 2, rows: 33, columns: 16, turns: 33, transposeRight: true }),
  product({ batch: 1, rows: 2, columns: 64, turns: 20, transposeLeft: true, transposeRight: true }),
  product({ batch: 20, rows: 5, columns: 100, turns: 4 }),
  product({ batch: 64, rows: 5, columns: 70, turns: 18, transposeRight: true }),
  ...CONVOLUTIONS.flatMap((shape) => [convolution(shape), inputGradient(shape), filterGradient(shape)]),
];
const cases = operators.map((operator) => mostlyOrdinaryCase(random, operator));
const found = await differences(createWebgpuBackend(), 1, cases);
process.stdout.write(JSON.stringify(found), () => process.exit(0));
