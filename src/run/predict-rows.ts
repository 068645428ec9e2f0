/** What a model says about rows of the job's own data, beside what the data say. */
import type { WordSource } from '../commitments/word-source.js';
import { fail } from '../errors/index.js';
import type { Bundle } from '../job/bundle.js';
import { valueOf } from '../numerics/float32.js';
import type { ConstantTensor, Program } from '../program/program.js';
import type { Predictor } from './predictor.js';

/** The most rows of one call: each is an answer in memory. */
const MAX_ROWS = 10_000;

export interface PredictedRow {
  readonly row: number;
  /** The numbers of the data: a class, one for each place, or values. */
  readonly label: readonly number[];
  /** The class for each label, or the predicted values. */
  readonly predicted: readonly number[];
  /** Of classes: what the model gives for the predicted one. */
  readonly probabilities: readonly number[] | null;
  /** Of classes: whether every label was met. */
  readonly right: boolean | null;
}

export interface PredictedRows {
  readonly part: 'test' | 'training';
  readonly rows: readonly PredictedRow[];
}

export interface PredictRowsParameters {
  readonly bundle: Bundle;
  readonly predictor: Predictor;
  /** From 0, the last one included; the first ten rows unless told. */
  readonly range?: { readonly first: number; readonly last: number };
  readonly signal?: AbortSignal;
}

/**
 * Predicts rows of the test data, or of the training data where the job has no others.
 *
 * @throws `predict.rows`, `job.bundle-invalid` for a bundle whose data do not fit its prediction
 */
export async function predictRows(parameters: PredictRowsParameters): Promise<PredictedRows> {
  const { bundle, predictor, signal } = parameters;
  const part = bundle.evaluation === null ? 'training' : 'test';
  const features = dataOf(bundle.evaluation ?? bundle, 'features');
  const labels = dataOf(bundle.evaluation ?? bundle, 'labels');
  const count = Math.min(features.count, labels.count);
  if (features.size !== predictor.inputSize) {
    throw invalid(`its rows have ${features.size} numbers, and its prediction takes ${predictor.inputSize}`);
  }
  const { first, last } = parameters.range ?? { first: 0, last: Math.min(9, count - 1) };
  if (last < first || last >= count || last - first >= MAX_ROWS) {
    throw fail('predict.rows', { first, last, part, end: count - 1, limit: MAX_ROWS });
  }
  const rows: PredictedRow[] = [];
  for (let row = first; row <= last; row++) {
    signal?.throwIfAborted();
    rows.push(judge(row, labels.read(row), await predictor.ask(features.read(row)), predictor));
  }
  return { part, rows };
}

function judge(row: number, label: readonly number[], answer: Float32Array, predictor: Predictor): PredictedRow {
  if (predictor.prediction.meaning.kind === 'values') {
    return { row, label, predicted: Array.from(answer), probabilities: null, right: null };
  }
  const predicted: number[] = [];
  const probabilities: number[] = [];
  for (let at = 0; at < answer.length; at += predictor.classes) {
    const chosen = choose(answer.subarray(at, at + predictor.classes));
    predicted.push(chosen.predicted);
    probabilities.push(chosen.probability);
  }
  const right = predicted.length === label.length && predicted.every((number, at) => number === label[at]);
  return { row, label, predicted, probabilities, right };
}

/** The likeliest class, the first of equals. A single number is the probability of the second of two classes. */
function choose(shares: Float32Array): { readonly predicted: number; readonly probability: number } {
  if (shares.length === 1) {
    const second = shares[0]! > 0.5;
    return { predicted: second ? 1 : 0, probability: second ? shares[0]! : 1 - shares[0]! };
  }
  const predicted = shares.reduce((best, share, at) => (share > shares[best]! ? at : best), 0);
  return { predicted, probability: shares[predicted]! };
}

interface RowData {
  readonly count: number;
  /** Numbers in a row. */
  readonly size: number;
  read(row: number): number[];
}

/** A constant of rows, by the name that the compiler gives it. */
function dataOf(
  source: { readonly program: Program; readonly constants: readonly WordSource[] },
  name: string,
): RowData {
  const at = source.program.constants.findIndex((constant) => constant.name === name);
  const constant = source.program.constants[at];
  if (constant === undefined) throw invalid(`it has no ${name} that the rows could be read from`);
  const count = constant.shape[0] ?? 1;
  const size = constant.shape.slice(1).reduce((total, extent) => total * extent, 1);
  const element = elementReader(constant, source.constants[at]!);
  return { count, size, read: (row) => Array.from({ length: size }, (_, each) => element(row * size + each)) };
}

function elementReader({ dtype }: ConstantTensor, words: WordSource): (at: number) => number {
  if (dtype === 'u8') return (at) => (words.at(at >>> 2)! >>> ((at & 3) * 8)) & 255;
  return dtype === 'i32' ? (at) => words.at(at)! | 0 : (at) => valueOf(words.at(at)!);
}

function invalid(reason: string): Error {
  return fail('job.bundle-invalid', { reason });
}
