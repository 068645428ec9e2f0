import { type Meter, type MeterOptions, numberOption } from '../meter.js';
import { gigaOperations, matmulCase, operandShapes } from '../shapes.js';
import { type KernelCase, kernelMeter } from './kernel-meter.js';

/** GFLOP/s of matrix products on our WebAssembly backend. Cases: `MATMUL_CASES` by name. Options: `threads`. */
export async function startMatmulMeter(options: MeterOptions): Promise<Meter> {
  return kernelMeter(caseOf, numberOption(options, 'threads'));
}

function caseOf(name: string): KernelCase {
  const given = matmulCase(name);
  const [a, b] = operandShapes(given);
  const { rows, columns, transposeA, transposeB } = given;
  return {
    kernel: {
      kernel: 'BatchMatMul',
      attributes: { transposeA, transposeB },
      inputs: { a, b },
      output: [rows, columns],
    },
    gigaOperations: gigaOperations(given),
  };
}
