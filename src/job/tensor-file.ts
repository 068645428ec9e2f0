/** The tensors of a program in a safetensors file: constants or a state, each once and in the program's own form. */
import type { Words } from '../backends/backend.js';
import { piecesOf, type WordSource } from '../commitments/word-source.js';
import {
  layOutSafetensors,
  type SafetensorsEntry,
  safetensorsHeaderLength,
  safetensorsIndex,
} from '../data/safetensors.js';
import { fail, isGensynError } from '../errors/index.js';
import { withBoundedFile } from '../files/atomic-file.js';
import { FileWords } from '../files/file-words.js';
import type { RegularFile } from '../files/regular-file.js';
import { type ConstantTensor, constantWords } from '../program/program.js';

const HEADER_BYTES_PER_TENSOR = 1024;
const FIRST_BYTES = 65536;
const DTYPES = { f32: 'F32', i32: 'I32', u8: 'U8' } as const;

/** The file that holds tensors, in pieces; `data` has their words in order. */
export function* tensorFile(specs: readonly ConstantTensor[], data: readonly WordSource[]): Generator<Uint8Array> {
  const tensors = specs.map(({ name, dtype, shape }, at) => {
    return { name, dtype: DTYPES[dtype], shape, data: { length: byteLength(dtype, shape) }, words: data[at]! };
  });
  const { header, order } = layOutSafetensors(tensors);
  yield header;
  for (const { data, words } of order) {
    for (const piece of piecesOf(words)) {
      const bytes = new Uint8Array(piece.words.buffer, piece.words.byteOffset, piece.words.byteLength);
      yield bytes.subarray(0, data.length - 4 * piece.first);
    }
  }
}

/**
 * Reads the tensors of a program, each straight into its words: a file of many gigabytes is in memory once.
 *
 * @throws `job.bundle-invalid`, `run.missing`, `run.too-large`, `run.not-readable`
 */
export function readTensors(path: string, specs: readonly ConstantTensor[]): Promise<Words[]> {
  return readEach(path, specs, readTensor);
}

/**
 * Like {@link readTensors}, but tensors of more than `mapAbove` bytes stay in the file.
 *
 * @throws the errors of `readTensors`, `data.file-unreadable`
 */
export function mapTensors(path: string, specs: readonly ConstantTensor[], mapAbove: number): Promise<WordSource[]> {
  return readEach<WordSource>(path, specs, async (file, entry, spec) => {
    const { path, begin, end } = entry;
    if (end - begin <= mapAbove) return readTensor(file, entry, spec);
    return new FileWords({ path, start: begin, byteLength: end - begin });
  });
}

/** Where the bytes of a tensor lie. */
interface TensorPlace extends SafetensorsEntry {
  readonly path: string;
}

async function readEach<Data>(
  path: string,
  specs: readonly ConstantTensor[],
  read: (file: RegularFile, place: TensorPlace, spec: ConstantTensor) => Promise<Data>,
): Promise<Data[]> {
  const limit = specs.reduce((bytes, spec) => bytes + 4 * constantWords(spec) + HEADER_BYTES_PER_TENSOR, FIRST_BYTES);
  return withBoundedFile(path, 'tensor file', limit, async (file) => {
    const byName = new Map((await readIndex(file, path)).map((tensor) => [tensor.name, tensor]));
    if (byName.size !== specs.length) {
      throw invalid(`${path} has ${byName.size} tensors and the program ${specs.length}`);
    }
    const tensors: Data[] = [];
    for (const spec of specs) {
      const found = checkedEntry(path, spec, byName.get(spec.name));
      tensors.push(await read(file, { ...found, path }, spec));
    }
    return tensors;
  });
}

function checkedEntry(path: string, spec: ConstantTensor, found: SafetensorsEntry | undefined): SafetensorsEntry {
  const want = `${DTYPES[spec.dtype]}[${spec.shape}]`;
  const have = found === undefined ? 'nothing' : `${found.dtype}[${found.shape}]`;
  if (found !== undefined && have === want) return found;
  throw invalid(`${path} has ${have} for tensor '${spec.name}' and the program ${want}`);
}

async function readTensor(file: RegularFile, { path, begin, end }: TensorPlace, spec: ConstantTensor): Promise<Words> {
  // The padding of a packed tensor's last word is zero by construction here, so it cannot carry anything.
  const words = new Uint32Array(constantWords(spec));
  const whole = await file.fill(new Uint8Array(words.buffer, 0, end - begin), begin);
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
