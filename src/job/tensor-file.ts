/** The tensors of a program in a safetensors file: constants or a state, each once and in the program's own form. */
import type { Words } from '../backends/backend.js';
import {
  type SafetensorsEntry,
  type SafetensorsTensor,
  safetensorsHeaderLength,
  safetensorsIndex,
  writeSafetensors,
} from '../data/safetensors.js';
import { fail, isGensynError } from '../errors/index.js';
import { withBoundedFile } from '../files/atomic-file.js';
import type { RegularFile } from '../files/regular-file.js';
import { type ConstantTensor, constantWords } from '../program/program.js';

const HEADER_BYTES_PER_TENSOR = 1024;
const FIRST_BYTES = 65536;
const DTYPES = { f32: 'F32', i32: 'I32', u8: 'U8' } as const;

/** The file that holds tensors; `data` has their words in order. */
export function tensorFile(specs: readonly ConstantTensor[], data: readonly Words[]): Uint8Array {
  const tensors = specs.map(({ name, dtype, shape }, at): SafetensorsTensor => {
    const words = data[at]!;
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    return { name, dtype: DTYPES[dtype], shape, data: bytes.subarray(0, byteLength(dtype, shape)) };
  });
  return writeSafetensors(tensors);
}

/**
 * Reads the tensors of a program, each straight into its words: a file of many gigabytes is in memory once.
 *
 * @throws `job.bundle-invalid`, `run.missing`, `run.too-large`, `run.not-readable`
 */
export async function readTensors(path: string, specs: readonly ConstantTensor[]): Promise<Words[]> {
  const limit = specs.reduce((bytes, spec) => bytes + 4 * constantWords(spec) + HEADER_BYTES_PER_TENSOR, FIRST_BYTES);
  return withBoundedFile(path, 'tensor file', limit, async (file) => {
    const byName = new Map((await readIndex(file, path)).map((tensor) => [tensor.name, tensor]));
    if (byName.size !== specs.length) {
      throw invalid(`${path} has ${byName.size} tensors and the program ${specs.length}`);
    }
    const tensors: Words[] = [];
    for (const spec of specs) tensors.push(await readTensor(file, path, spec, byName.get(spec.name)));
    return tensors;
  });
}

async function readTensor(
  file: RegularFile,
  path: string,
  spec: ConstantTensor,
  found: SafetensorsEntry | undefined,
): Promise<Words> {
  const want = `${DTYPES[spec.dtype]}[${spec.shape}]`;
  const have = found === undefined ? 'nothing' : `${found.dtype}[${found.shape}]`;
  if (found === undefined || have !== want) {
    throw invalid(`${path} has ${have} for tensor '${spec.name}' and the program ${want}`);
  }
  // The padding of a packed tensor's last word is zero by construction here, so it cannot carry anything.
  const words = new Uint32Array(constantWords(spec));
  const whole = await file.fill(new Uint8Array(words.buffer, 0, found.end - found.begin), found.begin);
  if (!whole) throw invalid(`${path} became shorter while it was read`);
  return words;
}

/** A compiler wrote this file: what would be bad input elsewhere is damage here. */
async function readIndex(file: RegularFile, path: string): Promise<readonly SafetensorsEntry[]> {
  const first = await file.read(0, Math.min(file.size, FIRST_BYTES));
  try {
    const length = safetensorsHeaderLength(first, file.size, path);
    const head = length <= first.length ? first : await file.read(0, length);
    return safetensorsIndex(head, file.size, path).tensors;
  } catch (cause) {
    throw isGensynError(cause) ? invalid(cause.message, cause) : cause;
  }
}

function byteLength(dtype: ConstantTensor['dtype'], shape: readonly number[]): number {
  return shape.reduce((total, extent) => total * extent, 1) * (dtype === 'u8' ? 1 : 4);
}

function invalid(reason: string, cause?: unknown): Error {
  return fail('job.bundle-invalid', { reason }, { cause });
}
