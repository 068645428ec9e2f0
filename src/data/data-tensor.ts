/** What every reader gives: plain numbers with a shape. */
import { fail } from '../errors/index.js';

export type DataTensor =
  | { readonly dtype: 'u8'; readonly shape: readonly number[]; readonly values: Uint8Array }
  | { readonly dtype: 'i32'; readonly shape: readonly number[]; readonly values: Int32Array }
  | { readonly dtype: 'f32'; readonly shape: readonly number[]; readonly values: Float32Array };

/** The element types that files hold, with their size in bytes. */
export const ELEMENT_BYTES = { u8: 1, bool: 1, i8: 1, i16: 2, u32: 4, i32: 4, f32: 4, i64: 8, f64: 8 } as const;
export type ElementType = keyof typeof ELEMENT_BYTES;

/** The type of the numbers that {@link readElements} makes of elements. */
export function numberType(type: ElementType): DataTensor['dtype'] {
  if (type === 'u8' || type === 'bool') return 'u8';
  return type === 'f32' || type === 'f64' ? 'f32' : 'i32';
}

/** The most elements of one tensor that is read as a whole. */
const MAX_ELEMENTS = 2 ** 31 - 1;
/** The most axes of a tensor in a file. */
export const MAX_RANK = 8;

/**
 * The number of elements of a shape that a file declares, checked before anything is allocated.
 *
 * @throws `data.too-many-elements`
 */
export function countElements(shape: readonly number[], path: string, limit = MAX_ELEMENTS): number {
  let count = 1;
  for (const extent of shape) {
    // Both factors are at most 2^53, so that the product is only wrong where it is too large anyway.
    count *= extent;
    if (!(count <= limit)) throw fail('data.too-many-elements', { path, shape: `[${shape.join(', ')}]`, limit });
  }
  return count;
}

export interface ElementSource {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Exactly as long as type and shape say. */
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  readonly path: string;
  /** The number of the first element within the file, for messages; 0 unless told. */
  readonly firstElement?: number;
}

/**
 * Turns the bytes of a file into numbers: `u8` and `bool` (0 or 1) stay bytes, integers become `i32` where they fit,
 * binary64 is rounded to binary32. Numbers that are not finite pass; the data set decides about them.
 *
 * @throws `data.value-range`
 */
export function readElements(source: ElementSource): DataTensor {
  const { type, shape, bytes } = source;
  const dtype = numberType(type);
  switch (dtype) {
    case 'u8':
      return { dtype, shape, values: type === 'bool' ? checkedBooleans(source) : bytes };
    case 'f32':
      return { dtype, shape, values: readFloats(source) };
    case 'i32':
      return { dtype, shape, values: readIntegers(source) };
  }
}

function checkedBooleans({ bytes, path, firstElement = 0 }: ElementSource): Uint8Array {
  const found = bytes.findIndex((byte) => byte > 1);
  if (found < 0) return bytes;
  throw fail('data.value-range', { path, element: firstElement + found, value: bytes[found]!, dtype: 'bool' });
}

function readFloats({ type, bytes, littleEndian, path, firstElement = 0 }: ElementSource): Float32Array {
  const view = viewOf(bytes);
  const wide = type === 'f64';
  const size = wide ? 8 : 4;
  const values = new Float32Array(bytes.length / size);
  for (let element = 0; element < values.length; element++) {
    const value = wide ? view.getFloat64(element * size, littleEndian) : view.getFloat32(element * size, littleEndian);
    values[element] = value;
    if (wide && Number.isFinite(value) && !Number.isFinite(values[element]!)) {
      throw fail('data.value-range', { path, element: firstElement + element, value, dtype: 'f32' });
    }
  }
  return values;
}

function readIntegers({ type, bytes, littleEndian, path, firstElement = 0 }: ElementSource): Int32Array {
  const view = viewOf(bytes);
  const size = ELEMENT_BYTES[type];
  const values = new Int32Array(bytes.length / size);
  for (let element = 0; element < values.length; element++) {
    const value = readInteger(view, type, element * size, littleEndian);
    values[element] = Number(value);
    // Comparing the stored value with the read one is exact: a bigint and a number compare by value.
    // biome-ignore lint/suspicious/noDoubleEquals: bigint and number are compared by value on purpose
    if (values[element] != value)
      throw fail('data.value-range', { path, element: firstElement + element, value, dtype: 'i32' });
  }
  return values;
}

function readInteger(view: DataView, type: ElementType, at: number, littleEndian: boolean): number | bigint {
  switch (type) {
    case 'i8':
      return view.getInt8(at);
    case 'i16':
      return view.getInt16(at, littleEndian);
    case 'i32':
      return view.getInt32(at, littleEndian);
    case 'u32':
      return view.getUint32(at, littleEndian);
    case 'i64':
      return view.getBigInt64(at, littleEndian);
    default:
      throw new Error(`not an integer type: ${type}`);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
