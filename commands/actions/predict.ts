/** The core of `gensyn predict`. */
import { DEFAULT_BACKEND, defaultThreads, loadCanonicalBackend } from '../../src/backends/registry.js';
import { fail } from '../../src/errors/index.js';
import type { Meaning } from '../../src/job/prediction.js';
import { defaultPrompt, generateText } from '../../src/run/generate-text.js';
import { type PredictedRows, predictRows } from '../../src/run/predict-rows.js';
import { createPredictor, type Predictor } from '../../src/run/predictor.js';
import { readTrainedState, type TrainedState } from '../../src/run/trained-state.js';
import type { Action, Invocation, Outcome } from '../context.js';
import type { PredictOptions } from '../predict.js';
import { table } from './table.js';

const DEFAULT_TOKENS = 200;
const DEFAULT_TEMPERATURE = 0.8;
/** Numbers of one cell of the table; `--json` has all. */
const SHOWN_NUMBERS = 8;

export const predict: Action<PredictOptions> = async (options, invocation) => {
  const threads = options.threads ?? defaultThreads();
  const trained = await readTrainedState(options.run, options.checkpoint);
  const { bundle, checkpoint } = trained;
  if (bundle.prediction === null) throw fail('predict.not-in-bundle', { job: bundle.name });
  checkOptions(options, bundle.prediction.meaning);
  const backend = await loadCanonicalBackend(options.backend ?? DEFAULT_BACKEND, threads);
  const predictor = await createPredictor(bundle, checkpoint.state, backend, threads);
  try {
    const { meaning } = predictor.prediction;
    return meaning.kind === 'text'
      ? await goOn(options, { predictor, trained, meaning }, invocation)
      : await showRows(options, { predictor, trained, meaning }, invocation);
  } finally {
    await predictor.dispose();
  }
};

interface Asked<Kind extends Meaning> {
  readonly predictor: Predictor;
  readonly trained: TrainedState;
  readonly meaning: Kind;
}

function checkOptions(options: PredictOptions, { kind }: Meaning): void {
  const [foreign, fits, found] =
    kind === 'text'
      ? ([['rows'], 'models of examples', 'text'] as const)
      : ([['text', 'tokens', 'temperature', 'seed'], 'models of text', 'examples'] as const);
  const given = foreign.find((option) => options[option] !== undefined);
  if (given !== undefined) throw fail('predict.option', { option: `--${given}`, fits, found });
}

async function goOn(
  options: PredictOptions,
  { predictor, trained, meaning }: Asked<Meaning & { kind: 'text' }>,
  { progress, signal }: Invocation,
): Promise<Outcome> {
  const { vocabulary } = meaning;
  const prompt = options.text ?? defaultPrompt(vocabulary);
  const { tokens = DEFAULT_TOKENS, temperature = DEFAULT_TEMPERATURE, seed = 0 } = options;
  progress.phase(`asking ${trained.bundle.name} after step ${trained.checkpoint.step}`);
  const onToken = (done: number): void => progress.update(done, tokens);
  const added = await generateText({
    predictor,
    vocabulary,
    prompt,
    tokens,
    temperature,
    seed,
    signal,
    onToken,
  });
  return {
    result: { job: trained.bundle.name, step: trained.checkpoint.step, prompt, text: added, temperature, seed },
    text: printable(prompt + added),
  };
}

async function showRows(
  options: PredictOptions,
  { predictor, trained, meaning }: Asked<Exclude<Meaning, { kind: 'text' }>>,
  { signal }: Invocation,
): Promise<Outcome> {
  const { bundle, checkpoint } = trained;
  const range = options.rows === undefined ? {} : { range: options.rows };
  const predicted = await predictRows({ bundle, predictor, signal, ...range });
  const names = meaning.kind === 'class' ? meaning.names : null;
  return {
    result: { job: bundle.name, step: checkpoint.step, ...predicted, names },
    text: meaning.kind === 'class' ? classTable(predicted, names) : valueTable(predicted),
  };
}

function classTable({ part, rows }: PredictedRows, names: readonly string[] | null): string {
  const name = (number: number): string => oneLine(names?.[number] ?? String(number));
  const lines = rows.map(({ row, label, predicted, probabilities, right }) => [
    String(row),
    cell(label, name),
    cell(predicted, name),
    cell(probabilities ?? [], (share) => share.toFixed(4)),
    right === true ? '' : 'wrong',
  ]);
  const met = rows.filter(({ right }) => right === true).length;
  return `${table(['row', 'label', 'predicted', 'probability', ''], lines)}\n\n${met} of ${rows.length} ${part} rows right`;
}

function valueTable({ rows }: PredictedRows): string {
  const number = (value: number): string => String(Number(value.toPrecision(6)));
  const lines = rows.map(({ row, label, predicted }) => [String(row), cell(label, number), cell(predicted, number)]);
  return table(['row', 'label', 'predicted'], lines);
}

function cell(values: readonly number[], show: (value: number) => string): string {
  const shown = values.slice(0, SHOWN_NUMBERS).map(show).join(' ');
  return values.length > SHOWN_NUMBERS ? `${shown} …` : shown;
}

const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A name from a stranger's bundle for a cell of a table. */
function oneLine(text: string): string {
  return text.replace(CONTROL, '\u{fffd}');
}

/** Text of a stranger's model for a terminal: lines and tabs stay, other control characters do not. */
function printable(text: string): string {
  return text.replace(CONTROL, (character) => (/[\n\t]/.test(character) ? character : '\u{fffd}'));
}
