/**
 * Arrays whose rows are read one range at a time: a file may be far larger than what is taken of it. Rows are counted
 * from 0 along the first axis.
 */
import type { WordSource } from '../commitments/word-source.js';
import { fail } from '../errors/index.js';
import type { ArrayLayout } from './array-layout.js';
import { countElements, type DataTensor, ELEMENT_BYTES, numberType, readElements } from './data-tensor.js';
import { mapRows } from './mapped-rows.js';

/** Bytes that can be read from any place. */
export interface ByteSource {
  /** The file whose bytes these are; undefined where they were decompressed. */
  readonly file?: string;
  readonly size: number;
  /** `length` bytes from `from` on, or fewer where there are no more. */
  read(from: number, length: number): Promise<Uint8Array>;
}

/** A list of equal examples. */
export interface DataRows {
  readonly dtype: DataTensor['dtype'];
  /** [rows, …]; empty for a single number. */
  readonly shape: readonly number[];
  /** Rows `first … first + count − 1`, which must exist. */
  read(first: number, count: number): Promise<DataTensor>;
  /** The words of these rows, left in the file; missing where there is no file that they could be read from. */
  map?(first: number, count: number): WordSource;
}

/** For files that end with their last element. @throws `data.length` where one is shorter or longer than its header says; `data.too-many-elements` */
export function checkArrayLength({ format, type, shape, start }: ArrayLayout, size: number, path: string): void {
  const expected = countElements(shape, path, Number.MAX_SAFE_INTEGER / 8) * ELEMENT_BYTES[type];
  const found = size - start;
  if (found !== expected) throw fail('data.length', { path, format, found, expected });
}

/** All elements of an array whose bytes are in memory. @throws `data.value-range` */
export function readWholeArray(
  bytes: Uint8Array,
  { type, shape, start, littleEndian }: ArrayLayout,
  path: string,
): DataTensor {
  return readElements({ type, shape, bytes: bytes.subarray(start), littleEndian, path });
}

/** The rows of a tensor in memory, as views. */
export function tensorRows(tensor: DataTensor): DataRows {
  const size = sizeOf(tensor.shape.slice(1));
  return {
    dtype: tensor.dtype,
    shape: tensor.shape,
    read: async (first, count) => {
      const shape = [count, ...tensor.shape.slice(1)];
      const values = tensor.values.subarray(first * size, (first + count) * size);
      // The elements' type goes with their array.
      return { dtype: tensor.dtype, shape, values } as DataTensor;
    },
  };
}

/**
 * The rows of an array in a file.
 *
 * @param maxBytes - the most bytes that are taken at once
 * @throws on reading: `data.rows-too-large`, `data.length` for a file that has become shorter, `data.value-range`
 */
export function arrayRows(source: ByteSource, layout: ArrayLayout, path: string, maxBytes: number): DataRows {
  const { format, type, shape, start, littleEndian } = layout;
  const size = sizeOf(shape.slice(1));
  const rowBytes = size * ELEMENT_BYTES[type];
  return {
    dtype: numberType(type),
    shape,
    ...(source.file !== undefined && { map: (first, count) => mapRows(layout, path, first, count) }),
    read: async (first, count) => {
      const length = count * rowBytes;
      if (length > maxBytes) throw fail('data.rows-too-large', { path, rows: count, size: length, limit: maxBytes });
      const bytes = await source.read(start + first * rowBytes, length);
      if (bytes.length !== length) {
        const expected = (shape[0] ?? 1) * rowBytes;
        throw fail('data.length', { path, format, found: first * rowBytes + bytes.length, expected });
      }
      const taken = [count, ...shape.slice(1)];
      return readElements({ type, shape: taken, bytes, littleEndian, path, firstElement: first * size });
    },
  };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((total, extent) => total * extent, 1);
}
