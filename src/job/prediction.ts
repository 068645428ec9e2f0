/**
 * What a bundle carries so that people can ask the trained model something. It decides no bit of the state and is bound
 * by no hash; a program like any other, so that the answer has the same bits everywhere.
 */
import type { Words } from '../backends/backend.js';
import { checkVocabulary } from '../data/vocabulary.js';
import { fail } from '../errors/index.js';
import type { Program, StateTensor } from '../program/program.js';

/** What the numbers of an answer mean. */
export type Meaning =
  /** Probabilities of the next token. The vocabulary is `null` where tokens are bytes. */
  | { readonly kind: 'text'; readonly vocabulary: string | null }
  /** One number for each class (or one number for the second of two classes), with their names where the data have some. */
  | { readonly kind: 'class'; readonly names: readonly string[] | null }
  | { readonly kind: 'values' };

export interface Prediction {
  /** The state of the training program, and behind it: input, inverse temperature (f32 [1]), output (f32). */
  readonly program: Program;
  readonly constants: readonly Words[];
  /** The model sees `value · scale + offset` of what the data hold, each operation rounded to binary32. */
  readonly scale: number;
  readonly offset: number;
  readonly meaning: Meaning;
}

/** The three tensors behind the state. */
export interface PredictionTensors {
  readonly input: StateTensor;
  readonly inverseTemperature: StateTensor;
  readonly output: StateTensor;
}

/** @throws `job.bundle-invalid` for a program that does not have them */
export function predictionTensors({ program }: Prediction): PredictionTensors {
  const [input, inverseTemperature, output] = program.state.slice(-3);
  if (input === undefined || inverseTemperature === undefined || output === undefined) {
    throw invalid('its state has fewer than three tensors');
  }
  return { input, inverseTemperature, output };
}

/**
 * Checks all of a prediction but the rules of every program, which are `validateProgram`'s.
 *
 * @throws `job.bundle-invalid`, `data.vocabulary`
 */
export function checkPrediction(prediction: Prediction, training: Program): void {
  const { input, inverseTemperature, output } = predictionTensors(prediction);
  const model = prediction.program.state.slice(0, -3);
  if (JSON.stringify(model) !== JSON.stringify(training.state)) throw invalid('it has another state than the training');
  if (inverseTemperature.dtype !== 'f32' || inverseTemperature.shape.join() !== '1') {
    throw invalid('its temperature is not one number');
  }
  if (output.dtype !== 'f32' || input.shape.length < 1 || output.shape[0] !== input.shape[0]) {
    throw invalid('its output does not have one float32 row for each row of its input');
  }
  for (const number of [prediction.scale, prediction.offset]) {
    if (!Object.is(Math.fround(number), number) || !Number.isFinite(number))
      throw invalid('its scale is not a binary32 number');
  }
  checkMeaning(prediction.meaning, input, output);
}

function checkMeaning(meaning: Meaning, input: StateTensor, output: StateTensor): void {
  const classes = output.shape.at(-1)!;
  if (meaning.kind === 'class' && meaning.names !== null && meaning.names.length !== Math.max(2, classes)) {
    throw invalid(`it names ${meaning.names.length} classes and has ${classes} outputs`);
  }
  if (meaning.kind !== 'text') return;
  const expected = meaning.vocabulary === null ? 256 : checkVocabulary(meaning.vocabulary, 'the bundle');
  if (classes !== expected) throw invalid(`its vocabulary has ${expected} tokens and its output ${classes}`);
  const windows = [...input.shape, classes].join();
  if (input.shape.length !== 2 || output.shape.join() !== windows) {
    throw invalid(`its output has the shape [${output.shape}], and a text needs [rows, tokens, classes]`);
  }
}

function invalid(reason: string): Error {
  return fail('job.bundle-invalid', { reason: `its prediction is not usable: ${reason}` });
}
