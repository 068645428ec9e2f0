/**
 * Data sets: features and labels, checked and packed into the 32-bit words that machines read.
 *
 * Packing keeps the type of the file: bytes stay bytes (four to a word, little-endian), which keeps images four times
 * smaller; scaling happens inside the program, where it is part of the arithmetic contract.
 */
import { fail } from '../errors/index.js';
import { type DataFile, type DataFormat, readDataFile, resolvePath, selectTensor } from './data-file.js';
import type { DataTensor } from './data-tensor.js';
import type { ReadFileOptions } from './read-file.js';

export interface FeaturesDeclaration {
  readonly file: string;
  readonly format?: DataFormat;
  /** The tensor's name (safetensors). */
  readonly tensor?: string;
  /** The columns' names (CSV). */
  readonly columns?: readonly string[];
  /** The shape of one example, where it differs from the file's. */
  readonly shape?: readonly number[];
  /** The model sees `value * scale + offset`; 1 and 0 unless told. */
  readonly scale?: number;
  readonly offset?: number;
}

export interface LabelsDeclaration {
  /** The features' file unless told. */
  readonly file?: string;
  readonly format?: DataFormat;
  readonly tensor?: string;
  /** The column's name (CSV); or `columns` for more than one value. */
  readonly column?: string;
  readonly columns?: readonly string[];
  /** The number of classes, or their names (CSV). Left out: the labels are values (regression). */
  readonly classes?: number | readonly string[];
}

export interface DatasetDeclaration {
  readonly features: FeaturesDeclaration;
  readonly labels: LabelsDeclaration;
  /** How many examples at the start are passed over. */
  readonly skip?: number;
  /** How many examples are taken at most. */
  readonly limit?: number;
}

export interface Features {
  readonly dtype: 'u8' | 'i32' | 'f32';
  readonly exampleShape: readonly number[];
  /** [count, …exampleShape], row-major. `u8` is packed little-endian, its last word padded with zero bytes. */
  readonly words: Uint32Array;
  /** binary32 numbers; the model sees `value * scale + offset`, each operation rounded. Always 1 and 0 for i32. */
  readonly scale: number;
  readonly offset: number;
}

export type Labels =
  | {
      readonly kind: 'class';
      readonly classes: number;
      /** The shape of one example's labels: [] for one class, [tokens] for one class for each token. */
      readonly shape: readonly number[];
      readonly dtype: 'u8' | 'i32';
      /** [count, …shape]; `u8` is packed like {@link Features.words}. */
      readonly words: Uint32Array;
    }
  | {
      readonly kind: 'values';
      /** The shape of one example's values. */
      readonly shape: readonly number[];
      /** [count, …shape], binary32. */
      readonly words: Uint32Array;
    };

export interface Dataset {
  readonly features: Features;
  readonly labels: Labels;
  readonly count: number;
}

export interface LoadDatasetOptions extends ReadFileOptions {
  /** Where relative paths start. */
  readonly baseDirectory: string;
}

/**
 * Loads a data set.
 *
 * @throws `data.…`: a file that is missing, damaged or of another format; numbers that are not finite; labels out of
 *   range; features and labels that differ in number; no examples
 */
export async function loadDataset(declaration: DatasetDeclaration, options: LoadDatasetOptions): Promise<Dataset> {
  const { features, labels, skip = 0, limit = Number.MAX_SAFE_INTEGER } = declaration;
  const featuresPath = resolvePath(features.file, options.baseDirectory);
  const labelsPath = labels.file === undefined ? featuresPath : resolvePath(labels.file, options.baseDirectory);
  const featuresFile = await readDataFile(featuresPath, features.format, options);
  const sameFile = labelsPath === featuresPath && (labels.format ?? featuresFile.format) === featuresFile.format;
  const labelsFile = sameFile ? featuresFile : await readDataFile(labelsPath, labels.format, options);

  const allFeatures = selectTensor(featuresFile, {
    part: 'features',
    tensor: features.tensor,
    columns: features.columns,
  });
  const allLabels = selectLabels(labelsFile, labels);
  const available = exampleCount(allFeatures, featuresPath);
  const labelCount = exampleCount(allLabels, labelsPath);
  if (available !== labelCount)
    throw fail('data.count-mismatch', { featuresPath, labelsPath, features: available, labels: labelCount });
  const count = Math.min(limit, available - skip);
  if (count <= 0)
    throw fail('data.no-examples', { path: featuresPath, available, skip, limit: declaration.limit ?? 'all' });

  return {
    features: packFeatures(takeRows(allFeatures, skip, count), features, { path: featuresPath, firstRow: skip }),
    labels: packLabels(takeRows(allLabels, skip, count), labels.classes, { path: labelsPath, firstRow: skip }),
    count,
  };
}

function selectLabels(file: DataFile, labels: LabelsDeclaration): DataTensor {
  const { tensor, column, classes } = labels;
  const columns = column === undefined ? labels.columns : [column];
  const classNames = typeof classes === 'object' ? classes : undefined;
  if (classNames !== undefined && columns !== undefined && columns.length !== 1) {
    throw fail('data.declaration', {
      part: 'labels',
      path: file.path,
      reason: 'classes are read from exactly one column',
    });
  }
  return selectTensor(file, { part: 'labels', tensor, columns, classNames });
}

function exampleCount(tensor: DataTensor, path: string): number {
  const count = tensor.shape[0];
  if (count === undefined)
    throw fail('data.declaration', { part: 'data', path, reason: 'it is a single number, not a list' });
  return count;
}

/** The shape of one example; a plain list of numbers has examples of shape [1]. */
function exampleShapeOf(tensor: DataTensor): readonly number[] {
  return tensor.shape.length === 1 ? [1] : tensor.shape.slice(1);
}

/** Rows `first … first + count − 1`, as a view. */
function takeRows(tensor: DataTensor, first: number, count: number): DataTensor {
  const size = sizeOf(tensor.shape.slice(1));
  const shape = [count, ...tensor.shape.slice(1)];
  const [from, to] = [first * size, (first + count) * size];
  switch (tensor.dtype) {
    case 'u8':
      return { dtype: 'u8', shape, values: tensor.values.subarray(from, to) };
    case 'i32':
      return { dtype: 'i32', shape, values: tensor.values.subarray(from, to) };
    case 'f32':
      return { dtype: 'f32', shape, values: tensor.values.subarray(from, to) };
  }
}

/** Where rows came from, for messages. Rows are counted from 0 in the file. */
interface Origin {
  readonly path: string;
  readonly firstRow: number;
}

function packFeatures(tensor: DataTensor, declaration: FeaturesDeclaration, origin: Origin): Features {
  const { shape, scale = 1, offset = 0 } = declaration;
  const found = exampleShapeOf(tensor);
  const exampleShape = shape ?? found;
  if (sizeOf(exampleShape) !== sizeOf(found)) {
    const declared = `[${exampleShape.join(', ')}]`;
    throw fail('data.shape', { path: origin.path, found: sizeOf(found), declared, expected: sizeOf(exampleShape) });
  }
  if (sizeOf(exampleShape) === 0) {
    throw fail('data.declaration', { part: 'features', path: origin.path, reason: 'one example has no elements' });
  }
  if (tensor.dtype === 'i32' && (scale !== 1 || offset !== 0)) {
    const reason = 'int32 features are indices and cannot be scaled; store them as float32 to scale them';
    throw fail('data.declaration', { part: 'features', path: origin.path, reason });
  }
  if (tensor.dtype === 'f32') checkFinite(tensor, 'features', origin);
  return {
    dtype: tensor.dtype,
    exampleShape,
    words: packWords(tensor),
    scale: Math.fround(scale),
    offset: Math.fround(offset),
  };
}

function packLabels(tensor: DataTensor, classes: LabelsDeclaration['classes'], origin: Origin): Labels {
  if (sizeOf(tensor.shape) === 0) {
    throw fail('data.declaration', { part: 'labels', path: origin.path, reason: 'one example has no labels' });
  }
  if (classes === undefined) {
    const values = tensor.dtype === 'f32' ? tensor.values : Float32Array.from(tensor.values);
    const rounded = { dtype: 'f32', shape: tensor.shape, values } as const;
    checkFinite(rounded, 'labels', origin);
    return { kind: 'values', shape: exampleShapeOf(tensor), words: packWords(rounded) };
  }
  const classCount = typeof classes === 'number' ? classes : classes.length;
  checkLabels(tensor, classCount, origin);
  const numbers: DataTensor =
    tensor.dtype === 'f32' ? { dtype: 'i32', shape: tensor.shape, values: Int32Array.from(tensor.values) } : tensor;
  const dtype = numbers.dtype === 'u8' ? 'u8' : 'i32';
  const shape = sizeOf(tensor.shape.slice(1)) === 1 ? [] : tensor.shape.slice(1);
  return { kind: 'class', classes: classCount, shape, dtype, words: packWords(numbers) };
}

function checkFinite(tensor: DataTensor, part: 'features' | 'labels', { path, firstRow }: Origin): void {
  // A typed array's own loop; `findIndex` with a closure takes several times as long on millions of elements.
  const { values } = tensor;
  for (let element = 0; element < values.length; element++) {
    if (Number.isFinite(values[element])) continue;
    const row = firstRow + Math.floor(element / sizeOf(tensor.shape.slice(1)));
    throw fail('data.not-finite', { row, part, path, value: String(values[element]) });
  }
}

function checkLabels({ values, shape }: DataTensor, classes: number, { path, firstRow }: Origin): void {
  for (let element = 0; element < values.length; element++) {
    const label = values[element]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    const row = firstRow + Math.floor(element / sizeOf(shape.slice(1)));
    throw fail('data.label-range', { row, path, label, classes, last: classes - 1 });
  }
}

/** The tensor's bits as words. Independent of the machine's byte order. */
function packWords(tensor: DataTensor): Uint32Array {
  const { values } = tensor;
  if (tensor.dtype !== 'u8') {
    const copy = values.slice();
    return new Uint32Array(copy.buffer, copy.byteOffset, copy.length);
  }
  const words = new Uint32Array(Math.ceil(values.length / 4));
  for (let at = 0; at < values.length; at++) words[at >>> 2]! |= values[at]! << ((at & 3) * 8);
  return words;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((total, extent) => total * extent, 1);
}
