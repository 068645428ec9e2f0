/**
 * Data sets: features and labels, checked and packed into the 32-bit words that machines read.
 *
 * Packing keeps the type of the file: bytes stay bytes (four to a word, little-endian), which keeps images four times
 * smaller; scaling happens inside the program, where it is part of the arithmetic contract.
 */
import { piecesOf, type WordSource } from '../commitments/word-source.js';
import { fail } from '../errors/index.js';
import type { DataRows } from './array-rows.js';
import { type DataFile, type DataFormat, readDataFile, resolvePath, selectRows } from './data-file.js';
import { countElements, type DataTensor } from './data-tensor.js';
import type { Dataset, Features, Labels, LoadDatasetOptions } from './dataset-form.js';
import { packWords } from './pack-words.js';
import { isTextDeclaration, loadTextDataset, type TextDatasetDeclaration } from './text-dataset.js';

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

/** Either examples with labels, or a text whose every window is an example of what comes next. */
export type DatasetDeclaration = ExamplesDeclaration | TextDatasetDeclaration;

export interface ExamplesDeclaration {
  readonly features: FeaturesDeclaration;
  readonly labels: LabelsDeclaration;
  /** How many examples at the start are passed over. */
  readonly skip?: number;
  /** How many examples are taken at most. */
  readonly limit?: number;
}

/**
 * Loads a data set.
 *
 * @throws `data.…`: a file that is missing, damaged or of another format; numbers that are not finite; labels out of
 *   range; features and labels that differ in number; no examples
 */
export async function loadDataset(declaration: DatasetDeclaration, options: LoadDatasetOptions): Promise<Dataset> {
  if (isTextDeclaration(declaration)) return loadTextDataset(declaration, options);
  const { features, labels, skip = 0, limit = Number.MAX_SAFE_INTEGER } = declaration;
  const featuresPath = resolvePath(features.file, options.baseDirectory);
  const labelsPath = labels.file === undefined ? featuresPath : resolvePath(labels.file, options.baseDirectory);
  const featuresFile = await readDataFile(featuresPath, features.format, options);
  const sameFile = labelsPath === featuresPath && (labels.format ?? featuresFile.format) === featuresFile.format;
  const labelsFile = sameFile ? featuresFile : await readDataFile(labelsPath, labels.format, options);

  const allFeatures = selectRows(featuresFile, {
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

  const taken = await takeRows(allFeatures, featuresPath, { first: skip, count, mapAbove: options.mapAbove });
  return {
    features: packFeatures(taken, features, { path: featuresPath, firstRow: skip }),
    labels: packLabels(await allLabels.read(skip, count), labels.classes, { path: labelsPath, firstRow: skip }),
    count,
    text: null,
  };
}

function selectLabels(file: DataFile, labels: LabelsDeclaration): DataRows {
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
  return selectRows(file, { part: 'labels', tensor, columns, classNames });
}

function exampleCount(rows: DataRows, path: string): number {
  const count = rows.shape[0];
  if (count === undefined)
    throw fail('data.declaration', { part: 'data', path, reason: 'it is a single number, not a list' });
  return count;
}

/** The shape of one example; a plain list of numbers has examples of shape [1]. */
function exampleShapeOf(tensor: Pick<DataTensor, 'shape'>): readonly number[] {
  return tensor.shape.length === 1 ? [1] : tensor.shape.slice(1);
}

/** Where rows came from, for messages. Rows are counted from 0 in the file. */
interface Origin {
  readonly path: string;
  readonly firstRow: number;
}

/** Rows as words: in memory, or still in their file. */
interface TakenRows {
  readonly dtype: DataTensor['dtype'];
  readonly shape: readonly number[];
  readonly words: WordSource;
}

async function takeRows(
  rows: DataRows,
  path: string,
  { first, count, mapAbove = Number.POSITIVE_INFINITY }: { first: number; count: number; mapAbove: number | undefined },
): Promise<TakenRows> {
  const shape = [count, ...rows.shape.slice(1)];
  const bytes = sizeOf(shape) * (rows.dtype === 'u8' ? 1 : 4);
  if (bytes > mapAbove && rows.map !== undefined) {
    // A program counts elements in 32 bits; beyond that the addresses of rows would wrap around.
    countElements(shape, path, 2 ** 32 - 1);
    return { dtype: rows.dtype, shape, words: rows.map(first, count) };
  }
  const tensor = await rows.read(first, count);
  return { dtype: tensor.dtype, shape: tensor.shape, words: packWords(tensor) };
}

function packFeatures(tensor: TakenRows, declaration: FeaturesDeclaration, origin: Origin): Features {
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
  if (tensor.dtype === 'f32') {
    for (const { first, words } of piecesOf(tensor.words)) {
      const values = new Float32Array(words.buffer, words.byteOffset, words.length);
      checkFinite({ shape: tensor.shape, values, first }, 'features', origin);
    }
  }
  return {
    dtype: tensor.dtype,
    exampleShape,
    words: tensor.words,
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

/** Some of a tensor's numbers, from element `first` on. */
interface NumberPiece {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly first?: number;
}

function checkFinite(
  { shape, values, first = 0 }: NumberPiece,
  part: 'features' | 'labels',
  { path, firstRow }: Origin,
): void {
  // A typed array's own loop; `findIndex` with a closure takes several times as long on millions of elements.
  for (let element = 0; element < values.length; element++) {
    if (Number.isFinite(values[element])) continue;
    const row = firstRow + Math.floor((first + element) / sizeOf(shape.slice(1)));
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

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((total, extent) => total * extent, 1);
}
