/** The IDX format of MNIST and its relatives: `0, 0, type, rank`, the extents (big-endian), the elements (big-endian). */
import { fail } from '../errors/index.js';
import type { ArrayLayout } from './array-layout.js';
import { checkArrayLength, readWholeArray } from './array-rows.js';
import { type DataTensor, type ElementType, MAX_RANK } from './data-tensor.js';
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
 * @throws `data.gzip`, `data.gzip-too-large`, `data.value-range`, and the errors of {@link idxLayout}
 */
export function parseIdx(file: Uint8Array, path: string, options: ReadFileOptions = {}): DataTensor {
  const bytes = decompress(file, path, options);
  return readWholeArray(bytes, idxLayout(bytes, bytes.length, path), path);
}

/**
 * Reads the header of an IDX file.
 *
 * @param head - the first bytes of the file, or all of them
 * @param size - the length of the whole file in bytes
 * @throws `data.magic`, `data.header`, `data.length`, `data.too-many-elements`
 */
export function idxLayout(head: Uint8Array, size: number, path: string): ArrayLayout {
  if (!isIdx(head)) throw notIdx(head, path);
  const type = TYPES.get(head[2]!)!;
  const rank = head[3]!;
  if (rank === 0) throw fail('data.header', { format: 'IDX', path, reason: 'it declares no axes' });
  const start = 4 + 4 * rank;
  if (head.length < start) {
    throw fail('data.header', { format: 'IDX', path, reason: `it ends after ${head.length} of ${start} bytes` });
  }
  const view = new DataView(head.buffer, head.byteOffset, start);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const layout: ArrayLayout = { format: 'IDX', type, shape, start, littleEndian: false };
  checkArrayLength(layout, size, path);
  return layout;
}

function notIdx(bytes: Uint8Array, path: string): Error {
  const found = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ') || 'no bytes';
  const expected = `00 00, a type (08, 09, 0b … 0e) and a rank up to ${MAX_RANK}`;
  return fail('data.magic', { path, format: 'IDX', found, expected });
}
