/** NumPy's array format, versions 1.0 and 2.0 (NEP 1): magic, version, header length, a Python dict literal, elements. */
import { fail } from '../errors/index.js';
import type { ArrayLayout } from './array-layout.js';
import { checkArrayLength, readWholeArray } from './array-rows.js';
import { type DataTensor, type ElementType, MAX_RANK } from './data-tensor.js';

const MAGIC = '\x93NUMPY';
/** NumPy itself refuses longer headers unless told otherwise. */
const MAX_HEADER_BYTES = 10_000;

const TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['<f4', 'f32'],
  ['<f8', 'f64'],
  ['|u1', 'u8'],
  ['<i4', 'i32'],
  ['<i8', 'i64'],
  ['|b1', 'bool'],
] as const);

interface Header {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** True where the bytes begin like an npy file. */
export function isNpy(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, MAGIC.length)) === MAGIC;
}

/**
 * Reads an npy file. Object arrays (which hold pickles, that is code) and Fortran order are refused.
 *
 * @param path - the file's name, for messages
 * @throws `data.value-range`, and the errors of {@link npyLayout}
 */
export function parseNpy(bytes: Uint8Array, path: string): DataTensor {
  return readWholeArray(bytes, npyLayout(bytes, bytes.length, path), path);
}

/**
 * Reads the header of an npy file.
 *
 * @param head - the first bytes of the file (12,000 are enough for any), or all of them
 * @param size - the length of the whole file in bytes
 * @throws `data.magic`, `data.header`, `data.dtype`, `data.length`, `data.too-many-elements`
 */
export function npyLayout(head: Uint8Array, size: number, path: string): ArrayLayout {
  if (!isNpy(head)) {
    const found = JSON.stringify(latin1(head.subarray(0, MAGIC.length)));
    throw fail('data.magic', { path, format: 'npy', found, expected: '"\\x93NUMPY"' });
  }
  const { text, end } = readHeaderText(head, path);
  const { descr, fortranOrder, shape } = parseHeader(text, path);
  if (fortranOrder) throw badHeader(path, 'the array is in Fortran order; save it with numpy.ascontiguousarray');
  const type = TYPES.get(descr);
  if (type === undefined)
    throw fail('data.dtype', { path, format: 'npy', found: descr, supported: [...TYPES.keys()].join(', ') });
  const layout: ArrayLayout = { format: 'npy', type, shape, start: end, littleEndian: true };
  checkArrayLength(layout, size, path);
  return layout;
}

function readHeaderText(bytes: Uint8Array, path: string): { text: string; end: number } {
  const version = bytes[6];
  const start = version === 1 ? 10 : 12;
  if ((version !== 1 && version !== 2) || bytes[7] !== 0) {
    throw badHeader(path, `its version is ${bytes[6] ?? '?'}.${bytes[7] ?? '?'}, known are 1.0 and 2.0`);
  }
  if (bytes.length < start) throw badHeader(path, `the file ends after ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES)
    throw badHeader(path, `it is ${length} bytes long; at most ${MAX_HEADER_BYTES} are read`);
  if (bytes.length < start + length) throw badHeader(path, `it ends after ${bytes.length - start} of ${length} bytes`);
  return { text: latin1(bytes.subarray(start, start + length)), end: start + length };
}

/** Parses the few Python literals that NumPy writes, and nothing else. */
function parseHeader(text: string, path: string): Header {
  const body = /^\{(.*)\}\s*$/s.exec(text)?.[1];
  if (body === undefined) throw badHeader(path, 'it is not a dictionary');
  const entry = /\s*'([a-z_]+)'\s*:\s*('[^'\\]*'|True|False|\([\d,\s]*\))\s*(?:,|$)\s*/y;
  const found = new Map<string, string>();
  while (entry.lastIndex < body.length) {
    const at = entry.lastIndex;
    const match = entry.exec(body);
    if (match === null) throw badHeader(path, `it cannot be read at ${JSON.stringify(body.slice(at, at + 40))}`);
    if (found.has(match[1]!)) throw badHeader(path, `it has '${match[1]}' twice`);
    found.set(match[1]!, match[2]!);
  }
  const descr = /^'(.*)'$/s.exec(found.get('descr') ?? '')?.[1];
  const order = found.get('fortran_order') ?? '';
  const shape = /^\((.*)\)$/s.exec(found.get('shape') ?? '')?.[1];
  if (found.size !== 3 || descr === undefined || shape === undefined || !/^(True|False)$/.test(order)) {
    throw badHeader(path, "it must have exactly 'descr', 'fortran_order' and 'shape'");
  }
  return { descr, fortranOrder: order === 'True', shape: parseShape(shape, path) };
}

function parseShape(text: string, path: string): number[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const shape = trimmed
    .replace(/,$/, '')
    .split(',')
    .map((extent) => (/^\s*\d+\s*$/.test(extent) ? Number(extent) : Number.NaN));
  if (shape.length > MAX_RANK) throw badHeader(path, `it declares ${shape.length} axes; at most ${MAX_RANK} are read`);
  if (!shape.every(Number.isSafeInteger)) throw badHeader(path, `the shape (${trimmed}) cannot be read`);
  return shape;
}

function badHeader(path: string, reason: string): Error {
  return fail('data.header', { format: 'npy', path, reason });
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
