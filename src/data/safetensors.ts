/**
 * The safetensors format (huggingface/safetensors): 8 bytes header length, a JSON header, the tensors' bytes.
 *
 * Canonical: equal tensors and metadata give equal bytes. The order is that of the upstream library: types by falling
 * rank (so that every tensor is aligned), then names by their UTF-8 bytes; metadata keys are sorted likewise.
 */
import { fail } from '../errors/index.js';
import { countElements, type DataTensor, type ElementType, MAX_RANK, readElements } from './data-tensor.js';
import { isForbiddenKey, type JsonObject, type JsonValue, parseJsonStrict } from './strict-json.js';

/** Type → bytes for each element and rank in upstream's order of types. */
const DTYPES = {
  BOOL: { bytes: 1, rank: 0, element: 'bool' },
  U8: { bytes: 1, rank: 1, element: 'u8' },
  I32: { bytes: 4, rank: 2, element: 'i32' },
  U32: { bytes: 4, rank: 3, element: 'u32' },
  F32: { bytes: 4, rank: 4, element: 'f32' },
  F64: { bytes: 8, rank: 5, element: 'f64' },
  I64: { bytes: 8, rank: 6, element: 'i64' },
} as const;

export type SafetensorsDType = keyof typeof DTYPES;

export interface SafetensorsTensor {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  /** Row-major, little-endian; exactly as long as dtype and shape say. */
  readonly data: Uint8Array;
}

export interface SafetensorsFile {
  /** In the order of their bytes. */
  readonly tensors: readonly SafetensorsTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ParseSafetensorsOptions {
  /** The longest JSON header, in bytes; 100 MB (upstream's cap) unless told. */
  readonly maxHeaderBytes?: number;
}

const MAX_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;
const METADATA = '__metadata__';

/** True where the first bytes of a file of some size may be safetensors: a plausible header length, then `{`. */
export function isSafetensors(head: Uint8Array, size = head.length): boolean {
  if (head.length < LENGTH_BYTES + 2 || head[LENGTH_BYTES] !== 0x7b) return false;
  return viewOf(head).getBigUint64(0, true) <= BigInt(size - LENGTH_BYTES);
}

/** Where a tensor lies in its file. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  /** Its first byte, counted from the start of the file, and the byte behind its last. */
  readonly begin: number;
  readonly end: number;
}

/** What the header of a file says. */
export interface SafetensorsIndex {
  /** In the order of their bytes. */
  readonly tensors: readonly SafetensorsEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a safetensors file from memory; the tensors' data are views of it.
 *
 * @param path - the file's name, for messages
 * @throws the errors of {@link safetensorsIndex}; `data.too-many-elements`
 */
export function parseSafetensors(
  bytes: Uint8Array,
  path: string,
  options: ParseSafetensorsOptions = {},
): SafetensorsFile {
  const { tensors, metadata } = safetensorsIndex(bytes, bytes.length, path, options);
  const parsed = tensors.map(({ name, dtype, shape, begin, end }) => {
    countElements(shape, path);
    return { name, dtype, shape, data: bytes.subarray(begin, end) };
  });
  return { tensors: parsed, metadata };
}

/**
 * The length of a file's header in bytes: what {@link safetensorsIndex} needs of the file.
 *
 * @param head - the first 8 bytes of the file, or more
 * @param size - the length of the whole file in bytes
 * @throws `data.header`
 */
export function safetensorsHeaderLength(
  head: Uint8Array,
  size: number,
  path: string,
  { maxHeaderBytes = MAX_HEADER_BYTES }: ParseSafetensorsOptions = {},
): number {
  if (head.length < LENGTH_BYTES) throw badHeader(path, `the file has only ${head.length} bytes`);
  const length = viewOf(head).getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes))
    throw badHeader(path, `it is ${length} bytes long; at most ${maxHeaderBytes} are read`);
  const end = LENGTH_BYTES + Number(length);
  if (end > size) throw badHeader(path, `it ends after ${size - LENGTH_BYTES} of ${length} bytes`);
  return end;
}

/**
 * Reads the header of a safetensors file. The tensors must fill the rest of the file: no hole, no overlap, nothing behind
 * the last one.
 *
 * @param head - the header of the file, or all of it
 * @param size - the length of the whole file in bytes
 * @throws `data.header`, `data.dtype`, `data.length`, `data.too-many-elements`, `data.json-…`
 */
export function safetensorsIndex(
  head: Uint8Array,
  size: number,
  path: string,
  options: ParseSafetensorsOptions = {},
): SafetensorsIndex {
  const start = safetensorsHeaderLength(head, size, path, options);
  const header = readHeader(head.subarray(0, start), path);
  const metadata = parseMetadata(header[METADATA], path);
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => parseEntry(name, entry, path))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== position) {
      throw badHeader(path, `tensor "${name}" begins at ${begin}, but the tensors before it end at ${position}`);
    }
    position = end;
  }
  const found = size - start;
  if (position !== found) throw fail('data.length', { path, format: 'safetensors', found, expected: position });
  const tensors = entries.map((entry) => ({ ...entry, begin: start + entry.begin, end: start + entry.end }));
  return { tensors, metadata };
}

/** How a tensor's elements are to be read. */
export function elementTypeOf(dtype: SafetensorsDType): ElementType {
  return DTYPES[dtype].element;
}

/**
 * One tensor of a safetensors file as numbers.
 *
 * @throws `data.value-range`
 */
export function safetensorsToDataTensor(tensor: SafetensorsTensor, path: string): DataTensor {
  const { dtype, shape, data } = tensor;
  return readElements({ type: DTYPES[dtype].element, shape, bytes: data, littleEndian: true, path });
}

function readHeader(bytes: Uint8Array, path: string): JsonObject {
  if (bytes[LENGTH_BYTES] !== 0x7b) throw badHeader(path, 'it does not start with "{"');
  const text = bytes.subarray(LENGTH_BYTES);
  const header = parseJsonStrict(text, { maxBytes: text.length, maxDepth: 4, name: `the header of ${path}` });
  // The text starts with a brace, so it is an object.
  return header as JsonObject;
}

function parseEntry(name: string, entry: JsonValue | undefined, path: string): SafetensorsEntry {
  if (!isObject(entry) || Object.keys(entry).sort().join() !== 'data_offsets,dtype,shape') {
    throw badHeader(path, `tensor "${name}" must have exactly "dtype", "shape" and "data_offsets"`);
  }
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !isDType(dtype)) {
    const supported = Object.keys(DTYPES).join(', ');
    throw fail('data.dtype', { path, format: 'safetensors', found: JSON.stringify(dtype), supported });
  }
  if (!isCountList(shape) || shape.length > MAX_RANK) {
    throw badHeader(path, `the shape of tensor "${name}" is not a list of at most ${MAX_RANK} whole numbers`);
  }
  if (!isCountList(offsets) || offsets.length !== 2) {
    throw badHeader(path, `the data_offsets of tensor "${name}" are not two whole numbers`);
  }
  const [begin, end] = offsets as readonly [number, number];
  const expected = countElements(shape, path, Number.MAX_SAFE_INTEGER / 8) * DTYPES[dtype].bytes;
  if (end - begin !== expected) {
    throw badHeader(path, `tensor "${name}" has ${end - begin} bytes; its dtype and shape need ${expected}`);
  }
  return { name, dtype, shape, begin, end };
}

function parseMetadata(value: JsonValue | undefined, path: string): Record<string, string> {
  if (value === undefined) return {};
  if (!isObject(value) || !Object.values(value).every((text) => typeof text === 'string')) {
    throw badHeader(path, 'its "__metadata__" is not an object of strings');
  }
  return value as Record<string, string>;
}

/** A tensor as far as a file's layout depends on it; `data.length` is in bytes. */
export type TensorToPlace = Omit<SafetensorsTensor, 'data'> & { readonly data: { readonly length: number } };

export interface SafetensorsLayout<Tensor extends TensorToPlace = SafetensorsTensor> {
  /** The length, the JSON and its padding: everything before the first tensor. */
  readonly header: Uint8Array;
  /** The tensors in the order in which their bytes follow the header. */
  readonly order: readonly Tensor[];
  /** The length of the whole file. */
  readonly bytes: number;
}

/**
 * The canonical header of a file and the order of the tensors behind it, for a writer that streams them.
 *
 * @throws `data.tensor-write` for a name or data that no reader would accept
 */
export function layOutSafetensors<Tensor extends TensorToPlace>(
  tensors: readonly Tensor[],
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsLayout<Tensor> {
  const order = [...tensors].sort((a, b) => DTYPES[b.dtype].rank - DTYPES[a.dtype].rank || compareUtf8(a.name, b.name));
  const names = new Set<string>();
  const fields: string[] = [];
  if (Object.keys(metadata).length > 0) fields.push(`${JSON.stringify(METADATA)}:${metadataJson(metadata)}`);
  let position = 0;
  for (const tensor of order) {
    const { name, dtype, shape } = tensor;
    checkWritable(tensor, names);
    names.add(name);
    const end = position + tensor.data.length;
    fields.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [position, end] })}`);
    position = end;
  }
  const json = Buffer.from(`{${fields.join()}}`);
  const header = new Uint8Array(LENGTH_BYTES + Math.ceil(json.length / 8) * 8).fill(0x20);
  viewOf(header).setBigUint64(0, BigInt(header.length - LENGTH_BYTES), true);
  header.set(json, LENGTH_BYTES);
  return { header, order, bytes: header.length + position };
}

/**
 * Writes a canonical safetensors file into memory.
 *
 * @throws `data.tensor-write` for a name or data that no reader would accept
 */
export function writeSafetensors(
  tensors: readonly SafetensorsTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const { header, order, bytes } = layOutSafetensors(tensors, metadata);
  const file = new Uint8Array(bytes);
  file.set(header);
  let position = header.length;
  for (const { data } of order) {
    file.set(data, position);
    position += data.length;
  }
  return file;
}

function checkWritable({ name, dtype, shape, data }: TensorToPlace, names: ReadonlySet<string>): void {
  const refuse = (reason: string): Error => fail('data.tensor-write', { tensor: name, reason });
  if (name === METADATA || isForbiddenKey(name) || /\p{Surrogate}/u.test(name)) throw refuse('its name is not allowed');
  if (names.has(name)) throw refuse('its name is used twice');
  if (shape.length > MAX_RANK || !isCountList(shape)) throw refuse(`its shape [${shape.join(', ')}] is not valid`);
  const expected = countElements(shape, name, Number.MAX_SAFE_INTEGER / 8) * DTYPES[dtype].bytes;
  if (data.length !== expected) throw refuse(`it has ${data.length} bytes; its dtype and shape need ${expected}`);
}

function metadataJson(metadata: Readonly<Record<string, string>>): string {
  const keys = Object.keys(metadata).sort(compareUtf8);
  const unusable = keys.find((key) => isForbiddenKey(key) || /\p{Surrogate}/u.test(key + metadata[key]!));
  if (unusable !== undefined)
    throw fail('data.tensor-write', { tensor: METADATA, reason: `the key "${unusable}" is not allowed` });
  return `{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key]!)}`).join()}}`;
}

function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isDType(name: string): name is SafetensorsDType {
  return Object.hasOwn(DTYPES, name);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCountList(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

function badHeader(path: string, reason: string): Error {
  return fail('data.header', { format: 'safetensors', path, reason });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
