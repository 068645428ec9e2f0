/**
 * Prepares a program with more state than the device has memory for, or can bind. The argument is the size of the state
 * in bytes. Prints the error.
 */
import { createWebgpuBackend } from '../../../src/backends/webgpu/webgpu-backend.js';
import { isGensynError } from '../../../src/errors/index.js';
import { ARITHMETIC_VERSION } from '../../../src/numerics/instructions.js';
import type { Program } from '../../../src/program/program.js';
import { identity } from '../../wasm/operator-programs.js';

const words = Number(process.argv[2]) / 4;
const program: Program = {
  arithmeticVersion: ARITHMETIC_VERSION,
  operators: [{ operator: identity(words, 'i32'), slots: [{ kind: 'state', index: 0 }], label: 'kept' }],
  state: [{ name: 'large', dtype: 'i32', shape: [words] }],
  constants: [],
  results: {},
};

async function answer(): Promise<{ code: string; message: string }> {
  try {
    // A mode of its own, so that no probe needs memory before.
    await createWebgpuBackend({ mode: 'integer' }).prepare(program, [], { threads: 1 });
    return { code: 'prepared', message: '' };
  } catch (error) {
    if (!isGensynError(error)) throw error;
    return { code: error.code, message: error.message };
  }
}

const found = await answer();
process.stdout.write(JSON.stringify(found), () => process.exit(0));
