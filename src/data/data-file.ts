/** One data file of any known format: opened, its format found out, its tensor or columns read. */
import { isAbsolute, resolve } from 'node:path';
import { fail } from '../errors/index.js';
import { type CsvTable, csvClassNames, csvNumbers, MAX_CSV_BYTES, parseCsv } from './csv.js';
import type { DataTensor } from './data-tensor.js';
import { isIdx, parseIdx } from './idx.js';
import { isNpy, parseNpy } from './npy.js';
import { decompress, type ReadFileOptions, readBoundedFile } from './read-file.js';
import { isSafetensors, parseSafetensors, type SafetensorsFile, safetensorsToDataTensor } from './safetensors.js';

export const DATA_FORMATS = ['idx', 'npy', 'csv', 'safetensors'] as const;
export type DataFormat = (typeof DATA_FORMATS)[number];

/** A file in memory; parsed once, however many parts are taken from it. */
export type DataFile =
  | { readonly format: 'idx' | 'npy'; readonly path: string; readonly tensor: DataTensor }
  | { readonly format: 'csv'; readonly path: string; readonly table: CsvTable }
  | { readonly format: 'safetensors'; readonly path: string; readonly file: SafetensorsFile };

/**
 * Reads and parses a data file, plain or gzip. The format is what is declared, else what the first bytes say, else what
 * the name says.
 *
 * @throws the errors of the format's reader and of {@link readBoundedFile}; `data.format-unknown`
 */
export async function readDataFile(
  path: string,
  declared?: DataFormat,
  options: ReadFileOptions = {},
): Promise<DataFile> {
  const bytes = decompress(await readBoundedFile(path, options), path, options);
  const format = declared ?? detectFormat(bytes, path);
  switch (format) {
    case 'idx':
      return { format, path, tensor: parseIdx(bytes, path) };
    case 'npy':
      return { format, path, tensor: parseNpy(bytes, path) };
    case 'csv':
      return { format, path, table: parseCsv(bytes, path, Math.min(MAX_CSV_BYTES, options.maxBytes ?? MAX_CSV_BYTES)) };
    case 'safetensors':
      return { format, path, file: parseSafetensors(bytes, path) };
  }
}

function detectFormat(bytes: Uint8Array, path: string): DataFormat {
  if (isNpy(bytes)) return 'npy';
  if (isIdx(bytes)) return 'idx';
  if (isSafetensors(bytes)) return 'safetensors';
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
 * Takes a tensor out of a file. From CSV: the named columns, [rows, columns].
 *
 * @throws `data.declaration`, `data.tensor`, `data.tensor-unnamed`, `data.csv-column`, `data.csv-value`,
 *   `data.class-name`, `data.value-range`
 */
export function selectTensor(file: DataFile, selection: Selection): DataTensor {
  const { part, tensor, columns, classNames } = selection;
  const refuse = (reason: string): Error => fail('data.declaration', { part, path: file.path, reason });
  if (file.format === 'csv') {
    if (tensor !== undefined) throw refuse('"tensor" is for safetensors files; a CSV file has columns');
    if (columns === undefined) throw refuse('a CSV file needs the names of its columns');
    if (classNames === undefined) return csvNumbers(file.table, columns);
    return csvClassNames(file.table, columns[0]!, classNames);
  }
  if (columns !== undefined) throw refuse(`columns are for CSV files, and this is ${file.format}`);
  if (classNames !== undefined)
    throw refuse(`names of classes are for CSV files; in ${file.format} files labels are numbers`);
  if (file.format === 'safetensors') return namedTensor(file.file, tensor, file.path);
  if (tensor !== undefined) throw refuse(`"tensor" is for safetensors files, and this is ${file.format}`);
  return file.tensor;
}

function namedTensor(file: SafetensorsFile, name: string | undefined, path: string): DataTensor {
  const tensors = file.tensors
    .map((tensor) => tensor.name)
    .slice(0, 20)
    .join(', ');
  if (name === undefined && file.tensors.length !== 1) {
    throw fail('data.tensor-unnamed', { path, count: file.tensors.length, tensors });
  }
  const found = name === undefined ? file.tensors[0] : file.tensors.find((tensor) => tensor.name === name);
  if (found === undefined) throw fail('data.tensor', { path, tensor: name ?? '', tensors });
  return safetensorsToDataTensor(found, path);
}

/** An absolute path, or a path below a folder. Paths in a job file are the user's own, so `..` is fine. */
export function resolvePath(path: string, baseDirectory: string): string {
  return isAbsolute(path) ? path : resolve(baseDirectory, path);
}
