/**
 * Compares operators on the GPU with their definition: every instruction, and random ones. Arguments: the mode, how many
 * random operators, the seed. Prints the differences.
 */
import { createWebgpuBackend } from '../../../src/backends/webgpu/webgpu-backend.js';
import type { ArithmeticMode } from '../../../src/backends/webgpu/wgsl/arithmetic.js';
import { differences, Random } from '../../wasm/operator-programs.js';
import { instructionCases, randomCase } from '../../wasm/random-operators.js';

const [mode, randomOperators, seed = '2024'] = process.argv.slice(2);
const backend = createWebgpuBackend({ mode: mode as ArithmeticMode });
const random = new Random(Number(seed));
const cases = [
  ...instructionCases(random, 403),
  ...Array.from({ length: Number(randomOperators) }, () => randomCase(random)),
];
const found: string[] = [];
// In portions: the operands of all cases are constants of one program.
for (let at = 0; at < cases.length; at += 16) found.push(...(await differences(backend, 1, cases.slice(at, at + 16))));
process.stdout.write(JSON.stringify(found), () => process.exit(0));
