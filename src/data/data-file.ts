/** One data file of any known format: opened, its format found out, its rows or columns read. */
import { isAbsolute, resolve } from 'node:path';
import { fail } from '../errors/index.js';
import { arrayRows, type ByteSource, type DataRows, tensorRows } from './array-rows.js';
import { type CsvTable, csvClassNames, csvNumbers, MAX_CSV_BYTES, parseCsv } from './csv.js';
import { idxLayout, isIdx } from './idx.js';
import { isNpy, npyLayout } from './npy.js';
import {
  DEFAULT_MAX_FILE_BYTES,
  decompress,
  isGzip,
  type ReadFileOptions,
  readBoundedFile,
  withDataFile,
} from './read-file.js';
import {
  elementTypeOf,
  isSafetensors,
  type SafetensorsEntry,
  safetensorsHeaderLength,
  safetensorsIndex,
} from './safetensors.js';

export const DATA_FORMATS = ['idx', 'npy', 'csv', 'safetensors'] as const;
export type DataFormat = (typeof DATA_FORMATS)[number];

/** A file whose form is known; parsed once, however many parts are taken from it. */
export type DataFile =
  | { readonly format: 'idx' | 'npy'; readonly path: string; readonly rows: DataRows }
  | { readonly format: 'csv'; readonly path: string; readonly table: CsvTable }
  | {
      readonly format: 'safetensors';
      readonly path: string;
      readonly tensors: readonly SafetensorsEntry[];
      readonly rowsOf: (tensor: SafetensorsEntry) => DataRows;
    };

/** Enough for the header of every array format. */
const HEAD_BYTES = 2 ** 14;

/**
 * Opens a data file, plain or gzip. The format is what is declared, else what the first bytes say, else what the name
 * says. Rows of plain IDX, npy and safetensors files are read where they lie; everything else is read as a whole.
 *
 * @throws the errors of the format's reader and of `readBoundedFile`; `data.format-unknown`
 */
export async function readDataFile(
  path: string,
  declared?: DataFormat,
  options: ReadFileOptions = {},
): Promise<DataFile> {
  const { maxBytes = DEFAULT_MAX_FILE_BYTES } = options;
  const source = await openSource(path, options);
  const head = await source.read(0, Math.min(HEAD_BYTES, source.size));
  const format = declared ?? detectFormat(head, source.size, path);
  switch (format) {
    case 'idx':
      return { format, path, rows: arrayRows(source, idxLayout(head, source.size, path), path, maxBytes) };
    case 'npy':
      return { format, path, rows: arrayRows(source, npyLayout(head, source.size, path), path, maxBytes) };
    case 'csv': {
      const limit = Math.min(MAX_CSV_BYTES, maxBytes);
      return { format, path, table: parseCsv(await readAll(source, path, limit), path, limit) };
    }
    case 'safetensors':
      return openSafetensors(source, head, path, maxBytes);
  }
}

async function openSafetensors(
  source: ByteSource,
  first: Uint8Array,
  path: string,
  maxBytes: number,
): Promise<DataFile> {
  const length = safetensorsHeaderLength(first, source.size, path);
  const header = length <= first.length ? first : await source.read(0, length);
  const { tensors } = safetensorsIndex(header, source.size, path);
  const rowsOf = ({ dtype, shape, begin }: SafetensorsEntry): DataRows => {
    const type = elementTypeOf(dtype);
    return arrayRows(source, { format: 'safetensors', type, shape, start: begin, littleEndian: true }, path, maxBytes);
  };
  return { format: 'safetensors', path, tensors, rowsOf };
}

/** The bytes of a file: where they lie, or decompressed into memory. */
async function openSource(path: string, options: ReadFileOptions): Promise<ByteSource> {
  const { size, magic } = await withDataFile(path, async (file) => ({
    size: file.size,
    magic: await file.read(0, Math.min(2, file.size)),
  }));
  if (isGzip(magic)) {
    const bytes = decompress(await readBoundedFile(path, options), path, options);
    return { size: bytes.length, read: async (from, length) => bytes.subarray(from, from + length) };
  }
  return { file: path, size, read: (from, length) => withDataFile(path, (file) => file.read(from, length)) };
}

async function readAll({ size, read }: ByteSource, path: string, limit: number): Promise<Uint8Array> {
  if (size > limit) throw fail('data.file-too-large', { path, size, limit });
  return read(0, size);
}

function detectFormat(head: Uint8Array, size: number, path: string): DataFormat {
  if (isNpy(head)) return 'npy';
  if (isIdx(head)) return 'idx';
  if (isSafetensors(head, size)) return 'safetensors';
  const name = path.replace(/\.gz$/i, '').toLowerCase();
  const extension = DATA_FORMATS.find(
    (format) => name.endsWith(`.${format}`) || (format === 'idx' && name.endsWith('-ubyte')),
  );
  if (extension === undefined) throw fail('data.format-unknown', { path });
  return extension;
}

/** Which part of a file is meant. */
export interface Selection {
  /** For messages. */
  readonly part: 'features' | 'labels';
  readonly tensor?: string | undefined;
  readonly columns?: readonly string[] | undefined;
  /** Names of classes; the one column then holds names instead of numbers. CSV only. */
  readonly classNames?: readonly string[] | undefined;
}

/**
 * Takes a list of examples out of a file. From CSV: the named columns, [rows, columns].
 *
 * @throws `data.declaration`, `data.tensor`, `data.tensor-unnamed`, `data.csv-column`, `data.csv-value`,
 *   `data.class-name`, `data.value-range`
 */
export function selectRows(file: DataFile, selection: Selection): DataRows {
  const { part, tensor, columns, classNames } = selection;
  const refuse = (reason: string): Error => fail('data.declaration', { part, path: file.path, reason });
  if (file.format === 'csv') {
    if (tensor !== undefined) throw refuse('"tensor" is for safetensors files; a CSV file has columns');
    if (columns === undefined) throw refuse('a CSV file needs the names of its columns');
    if (classNames === undefined) return tensorRows(csvNumbers(file.table, columns));
    return tensorRows(csvClassNames(file.table, columns[0]!, classNames));
  }
  if (columns !== undefined) throw refuse(`columns are for CSV files, and this is ${file.format}`);
  if (classNames !== undefined)
    throw refuse(`names of classes are for CSV files; in ${file.format} files labels are numbers`);
  if (file.format === 'safetensors') return file.rowsOf(namedTensor(file.tensors, tensor, file.path));
  if (tensor !== undefined) throw refuse(`"tensor" is for safetensors files, and this is ${file.format}`);
  return file.rows;
}

function namedTensor(tensors: readonly SafetensorsEntry[], name: string | undefined, path: string): SafetensorsEntry {
  const names = tensors
    .map((tensor) => tensor.name)
    .slice(0, 20)
    .join(', ');
  if (name === undefined && tensors.length !== 1) {
    throw fail('data.tensor-unnamed', { path, count: tensors.length, tensors: names });
  }
  const found = name === undefined ? tensors[0] : tensors.find((tensor) => tensor.name === name);
  if (found === undefined) throw fail('data.tensor', { path, tensor: name ?? '', tensors: names });
  return found;
}

/** An absolute path, or a path below a folder. Paths in a job file are the user's own, so `..` is fine. */
export function resolvePath(path: string, baseDirectory: string): string {
  return isAbsolute(path) ? path : resolve(baseDirectory, path);
}
