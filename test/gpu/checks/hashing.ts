/** Hashes states on the GPU and by the definition. Prints the lengths, in words, where the two differ. */
import type { Backend, Words } from '../../../src/backends/backend.js';
import { referenceBackend } from '../../../src/backends/reference/reference-backend.js';
import { createWebgpuBackend } from '../../../src/backends/webgpu/webgpu-backend.js';
import { ARITHMETIC_VERSION } from '../../../src/numerics/instructions.js';
import type { Program } from '../../../src/program/program.js';
import { identity, Random } from '../../wasm/operator-programs.js';

const CHUNK = 256;
/** Around blocks, chunks, and trees of every shape up to 9 chunks; then around powers of two, and one large tensor. */
const LENGTHS = [
  ...[1, 2, 15, 16, 17, 31, 32, 33, 240, 241],
  ...Array.from({ length: 9 }, (_, chunks) => [-1, 0, 1].map((edge) => CHUNK * (chunks + 1) + edge)).flat(),
  ...[15, 16, 17, 31, 33, 63, 64, 65, 127, 128, 129].map((chunks) => CHUNK * chunks),
  CHUNK * 1023 + 5,
];

const program: Program = {
  arithmeticVersion: ARITHMETIC_VERSION,
  operators: LENGTHS.map((words, at) => ({
    operator: identity(words, 'i32'),
    slots: [{ kind: 'state', index: at }],
    label: 'kept',
  })),
  state: LENGTHS.map((words) => ({ name: String(words), dtype: 'i32', shape: [words] })),
  constants: [],
  results: {},
};

async function hashes(backend: Backend, state: readonly Words[]): Promise<string[]> {
  const executor = await backend.prepare(program, [], { threads: 1 });
  await executor.writeState(state);
  const found = await executor.hashState();
  await executor.dispose();
  return found.map((hash) => Buffer.from(hash).toString('hex'));
}

const random = new Random(5);
const state = LENGTHS.map((words) => Uint32Array.from({ length: words }, () => random.word()));
const [gpu, definition] = [await hashes(createWebgpuBackend(), state), await hashes(referenceBackend, state)];
const differing = LENGTHS.filter((_, at) => gpu[at] !== definition[at]);
process.stdout.write(JSON.stringify({ compared: gpu.length, differing }), () => process.exit(0));
