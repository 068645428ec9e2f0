/** The IDX format of MNIST and its relatives: `0, 0, type, rank`, the extents (big-endian), the elements (big-endian). */
import { fail } from '../errors/index.js';
import {
  countElements,
  type DataTensor,
  ELEMENT_BYTES,
  type ElementType,
  MAX_RANK,
  readElements,
} from './data-tensor.js';
import { decompress, type ReadFileOptions } from './read-file.js';

const TYPES: ReadonlyMap<number, ElementType> = new Map([
  [0x08, 'u8'],
  [0x09, 'i8'],
  [0x0b, 'i16'],
  [0x0c, 'i32'],
  [0x0d, 'f32'],
  [0x0e, 'f64'],
] as const);

/** True where the bytes (not compressed) begin like an IDX file. */
export function isIdx(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && TYPES.has(bytes[2]!) && bytes[3]! <= MAX_RANK;
}

/**
 * Reads an IDX file, plain or gzip.
 *
 * @param path - the file's name, for messages
 * @throws `data.gzip`, `data.gzip-too-large`, `data.magic`, `data.header`, `data.length`, `data.too-many-elements`,
 *   `data.value-range`
 */
export function parseIdx(file: Uint8Array, path: string, options: ReadFileOptions = {}): DataTensor {
  const bytes = decompress(file, path, options);
  if (!isIdx(bytes)) throw notIdx(bytes, path);
  const type = TYPES.get(bytes[2]!)!;
  const rank = bytes[3]!;
  if (rank === 0) throw fail('data.header', { format: 'IDX', path, reason: 'it declares no axes' });
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    throw fail('data.header', { format: 'IDX', path, reason: `it ends after ${bytes.length} of ${start} bytes` });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, start);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = countElements(shape, path) * ELEMENT_BYTES[type];
  const found = bytes.length - start;
  if (found !== expected) throw fail('data.length', { path, format: 'IDX', found, expected });
  return readElements({ type, shape, bytes: bytes.subarray(start), littleEndian: false, path });
}

function notIdx(bytes: Uint8Array, path: string): Error {
  const found = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ') || 'no bytes';
  const expected = `00 00, a type (08, 09, 0b … 0e) and a rank up to ${MAX_RANK}`;
  return fail('data.magic', { path, format: 'IDX', found, expected });
}
